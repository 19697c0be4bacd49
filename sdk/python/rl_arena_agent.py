"""The agent host of RL Arena: runs one agent written in Python in one seat of a match.

    python3 rl_arena_agent.py AGENT_PATH [--socket PATH]

AGENT_PATH is a folder with ``agent.py`` (or ``main.py``, or a single ``.py`` file), or a ``.py`` file of any name.
Everything about the wire is in docs/PROTOCOL.md; "section" in this file refers to that page.

One file, standard library only, Python 3.8 and later: it is copied into images that were made without it in mind.
NumPy is used where it is installed. An agent may ``import rl_arena_agent`` and call :func:`log` and :func:`note`.

Environment variables:

``RL_ARENA_SOCKET``
    The Unix-domain socket to connect to (``--socket`` wins).
``RL_ARENA_AGENT``
    The agent's path where none is given; ``/app`` if this is unset too.
``RL_ARENA_STARTUP_TIMEOUT``
    Seconds for finding the orchestrator; 60 if unset.
``RL_ARENA_PROCESS_LIMIT``
    Set as ``RLIMIT_NPROC`` before any of the agent's code runs.
``RL_ARENA_CPU_LIMIT``
    A number of CPUs. Numerical libraries start that many threads, unless their own variables say otherwise.
``RL_ARENA_HOME``
    The agent's ``HOME``. Without it ``HOME`` is kept if it can be written to, and is ``/tmp`` otherwise.
"""

from __future__ import annotations

import faulthandler
import fcntl
import gc
import importlib.machinery
import importlib.util
import json
import operator
import os
import resource
import signal
import socket
import struct
import sys
import threading
import time
import types
from abc import ABC, abstractmethod
from typing import Any, Callable, Dict, List, NoReturn, Optional, Sequence, Tuple

__all__ = ["__version__", "log", "main", "note"]
__version__ = "1.0.0"

# ----------------------------------------------------------------------------------------------------------------------
# The wire (sections 2 to 7)
# ----------------------------------------------------------------------------------------------------------------------

PROTOCOL_VERSION = 1

HELLO, WELCOME, READY, RESET, OBSERVE, ACT, FINISH, ERROR, LOG, NOTE = range(1, 11)

EXCEPTION, INVALID_ACTION, STARTUP = 1, 2, 3
"""The flags of an agent's ``error`` frame."""

HEADER = struct.Struct("<IBBHQ")
"""length, kind, flags, reserved, sequence."""

HEADER_WORDS = struct.Struct("<QQ")
"""The same header as two words: all that a step must compare is in the first."""

OBSERVATION_OFFSET = HEADER.size + 32
"""Where the observation starts in an ``observe`` frame (section 6)."""

ACTION_OFFSET = HEADER.size + 8
"""Where the action starts in an ``act`` frame (section 7)."""

MAX_JSON_BYTES = 65_536
MAX_PAYLOAD_BYTES = 16 * 1024 * 1024
"""The largest payload this host accepts; it says so in ``hello``."""

MAX_MESSAGE_BYTES = 2 * 1024
MAX_TRACEBACK_BYTES = 16 * 1024
MAX_LOG_BYTES = 4 * 1024
MAX_NOTE_BYTES = 1024
"""Of all notes of one step together, and the line feeds between them."""
CONTROL_BUDGET_BYTES = 32_000
"""Bytes of ``log``, ``note`` and ``error`` frames per ``observe``.

Less than half of what section 4 calls a flood: after a late answer two of the agent's steps fall into one of the
orchestrator's, and neither chatter nor tracebacks should cost an agent the match.
"""
ERROR_RESERVE_BYTES = MAX_MESSAGE_BYTES + 512
"""What log frames leave of the budget, so that an error's message always has its place."""

# From sysexits.h where it has a fitting one.
EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_UNAVAILABLE, EXIT_SOFTWARE, EXIT_PROTOCOL = 0, 1, 2, 69, 70, 76

np: Any = None
"""NumPy once :func:`import_numpy` has found it, else None."""


class ProtocolError(Exception):
    """The orchestrator sent something that docs/PROTOCOL.md does not allow."""


class ConnectionClosed(Exception):
    """The orchestrator closed the connection: the seat's part in the match is over."""


class InvalidAction(Exception):
    """The agent returned something that is no action of the space; the text says what and what would be."""


class StartupFailure(Exception):
    """The agent cannot be loaded.

    The text is written for the agent's author. ``trace`` holds the frames of the agent's own code, if it got that far.
    """

    def __init__(self, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.trace = trace


def encode_json(value: object) -> bytes:
    """Returns ``value`` as JSON in the form of the golden vectors: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "replace")  # a lone surrogate has no UTF-8; the agent may have made one


def frame(kind: int, flags: int, sequence: int, payload: bytes) -> bytes:
    """Returns a whole frame: header and payload."""
    return HEADER.pack(len(payload), kind, flags, 0, sequence) + payload


def note_payload(text: str, room: int = MAX_NOTE_BYTES) -> Tuple[bytes, bool]:
    """Returns a ``note``'s payload, UTF-8 of at most ``room`` bytes, and whether all of the text is in it.

    A longer text is cut between two characters.
    """
    data = text[:room].encode("utf-8", "replace")  # no character takes less than a byte
    is_whole = len(data) <= room and len(text) <= room
    return (data if len(data) <= room else data[:room].decode("utf-8", "ignore").encode("utf-8")), is_whole


def header_word(kind: int, length: int) -> int:
    """Returns the first word of a header with flags 0, for comparing and writing it in one piece."""
    return length | kind << 32


def fit(text: str, limit: int, keep_end: bool = False) -> str:
    """Returns ``text``, shortened until its JSON form takes at most ``limit`` bytes.

    Escapes make up to six bytes of one character, so only the encoded form can tell.
    """
    if limit <= 0:
        return ""
    if len(text) <= limit and len(encode_json(text)) <= limit:
        return text
    fits, too_long = 0, min(len(text), limit) + 1
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        part = text[-middle:] if keep_end else text[:middle]
        if len(encode_json(part)) <= limit - 3:  # the ellipsis takes three bytes
            fits = middle
        else:
            too_long = middle
    if fits == 0:
        return ""
    return "…" + text[-fits:] if keep_end else text[:fits] + "…"


class Link:
    """The connection to the orchestrator: whole frames out, and the first frames in.

    Any thread may send; a lock keeps frames whole. It is reentrant because a signal handler or a finalizer of the
    agent may log while this thread is sending.

    A step costs this class one store to ``step``. The budgets of a step are renewed by what uses them, and whether it
    was answered is read from the ``act`` frame that every answer is built in.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.lock = threading.RLock()
        self.max_payload = MAX_JSON_BYTES
        self.step = 0  # the sequence of the newest observation handed to the agent; 0 before the first
        self.answer = bytearray(HEADER.size)  # of the match: its sequence is that of the observation answered last
        self.budget_step = 0  # the step that the next two belong to
        self.control_left = CONTROL_BUDGET_BYTES
        self.note_left = MAX_NOTE_BYTES

    def renew_budgets(self) -> None:
        """Gives a new step its budgets. The caller holds the lock."""
        if self.budget_step != self.step:
            self.budget_step = self.step
            self.control_left = CONTROL_BUDGET_BYTES
            self.note_left = MAX_NOTE_BYTES

    def send(self, kind: int, flags: int, sequence: int, payload: Dict[str, Any]) -> None:
        """Sends one JSON frame."""
        data = frame(kind, flags, sequence, encode_json(payload))
        with self.lock:
            self.connection.sendall(data)

    def send_error(self, flags: int, sequence: int, message: str, trace: str = "") -> None:
        """Sends an ``error`` frame, shortened to what the limits and this step's budget allow."""
        payload = {"message": fit(message, MAX_MESSAGE_BYTES)}
        with self.lock:
            self.renew_budgets()
        room = min(self.control_left, self.max_payload) - ERROR_RESERVE_BYTES
        trace = fit(trace, min(MAX_TRACEBACK_BYTES, room), keep_end=True)
        if trace:
            payload["traceback"] = trace
        data = frame(ERROR, flags, sequence, encode_json(payload))
        with self.lock:
            self.control_left -= len(data)
            self.connection.sendall(data)

    def send_log(self, text: str, level: Optional[str]) -> None:
        """Sends a ``log`` frame, or drops it if this step's budget is spent."""
        payload = {"text": fit(text, MAX_LOG_BYTES - 128)}
        if level is not None:
            payload["level"] = fit(level, 64)
        data = frame(LOG, 0, 0, encode_json(payload))
        with self.lock:
            self.renew_budgets()
            if self.control_left - len(data) >= ERROR_RESERVE_BYTES:
                self.control_left -= len(data)
                self.connection.sendall(data)

    def send_note(self, text: str) -> bool:
        """Sends a ``note`` for the observation being answered; tells whether there is one.

        What exceeds the step's room for notes, or its budget, is dropped. The lock makes sure that no note follows the
        answer on the wire: an answer has its sequence before it takes the lock to be sent.
        """
        with self.lock:
            sequence = self.step
            if HEADER_WORDS.unpack_from(self.answer)[1] == sequence:
                return False
            self.renew_budgets()
            is_first = self.note_left == MAX_NOTE_BYTES
            room = self.note_left if is_first else max(self.note_left - 1, 0)  # a line feed goes before it
            payload, is_whole = note_payload(text, room)
            size = HEADER.size + len(payload)
            if payload and self.control_left - size >= ERROR_RESERVE_BYTES:
                self.note_left = room - len(payload) if is_whole else 0
                self.control_left -= size
                self.connection.sendall(frame(NOTE, 0, sequence, payload))
            return True

    def receive(self) -> Tuple[int, int, bytes]:
        """Reads one frame and nothing beyond it; returns its kind, sequence and payload."""
        length, kind, flags, reserved, sequence = HEADER.unpack(self._receive_exactly(HEADER.size))
        check_header(length, kind, flags, reserved, MAX_PAYLOAD_BYTES)
        return kind, sequence, self._receive_exactly(length)

    def _receive_exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = self.connection.recv(count - len(data))
            if not part:
                raise ConnectionClosed
            data += part
        return bytes(data)


def check_header(length: int, kind: int, flags: int, reserved: int, limit: int) -> None:
    """Raises :class:`ProtocolError` unless this is the header of a frame that an orchestrator may send."""
    if kind not in (WELCOME, RESET, OBSERVE, FINISH, ERROR):
        raise ProtocolError(f"kind {kind} is not for an agent to receive")
    if flags or reserved:
        raise ProtocolError(f"flags {flags} and reserved {reserved} of kind {kind} have to be 0")
    if length > limit:
        raise ProtocolError(f"kind {kind} announces {length} bytes; at most {limit} are allowed")


def parse_json(payload: bytes, kind: int) -> Dict[str, Any]:
    """Returns the object in a JSON payload, or raises :class:`ProtocolError`."""
    try:
        value = json.loads(payload.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the JSON of kind {kind} does not parse: {error}") from None
    if not isinstance(value, dict):
        raise ProtocolError(f"the JSON of kind {kind} is not an object")
    return value


# ----------------------------------------------------------------------------------------------------------------------
# Spaces (section 8): observations out of bytes, actions into bytes
#
# Both ends are closures that are built once, over one buffer that stays where it is. With NumPy a leaf is a standing
# view of that buffer, so that reading it is one `copy` and writing it one assignment.
# ----------------------------------------------------------------------------------------------------------------------

Space = Dict[str, Any]
Decoder = Callable[[], Any]
Encoder = Callable[[Any], None]

FORMATS = {
    "bool": "?", "int8": "b", "int16": "h", "int32": "i", "int64": "q", "uint8": "B", "uint16": "H", "uint32": "I",
    "uint64": "Q", "float16": "e", "float32": "f", "float64": "d",
}  # fmt: skip
"""The dtypes of section 8 and their letters in :mod:`struct`."""


def make_decoder(space: Space, buffer: bytearray, base: int) -> Decoder:
    """Returns a function that reads a value of ``space`` at ``base`` in ``buffer``: a fresh one at every call."""
    kind = space["type"]
    if kind == "Dict":
        members = [(key, make_decoder(child, buffer, base)) for key, child in space["spaces"]]
        return lambda: {key: decode() for key, decode in members}
    if kind == "Tuple":
        parts = [make_decoder(child, buffer, base) for child in space["spaces"]]
        return lambda: tuple([decode() for decode in parts])
    offset = base + space["offset"]
    if kind == "Discrete":
        unpack_integer = struct.Struct("<q").unpack_from
        return lambda: unpack_integer(buffer, offset)[0]
    if kind == "Text":
        unpack_length = struct.Struct("<I").unpack_from
        longest = 4 * space["max_length"]

        def decode_text() -> str:
            length = min(unpack_length(buffer, offset)[0], longest)
            return buffer[offset + 4 : offset + 4 + length].decode("utf-8", "replace")

        return decode_text
    if kind in ("Box", "MultiDiscrete", "MultiBinary"):
        return make_array_decoder(space["dtype"], space["shape"], buffer, offset)
    raise ProtocolError(f"unknown space {kind!r}")


def make_array_decoder(dtype: str, shape: Sequence[int], buffer: bytearray, offset: int) -> Decoder:
    """Returns a function that reads an array: a NumPy array, or nested lists (a number for shape ``[]``) without it."""
    if np is not None:
        view = np.ndarray(tuple(shape), np.dtype(dtype).newbyteorder("<"), buffer, offset)
        copy: Decoder = view.copy
        return copy
    unpack = struct.Struct(f"<{product(shape)}{FORMATS[dtype]}").unpack_from
    if not shape:
        return lambda: unpack(buffer, offset)[0]
    if len(shape) == 1:
        return lambda: list(unpack(buffer, offset))
    return lambda: nest(list(unpack(buffer, offset)), shape)


def make_encoder(space: Space, buffer: bytearray, base: int, name: str = "the action") -> Encoder:
    """Returns a function that writes a value of ``space`` at ``base`` in ``buffer``.

    It raises :class:`InvalidAction`, in terms of ``name``, for anything that is not of the space's type and shape, and
    for integers out of range. The bounds of a Box are the orchestrator's to judge.
    """
    kind = space["type"]
    if kind == "Dict":
        return make_dict_encoder(space, buffer, base, name)
    if kind == "Tuple":
        return make_tuple_encoder(space, buffer, base, name)
    offset = base + space["offset"]
    if kind == "Discrete":
        to_integer = make_integer_check(space, name)
        pack_integer = struct.Struct("<q").pack_into
        return lambda value: pack_integer(buffer, offset, to_integer(value))
    if kind == "Text":
        return make_text_encoder(space, buffer, offset, name)
    if kind == "Box":
        return make_array_encoder(space["dtype"], space["shape"], buffer, offset, name)
    if kind == "MultiDiscrete":
        low = space["start"]
        high = [start + n - 1 for start, n in zip(low, space["nvec"])]
        return make_array_encoder("int64", space["shape"], buffer, offset, name, (low, high))
    if kind == "MultiBinary":
        count = product(space["shape"])
        return make_array_encoder("int8", space["shape"], buffer, offset, name, ([0] * count, [1] * count))
    raise ProtocolError(f"unknown space {kind!r}")


def make_dict_encoder(space: Space, buffer: bytearray, base: int, name: str) -> Encoder:
    """Returns the encoder of a Dict space: exactly its keys, in any order."""
    members = [(key, make_encoder(child, buffer, base, f"{name}[{key!r}]")) for key, child in space["spaces"]]
    keys = {key for key, _ in members}

    def encode(value: Any) -> None:
        if not hasattr(value, "keys"):
            raise InvalidAction(f"{name} must be a dict with the keys {sorted(keys)}, got {describe(value)}")
        given = set(value.keys())
        if given != keys:
            raise InvalidAction(f"{name} must have the keys {sorted(keys)}, got {sorted(map(str, given))}")
        for key, encode_member in members:
            encode_member(value[key])

    return encode


def make_tuple_encoder(space: Space, buffer: bytearray, base: int, name: str) -> Encoder:
    """Returns the encoder of a Tuple space: a tuple or list of exactly its length."""
    parts = [make_encoder(child, buffer, base, f"{name}[{i}]") for i, child in enumerate(space["spaces"])]

    def encode(value: Any) -> None:
        if isinstance(value, (str, bytes, dict)) or not hasattr(value, "__len__") or len(value) != len(parts):
            raise InvalidAction(f"{name} must be a tuple of {len(parts)}, got {describe(value)}")
        for encode_part, part in zip(parts, value):
            encode_part(part)

    return encode


def make_text_encoder(space: Space, buffer: bytearray, offset: int, name: str) -> Encoder:
    """Returns the encoder of a Text space; lengths count code points."""
    shortest, longest, charset = space["min_length"], space["max_length"], space["charset"]
    allowed = None if charset is None else frozenset(charset)
    end = offset + 4 + 4 * longest

    def encode(value: Any) -> None:
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            raise InvalidAction(f"{name} must be a str of {shortest} to {longest} characters, got {describe(value)}")
        if allowed is not None and not allowed.issuperset(value):
            wrong = next(character for character in value if character not in allowed)
            raise InvalidAction(f"{name} holds {wrong!r}, which is not in its charset {charset!r}")
        try:
            data = value.encode("utf-8")
        except UnicodeEncodeError:
            raise InvalidAction(f"{name} holds a lone surrogate, which is no character: {describe(value)}") from None
        buffer[offset:end] = (struct.pack("<I", len(data)) + data).ljust(end - offset, b"\0")

    return encode


def make_array_encoder(
    dtype: str,
    shape: Sequence[int],
    buffer: bytearray,
    offset: int,
    name: str,
    bounds: Optional[Tuple[List[int], List[int]]] = None,
) -> Encoder:
    """Returns the encoder of an array leaf; ``bounds`` are the lowest and highest integers, element by element."""
    if np is None:
        return make_list_encoder(dtype, shape, buffer, offset, name, bounds)
    shape = tuple(shape)
    element = np.dtype(dtype).newbyteorder("<")
    target = np.ndarray(shape, element, buffer, offset)
    squeezed = tuple(n for n in shape if n != 1)
    is_float = element.kind == "f"
    low, high = (np.array(bound, np.int64).reshape(shape) for bound in bounds or ([0] * product(shape),) * 2)

    def encode(value: Any) -> None:
        try:
            array = np.asarray(on_host(value))
        except Exception:  # whatever the agent's object raises, it is no array
            raise InvalidAction(f"{name} must be an array of {dtype}, got {describe(value)}") from None
        if array.dtype.kind not in "biuf":
            raise InvalidAction(f"{name} must hold numbers ({dtype}), got {describe(value)}")
        if array.shape != shape:
            # A policy's batch dimension of one, or a bare number for one element, leaves no doubt about what is meant.
            if tuple(n for n in array.shape if n != 1) != squeezed:
                raise InvalidAction(f"{name} must have the shape {shape}, got {array.shape}")
            array = array.reshape(shape)
        if array.dtype != element:
            if array.dtype.kind == "f" and not is_float and isinstance(value, (list, tuple)):
                array = np.asarray(value, object).reshape(shape)  # mixed numbers beyond 2**53 were rounded on the way
            try:
                with np.errstate(all="ignore"):
                    converted = array.astype(element)
            except (ValueError, OverflowError, TypeError):
                raise InvalidAction(f"{name} holds what is no value of {dtype}: {describe(value)}") from None
            wrong = np.isinf(converted) & ~np.isinf(array) if is_float else converted != array
            if wrong.any():
                raise InvalidAction(f"{name} holds {array[wrong].flat[0]}, which is no value of {dtype}")
            array = converted
        if bounds:
            outside = (array < low) | (array > high)
            if outside.any():
                at = np.unravel_index(int(outside.argmax()), shape)
                raise InvalidAction(out_of_range(name, [int(i) for i in at], array[at], low[at], high[at]))
        target[...] = array

    return encode


def make_list_encoder(
    dtype: str,
    shape: Sequence[int],
    buffer: bytearray,
    offset: int,
    name: str,
    bounds: Optional[Tuple[List[int], List[int]]],
) -> Encoder:
    """Returns the encoder of an array leaf where there is no NumPy: nested sequences, checked one by one."""
    pack = struct.Struct(f"<{product(shape)}{FORMATS[dtype]}").pack_into
    is_float = dtype.startswith("float")

    def encode(value: Any) -> None:
        elements: List[Any] = []
        flatten(value, shape, name, elements)
        numbers: List[Any] = [
            real(e, name) if is_float else integral(e, f"{name} must hold integers") for e in elements
        ]
        if dtype == "bool" and not all(number in (0, 1) for number in numbers):
            raise InvalidAction(f"{name} must hold truth values, got {describe(value)}")
        if bounds:
            for i, (number, low, high) in enumerate(zip(numbers, *bounds)):
                if not low <= number <= high:
                    raise InvalidAction(out_of_range(name, [i], number, low, high))
        try:
            pack(buffer, offset, *numbers)
        except (struct.error, OverflowError):
            raise InvalidAction(f"{name} holds a number that is no value of {dtype}: {describe(value)}") from None

    return encode


def flatten(value: Any, shape: Sequence[int], name: str, elements: List[Any]) -> None:
    """Appends the elements of nested sequences to ``elements``; raises :class:`InvalidAction` unless they fit."""
    value = on_host(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    is_sequence = hasattr(value, "__len__") and not isinstance(value, (str, bytes, dict, set))
    if not shape:
        while is_sequence and len(value) == 1:
            value = value[0]
            is_sequence = hasattr(value, "__len__") and not isinstance(value, (str, bytes, dict, set))
        elements.append(value)
    elif not is_sequence and product(shape) == 1:
        elements.append(value)
    elif not is_sequence or len(value) != shape[0]:
        raise InvalidAction(f"{name} must have the shape {tuple(shape)}, got {describe(value)}")
    else:
        for part in value:
            flatten(part, shape[1:], name, elements)


def on_host(value: Any) -> Any:
    """Returns a tensor as one that can become an array: without its gradient, in main memory."""
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        return value.detach().cpu()
    return value


def make_integer_check(space: Space, name: str) -> Callable[[Any], int]:
    """Returns a function that turns a Discrete action into an int in range, or raises :class:`InvalidAction`."""
    low = space["start"]
    high = low + space["n"] - 1
    wanted = f"one integer in {low}…{high}"

    def check(value: Any) -> int:
        number = integral(value, f"{name} must be {wanted}")
        if not low <= number <= high:
            raise InvalidAction(f"{name} must be {wanted}, got {describe(value)}")
        return number

    return check


def integral(value: Any, wanted: str) -> int:
    """Returns the one integer that ``value`` holds, or raises :class:`InvalidAction` with ``wanted`` in its text.

    An int, a bool, 1.0, a NumPy scalar, and an array, tensor or list with one such element all hold one.
    """
    if type(value).__name__ != "bool_":  # NumPy 1 warns when its bool is an index
        try:
            return operator.index(value)
        except Exception:  # objects of the agent's raise what they like
            pass
    inner = value
    try:
        for _ in range(8):  # lists in lists; deeper than this it is no action but a riddle
            if isinstance(inner, (list, tuple)) and len(inner) == 1:
                inner = inner[0]
            elif hasattr(inner, "item") and hasattr(inner, "shape") and product(inner.shape) == 1:
                inner = inner.item()
            else:
                break
        if not isinstance(inner, (str, bytes, bytearray, complex)) and int(inner) == inner:
            return int(inner)
    except Exception:
        pass
    raise InvalidAction(f"{wanted}, got {describe(value)}")


def real(value: Any, name: str) -> float:
    """Returns ``value`` as a float, or raises :class:`InvalidAction`."""
    if not isinstance(value, (str, bytes, bytearray)):
        try:
            return float(value)
        except Exception:  # objects of the agent's raise what they like
            pass
    raise InvalidAction(f"{name} must hold numbers, got {describe(value)}")


def product(shape: Sequence[int]) -> int:
    """Returns the number of elements in an array of this shape."""
    count = 1
    for n in shape:
        count *= n
    return count


def nest(elements: List[Any], shape: Sequence[int]) -> Any:
    """Returns a flat list in C order as nested lists."""
    if len(shape) <= 1:
        return elements
    step = product(shape[1:])
    return [nest(elements[i : i + step], shape[1:]) for i in range(0, len(elements), step)]


def out_of_range(name: str, index: List[int], value: Any, low: Any, high: Any) -> str:
    """Returns the message for an element of an integer array that is out of its range."""
    return f"{name}{index} must be an integer in {low}…{high}, got {value}"


def describe(value: Any) -> str:
    """Returns a short text that tells an author what was returned: type, shape and value."""
    if value is None:
        return "None"
    import reprlib

    short = reprlib.Repr()
    short.maxstring = short.maxother = 80
    try:
        shape = getattr(value, "shape", None)
        size = f" of shape {tuple(shape)}" if isinstance(shape, tuple) and shape else ""
        return f"{type(value).__name__}{size} {' '.join(short.repr(value).split())}"
    except Exception:  # a __getattr__ or __repr__ of the agent's
        return type(value).__name__


# ----------------------------------------------------------------------------------------------------------------------
# Loading the agent
# ----------------------------------------------------------------------------------------------------------------------

PLAYING_METHODS = ("get_action", "act", "predict")
SEAT_NAMES = ("player", "player_index", "player_idx", "player_number", "pid", "seat", "agent_id")
"""What a factory's one required argument may be called, besides ``player_id``, to be given the seat."""


def find_agent_file(path: str) -> str:
    """Returns the absolute path of the agent's file, or raises :class:`StartupFailure`."""
    path = os.path.abspath(path)
    if os.path.isfile(path):
        if not path.endswith(".py"):
            raise StartupFailure(f"the agent {path} is not a .py file")
        return path
    if not os.path.isdir(path):
        raise StartupFailure(f"there is no agent at {path}: no such file or folder")
    names = sorted(n for n in os.listdir(path) if n.endswith(".py") and os.path.isfile(os.path.join(path, n)))
    for name in ("agent.py", "main.py"):
        if name in names:
            return os.path.join(path, name)
    candidates = [name for name in names if name != "__init__.py"] or names
    if len(candidates) == 1:
        return os.path.join(path, candidates[0])
    if candidates:
        listed = ", ".join(candidates)
        raise StartupFailure(f"which file is the agent? {path} has {listed}: name one of them agent.py")
    found = ", ".join(sorted(os.listdir(path))[:20]) or "nothing"
    raise StartupFailure(f"there is no .py file in {path}; found {found}. The agent's file is called agent.py")


def import_agent(path: str) -> types.ModuleType:
    """Imports the agent's file as a module, from its own folder, or raises :class:`StartupFailure`."""
    folder, file = os.path.split(path)
    stem = file[: -len(".py")]
    name = stem
    if not stem.isidentifier() or is_taken(stem, folder):
        name = "agent_" + "".join(c if c.isalnum() and c.isascii() else "_" for c in stem)
        while name in sys.modules:
            name += "_"
    try:
        os.chdir(folder)
    except OSError as error:
        raise StartupFailure(f"the agent's folder {folder} cannot be entered: {error.strerror}") from None
    sys.path.insert(0, folder)
    sys.argv = [path]
    if importlib.util.find_spec("rl_arena") is None:  # asked with the agent's folder in place: its own package wins
        install_library_stub()
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise StartupFailure(f"Python cannot load {path} as a module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # before it runs: pickle and dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except BaseException as error:  # sys.exit() in an agent's file is no reason to vanish without a word
        raise startup_failure(error, f"{file} could not be imported") from None
    return module


def is_taken(stem: str, folder: str) -> bool:
    """Tells whether a module of this name exists without the agent, and if so makes sure that it stays importable.

    An agent called ``random.py`` must not become everybody's ``random``, its own included.
    """
    if stem in sys.modules:
        return True
    saved = sys.path[:]
    sys.path[:] = [entry for entry in saved if os.path.abspath(entry) != folder]
    try:
        if importlib.util.find_spec(stem) is None:
            return False
        importlib.import_module(stem)
        return True
    except Exception:  # a module that cannot be imported is in nobody's way
        return False
    finally:
        sys.path[:] = saved


def startup_failure(error: BaseException, context: str) -> StartupFailure:
    """Returns the failure that reports what the agent's code raised while it was loaded."""
    message, trace = report(error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        hint = f"the module {error.name!r} has to be in the agent's folder or installed in its image"
    elif isinstance(error, ImportError) and "relative import" in str(error):
        hint = "the agent's folder is on sys.path: write `import name` or `from name import …` without the dot"
    elif isinstance(error, SystemExit):
        hint = 'the agent called sys.exit(); put what is not part of the agent under `if __name__ == "__main__":`'
    else:
        hint = ""
    return StartupFailure(f"{context}: {message}" + (f" ({hint})" if hint else ""), trace)


class Agent(ABC):
    """Stands in for ``rl_arena.core.agent.Agent`` where the rl-arena package is not installed."""

    def __init__(self, player_id: int = 0) -> None:
        self.player_id = player_id

    @abstractmethod
    def act(self, observation: Any) -> Any:
        """Returns the action for an observation."""

    def reset(self) -> None:  # noqa: B027  # optional, as in the package
        """Is called before every game."""

    def save(self, path: str) -> None:
        """Saves the agent, where it supports that."""
        raise NotImplementedError("this agent does not support saving")

    @classmethod
    def load(cls, path: str) -> Agent:
        """Loads an agent, where it supports that."""
        raise NotImplementedError("this agent does not support loading")


def install_library_stub() -> None:
    """Makes ``from rl_arena.core.agent import Agent`` work without the rl-arena package."""
    library, core, agent, kinds = (
        types.ModuleType(name, "Stands in for the rl-arena package, which is not installed here.")
        for name in ("rl_arena", "rl_arena.core", "rl_arena.core.agent", "rl_arena.core.types")
    )

    def missing(name: str) -> NoReturn:
        raise AttributeError(f"the package rl-arena is not installed here; of it there is only Agent, not {name!r}")

    members: List[Tuple[types.ModuleType, Dict[str, Any]]] = [
        (library, {"Agent": Agent, "core": core, "__path__": [], "__getattr__": missing}),
        (core, {"agent": agent, "types": kinds, "__path__": []}),
        (agent, {"Agent": Agent}),
        (kinds, {"ObservationType": Any, "ActionType": Any, "RewardType": float}),
    ]
    for module, names in members:
        module.__spec__ = importlib.machinery.ModuleSpec(module.__name__, None, is_package="__path__" in names)
        vars(module).update(names)
        sys.modules[module.__name__] = module


class Player:
    """The agent as the match sees it: something to call with an observation, and something to call before a game."""

    def __init__(self, module: types.ModuleType, player_id: int) -> None:
        """Finds the agent in its module and creates it, or raises :class:`StartupFailure`."""
        self.file = os.path.basename(getattr(module, "__file__", None) or module.__name__)
        self.player_id = player_id
        self.play: Callable[[Any], Any]
        self.reset: Optional[Callable[[], Any]]
        self.agent: Any = None
        self.factory: Optional[Callable[..., Any]] = None
        self.seat_argument: Optional[str] = None
        self._find(module)
        if self.factory is None:
            self.play = self._playing_method(module, "get_action", "get_action")
            self.reset = callable_attribute(module, "reset")
        else:
            self._create()

    def take_seat(self, player_id: int) -> None:
        """Moves the agent to another seat: a new one if its factory asks for the seat, else the same one, told so."""
        if player_id == self.player_id:
            return
        self.player_id = player_id
        if self.seat_argument is not None:
            self._create()
        else:
            self._tell_seat()

    def _find(self, module: types.ModuleType) -> None:
        """Sets the factory; leaves it None where the module itself plays."""
        create_agent = callable_attribute(module, "create_agent")
        # `from rl_arena import *` brings in a create_agent of the library's that wraps a trained model.
        if create_agent is not None and not str(getattr(create_agent, "__module__", "")).startswith("rl_arena."):
            self._set_factory(create_agent, "create_agent")
            return
        if callable_attribute(module, "get_action") is not None:
            return
        chosen = getattr(module, "Agent", None)
        if is_playable_class(chosen) and chosen is not None:
            self._set_factory(chosen, "Agent")
            return
        classes = [c for c in vars(module).values() if is_playable_class(c) and c.__module__ == module.__name__]
        classes = [c for i, c in enumerate(classes) if c not in classes[:i]]  # an alias is not another class
        # What others are derived from is a building block, not the agent.
        leaves = [c for c in classes if not any(other is not c and issubclass(other, c) for other in classes)]
        if len(leaves) == 1:
            self._set_factory(leaves[0], leaves[0].__name__)
            return
        if leaves:
            names = ", ".join(c.__name__ for c in leaves)
            raise StartupFailure(
                f"which class of {self.file} is the agent? {names} can all play: name one of them Agent, "
                "or define create_agent()"
            )
        raise StartupFailure(nothing_to_play(module, self.file))

    def _set_factory(self, factory: Callable[..., Any], name: str) -> None:
        """Remembers how to create the agent and whether it wants to know its seat."""
        import inspect

        self.factory, self.factory_name = factory, name
        try:
            parameters = list(inspect.signature(factory).parameters.values())
        except (TypeError, ValueError):  # written in C: it cannot be asked
            return
        required = [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        for p in parameters:
            if p.kind is p.VAR_KEYWORD or (p.name == "player_id" and p.kind is not p.VAR_POSITIONAL):
                self.seat_argument = "positional" if p.kind is p.POSITIONAL_ONLY else "keyword"
                required = [other for other in required if other is not p]
                break
        positional = [p.name for p in required if p.kind is not p.KEYWORD_ONLY]
        if self.seat_argument is None and len(required) == 1 and positional and positional[0] in SEAT_NAMES:
            self.seat_argument = "positional"
            required = []
        if required:
            names = ", ".join(f"`{p.name}`" for p in required)
            raise StartupFailure(
                f"{name} of {self.file} requires {names}, which the arena does not give: it passes player_id "
                "where it is asked for, nothing else. Give the others defaults"
            )

    def _create(self) -> None:
        """Creates the agent through its factory."""
        assert self.factory is not None
        try:
            if self.seat_argument == "keyword":
                agent = self.factory(player_id=self.player_id)
            elif self.seat_argument == "positional":
                agent = self.factory(self.player_id)
            else:
                agent = self.factory()
        except BaseException as error:
            raise startup_failure(error, f"{self.factory_name} of {self.file} raised") from error
        where = f"what {self.factory_name} of {self.file} returned"
        if agent is None:
            raise StartupFailure(f"{where} is None: did you forget `return`?")
        if isinstance(agent, type):
            raise StartupFailure(f"{where} is the class {agent.__name__}, not an instance of it: add ()")
        method = next((m for m in PLAYING_METHODS if callable_attribute(agent, m) is not None), None)
        if method is not None:
            self.play = self._playing_method(agent, method, f"{type(agent).__name__}.{method}")
        elif callable(agent):
            self.play = self._checked(agent, getattr(agent, "__name__", type(agent).__name__))
        else:
            raise StartupFailure(
                f"{where} is a {type(agent).__name__}, which has none of {', '.join(PLAYING_METHODS)}"
                + near_miss(type(agent).__name__, dir(agent), PLAYING_METHODS)
            )
        self.agent = agent
        self.reset = callable_attribute(agent, "reset")
        if self.seat_argument is None:
            self._tell_seat()

    def _tell_seat(self) -> None:
        """Sets ``player_id`` on an agent that keeps one but was not given one."""
        if "player_id" in getattr(self.agent, "__dict__", {}):
            self.agent.player_id = self.player_id

    def _playing_method(self, owner: Any, method: str, name: str) -> Callable[[Any], Any]:
        play = self._checked(getattr(owner, method), name)
        if method != "predict":
            return play

        def play_first(observation: Any) -> Any:
            answer = play(observation)  # Stable-Baselines3 returns the action and the policy's state
            return answer[0] if isinstance(answer, tuple) and answer else answer

        return play_first

    def _checked(self, play: Callable[[Any], Any], name: str) -> Callable[[Any], Any]:
        """Returns ``play`` if it can be called with an observation and nothing else."""
        import inspect

        if inspect.iscoroutinefunction(play):
            raise StartupFailure(f"{name} of {self.file} is `async`; it has to be a plain function")
        try:
            signature = inspect.signature(play)
        except (TypeError, ValueError):
            return play
        try:
            signature.bind(None)
        except TypeError as error:
            raise StartupFailure(
                f"{name}{signature} of {self.file} cannot be called with one argument, the observation: {error}"
            ) from None
        return play


def callable_attribute(owner: Any, name: str) -> Optional[Callable[..., Any]]:
    """Returns the attribute if there is one that can be called."""
    value = getattr(owner, name, None)
    return value if callable(value) else None


def is_playable_class(value: Any) -> bool:
    """Tells whether ``value`` is a concrete class with a playing method, and not the library's base class."""
    return (
        isinstance(value, type)
        and value is not Agent
        and value.__module__ != "rl_arena.core.agent"
        and not getattr(value, "__abstractmethods__", None)
        and any(callable_attribute(value, method) is not None for method in PLAYING_METHODS)
    )


def nothing_to_play(module: types.ModuleType, file: str) -> str:
    """Returns the message for a module in which no agent was found: looked for, found, and the likely slip."""
    own = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    classes = [v for v in own.values() if isinstance(v, type) and v.__module__ == module.__name__]
    functions = [n for n, v in own.items() if isinstance(v, types.FunctionType) and v.__module__ == module.__name__]
    found = [f"function `{n}`" for n in functions]
    for cls in classes:
        abstract = sorted(getattr(cls, "__abstractmethods__", ()))
        found.append(f"class `{cls.__name__}`" + (f" (abstract: it lacks {', '.join(abstract)})" if abstract else ""))
    hint = near_miss(file, functions + [c.__name__ for c in classes], ("get_action", "create_agent", "Agent"))
    for cls in classes:
        hint = hint or near_miss(f"class `{cls.__name__}`", list(vars(cls)), PLAYING_METHODS)
    return (
        f"{file} holds no agent: looked for a function create_agent, a function get_action, a class Agent, or one "
        f"class with get_action, act or predict; found {', '.join(found[:20]) or 'no function and no class'}{hint}"
    )


def near_miss(where: str, names: Sequence[str], wanted: Sequence[str]) -> str:
    """Returns a sentence about a name that looks like a slip for a wanted one, or an empty text."""
    import difflib

    plain = {name.replace("_", "").lower(): name for name in wanted}
    for name in names:
        if name in wanted or name.startswith("__"):
            continue
        match = difflib.get_close_matches(name.replace("_", "").lower(), plain, 1, 0.75)
        if match:
            return f". {where} defines `{name}`: rename it to `{plain[match[0]]}`"
    return ""


def report(error: BaseException) -> Tuple[str, str]:
    """Returns the message of an exception of the agent's, and its traceback without the host's own frames."""
    import traceback

    try:
        # Of a syntax error the place is already in the text: "invalid syntax (agent.py, line 3)".
        text = str(error)
    except BaseException:  # an exception class of the agent's
        text = "<its message raised another exception>"
    message = f"{type(error).__name__}: {text}" if text else type(error).__name__
    hidden = (report.__code__.co_filename, "<frozen importlib")
    try:
        summary = traceback.TracebackException(type(error), error, error.__traceback__)
        link: Optional[traceback.TracebackException] = summary
        while link is not None:
            frames = [entry for entry in link.stack if not entry.filename.startswith(hidden)]
            link.stack = traceback.StackSummary.from_list(frames)
            link = link.__cause__ or link.__context__
        trace = "".join(summary.format())
    except BaseException:  # out of memory still, or an exception that cannot be printed
        trace = ""
    return message, trace


# ----------------------------------------------------------------------------------------------------------------------
# The match
# ----------------------------------------------------------------------------------------------------------------------


class Match:
    """Serves one seat from ``welcome`` to the end."""

    def __init__(self, link: Link, welcome: Dict[str, Any], player: Player) -> None:
        """Builds the codecs for the match's spaces; raises :class:`ProtocolError` if ``welcome`` makes no sense."""
        self.link = link
        self.player = player
        self.printed_tracebacks = 0
        try:
            observation, action = welcome["observation"], welcome["action"]
            mask_size = welcome["action_mask_size"]
            self.observe_length = OBSERVATION_OFFSET + observation["size"] + mask_size
            self.act_length = ACTION_OFFSET + action["size"]
            # Room for several frames: one `recv` then brings everything that waits, and no valid frame can be longer.
            self.buffer = bytearray(2 * self.observe_length + HEADER.size + MAX_JSON_BYTES)
            self.answer = self.link.answer = bytearray(self.act_length)
            self.decode = make_decoder(observation["space"], self.buffer, OBSERVATION_OFFSET)
            if mask_size:
                self.decode = self._with_mask(self.decode, mask_size, OBSERVATION_OFFSET + observation["size"])
            self.action_space: Space = action["space"]
            self.encode = make_encoder(self.action_space, self.answer, ACTION_OFFSET)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ProtocolError(f"welcome makes no sense: {type(error).__name__}: {error}") from None

    def _with_mask(self, decode: Decoder, size: int, offset: int) -> Decoder:
        decode_mask = make_array_decoder("int8", [size], self.buffer, offset)
        return lambda: {"observation": decode(), "action_mask": decode_mask()}

    def serve(self) -> int:
        """Plays until the match is over; returns the exit status.

        In the common case, one whole ``observe`` and nothing else, a step is two system calls for the socket, one for
        the CPU clock, and no parsing: the header is compared as one word.
        """
        buffer, observe_length = self.buffer, self.observe_length
        receive, unpack = self.link.connection.recv_into, HEADER_WORDS.unpack_from
        observe_word = header_word(OBSERVE, observe_length - HEADER.size)
        self.cpu_start = time.process_time_ns()
        self.step = self._make_step()
        while True:
            count = receive(buffer)
            if count == observe_length:
                word, sequence = unpack(buffer)
                if word == observe_word:
                    self.step(sequence)
                    continue
            if count == 0:
                return EXIT_OK
            if not self._drain(count):
                return EXIT_OK

    def _make_step(self) -> Callable[[int], None]:
        """Returns the function that answers the ``observe`` at the buffer's start, made for the player and space."""
        link, lock, send = self.link, self.link.lock, self.link.connection.sendall
        play, decode, encode, answer = self.player.play, self.decode, self.encode, self.answer
        fail, refuse = self._fail, self._refuse
        act_word = header_word(ACT, self.act_length - HEADER.size)
        cpu_time, cpu_start = time.process_time_ns, self.cpu_start

        if self.action_space["type"] == "Discrete" and self.act_length == ACTION_OFFSET + 8:
            pack_act = struct.Struct("<QQQq").pack_into
            low = self.action_space["start"]
            high = low + self.action_space["n"] - 1
            to_integer = make_integer_check(self.action_space, "the action")

            def discrete_step(sequence: int) -> None:
                link.step = sequence
                observation = decode()
                try:
                    action = play(observation)
                except BaseException as error:
                    fail(sequence, error)
                    return
                if type(action) is not int or not low <= action <= high:
                    try:
                        action = to_integer(action)
                    except InvalidAction as error:
                        refuse(sequence, error)
                        return
                pack_act(answer, 0, act_word, sequence, cpu_time() - cpu_start, action)
                with lock:
                    send(answer)

            return discrete_step

        pack_head = struct.Struct("<QQQ").pack_into

        def step(sequence: int) -> None:
            link.step = sequence
            observation = decode()
            try:
                action = play(observation)
            except BaseException as error:
                fail(sequence, error)
                return
            try:
                encode(action)
            except InvalidAction as error:
                refuse(sequence, error)
                return
            except BaseException as error:  # a dict or sequence of the agent's own making
                refuse(sequence, InvalidAction(f"the action cannot be read: {report(error)[0]}"))
                return
            pack_head(answer, 0, act_word, sequence, cpu_time() - cpu_start)
            with lock:
                send(answer)

        return step

    def _drain(self, count: int) -> bool:
        """Handles ``count`` bytes at the buffer's start that are not exactly one ``observe``; False ends the match.

        Frames are handled in order, but of several observations that wait only the newest is answered.
        """
        view = memoryview(self.buffer)
        start, end = 0, count
        limit = max(MAX_JSON_BYTES, self.observe_length - HEADER.size)
        newest: Optional[Tuple[int, int]] = None  # where it starts, and its sequence
        while True:
            if end - start >= HEADER.size:
                length, kind, flags, reserved, sequence = HEADER.unpack_from(self.buffer, start)
                check_header(length, kind, flags, reserved, limit)
                payload_start = start + HEADER.size
                if payload_start + length <= end:
                    if kind == OBSERVE:
                        if HEADER.size + length != self.observe_length:
                            raise ProtocolError(f"observe has {length} bytes, welcome promised another number")
                        newest = (start, sequence)
                    else:
                        newest = None  # nobody waits for an answer in a game that is over
                        if not self._handle(kind, sequence, bytes(view[payload_start : payload_start + length])):
                            return False
                    start = payload_start + length
                    continue
            if newest is not None:
                at, sequence = newest
                if at:  # the decoder reads at the buffer's start; what is not handled yet lies behind both places
                    view[: self.observe_length] = view[at : at + self.observe_length]
                self.step(sequence)
                newest = None
            if start == end:
                return True
            view[: end - start] = view[start:end]
            start, end = 0, end - start
            received = self.link.connection.recv_into(view[end:])
            if received == 0:
                return False
            end += received

    def _handle(self, kind: int, sequence: int, payload: bytes) -> bool:
        """Handles a frame other than ``observe``; False ends the match."""
        message = parse_json(payload, kind)
        if kind == RESET:
            self._reset(sequence, message.get("player_id", self.player.player_id))
            return True
        if kind == FINISH:
            return message.get("final") is not True
        if kind == ERROR:
            raise ProtocolError(f"the orchestrator ended the match: {message.get('message')}")
        raise ProtocolError("a second welcome")

    def _reset(self, sequence: int, player_id: int) -> None:
        """Prepares the agent for a game. If its code raises, that is reported and the agent counts as ready."""
        try:
            self.player.take_seat(player_id)
            if self.player.reset is not None:
                self.player.reset()
        except StartupFailure as failure:  # a new agent for the new seat; the old one plays on
            self.link.send_error(EXCEPTION, sequence, str(failure), failure.trace)
        except BaseException as error:
            self._report(sequence, error)
        else:
            self.link.send(READY, 0, sequence, {})
        self.step = self._make_step()

    def _fail(self, sequence: int, error: BaseException) -> None:
        """Answers an ``observe`` with an exception of the agent's."""
        self._close_step(sequence)
        self._report(sequence, error)

    def _report(self, sequence: int, error: BaseException) -> None:
        """Reports an exception of the agent's."""
        message, trace = report(error)
        self.link.send_error(EXCEPTION, sequence, message, trace)
        if self.printed_tracebacks < 20:  # enough for its author; together less than a pipe holds
            self.printed_tracebacks += 1
            print_quietly(trace[-3000:])

    def _close_step(self, sequence: int) -> None:
        """Notes in the ``act`` frame that this observation is answered, though by another frame: notes end here."""
        HEADER_WORDS.pack_into(self.answer, 0, 0, sequence)

    def _refuse(self, sequence: int, error: InvalidAction) -> None:
        """Answers an ``observe`` with what is wrong about the agent's action."""
        self._close_step(sequence)
        self.link.send_error(INVALID_ACTION, sequence, str(error))


# ----------------------------------------------------------------------------------------------------------------------
# The process
# ----------------------------------------------------------------------------------------------------------------------

_link: Optional[Link] = None
"""The running host's connection, for :func:`log`."""


def log(text: object, level: Optional[str] = None) -> None:
    """Adds a line to the match's record of this agent. Nobody else's agent sees it.

    At most 4 KiB of a text are kept, and about 29 KiB a step; what is beyond is dropped. Any thread may call it.
    Where no match is being played the text goes to standard error.
    """
    if _link is None:
        print_quietly(f"{level}: {text}\n" if level else f"{text}\n")
        return
    try:
        _link.send_log(str(text), level)
    except OSError:  # the orchestrator is gone; serving notices that by itself
        pass


_has_warned_of_notes = False


def note(text: object) -> None:
    """Has ``text`` recorded in the replay with the step that is being answered.

    Call it while the agent chooses its action; any thread may. What is not a str is converted with ``str``. Several
    notes of one step are lines of one text, of which 1,024 bytes of UTF-8 are kept. A note outside a step (while the
    agent is loaded or reset, or after its action has gone) is dropped; the first time, standard error says so.
    """
    global _has_warned_of_notes
    words = str(text)
    try:
        if _link is not None and _link.send_note(words):
            return
    except OSError:  # the orchestrator is gone; serving notices that by itself
        return
    if not _has_warned_of_notes:
        _has_warned_of_notes = True
        start = " ".join(words[:60].split())
        print_quietly(
            f"rl_arena_agent: the note {start!r} is dropped, as are others like it: no step is being played\n"
        )


def print_quietly(text: str) -> None:
    """Writes to standard error, which the agent may have closed or replaced by anything."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except BaseException:
        pass


def leave(status: int) -> NoReturn:
    """Ends the process now. Threads and exit handlers of the agent's cannot keep it alive."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # closed, replaced, or in the middle of a write that a signal interrupted
            pass
    os._exit(status)


def prepare_process() -> None:
    """Sets limits, environment and streams. Must run before NumPy or the agent is imported."""
    signal.signal(signal.SIGTERM, lambda _signal, _frame: leave(EXIT_OK))

    processes = os.environ.get("RL_ARENA_PROCESS_LIMIT", "")
    if processes:
        try:
            resource.setrlimit(resource.RLIMIT_NPROC, (int(processes), int(processes)))
        except (ValueError, OSError) as error:
            print_quietly(f"rl_arena_agent: RL_ARENA_PROCESS_LIMIT={processes} is not set: {error}\n")

    cpus = os.environ.get("RL_ARENA_CPU_LIMIT", "")
    if cpus.isdigit() and int(cpus) > 0:
        for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "BLIS", "TORCH"):
            os.environ.setdefault(f"{library}_NUM_THREADS", cpus)
        os.environ.setdefault("VECLIB_MAXIMUM_THREADS", cpus)

    home = os.environ.get("RL_ARENA_HOME")
    if home:
        os.environ["HOME"] = home
    elif not os.access(os.environ.get("HOME") or "/nonexistent", os.W_OK):
        os.environ["HOME"] = "/tmp"

    # A missing standard stream would give its number to the next file that is opened.
    while True:
        descriptor = os.open(os.devnull, os.O_RDWR)
        if descriptor > 2:
            os.close(descriptor)
            break
        os.set_inheritable(descriptor, True)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")  # a kill must not swallow lines
    try:
        faulthandler.enable()  # a crash in native code leaves a traceback in the agent's log
    except (OSError, ValueError, RuntimeError, AttributeError):
        pass


def connect(path: str, deadline: float) -> socket.socket:
    """Connects to the orchestrator, waiting for its socket to appear until ``deadline`` on the monotonic clock.

    The descriptor is far from those that programs close or redirect by number, and no child process has it: the
    connection ends when this process does.
    """
    pause = 0.002
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(path)
            break
        except (FileNotFoundError, ConnectionRefusedError, PermissionError):
            connection.close()
            if time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, 0.005)
    for lowest in (900, 200, 50):
        try:
            descriptor = fcntl.fcntl(connection.fileno(), fcntl.F_DUPFD_CLOEXEC, lowest)
        except (OSError, ValueError):  # beyond the limit of open files
            continue
        connection.close()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=descriptor)
        break
    return connection


def leave_match_in_child() -> None:
    """Closes the connection in a process that the agent has forked: it has no part in the match."""
    global _link
    if _link is not None:
        _link.connection.close()
        _link = None


def import_numpy() -> None:
    """Makes NumPy available to this host if the agent's image has it."""
    global np
    try:
        import numpy
    except ImportError as error:
        if not isinstance(error, ModuleNotFoundError) or error.name != "numpy":
            print_quietly(f"rl_arena_agent: NumPy is installed but cannot be imported: {error}\n")
    else:
        np = numpy


def shake_hands(link: Link, deadline: float) -> Dict[str, Any]:
    """Says hello and returns the welcome."""
    version = ".".join(map(str, sys.version_info[:3]))
    hello = {
        "protocol_versions": [PROTOCOL_VERSION],
        "host": f"rl-arena-agent {__version__}",
        "language": f"Python {version}",
        "max_payload": MAX_PAYLOAD_BYTES,
    }
    link.connection.settimeout(max(deadline - time.monotonic(), 0.001))
    link.send(HELLO, 0, 0, hello)
    kind, _, payload = link.receive()
    link.connection.settimeout(None)
    message = parse_json(payload, kind)
    if kind == ERROR:
        raise ProtocolError(f"the orchestrator refuses this agent: {message.get('message')}")
    if kind != WELCOME:
        raise ProtocolError(f"kind {kind} came where welcome belongs")
    if message.get("protocol_version") != PROTOCOL_VERSION:
        raise ProtocolError(f"the orchestrator speaks version {message.get('protocol_version')!r} of the protocol")
    return message


def run(agent_path: str, socket_path: str, timeout: float) -> int:
    """Plays one match with the agent at ``agent_path``; returns the exit status."""
    global _link
    deadline = time.monotonic() + timeout
    agent_path = os.path.abspath(agent_path)
    try:
        connection = connect(socket_path, deadline)
    except OSError as error:
        print_quietly(f"rl_arena_agent: cannot connect to {socket_path}: {error.strerror or error}\n")
        return EXIT_UNAVAILABLE
    link = _link = Link(connection)
    os.register_at_fork(after_in_child=leave_match_in_child)
    owner = os.getpid()
    try:
        welcome = shake_hands(link, deadline)
        link.max_payload = welcome.get("max_payload", MAX_JSON_BYTES)
        started = time.monotonic_ns()
        import_numpy()
        try:
            player = Player(import_agent(find_agent_file(agent_path)), welcome.get("player_id", 0))
        except StartupFailure as failure:
            link.send_error(STARTUP, 0, str(failure), failure.trace)
            print_quietly(failure.trace[-MAX_TRACEBACK_BYTES:])
            print_quietly(f"rl_arena_agent: {failure}\n")
            return EXIT_FAILED
        match = Match(link, welcome, player)
        gc.freeze()  # what is loaded now stays: collections during the match need not look at it again
        link.send(READY, 0, 0, {"load_time_ns": time.monotonic_ns() - started})
        return match.serve()
    except (ConnectionClosed, BrokenPipeError, ConnectionResetError):
        return EXIT_OK
    except socket.timeout:
        print_quietly("rl_arena_agent: the orchestrator did not answer hello in time\n")
        return EXIT_UNAVAILABLE
    except ProtocolError as error:
        print_quietly(f"rl_arena_agent: {error}\n")
        return EXIT_PROTOCOL
    except BaseException as error:
        if os.getpid() != owner:  # a copy that the agent forked: it has no part in the match, and no CPU time yet
            return EXIT_FAILED
        if not isinstance(error, OSError):
            raise
        print_quietly(f"rl_arena_agent: the connection is lost: {error}\n")
        return EXIT_FAILED


USAGE = "usage: rl_arena_agent.py [--socket PATH] [AGENT_PATH]\n"


def main(arguments: Optional[Sequence[str]] = None) -> NoReturn:
    """Runs the host with these arguments (default: the command line's) and ends the process."""
    remaining = list(sys.argv[1:] if arguments is None else arguments)
    socket_path = os.environ.get("RL_ARENA_SOCKET", "")
    paths: List[str] = []
    while remaining:
        argument = remaining.pop(0)
        if argument in ("-h", "--help"):
            sys.stdout.write(USAGE + "\n" + (__doc__ or ""))
            leave(EXIT_OK)
        elif argument == "--version":
            sys.stdout.write(f"rl-arena-agent {__version__}\n")
            leave(EXIT_OK)
        elif argument == "--socket" and remaining:
            socket_path = remaining.pop(0)
        elif argument.startswith("--socket="):
            socket_path = argument[len("--socket=") :]
        elif argument.startswith("-"):
            print_quietly(f"{USAGE}rl_arena_agent.py: unknown or incomplete option {argument}\n")
            leave(EXIT_USAGE)
        else:
            paths.append(argument)
    if len(paths) > 1 or not socket_path:
        problem = "more than one AGENT_PATH" if len(paths) > 1 else "no socket: give --socket or set RL_ARENA_SOCKET"
        print_quietly(f"{USAGE}rl_arena_agent.py: {problem}\n")
        leave(EXIT_USAGE)
    try:
        timeout = float(os.environ.get("RL_ARENA_STARTUP_TIMEOUT", "60"))
    except ValueError:
        timeout = 60.0
    try:
        prepare_process()
        status = run(paths[0] if paths else os.environ.get("RL_ARENA_AGENT", "/app"), socket_path, timeout)
    except KeyboardInterrupt:
        leave(130)
    except BaseException as error:
        import traceback

        print_quietly("rl_arena_agent: this is a bug of the host, not of the agent:\n")
        print_quietly("".join(traceback.format_exception(type(error), error, error.__traceback__)))
        leave(EXIT_SOFTWARE)
    leave(status)


def _run_as_program() -> NoReturn:
    """Gives the module its real name, takes its folder from the head of sys.path, and runs it."""
    sys.modules["rl_arena_agent"] = sys.modules[__name__]
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        del sys.path[0]  # the host's folder, or with -m the current one: neither may hide the agent's modules
    here = os.path.dirname(os.path.abspath(__file__))
    if here not in sys.path:
        sys.path.append(here)  # child processes of the agent's find rl_arena_agent there
    main()


if __name__ == "__main__":
    _run_as_program()
