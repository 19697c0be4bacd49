"""What a replay is: a match, its games, its seats, and their arrays."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from .spaces import Columns, Space

OUTCOMES = ("none", "win", "loss", "draw")
"""The values of ``Outcome`` in proto/replay.proto, by number."""


class Fault(enum.IntEnum):
    """What an agent can do wrong: the values of :attr:`Seat.faults`."""

    NONE = 0
    TIMEOUT = 1
    INVALID_ACTION = 2
    EXCEPTION = 3
    PROTOCOL = 4
    DISCONNECTED = 5
    STARTUP = 6


def fault_name(number: int) -> str:
    """Returns a fault's name as the match's result writes it, such as ``invalid_action``."""
    try:
        return Fault(number).name.lower()
    except ValueError:  # of a version to come
        return f"fault {number}"


@dataclass(frozen=True)
class AgentInfo:
    """One agent as the request named it."""

    agent_id: str
    version: str
    metadata: Dict[str, str]
    """Everything else that the request said about it."""


@dataclass(eq=False)
class Match:
    """What a replay says about its match before the first step."""

    match_id: str
    environment: str
    """The environment's canonical name, such as ``pong``."""
    version: str
    """Of the software that recorded it."""
    seed: Optional[int]
    """The match's seed; each game has one of its own. None where the file does not say."""
    planned_games: int
    agents: Tuple[AgentInfo, ...]
    """In the order of the request; which agent sits where is in :attr:`Game.agent_ids`."""
    configuration: Dict[str, Any]
    """The environment's settings in force."""
    observation_space: Space
    action_space: Space
    action_mask_size: int
    """Bytes of legal-action mask per step; 0 where the game has none."""
    metadata: Dict[str, Dict[str, str]] = field(repr=False)
    """All Metadata records of the file by name, ``limits`` and ``policy`` among them."""


@dataclass(frozen=True)
class LateAnswer:
    """An answer that came after its deadline, and was dropped."""

    step: int
    """The step in which it arrived, from 1."""
    seat: int
    answered_step: int
    """The step that it answered, from 1; 0 where that is not known."""
    delay: float
    """Seconds from the deadline to the answer."""


@dataclass(eq=False)
class Seat:
    """One seat in one game of T steps. Row t of an array belongs to step t + 1, unless it says otherwise."""

    number: int
    agent_id: str
    agent: int
    """The agent's index in :attr:`Match.agents`."""
    observations: Columns
    """T + 1 rows. Row 0 is what the seat saw after the reset, row t what it saw after step t.

    So ``observations[t]`` is what ``actions[t]`` answered, and ``observations[t + 1]`` is what came of it. There are no
    rows where the game was forfeited before it began.
    """
    actions: Columns
    """T rows: what was played, be it the agent's own or a fallback. Zeros or empty text where the seat did not act."""
    rewards: np.ndarray[Any, Any]
    """float64 (T,)."""
    acted: np.ndarray[Any, Any]
    """bool (T,): whether the game asked the seat for an action."""
    action_masks: Optional[np.ndarray[Any, Any]]
    """bool (T, n): which actions were legal when ``actions[t]`` was chosen; None where the game has no masks.

    All false where the seat did not act.
    """
    faults: np.ndarray[Any, Any]
    """uint8 (T,): values of :class:`Fault`."""
    think_times: np.ndarray[Any, Any]
    """float64 (T,): seconds, in whole microseconds, from the observation handed over to the answer or the deadline."""
    platform_stalls: np.ndarray[Any, Any]
    """bool (T,): the fault came while the platform itself stalled."""
    forfeited: np.ndarray[Any, Any]
    """bool (T,): the seat had forfeited, in this step or before."""
    notes: np.ndarray[Any, Any]
    """str objects (T,): what the agent noted, or empty."""
    fault_messages: np.ndarray[Any, Any]
    """str objects (T,): what is known about the fault, or empty."""
    outcome: Optional[str] = None
    """``win``, ``loss``, ``draw`` or ``none``; None where the file ends before the game does."""
    score: Optional[float] = None
    """None where the file ends before the game does."""
    final_fault: int = 0
    """A value of :class:`Fault`: what the agent did wrong in the step after the last, which was not played any more."""
    final_fault_message: str = ""
    """What is known about that fault, or empty."""

    @property
    def idle(self) -> np.ndarray[Any, Any]:
        """Bool (T,): the steps in which the seat had nothing to do."""
        idle: np.ndarray[Any, Any] = ~self.acted
        return idle


@dataclass(eq=False)
class Game:
    """One game of T steps."""

    number: int
    """Within the match, from 0."""
    environment_seed: int
    """What the environment was reset with."""
    seats: Tuple[Seat, ...] = field(repr=False)
    started: np.datetime64
    """UTC, in microseconds."""
    times: np.ndarray[Any, Any] = field(repr=False)
    """datetime64[us] (T,): when each step was over, in UTC."""
    infos: np.ndarray[Any, Any] = field(repr=False)
    """str objects (T,): what the environment said beside the observations, a JSON object, or empty."""
    terminated: bool
    """The last step ended the game by its own rules."""
    truncated: bool
    """The last step cut the game off."""
    late_answers: List[LateAnswer] = field(repr=False)
    complete: bool = False
    """The game's end is in the file. Where it is not, what follows is not known."""
    ended: Optional[np.datetime64] = None
    reason: str = ""
    """Why it ended, in words."""
    info: Dict[str, Any] = field(default_factory=dict)
    """What the environment said about its last state."""

    @property
    def steps(self) -> int:
        """T, the number of steps."""
        return len(self.times)

    @property
    def agent_ids(self) -> Tuple[str, ...]:
        """Which agent sits in each seat."""
        return tuple(seat.agent_id for seat in self.seats)

    def __repr__(self) -> str:
        return f"<Game {self.number}: {self.steps} steps, {' against '.join(self.agent_ids)}>"


@dataclass(eq=False)
class Replay(Match):
    """A whole replay in memory, which is that of its arrays."""

    games: List[Game]
    complete: bool
    """The file has its end, and every game in it has its own."""
    result: Optional[Dict[str, Any]]
    """The match's result as the orchestrator reports it; None where the file ends before."""

    def __repr__(self) -> str:
        return f"<Replay of {self.match_id}: {self.environment}, {len(self.games)} games>"


@dataclass(eq=False)
class FrameSeat:
    """One seat's part of a :class:`Frame`. The fields are one row of those of :class:`Seat`."""

    observation: Any
    """What the seat sees after the step."""
    action: Any
    """What was played; None where the seat did not act."""
    reward: float
    fault: int
    think_time: float
    platform_stall: bool
    forfeited: bool
    action_mask: Optional[np.ndarray[Any, Any]]
    note: str
    fault_message: str


@dataclass(eq=False)
class Frame:
    """One step of the environment."""

    game: int
    step: int
    """Within its game, from 1."""
    time: np.datetime64
    terminated: bool
    truncated: bool
    seats: Tuple[FrameSeat, ...]
    late_answers: Tuple[LateAnswer, ...]
    info: str
    """A JSON object, or empty."""
