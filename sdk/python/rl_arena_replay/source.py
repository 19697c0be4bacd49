"""What exports read from: files, and replays in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Iterator, Optional, Union, cast

import numpy as np

from .building import step_bytes
from .file import PathLike, ReplayFile
from .model import Game, Match, Replay
from .reading import read_games
from .spaces import map_columns

Source = Union[PathLike, Replay]


class ReplaySource:
    """A replay as exports see it: its games one after the other, whole or in parts."""

    def __init__(self, source: Source) -> None:
        self._replay = source if isinstance(source, Replay) else None
        self._file = None if isinstance(source, Replay) else ReplayFile(source)

    @property
    def match(self) -> Match:
        """What is known of the match; for a file, as soon as its first game has been asked for."""
        return self._file.match if self._file is not None else cast(Match, self._replay)

    @property
    def has_end(self) -> bool:
        """Whether everything that was recorded is there; for a file, as soon as all games have been asked for."""
        return self._file.has_end if self._file is not None else cast(Replay, self._replay).complete

    def games(self, limit: Optional[int] = None) -> Iterator[Game]:
        """Yields the games; with ``limit``, in parts of about so many bytes, the last one with the game's end."""
        if self._file is not None:
            yield from read_games(self._file, limit)
            return
        for game in cast(Replay, self._replay).games:
            steps = max(1, limit // step_bytes(self.match, len(game.seats))) if limit is not None else game.steps
            if game.steps <= steps:
                yield game
            else:
                for start in range(0, game.steps, steps):
                    yield part_of(game, start, min(start + steps, game.steps))


def part_of(game: Game, start: int, end: int) -> Game:
    """Returns the steps of ``game`` from row ``start`` to before row ``end``, as views."""
    is_last = end == game.steps
    seats = []
    for seat in game.seats:
        rows: Dict[str, Any] = {
            name: value[start:end]
            for name, value in vars(seat).items()
            if isinstance(value, np.ndarray) and name not in ("observations", "actions")
        }
        observations = map_columns(lambda column: column[start : end + 1], seat.observations)
        actions = map_columns(lambda column: column[start:end], seat.actions)
        seats.append(replace(seat, observations=observations, actions=actions, **rows))
    return replace(
        game,
        seats=tuple(seats),
        times=game.times[start:end],
        infos=game.infos[start:end],
        terminated=game.terminated and is_last,
        truncated=game.truncated and is_last,
        complete=game.complete and is_last,
    )


def match_summary(match: Match) -> Dict[str, Any]:
    """Returns what exports say about a match, for JSON."""
    return {
        "match_id": match.match_id,
        "environment": match.environment,
        "version": match.version,
        "seed": match.seed,
        "agents": [{"agent_id": agent.agent_id, "version": agent.version, **agent.metadata} for agent in match.agents],
        "configuration": match.configuration,
        "observation": {"size": match.observation_space.size, "space": match.observation_space.description},
        "action": {"size": match.action_space.size, "space": match.action_space.description},
        "action_mask_size": match.action_mask_size,
    }


def game_summary(game: Game, steps_before: int = 0) -> Dict[str, Any]:
    """Returns what exports say about a game, for JSON; ``game`` may be its last part, with so many steps before it."""
    return {
        "game": game.number,
        "environment_seed": game.environment_seed,
        "agents": list(game.agent_ids),
        "steps": steps_before + game.steps,
        "terminated": game.terminated,
        "truncated": game.truncated,
        "complete": game.complete,
        "outcomes": [seat.outcome for seat in game.seats],
        "scores": [seat.score for seat in game.seats],
        "reason": game.reason,
    }
