"""Takes a page apart without a browser: its parts, and the frames in its blocks."""

import base64
import json
import struct
import zlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np

ITEM_SIZES = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2,
    "int32": 4, "uint32": 4, "float32": 4, "int64": 8, "uint64": 8, "float64": 8, "utf8": 1,
}  # fmt: skip
LONG_ARRAY = 32


@dataclass
class Element:
    """A script element."""

    attributes: dict[str, str | None]
    text: str = ""


class Page(HTMLParser):
    """All elements of a page by name, and its scripts with their text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[Element] = []
        self.texts: list[str] = []
        self.inside: str | None = None
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag
        if tag == "script":
            self.scripts.append(Element(dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.inside = None

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            self.scripts[-1].text += data
        elif self.inside != "style":
            self.texts.append(data)

    def parts(self, name: str) -> list[Element]:
        """The parts of the replay of this kind."""
        return [script for script in self.scripts if script.attributes.get("data-part") == name]

    def json(self, name: str) -> Any:
        """The value of the only part of this kind."""
        (part,) = self.parts(name)
        return json.loads(part.text)


@dataclass
class Seat:
    """One seat's columns: an entry, or a row of bytes, per frame."""

    flags: Any = None
    faults: Any = None
    rewards: Any = None
    think_times: Any = None
    actions: Any = None
    observations: Any = None
    masks: Any = None


@dataclass
class Block:
    """The frames of a block."""

    frames: int
    steps: Any = None
    times: Any = None
    flags: Any = None
    seats: list[Seat] = field(default_factory=list)
    rarities: dict[int, Any] = field(default_factory=dict)


def leaves(space: dict[str, Any]) -> list[dict[str, Any]]:
    """The leaves of a SPACE, depth first."""
    if space["type"] == "Dict":
        return [leaf for _, part in space["spaces"] for leaf in leaves(part)]
    if space["type"] == "Tuple":
        return [leaf for part in space["spaces"] for leaf in leaves(part)]
    return [space]


class Columns:
    """Reads columns one after another."""

    def __init__(self, data: bytes, offset: int, frames: int) -> None:
        self.data, self.offset, self.frames = data, offset, frames

    def words(self, size: int, count: int = 1, *, differences: bool = False) -> Any:
        """The next numbers, as unsigned integers, frame by frame."""
        length = size * count * self.frames
        planes = np.frombuffer(self.data, np.uint8, length, self.offset).astype(np.uint64)
        self.offset += length
        if count > LONG_ARRAY:
            planes = planes.reshape(size, self.frames, count)
        else:
            planes = planes.reshape(size, count, self.frames).transpose(0, 2, 1)
        words = np.zeros((self.frames, count), np.uint64)
        for byte in range(size):
            words |= planes[byte] << np.uint64(8 * byte)
        if differences:
            words = np.cumsum(words, axis=0, dtype=np.uint64)
        return words.astype(f"<u{size}")

    def column(self, size: int, dtype: str, *, differences: bool = False) -> Any:
        """The next column of numbers of a dtype."""
        return self.words(size, differences=differences).reshape(-1).view(dtype)

    def rows(self, layout: dict[str, Any], *, differences: bool) -> list[bytes]:
        """The next value of a space, frame by frame."""
        rows = np.zeros((self.frames, layout["size"]), np.uint8)
        for leaf in leaves(layout["space"]):
            size = ITEM_SIZES[leaf["dtype"]]
            words = self.words(size, leaf["size"] // size, differences=differences)
            rows[:, leaf["offset"] : leaf["offset"] + leaf["size"]] = np.ascontiguousarray(words).view(np.uint8)
        return [row.tobytes() for row in rows]


def block(part: Element, match: dict[str, Any]) -> Block:
    """Decodes a part of kind `frames`, as the documentation of `PageBlock` describes it."""
    data = zlib.decompress(base64.b64decode(part.text, validate=True))
    frames, seats = struct.unpack_from("<II", data)
    columns = Columns(data, 8 + 8 * seats, frames)
    result = Block(frames)
    result.steps = columns.column(4, "<u4", differences=True)
    result.times = columns.column(8, "<u8", differences=True)
    result.flags = columns.column(1, "u1")
    for number in range(seats):
        is_own, mask_size = struct.unpack_from("<II", data, 8 + 8 * number)
        seat = Seat()
        seat.flags = columns.column(1, "u1")
        seat.faults = columns.column(1, "u1")
        seat.rewards = columns.column(8, "<f8")
        seat.think_times = columns.column(8, "<u8")
        seat.actions = columns.rows(match["action"], differences=False)
        seat.observations = (
            columns.rows(match["observation"], differences=True) if is_own else result.seats[0].observations
        )
        seat.masks = [row.tobytes() for row in columns.words(1, mask_size)] if mask_size else None
        result.seats.append(seat)
    result.rarities = dict(json.loads(data[columns.offset :]))
    return result
