"""Writes frames.json and malformed.json, the golden vectors of docs/PROTOCOL.md, section 10.

    python3 Tests/Vectors/generate.py [--check]

It is written from that page alone and shares no code with any implementation: every byte is placed by hand with
`struct`. With ``--check`` nothing is written; the exit status tells whether the stored files are up to date.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from pathlib import Path
from typing import Any

HELLO, WELCOME, READY, RESET, OBSERVE, ACT, FINISH, ERROR, LOG, NOTE = range(1, 11)

DTYPES = {
    "bool": ("?", 1), "int8": ("b", 1), "int16": ("h", 2), "int32": ("i", 4), "int64": ("q", 8),
    "uint8": ("B", 1), "uint16": ("H", 2), "uint32": ("I", 4), "uint64": ("Q", 8),
    "float16": ("e", 2), "float32": ("f", 4), "float64": ("d", 8),
}  # fmt: skip

MAX_U64 = 2**64 - 1


# Spaces, still without offsets ----------------------------------------------------------------------------------------


def discrete(n: int, start: int = 0) -> dict[str, Any]:
    return {"type": "Discrete", "n": n, "start": start, "dtype": "int64"}


def multi_discrete(nvec: list[int], shape: list[int], start: list[int] | None = None) -> dict[str, Any]:
    return {"type": "MultiDiscrete", "nvec": nvec, "start": start or [0] * len(nvec), "shape": shape, "dtype": "int64"}


def multi_binary(shape: list[int]) -> dict[str, Any]:
    return {"type": "MultiBinary", "shape": shape, "dtype": "int8"}


def box(dtype: str, shape: list[int], low: Any = None, high: Any = None) -> dict[str, Any]:
    return {"type": "Box", "dtype": dtype, "shape": shape, "low": low, "high": high}


def text(max_length: int, min_length: int = 0, charset: str | None = None) -> dict[str, Any]:
    return {"type": "Text", "min_length": min_length, "max_length": max_length, "charset": charset, "dtype": "utf8"}


def dictionary(**spaces: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Dict", "spaces": [[key, space] for key, space in spaces.items()]}


def tuple_of(*spaces: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Tuple", "spaces": list(spaces)}


# Layout and bytes (section 8) -----------------------------------------------------------------------------------------


def round_up(value: int, step: int) -> int:
    return (value + step - 1) // step * step


def place(space: dict[str, Any], at: int = 0) -> tuple[dict[str, Any], int]:
    """Returns the space with offsets and sizes in its leaves, and where its last leaf ends."""
    if space["type"] == "Dict":
        members = []
        for key, child in space["spaces"]:
            placed, at = place(child, at)
            members.append([key, placed])
        return {**space, "spaces": members}, at
    if space["type"] == "Tuple":
        parts = []
        for child in space["spaces"]:
            placed, at = place(child, at)
            parts.append(placed)
        return {**space, "spaces": parts}, at
    if space["type"] == "Text":
        alignment, size = 4, 4 + 4 * space["max_length"]
    else:
        alignment = DTYPES[space["dtype"]][1]
        size = alignment * math.prod(space.get("shape", []))
    at = round_up(at, alignment)
    return {**space, "offset": at, "size": size}, at + size


def write(space: dict[str, Any], value: Any, data: bytearray) -> None:
    """Writes a value into the bytes of a placed space."""
    if space["type"] == "Dict":
        for key, child in space["spaces"]:
            write(child, value[key], data)
    elif space["type"] == "Tuple":
        for child, part in zip(space["spaces"], value):
            write(child, part, data)
    elif space["type"] == "Text":
        encoded = value.encode("utf-8")
        struct.pack_into(f"<I{len(encoded)}s", data, space["offset"], len(encoded), encoded)
    else:
        letter = DTYPES[space["dtype"]][0]
        elements = value if isinstance(value, list) else [value]
        numbers = [float(element) if isinstance(element, str) else element for element in elements]
        struct.pack_into(f"<{len(numbers)}{letter}", data, space["offset"], *numbers)


def space_bytes(placed: dict[str, Any], end: int, value: Any) -> bytes:
    data = bytearray(round_up(end, 8))
    write(placed, value, data)
    return bytes(data)


def frame(kind: int, flags: int, sequence: int, payload: bytes) -> str:
    return (struct.pack("<IBBHQ", len(payload), kind, flags, 0, sequence) + payload).hex()


# Vectors --------------------------------------------------------------------------------------------------------------


def json_vector(name: str, kind: int, sequence: int, value: dict[str, Any], flags: int = 0) -> dict[str, Any]:
    payload = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    return {
        "name": name, "kind": kind, "flags": flags, "sequence": sequence, "json": value,
        "hex": frame(kind, flags, sequence, payload),
    }  # fmt: skip


def note_vector(name: str, sequence: int, text: str) -> dict[str, Any]:
    return {
        "name": name, "kind": NOTE, "flags": 0, "sequence": sequence, "text": text,
        "hex": frame(NOTE, 0, sequence, text.encode("utf-8")),
    }  # fmt: skip


def observe_vector(
    name: str,
    space: dict[str, Any],
    value: Any,
    *,
    sequence: int = 1,
    reward: float | str = 0.0,
    step_timeout_ns: int = 5_000_000_000,
    time_bank_ns: int = 0,
    step: int = 0,
    game: int = 0,
    mask: list[int] | None = None,
) -> dict[str, Any]:
    placed, end = place(space)
    head = struct.pack("<dQQII", float(reward), step_timeout_ns, time_bank_ns, step, game)
    payload = head + space_bytes(placed, end, value) + bytes(mask or [])
    return {
        "name": name, "kind": OBSERVE, "flags": 0, "sequence": sequence,
        "observe": {
            "reward": reward, "step_timeout_ns": step_timeout_ns, "time_bank_ns": time_bank_ns, "step": step,
            "game": game, "space": placed, "value": value, "mask": mask or [],
        },
        "hex": frame(OBSERVE, 0, sequence, payload),
    }  # fmt: skip


def act_vector(name: str, space: dict[str, Any], value: Any, sequence: int = 1, cpu_time_ns: int = 0) -> dict[str, Any]:
    placed, end = place(space)
    payload = struct.pack("<Q", cpu_time_ns) + space_bytes(placed, end, value)
    return {
        "name": name, "kind": ACT, "flags": 0, "sequence": sequence,
        "act": {"cpu_time_ns": cpu_time_ns, "space": placed, "value": value},
        "hex": frame(ACT, 0, sequence, payload),
    }  # fmt: skip


def described(space: dict[str, Any]) -> dict[str, Any]:
    placed, end = place(space)
    return {"size": round_up(end, 8), "space": placed}


def frames() -> list[dict[str, Any]]:
    pong = box("float32", [8], [0, 0, -1, -1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 100, 100])
    welcome = {
        "protocol_version": 1, "environment": "pong", "seats": 2, "observation": described(pong),
        "action": described(discrete(3)), "action_mask_size": 0, "max_payload": 65536,
        "startup_timeout_ns": 60_000_000_000, "step_timeout_ns": 5_000_000_000, "time_bank_ns": 0, "games": 1,
        "player_id": 0,
    }  # fmt: skip
    gaps = dictionary(
        flag=box("bool", [3]), position=box("float64", [2], -1, 1), kind=discrete(3),
        name=text(3), small=box("int8", [1]), wide=box("uint16", [2]),
    )  # fmt: skip
    nested = dictionary(
        board=box("int8", [2, 3], -1, 1),
        hands=tuple_of(discrete(5, 10), dictionary(cards=multi_binary([4]), stake=box("float32", [], 0, None))),
        turn=discrete(2),
    )
    hello = {"host": "golden/1", "protocol_versions": [1]}
    return [
        json_vector("hello, required members only", HELLO, 0, hello),
        json_vector(
            "hello with everything optional, non-ASCII and a slash", HELLO, 0,
            {**hello, "host": "hôte/1 ✓", "language": "Python 3.11.7", "max_payload": 16777216},
        ),
        json_vector("welcome to pong", WELCOME, 0, welcome),
        json_vector(
            "welcome with nested spaces and a mask", WELCOME, 0,
            {**welcome, "environment": "nested", "observation": described(nested), "action_mask_size": 3,
             "games": 4, "player_id": 1},
        ),
        json_vector("ready after loading", READY, 0, {"load_time_ns": 123456789}),
        json_vector("ready for the third game", READY, 3, {}),
        json_vector("reset before the second game, seats rotated", RESET, 2, {"game": 1, "player_id": 1}),
        json_vector(
            "finish, won and final", FINISH, 1,
            {"game": 0, "final": True, "outcome": "win", "score": 3.5, "reward": 0.5},
        ),
        json_vector(
            "finish without an outcome", FINISH, 2,
            {"game": 1, "final": False, "outcome": "none", "score": -11.5, "reward": -0.25},
        ),
        json_vector(
            "error: exception with a traceback", ERROR, 7,
            {"message": "ZeroDivisionError: division by zero",
             "traceback": "Traceback (most recent call last):\n  File \"/app/agent.py\", line 3, in get_action\n"},
            flags=1,
        ),
        json_vector(
            "error: invalid action, non-ASCII message", ERROR, MAX_U64,
            {"message": "the action must be one integer in 0…2, got str 'up'"}, flags=2,
        ),
        json_vector("error: startup", ERROR, 0, {"message": "agent.py defines no agent"}, flags=3),
        json_vector("error from the orchestrator", ERROR, 0, {"message": "unknown protocol version"}),
        json_vector("log, text only, with control characters", LOG, 0, {"text": "tab\t quote\" backslash\\ bell\u0007"}),
        json_vector("log with a level, beyond the BMP", LOG, 0, {"level": "info", "text": "🏓 ok"}),
        note_vector("note", 3, "I go up"),
        note_vector("note of the most bytes that are allowed, of two each", 4, "é" * 512),
        note_vector("note beyond ASCII, several lines", MAX_U64, "plan: ↑\nelse 🏓"),
        observe_vector("observe: pong's first", pong, [0.5, 0.5, -0.015, 0.0125, 0.5, 0.45, 0.0, 0.0]),
        observe_vector(
            "observe: every head field at its largest, highest sequence", box("uint8", [1]), [255],
            sequence=MAX_U64, reward=-1.7976931348623157e308, step_timeout_ns=MAX_U64, time_bank_ns=MAX_U64,
            step=2**32 - 1, game=2**32 - 1,
        ),
        observe_vector("observe: no time limit, a reward with a fraction", discrete(2), 1, reward=0.1,
                       step_timeout_ns=0, time_bank_ns=1, step=41, game=3, sequence=42),
        observe_vector("observe: Box bool", box("bool", [5]), [1, 0, 0, 1, 1]),
        observe_vector("observe: Box int8 extremes", box("int8", [3]), [-128, 0, 127]),
        observe_vector("observe: Box int16 extremes", box("int16", [3]), [-32768, 0, 32767]),
        observe_vector("observe: Box int32 extremes", box("int32", [3]), [-(2**31), 0, 2**31 - 1]),
        observe_vector("observe: Box int64 extremes", box("int64", [3]), [-(2**63), 0, 2**63 - 1]),
        observe_vector("observe: Box uint8, C order", box("uint8", [2, 3], 0, 255), [0, 1, 2, 253, 254, 255]),
        observe_vector("observe: Box uint16 extremes", box("uint16", [2]), [0, 65535]),
        observe_vector("observe: Box uint32 extremes", box("uint32", [2]), [0, 2**32 - 1]),
        observe_vector("observe: Box uint64 extremes", box("uint64", [2]), [0, MAX_U64]),
        observe_vector(
            "observe: Box float16, subnormal to infinite", box("float16", [7]),
            [0.1, -0.0, 6e-08, 65504.0, "NaN", "inf", "-inf"],
        ),
        observe_vector(
            "observe: Box float32, subnormal to infinite", box("float32", [7]),
            [0.1, -0.0, 1e-45, 3.4028235e38, "NaN", "inf", "-inf"],
        ),
        observe_vector(
            "observe: Box float64, subnormal to infinite", box("float64", [7]),
            [0.1, -0.0, 5e-324, 1.7976931348623157e308, "NaN", "inf", "-inf"],
        ),
        observe_vector("observe: a scalar Box", box("float32", [], 0, 1), 0.75),
        observe_vector("observe: Discrete below zero", discrete(5, -2), -2),
        observe_vector("observe: MultiDiscrete 2-d with starts",
                       multi_discrete([3, 4, 5, 6], [2, 2], [0, 1, -2, 10]), [2, 4, -2, 15]),
        observe_vector("observe: MultiBinary 2-d", multi_binary([2, 3]), [1, 0, 1, 0, 0, 1]),
        observe_vector("observe: Text, four bytes a character", text(4), "é✓🏓x"),
        observe_vector("observe: empty Text", text(2, charset="ab"), ""),
        observe_vector(
            "observe: Dict with gaps before and after its leaves", gaps,
            {"flag": [1, 0, 1], "position": [-0.5, 0.25], "kind": 2, "name": "né", "small": [-1], "wide": [1, 65535]},
        ),
        observe_vector(
            "observe: Dict in Tuple in Dict", nested,
            {"board": [1, -1, 0, 0, 1, -1], "hands": [14, {"cards": [0, 1, 1, 0], "stake": 2.5}], "turn": 1},
        ),
        observe_vector("observe: Discrete mask of an odd length, after the padding", box("int8", [3]), [1, -1, 0],
                       mask=[1, 0, 1, 1, 0, 0, 1]),
        observe_vector("observe: MultiDiscrete mask, its components one after another", discrete(2), 0,
                       mask=[1, 1, 0, 0, 1]),
        act_vector("act: Discrete", discrete(3), 2, sequence=7, cpu_time_ns=1_500_000),
        act_vector("act: Discrete with start, highest sequence and CPU time", discrete(3, -1), -1, MAX_U64, MAX_U64),
        act_vector("act: Box float32", box("float32", [3], -1, 1), [-1.0, 0.1, 1.0]),
        act_vector("act: a scalar Box float16, padded", box("float16", [], None, None), 1.5),
        act_vector("act: Box uint8 of two dimensions", box("uint8", [3, 1]), [0, 128, 255]),
        act_vector("act: MultiDiscrete 2-d", multi_discrete([2, 3, 4, 5], [2, 2]), [1, 2, 3, 4]),
        act_vector("act: MultiBinary", multi_binary([5]), [1, 1, 0, 0, 1]),
        act_vector("act: Text", text(8, 1), "naïve ✓"),
        act_vector(
            "act: Dict with gaps", gaps,
            {"flag": [0, 0, 1], "position": [1.0, -1.0], "kind": 0, "name": "", "small": [7], "wide": [0, 258]},
        ),
        act_vector("act: Tuple", tuple_of(discrete(4), box("float32", [2], 0, None)), [3, [0.5, 2.0]]),
    ]  # fmt: skip


def malformed() -> list[dict[str, str]]:
    def header(length: int, kind: int, flags: int = 0, reserved: int = 0, sequence: int = 0) -> str:
        return struct.pack("<IBBHQ", length, kind, flags, reserved, sequence).hex()

    empty = b"{}".hex()
    return [
        {"name": "hello one byte over the limit before welcome", "hex": header(65537, HELLO), "error": "oversized"},
        {"name": "act of 4 GiB", "hex": header(2**32 - 1, ACT, sequence=1), "error": "oversized"},
        {"name": "note of 1025 bytes", "hex": header(1025, NOTE, sequence=1), "error": "oversized"},
        {"name": "kind 0", "hex": header(2, 0) + empty, "error": "unknown_kind"},
        {"name": "kind 11", "hex": header(2, 11) + empty, "error": "unknown_kind"},
        {"name": "kind 255", "hex": header(2, 255) + empty, "error": "unknown_kind"},
        {"name": "welcome from an agent", "hex": header(2, WELCOME) + empty, "error": "wrong_direction"},
        {"name": "reset from an agent", "hex": header(2, RESET, sequence=1) + empty, "error": "wrong_direction"},
        {"name": "observe from an agent", "hex": header(2, OBSERVE, sequence=1) + empty, "error": "wrong_direction"},
        {"name": "finish from an agent", "hex": header(2, FINISH, sequence=1) + empty, "error": "wrong_direction"},
        {"name": "hello with flags", "hex": header(2, HELLO, flags=1) + empty, "error": "bad_flags"},
        {"name": "ready with flags", "hex": header(2, READY, flags=128) + empty, "error": "bad_flags"},
        {"name": "act with flags", "hex": header(16, ACT, flags=1, sequence=1) + "00" * 16, "error": "bad_flags"},
        {"name": "note with flags", "hex": header(2, NOTE, flags=1, sequence=1) + empty, "error": "bad_flags"},
        {"name": "log with flags", "hex": header(2, LOG, flags=3) + empty, "error": "bad_flags"},
        {"name": "error with the orchestrator's flags", "hex": header(2, ERROR) + empty, "error": "bad_flags"},
        {"name": "error with flags 4", "hex": header(2, ERROR, flags=4) + empty, "error": "bad_flags"},
        {"name": "hello with reserved 1", "hex": header(2, HELLO, reserved=1) + empty, "error": "bad_reserved"},
        {
            "name": "act with the high byte of reserved set",
            "hex": header(16, ACT, reserved=0x8000, sequence=1) + "00" * 16,
            "error": "bad_reserved",
        },
    ]


def main() -> int:
    folder = Path(__file__).resolve().parent
    stale = False
    for name, vectors in (("frames.json", frames()), ("malformed.json", malformed())):
        contents = "[\n" + ",\n".join(json.dumps(v, ensure_ascii=False) for v in vectors) + "\n]\n"
        path = folder / name
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text(encoding="utf-8") != contents:
                print(f"{name} is not up to date: run Tests/Vectors/generate.py", file=sys.stderr)
                stale = True
        else:
            path.write_text(contents, encoding="utf-8")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
