"""The golden vectors: the host's codec reads and writes every one of them byte for byte."""

from __future__ import annotations

import json
import struct
import subprocess
import sys

import pytest
from orchestrator import VECTORS, space_size

import rl_arena_agent as host

FRAMES = json.loads((VECTORS / "frames.json").read_text(encoding="utf-8"))
HEADS = {host.OBSERVE: 32, host.ACT: 8}


@pytest.fixture(params=[True, False], ids=["numpy", "lists"])
def arrays(request, monkeypatch):
    monkeypatch.setattr(host, "np", pytest.importorskip("numpy") if request.param else None)


def from_vector(space, value):
    """A vector's value as an agent would see it, with nested lists for arrays."""
    kind = space["type"]
    if kind == "Dict":
        return {key: from_vector(child, value[key]) for key, child in space["spaces"]}
    if kind == "Tuple":
        return tuple(from_vector(child, part) for child, part in zip(space["spaces"], value))
    if kind in ("Discrete", "Text"):
        return value
    elements = value if isinstance(value, list) else [value]
    numbers = [float(e) if isinstance(e, str) else e for e in elements]
    return host.nest(numbers, space["shape"]) if space["shape"] else numbers[0]


def to_vector(space, value):
    """The reverse; floats stay what they are."""
    kind = space["type"]
    if kind == "Dict":
        return {key: to_vector(child, value[key]) for key, child in space["spaces"]}
    if kind == "Tuple":
        return [to_vector(child, part) for child, part in zip(space["spaces"], value)]
    if kind in ("Discrete", "Text"):
        return value
    value = value.tolist() if hasattr(value, "tolist") else value
    for _ in space["shape"][1:]:
        value = [element for row in value for element in row]
    return value


def same(space, read, expected):
    """Compares values; floats by their bytes in the space's dtype, so that NaN equals NaN and -0 is not 0."""
    if space["type"] == "Dict":
        return all(same(child, read[key], expected[key]) for key, child in space["spaces"])
    if space["type"] == "Tuple":
        return all(same(*each) for each in zip(space["spaces"], read, expected))
    if space["type"] == "Box":
        letter = "<" + host.FORMATS[space["dtype"]]
        read, expected = ([v] if not isinstance(v, list) else v for v in (read, expected))
        return len(read) == len(expected) and all(
            struct.pack(letter, a) == struct.pack(letter, float(b) if isinstance(b, str) else b)
            for a, b in zip(read, expected)
        )
    return read == expected


def test_the_stored_vectors_are_what_the_generator_writes():
    subprocess.run([sys.executable, str(VECTORS / "generate.py"), "--check"], check=True)


def test_every_kind_and_every_dtype_has_a_vector():
    assert {v["kind"] for v in FRAMES} == set(range(1, 11))
    text = json.dumps(FRAMES)
    assert all(f'"dtype": "{dtype}"' in text for dtype in [*host.FORMATS, "utf8"])
    assert len({v["name"] for v in FRAMES}) == len(FRAMES)


@pytest.mark.parametrize("vector", [v for v in FRAMES if "json" in v], ids=lambda v: v["name"])
def test_json_frames(vector):
    payload = host.encode_json(vector["json"])
    assert host.frame(vector["kind"], vector["flags"], vector["sequence"], payload).hex() == vector["hex"]
    data = bytes.fromhex(vector["hex"])
    assert host.HEADER.unpack_from(data) == (len(data) - 16, vector["kind"], vector["flags"], 0, vector["sequence"])
    assert host.parse_json(data[16:], vector["kind"]) == vector["json"]


@pytest.mark.parametrize("vector", [v for v in FRAMES if "text" in v], ids=lambda v: v["name"])
def test_notes(vector):
    payload, is_whole = host.note_payload(vector["text"])
    assert is_whole
    assert host.frame(host.NOTE, vector["flags"], vector["sequence"], payload).hex() == vector["hex"]


@pytest.mark.parametrize("vector", [v for v in FRAMES if v["kind"] in HEADS], ids=lambda v: v["name"])
def test_raw_frames(vector, arrays):
    data = bytearray.fromhex(vector["hex"])
    head = HEADS[vector["kind"]]
    content = vector.get("observe") or vector["act"]
    space, mask = content["space"], bytes(content.get("mask", []))
    size = space_size(space)
    assert len(data) == 16 + head + size + len(mask)
    assert host.HEADER.unpack_from(data) == (len(data) - 16, vector["kind"], 0, 0, vector["sequence"])

    assert same(space, to_vector(space, host.make_decoder(space, data, 16 + head)()), content["value"])
    if mask:
        assert list(host.make_array_decoder("int8", [len(mask)], data, 16 + head + size)()) == list(mask)

    written = bytearray(len(data))
    host.make_encoder(space, written, 16 + head)(from_vector(space, content["value"]))
    host.HEADER_WORDS.pack_into(written, 0, host.header_word(vector["kind"], len(data) - 16), vector["sequence"])
    if vector["kind"] == host.ACT:
        struct.pack_into("<Q", written, 16, content["cpu_time_ns"])
    else:
        numbers = [content[key] for key in ("reward", "step_timeout_ns", "time_bank_ns", "step", "game")]
        struct.pack_into("<dQQII", written, 16, *numbers)
        written[16 + head + size :] = mask
    assert written.hex() == vector["hex"]


@pytest.mark.parametrize(
    "vector", json.loads((VECTORS / "malformed.json").read_text(encoding="utf-8")), ids=lambda v: v["name"]
)
def test_malformed_frames_break_the_rule_they_name(vector):
    """These are for an orchestrator to refuse; here they are held against the table of section 3."""
    length, kind, flags, reserved, _ = struct.unpack_from("<IBBHQ", bytes.fromhex(vector["hex"]))
    meant = {1: (0,), 3: (0,), 6: (0,), 8: (1, 2, 3), 9: (0,), 10: (0,)}
    broken = {
        "oversized": length > (1024 if kind == host.NOTE else 65536),
        "unknown_kind": not 1 <= kind <= 10,
        "wrong_direction": kind in (2, 4, 5, 7),
        "bad_flags": kind in meant and flags not in meant[kind],
        "bad_reserved": reserved != 0,
    }
    assert [word for word, is_broken in broken.items() if is_broken] == [vector["error"]]
