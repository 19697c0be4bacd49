"""Replays for tests: of real matches, and written by hand for what no built-in game has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer

ROOT = Path(__file__).resolve().parents[3]


def arena_program():
    """The program that plays matches: what ARENA_PROGRAM names, else the debug build."""
    path = Path(os.environ.get("ARENA_PROGRAM") or ROOT / ".build" / "debug" / "arena")
    if not os.access(path, os.X_OK):
        pytest.fail(
            f"there is no arena program at {path}: build it with `swift build --product arena`, "
            "or name it in the environment variable ARENA_PROGRAM",
            pytrace=False,
        )
    return path


def play(folder, *arguments):
    """Plays a match; returns the path of its replay."""
    command = [arena_program(), "match", "pong", *arguments, "--replay-dir", folder, "--python", sys.executable]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.mcap")
    return path


class Schema:
    """The messages of proto/replay.proto, from the schema in a real replay."""

    def __init__(self, path):
        with open(path, "rb") as file:
            schemas = make_reader(file).get_summary().schemas.values()
        self.data = {schema.name: schema.data for schema in schemas}
        pool = descriptor_pool.DescriptorPool()
        for description in descriptor_pb2.FileDescriptorSet.FromString(
            schema_data := next(iter(self.data.values()))
        ).file:
            pool.Add(description)
        assert all(data == schema_data for data in self.data.values())
        self.Frame, self.GameEvent = (
            message_factory.GetMessageClass(pool.FindMessageTypeByName(f"rl_arena.replay.{name}"))
            for name in ("Frame", "GameEvent")
        )


class HandWritten:
    """A replay under construction: ``metadata`` and ``messages`` may be changed before ``write``."""

    def __init__(self, schema, observation, action, mask_size=0, agents=("a", "b")):
        self.schema = schema
        self.profile = "rl-arena"
        self.metadata = {
            "match": {"match_id": "by hand", "environment": "test:game", "games": "1", "seed": "", "version": "9"},
            "environment": {
                "observation": json.dumps(observation), "action": json.dumps(action), "configuration": '{"a":1}',
                "action_mask_size": str(mask_size),
            },
            **{f"agent {i}": {"agent_id": name, "version": "2", "team": "x"} for i, name in enumerate(agents)},
        }  # fmt: skip
        self.result = {"result": {"json": '{"status":"success"}'}}
        self.messages = []

    def start(self, observations, game=0, agents=None, seed=7):
        agents = range(len(observations)) if agents is None else agents
        event = self.schema.GameEvent()
        event.start.game, event.start.environment_seed, event.start.time = game, seed, 1_000_000
        event.start.agents.extend(agents)
        event.start.observations.extend(observations)
        self.messages.append(("/games", event))

    def frame(self, step, *seats, game=0, **fields):
        frame = self.schema.Frame(step=step, game=game, **fields)
        for seat in seats:
            frame.seats.add(**seat)
        self.messages.append(("/frames", frame))
        return frame

    def end(self, steps, scores, outcomes, game=0, info="", reason="because"):
        event = self.schema.GameEvent()
        event.end.game, event.end.steps, event.end.info, event.end.reason = game, steps, info, reason
        event.end.scores.extend(scores)
        event.end.outcomes.extend(outcomes)
        event.end.time = 2_000_000
        self.messages.append(("/games", event))

    def write(self, path):
        with open(path, "wb") as file:
            writer = Writer(file, chunk_size=512, compression=CompressionType.ZSTD, enable_data_crcs=True)
            writer.start(profile=self.profile, library="tests")
            channels = {}
            for topic, name in (("/frames", "rl_arena.replay.Frame"), ("/games", "rl_arena.replay.GameEvent")):
                schema = writer.register_schema(name, "protobuf", self.schema.data[name])
                channels[topic] = writer.register_channel(topic, "protobuf", schema)
            for name, record in self.metadata.items():
                writer.add_metadata(name, record)
            for number, (topic, message) in enumerate(self.messages):
                time = 1_000_000_000 + 1000 * number
                writer.add_message(channels[topic], time, message.SerializeToString(), time, number)
            for name, record in self.result.items():
                writer.add_metadata(name, record)
            writer.finish()
        return path
