"""A game's messages, turned into arrays."""

from __future__ import annotations

import json
from array import array
from typing import Any, List

import numpy as np

from .file import ReplayFile, utc
from .model import OUTCOMES, Game, LateAnswer, Match, Seat


def step_bytes(match: Match, seats: int) -> int:
    """Returns about how many bytes a step takes in memory."""
    return seats * (match.observation_space.size + match.action_space.size + match.action_mask_size + 40)


class SeatRows:
    """What has been read of one seat, as growing bytes."""

    def __init__(self, observation: bytes) -> None:
        self.observations = bytearray(observation)
        self.actions = bytearray()
        self.masks = bytearray()
        self.rewards = array("d")
        self.think_times = array("Q")
        self.flags = {name: bytearray() for name in ("acted", "fault", "stall", "forfeited")}
        self.notes: List[str] = []
        self.fault_messages: List[str] = []


class GameBuilder:
    """Turns a game's messages into arrays."""

    def __init__(self, file: ReplayFile, start: Any) -> None:
        self.file = file
        self.match = file.match
        self.number = start.game
        self.seed = start.environment_seed
        self.agents = tuple(start.agents)
        self.started = utc(start.time)
        self.steps = 0
        self.step_bytes = step_bytes(self.match, len(self.agents))
        size = self.match.observation_space.size
        self.begun = bool(start.observations)
        if not self.agents or (self.begun and len(start.observations) != len(self.agents)):
            raise file.error(
                f"is damaged: game {self.number} has {len(self.agents)} seats and starts with "
                f"{len(start.observations)} observations"
            )
        for agent in self.agents:
            if agent >= len(self.match.agents):
                raise file.error(f"is damaged: agent {agent} plays game {self.number}, but has no metadata")
        for seat, observation in enumerate(start.observations):
            self.check_size("observation", seat, observation, size)
        self.rows = [SeatRows(observation) for observation in start.observations or [b""] * len(self.agents)]
        self._clear()

    def _clear(self) -> None:
        self.times = array("q")
        self.infos: List[str] = []
        self.late_answers: List[LateAnswer] = []
        self.terminated = self.truncated = False

    def check_size(self, what: str, seat: int, data: bytes, size: int) -> None:
        """Raises :class:`ReplayError` unless ``data`` has as many bytes as its space."""
        if len(data) != size:
            raise self.file.error(
                f"is damaged: the {what} of seat {seat} in step {self.steps} of game {self.number} has {len(data)} "
                f"bytes instead of {size}"
            )

    def check_frame(self, frame: Any) -> None:
        """Raises :class:`ReplayError` unless ``frame`` is this game's next; counts it."""
        self.steps += 1
        if not self.begun:
            raise self.file.error(f"is damaged: game {self.number} has steps, but starts without observations")
        if frame.game != self.number or frame.step != self.steps:
            raise self.file.error(
                f"is damaged: step {frame.step} of game {frame.game} stands where step {self.steps} of game "
                f"{self.number} belongs"
            )
        if len(frame.seats) != len(self.agents):
            raise self.file.error(
                f"is damaged: step {self.steps} of game {self.number} has {len(frame.seats)} seats instead of "
                f"{len(self.agents)}"
            )
        mask_size = self.match.action_mask_size
        for number, seat in enumerate(frame.seats):
            if number == 0 or seat.HasField("observation"):
                self.check_size("observation", number, seat.observation, self.match.observation_space.size)
            if not seat.idle:
                self.check_size("action", number, seat.action, self.match.action_space.size)
            if seat.action_mask:
                self.check_size("action mask", number, seat.action_mask, mask_size)

    def add(self, time: np.datetime64, frame: Any) -> None:
        """Adds a step."""
        self.check_frame(frame)
        first = frame.seats[0].observation
        no_action, no_mask = bytes(self.match.action_space.size), bytes(self.match.action_mask_size)
        for rows, seat in zip(self.rows, frame.seats):
            rows.observations += seat.observation if seat.HasField("observation") else first
            rows.actions += no_action if seat.idle else seat.action
            rows.masks += seat.action_mask or no_mask
            rows.rewards.append(seat.reward)
            rows.think_times.append(seat.think_time)
            rows.flags["acted"].append(not seat.idle)
            rows.flags["fault"].append(min(seat.fault, 255))
            rows.flags["stall"].append(seat.platform_stall)
            rows.flags["forfeited"].append(seat.forfeited)
            rows.notes.append(seat.note)
            rows.fault_messages.append(seat.fault_message)
        self.times.append(int(time.astype(np.int64)))
        self.infos.append(frame.info)
        self.late_answers += late_answers(frame)
        self.terminated, self.truncated = frame.terminated, frame.truncated

    def take(self, end: Any = None) -> Game:
        """Returns the steps added since the last call as a game, and forgets them; ``end`` is the ``GameEnd``."""
        game = Game(
            number=self.number,
            environment_seed=self.seed,
            seats=tuple(self._seat(number, rows) for number, rows in enumerate(self.rows)),
            started=self.started,
            times=column(self.times, "datetime64[us]"),
            infos=text_column(self.infos),
            terminated=self.terminated,
            truncated=self.truncated,
            late_answers=self.late_answers,
        )
        if end is not None:
            self._end(game, end)
        size = self.match.observation_space.size
        self.rows = [SeatRows(bytes(rows.observations[-size:])) for rows in self.rows]
        self._clear()
        return game

    def _seat(self, number: int, rows: SeatRows) -> Seat:
        count = len(rows.rewards)
        mask_size = self.match.action_mask_size
        acted, faults, stalls, forfeited = (column(flags, np.uint8) for flags in rows.flags.values())
        return Seat(
            number=number,
            agent_id=self.match.agents[self.agents[number]].agent_id,
            agent=self.agents[number],
            observations=self.match.observation_space.columns(rows.observations, count + self.begun),
            actions=self.match.action_space.columns(rows.actions, count),
            rewards=column(rows.rewards, np.float64),
            acted=acted.view(np.bool_),
            action_masks=column(rows.masks, np.uint8).reshape(count, mask_size) != 0 if mask_size else None,
            faults=faults,
            think_times=column(rows.think_times, np.uint64) / 1e6,
            platform_stalls=stalls.view(np.bool_),
            forfeited=forfeited.view(np.bool_),
            notes=text_column(rows.notes),
            fault_messages=text_column(rows.fault_messages),
        )

    def _end(self, game: Game, end: Any) -> None:
        if end.game != self.number or end.steps != self.steps:
            raise self.file.error(
                f"is damaged: the end of game {end.game} after {end.steps} steps follows step {self.steps} of game "
                f"{self.number}"
            )
        if not len(end.outcomes) == len(end.scores) == len(self.agents):
            raise self.file.error(
                f"is damaged: game {self.number} ends with outcomes or scores for another number of seats"
            )
        for seat, outcome, score in zip(game.seats, end.outcomes, end.scores):
            seat.outcome = OUTCOMES[outcome] if outcome < len(OUTCOMES) else f"outcome {outcome}"
            seat.score = score
        for fault in getattr(end, "faults", ()):  # files of older versions have none
            if fault.seat >= len(game.seats):
                raise self.file.error(
                    f"is damaged: game {self.number} ends by a fault of seat {fault.seat}, which there is not"
                )
            game.seats[fault.seat].final_fault = min(fault.kind, 255)
            game.seats[fault.seat].final_fault_message = fault.message
        try:
            game.info = json.loads(end.info or "{}")
        except ValueError as error:
            raise self.file.error(f"is damaged: the info of game {self.number} is no JSON: {error}") from error
        game.complete = True
        game.ended = utc(end.time)
        game.reason = end.reason


def column(data: Any, dtype: Any) -> np.ndarray[Any, Any]:
    """Returns growing bytes or an ``array`` as an array over the same memory."""
    return np.frombuffer(data, dtype) if data else np.empty(0, dtype)


def text_column(texts: List[str]) -> np.ndarray[Any, Any]:
    """Returns texts as an array of objects."""
    objects = np.empty(len(texts), object)
    objects[:] = texts
    return objects


def late_answers(frame: Any) -> List[LateAnswer]:
    """Returns the late answers of a ``Frame`` message."""
    return [LateAnswer(frame.step, late.seat, late.step, late.delay / 1e6) for late in frame.late_answers]
