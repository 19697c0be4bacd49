"""Spaces and their bytes: section 8 of docs/PROTOCOL.md."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Sequence, Tuple, Union

import numpy as np

Columns = Any
"""Values of one space, one per row: an array whose first axis is the row, or dictionaries and tuples of such arrays."""


DTYPES = {
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
}  # fmt: skip


class Space:
    """The space of a match's observations or actions, and the layout of its bytes.

    :ivar size: bytes of one value.
    :ivar description: the space as docs/PROTOCOL.md, section 8, describes it: ``{"type": "Box", …}``.
    """

    def __init__(self, description: Dict[str, Any], size: int) -> None:
        self.description = description
        self.size = size
        self._check(description)

    def __repr__(self) -> str:
        return f"Space({json.dumps(self.description)}, size={self.size})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Space) and (self.size, self.description) == (other.size, other.description)

    def __hash__(self) -> int:
        return hash(repr(self))

    def columns(self, data: Union[bytes, bytearray], count: int) -> Columns:
        """Returns ``count`` values that lie in ``data`` one behind the other.

        ``Discrete``: int64 of shape (count,). ``Box``, ``MultiDiscrete``, ``MultiBinary``: (count, …shape) in the
        space's dtype. ``Text``: (count,), objects of type str. ``Dict`` and ``Tuple``: a dict or tuple of these.
        Arrays are contiguous; where values lie in ``data`` without gaps they are views of it.
        """
        return self._columns(self.description, data, count)

    def value(self, data: bytes) -> Any:
        """Returns the one value in ``data``: what row 0 of :meth:`columns` holds."""
        return map_columns(lambda rows: rows[0], self.columns(bytearray(data), 1))

    def _check(self, space: Dict[str, Any]) -> None:
        """Raises ValueError, KeyError or TypeError unless every leaf makes sense and lies within the size."""
        kind = space["type"]
        if kind == "Dict":
            for _, child in space["spaces"]:
                self._check(child)
        elif kind == "Tuple":
            for child in space["spaces"]:
                self._check(child)
        else:
            offset, size = space["offset"], space["size"]
            if kind == "Text":
                bytes_needed = 4
            else:
                dtype, shape = self._array(space)
                bytes_needed = dtype.itemsize * product(shape)
            if not 0 <= offset <= offset + max(bytes_needed, size) <= self.size:
                raise ValueError(f"a {kind} at {offset} does not fit into {self.size} bytes")

    @staticmethod
    def _array(space: Dict[str, Any]) -> Tuple[np.dtype[Any], Tuple[int, ...]]:
        """Returns dtype and shape of a leaf that is no text."""
        kind = space["type"]
        if kind == "Discrete":
            return np.dtype("<i8"), ()
        if kind not in ("Box", "MultiDiscrete", "MultiBinary"):
            raise ValueError(f"the space {kind!r} is unknown")
        if space["dtype"] not in DTYPES:
            raise ValueError(f"the dtype {space['dtype']!r} is unknown")
        return np.dtype(space["dtype"]).newbyteorder("<"), tuple(space["shape"])

    def _columns(self, space: Dict[str, Any], data: Union[bytes, bytearray], count: int) -> Columns:
        kind = space["type"]
        if kind == "Dict":
            return {key: self._columns(child, data, count) for key, child in space["spaces"]}
        if kind == "Tuple":
            return tuple(self._columns(child, data, count) for child in space["spaces"])
        offset = space["offset"]
        if kind == "Text":
            return self._texts(data, count, offset, space["size"] - 4)
        dtype, shape = self._array(space)
        if count == 0:
            return np.empty((0, *shape), dtype.newbyteorder("="))
        strides = [dtype.itemsize]
        for length in reversed(shape[1:]):
            strides.insert(0, strides[0] * length)
        rows: Any = np.ndarray((count, *shape), dtype, data, offset, (self.size, *strides[: len(shape)]))
        return np.ascontiguousarray(rows, dtype.newbyteorder("="))

    def _texts(self, data: Union[bytes, bytearray], count: int, offset: int, longest: int) -> np.ndarray[Any, Any]:
        texts = np.empty(count, object)
        for row in range(count):
            start = row * self.size + offset
            length = min(int.from_bytes(data[start : start + 4], "little"), longest)
            texts[row] = bytes(data[start + 4 : start + 4 + length]).decode("utf-8", "replace")
        return texts


def product(shape: Sequence[int]) -> int:
    """Returns the number of elements in an array of this shape."""
    """Returns the number of elements in an array of this shape."""
    count = 1
    for length in shape:
        count *= length
    return count


def map_columns(change: Callable[[Any], Any], columns: Columns) -> Any:
    """Returns the same tree with every array replaced by what ``change`` makes of it."""
    if isinstance(columns, dict):
        return {key: map_columns(change, part) for key, part in columns.items()}
    if isinstance(columns, tuple):
        return tuple(map_columns(change, part) for part in columns)
    return change(columns)
