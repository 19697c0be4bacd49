"""The executor as a process, and clients that are not ours: grpcio's."""

import io
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / ".build/debug/executor"
sys.path.insert(0, str(ROOT / "proto"))
messages, services = grpc.protos_and_services("executor.proto")

TRACKER = str(ROOT / "examples/agents/tracker")
PREDICTOR = str(ROOT / "examples/agents/predictor")


@dataclass
class Executor:
    """A running executor."""

    process: subprocess.Popen[str]
    address: str
    replay_dir: Path
    channel: grpc.Channel
    log: list[dict[str, Any]] = field(default_factory=list)

    @property
    def stub(self) -> Any:
        return services.ExecutorStub(self.channel)

    def run(self, match_id: str, *agents: str, timeout: float = 120, **fields: Any) -> Any:
        return self.stub.RunMatch(match(match_id, *agents, **fields), timeout=timeout)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout: float = 60) -> int:
        return self.process.wait(timeout)


def match(match_id: str, *agents: str, max_steps: int | None = 50, **fields: Any) -> Any:
    """A request for pong between agents given by code_url; without any, between two of the engine's own."""
    fields = {"environment": "pong", "seed": 5, **fields}
    if max_steps is not None:
        fields["environment_config"] = {"max_steps": str(max_steps), **fields.get("environment_config", {})}
    data = [
        messages.AgentData(agent_id=f"agent{number}", code_url=source)
        for number, source in enumerate(agents or ("builtin:random", "builtin:noop"), start=1)
    ]
    return messages.MatchRequest(match_id=match_id, agents=fields.pop("agents", data), **fields)


Start = Callable[..., Executor]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts executors, and ends them with the test."""
    running: list[Executor] = []

    def begin(*, environment: dict[str, str] | None = None, **sections: dict[str, Any]) -> Executor:
        folder = tmp_path / f"executor{len(running)}"
        folder.mkdir()
        sections["executor"] = {"use_k8s": False, "host": "127.0.0.1", "port": 0, **sections.get("executor", {})}
        sections["sandbox"] = {
            "tmp_dir": str(folder / "code"),
            "replay_dir": str(folder / "replays"),
            **sections.get("sandbox", {}),
        }
        sections["logging"] = {"level": "DEBUG", **sections.get("logging", {})}
        config = folder / "limits.yaml"
        config.write_text(json.dumps(sections))
        process = subprocess.Popen(
            [PROGRAM, "--config", config],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        log: list[dict[str, Any]] = []

        def read() -> None:
            assert process.stderr is not None
            for line in process.stderr:
                try:
                    record = json.loads(line)
                except ValueError:
                    record = {"message": line.rstrip()}
                log.append(record)
                lines.put(record)
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        while (record := lines.get(timeout=60)) is not None:
            if record["message"] == "listening":
                break
        assert record is not None, f"the executor ended: {log}"
        executor = Executor(
            process, record["address"], folder / "replays", grpc.insecure_channel(record["address"]), log
        )
        running.append(executor)
        return executor

    yield begin
    for executor in running:
        executor.channel.close()
        if executor.process.poll() is None:
            executor.process.send_signal(signal.SIGTERM)
    for executor in running:
        try:
            executor.process.wait(60)
        except subprocess.TimeoutExpired:
            executor.process.kill()
            executor.process.wait()
            raise


@pytest.fixture
def executor(start: Start) -> Executor:
    """An executor that plays four matches at a time."""
    return start(executor={"max_concurrent_matches": 4})


@pytest.fixture
def agent(tmp_path: Path) -> Callable[[str], str]:
    """Writes an agent into a file of its own and returns its path."""
    number = 0

    def write(code: str) -> str:
        nonlocal number
        number += 1
        path = tmp_path / f"some-agent-{number}.py"
        path.write_text(code)
        return str(path)

    return write


def zipped(files: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def violations(error: grpc.RpcError) -> dict[str, str]:
    """The fields that an INVALID_ARGUMENT names, with what it says about them."""
    status = rpc_status.from_call(error)
    assert status is not None
    request = error_details_pb2.BadRequest()
    assert status.details[0].Unpack(request)
    return {violation.field: violation.description for violation in request.field_violations}


def retry_delay(error: grpc.RpcError) -> float:
    """What an error says how long to wait before the next try, in seconds."""
    status = rpc_status.from_call(error)
    assert status is not None
    info = error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(info)
    return info.retry_delay.ToMilliseconds() / 1000


NO_OP = """
def get_action(observation):
    return 0
"""

SLOW = """
import time

def get_action(observation):
    time.sleep(0.05)
    return 0
"""
