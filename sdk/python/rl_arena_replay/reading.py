"""Replays as a whole, game by game, or step by step."""

from __future__ import annotations

import json
from typing import Any, Iterator, Optional, Tuple

import numpy as np

from .building import GameBuilder, late_answers
from .file import PathLike, ReplayFile
from .model import Frame, FrameSeat, Game, Match, Replay


def builders(file: ReplayFile) -> Iterator[Tuple[GameBuilder, np.datetime64, Any]]:
    """Yields the messages of all games, each with its game's builder and its time.

    They are a ``Frame`` or a ``GameEnd``, and None where a game starts. Where the file ends within a game, that game
    has no ``GameEnd``.
    """
    builder: Optional[GameBuilder] = None
    for time, message in file.messages():
        if message.DESCRIPTOR.name == "Frame":
            if builder is None:
                raise file.error(
                    f"is damaged: step {message.step} of game {message.game} comes before the game's start"
                )
            yield builder, time, message
        elif message.WhichOneof("event") == "start":
            builder = GameBuilder(file, message.start)
            yield builder, time, None
        elif message.WhichOneof("event") == "end":
            if builder is None:
                raise file.error(f"is damaged: game {message.end.game} ends before it starts")
            yield builder, time, message.end
            builder = None


def read_games(file: ReplayFile, limit: Optional[int] = None) -> Iterator[Game]:
    """Yields the games of a file; with ``limit``, in parts of about so many bytes, the last one with the game's end.

    The parts of a game follow each other, each beginning with the observation with which the one before ends.
    """
    open_game: Optional[GameBuilder] = None
    for builder, time, message in builders(file):
        if message is None:
            if open_game is not None:
                yield open_game.take()
            open_game = builder
        elif message.DESCRIPTOR.name == "GameEnd":
            open_game = None
            yield builder.take(message)
        else:
            if limit is not None and len(builder.times) * builder.step_bytes >= limit:
                yield builder.take()
            builder.add(time, message)
    if open_game is not None:
        yield open_game.take()


def load(path: PathLike) -> Replay:
    """Reads the replay at ``path`` into memory.

    A file that breaks off (its match is still being played, or was killed) is read up to its last complete chunk;
    :attr:`Replay.complete` is then false. The file is read once, chunk by chunk: memory is that of the arrays.

    :raises ReplayError: if the file is no replay or is damaged.
    :raises OSError: if it cannot be read.
    """
    file = ReplayFile(path)
    games = list(read_games(file))
    complete = file.has_end and all(game.complete for game in games)
    result = file.metadata.get("result", {}).get("json")
    try:
        return Replay(
            **vars(file.match), games=games, complete=complete, result=None if result is None else json.loads(result)
        )
    except ValueError as error:
        raise file.error(f"has a result that is no JSON: {error}") from error


def iter_frames(path: PathLike) -> Iterator[Frame]:
    """Yields the steps of the replay at ``path``, one after the other, holding one chunk of the file in memory.

    What can be read of a file that breaks off is yielded, without an error.

    :raises ReplayError: where the file turns out to be no replay or damaged.
    :raises OSError: if it cannot be read.
    """
    file = ReplayFile(path)
    for builder, time, message in builders(file):
        if message is not None and message.DESCRIPTOR.name == "Frame":
            builder.check_frame(message)
            yield decode_frame(builder.match, time, message)


def decode_frame(match: Match, time: np.datetime64, frame: Any) -> Frame:
    """Returns a ``Frame`` message as a frame with decoded values."""
    first = frame.seats[0].observation
    seats = [
        FrameSeat(
            observation=match.observation_space.value(seat.observation if seat.HasField("observation") else first),
            action=None if seat.idle else match.action_space.value(seat.action),
            reward=seat.reward,
            fault=seat.fault,
            think_time=seat.think_time / 1e6,
            platform_stall=seat.platform_stall,
            forfeited=seat.forfeited,
            action_mask=np.frombuffer(seat.action_mask, np.uint8) != 0 if seat.action_mask else None,
            note=seat.note,
            fault_message=seat.fault_message,
        )
        for seat in frame.seats
    ]
    late = tuple(late_answers(frame))
    return Frame(
        frame.game, frame.step, time, frame.terminated, frame.truncated, tuple(seats), late, frame.info
    )  # fmt: skip
