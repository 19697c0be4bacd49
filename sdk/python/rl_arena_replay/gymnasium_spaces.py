"""A match's spaces as Gymnasium has them."""

from __future__ import annotations

import string
from typing import Any, Dict, Sequence, Tuple

import numpy as np

from .errors import ReplayError
from .source import ReplaySource
from .spaces import map_columns, product


def gymnasium_spaces(gymnasium: Any, sources: Sequence[ReplaySource]) -> Tuple[Any, Any]:
    """Returns the observation and the action space of the sources as Gymnasium has them."""
    match = sources[0].match
    descriptions = (match.observation_space.description, match.action_space.description)
    characters = set(string.ascii_letters + string.digits)
    if any(has_free_text(description) for description in descriptions):

        def collect(column: np.ndarray[Any, Any]) -> None:
            if column.dtype == object:
                characters.update(*column)

        for source in sources:
            for game in source.games():
                for seat in game.seats:
                    map_columns(collect, seat.observations)
                    map_columns(collect, seat.actions)
    charset = "".join(sorted(characters))
    observation, action = (gymnasium_space(gymnasium.spaces, description, charset) for description in descriptions)
    return observation, action


def has_free_text(space: Dict[str, Any]) -> bool:
    """Tells whether a space holds a Text whose characters are not named."""
    if space["type"] == "Dict":
        return any(has_free_text(child) for _, child in space["spaces"])
    if space["type"] == "Tuple":
        return any(has_free_text(child) for child in space["spaces"])
    return bool(space["type"] == "Text" and space["charset"] is None)


def gymnasium_space(spaces: Any, space: Dict[str, Any], charset: str) -> Any:
    """Returns one space; ``charset`` is for texts whose characters are not named."""
    kind = space["type"]
    if kind == "Dict":
        for key, _ in space["spaces"]:
            if "/" in key:
                raise ReplayError(f"Minari cannot hold a Dict space with the key {key!r}: it takes / for a path")
        return spaces.Dict([(key, gymnasium_space(spaces, child, charset)) for key, child in space["spaces"]])
    if kind == "Tuple":
        return spaces.Tuple([gymnasium_space(spaces, child, charset) for child in space["spaces"]])
    if kind == "Discrete":
        return spaces.Discrete(space["n"], start=space["start"])
    if kind == "Text":
        allowed = space["charset"] if space["charset"] is not None else charset
        return spaces.Text(space["max_length"], min_length=space["min_length"], charset=allowed)
    shape = tuple(space["shape"])
    if kind == "MultiBinary":
        return spaces.MultiBinary(shape)
    if kind == "MultiDiscrete":
        nvec, start = (np.array(space[key], np.int64).reshape(shape) for key in ("nvec", "start"))
        return spaces.MultiDiscrete(nvec, start=start)
    low, high = (bound(space, key, shape) for key in ("low", "high"))
    return spaces.Box(low, high, shape, np.dtype(space["dtype"]).type)


def bound(space: Dict[str, Any], key: str, shape: Tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Returns the bounds of a Box as an array; where it has none, that is infinity, or the dtype's last integer."""
    dtype = np.dtype(space["dtype"])
    unbounded: Any
    if dtype.kind == "f":
        unbounded = -np.inf if key == "low" else np.inf
    elif dtype.kind == "b":
        unbounded = key == "high"
    else:
        unbounded = np.iinfo(dtype).min if key == "low" else np.iinfo(dtype).max
    given = space[key] if isinstance(space[key], list) else [space[key]] * product(shape)
    return np.array([unbounded if bound is None else bound for bound in given], dtype).reshape(shape)
