"""An orchestrator for tests, written from docs/PROTOCOL.md alone: it plays one seat with the real host process."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

HOST = Path(__file__).resolve().parent.parent / "rl_arena_agent.py"
VECTORS = Path(__file__).resolve().parents[3] / "Tests" / "Vectors"
EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "agents"

HELLO, WELCOME, READY, RESET, OBSERVE, ACT, FINISH, ERROR, LOG, NOTE = range(1, 11)

PONG = {"type": "Box", "dtype": "float32", "shape": [8], "low": None, "high": None, "offset": 0, "size": 32}
THREE = {"type": "Discrete", "n": 3, "start": 0, "dtype": "int64", "offset": 0, "size": 8}
ITEM_BYTES = {"8": 1, "16": 2, "32": 4, "64": 8}


def space_size(space):
    """The size of a whole observation or action: the last leaf's end, rounded up to eight bytes."""

    def end(node):
        if node["type"] == "Dict":
            return max(end(child) for _, child in node["spaces"])
        if node["type"] == "Tuple":
            return max(end(child) for child in node["spaces"])
        return node["offset"] + node["size"]

    return (end(space) + 7) // 8 * 8


def pack_frame(kind, flags, sequence, payload):
    return struct.pack("<IBBHQ", len(payload), kind, flags, 0, sequence) + payload


class Seat:
    """One seat of a match: its socket, and the host process that plays it."""

    def __init__(self, agent, *, numpy=True, environment=None, arguments=(), listen=True, python=sys.executable):
        self.folder = tempfile.TemporaryDirectory(prefix="seat-")
        self.path = os.path.join(self.folder.name, "socket")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        if listen:
            self.listen()
        env = {k: v for k, v in os.environ.items() if not k.startswith(("RL_ARENA", "PYTHON"))}
        env.update({"RL_ARENA_SOCKET": self.path, "RL_ARENA_STARTUP_TIMEOUT": "20", **(environment or {})})
        flags = [] if numpy else ["-S"]  # no site-packages, no NumPy
        self.process = subprocess.Popen(
            [python, *flags, str(HOST), *([str(agent)] if agent is not None else []), *arguments],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )
        self.connection = None
        self.sequence = 0
        self.game = 0

    def listen(self):
        self.listener.bind(self.path)
        self.listener.listen(4)
        self.listener.settimeout(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.connection:
            self.connection.close()
        self.listener.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.folder.cleanup()

    # Frames

    def accept(self):
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(20)
        kind, flags, sequence, hello = self.receive()
        assert (kind, flags, sequence) == (HELLO, 0, 0)
        return hello

    def send(self, kind, sequence, payload, flags=0):
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.connection.sendall(pack_frame(kind, flags, sequence, data))

    def receive(self):
        length, kind, flags, reserved, sequence = struct.unpack("<IBBHQ", self._exactly(16))
        assert reserved == 0
        assert length <= 65536
        payload = self._exactly(length)
        if kind == NOTE:
            return kind, flags, sequence, payload.decode("utf-8")
        return kind, flags, sequence, payload if kind == ACT else json.loads(payload.decode("utf-8"))

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.connection.recv(count - len(data))
            if not part:
                raise EOFError("the host closed the connection")
            data += part
        return data

    # The conversation

    def welcome(self, observation=PONG, action=THREE, mask_size=0, player_id=0, **members):
        self.observation_size = space_size(observation)
        self.action_size = space_size(action)
        message = {
            "protocol_version": 1, "environment": "test", "seats": 2, "games": 1, "player_id": player_id,
            "observation": {"size": self.observation_size, "space": observation},
            "action": {"size": self.action_size, "space": action},
            "action_mask_size": mask_size, "max_payload": 65536,
            "startup_timeout_ns": 60 * 10**9, "step_timeout_ns": 5 * 10**9, "time_bank_ns": 0,
        }  # fmt: skip
        self.send(WELCOME, 0, {**message, **members})

    def load(self, **members):
        """Hello and welcome; returns what the host says about loading: (kind, flags, sequence, JSON)."""
        self.accept()
        self.welcome(**members)
        return self.answer()

    def start(self, **members):
        """Everything up to the first observe."""
        answer = self.load(**members)
        assert answer[0] == READY, answer
        assert self.reset(members.get("player_id", 0))[0] == READY
        return self

    def reset(self, player_id=0):
        self.game += 1
        self.send(RESET, self.game, {"game": self.game - 1, "player_id": player_id})
        return self.answer()

    def observe_frame(self, observation=None, mask=()):
        self.sequence += 1
        head = struct.pack("<dQQII", 0.0, 5 * 10**9, 0, self.sequence - 1, self.game - 1)
        data = bytes(self.observation_size) if observation is None else observation
        return pack_frame(OBSERVE, 0, self.sequence, head + data + bytes(mask))

    def observe(self, observation=None, mask=()):
        self.connection.sendall(self.observe_frame(observation, mask))

    def answer(self):
        """The next frame that is neither a log nor a note; those are kept, notes with their sequence."""
        self.logs, self.notes = [], []
        while True:
            received = self.receive()
            if received[0] == LOG:
                self.logs.append(received[3]["text"])
            elif received[0] == NOTE:
                self.notes.append((received[2], received[3]))
            else:
                return received

    def step(self, observation=None, mask=()):
        """One step; returns the action's bytes, or the error frame as (flags, JSON)."""
        self.observe(observation, mask)
        kind, flags, sequence, payload = self.answer()
        assert sequence == self.sequence
        if kind == ERROR:
            return flags, payload
        assert kind == ACT
        assert len(payload) == 8 + self.action_size
        return payload[8:]

    def play(self, *features):
        """A step with a float32 observation and a Discrete action; returns the action."""
        values = list(features) + [0.0] * (8 - len(features))
        answer = self.step(struct.pack("<8f", *values))
        return struct.unpack("<q", answer)[0] if isinstance(answer, bytes) else answer

    def finish(self, final=True):
        self.send(
            FINISH, self.game, {"game": self.game - 1, "final": final, "outcome": "draw", "score": 0, "reward": 0}
        )

    def end(self):
        """Finishes the match; returns exit status, standard output and standard error."""
        self.finish()
        return self.wait()

    def wait(self):
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out.decode(), err.decode()
