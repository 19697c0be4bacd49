"""The service as a program: health, reflection, configuration, its end."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from mcap.reader import make_reader
from test_streams import wait_for_phase

from conftest import NO_OP, PROGRAM, ROOT, SLOW, match, messages, retry_delay, services, zipped


def test_health_in_both_forms(executor):
    answer = executor.stub.HealthCheck(messages.HealthCheckRequest())
    assert answer.healthy
    assert answer.version
    assert answer.active_matches == answer.queued_matches == 0
    health = health_pb2_grpc.HealthStub(executor.channel)
    for name in ("", "executor.Executor"):
        assert (
            health.Check(health_pb2.HealthCheckRequest(service=name)).status == health_pb2.HealthCheckResponse.SERVING
        )


def test_reflection_tells_of_the_api(executor):
    database = ProtoReflectionDescriptorDatabase(executor.channel)
    assert "executor.Executor" in database.get_services()
    service = DescriptorPool(database).FindServiceByName("executor.Executor")
    assert {"RunMatch", "ValidateAgent", "HealthCheck", "RunMatches"} <= {method.name for method in service.methods}


def test_agents_are_validated(executor):
    def validate(code, environment="pong"):
        return executor.stub.ValidateAgent(
            messages.ValidationRequest(agent_id="a", code_zip=code, environment=environment), timeout=60
        )

    good = validate(zipped({"agent.py": NO_OP, "requirements.txt": "numpy==2.0.0\n"}))
    assert good.valid
    assert not good.errors
    bad = validate(zipped({"agent.py": "from os import system as s\n\n" + NO_OP + "s('id')\n"}))
    assert not bad.valid
    assert any(error.startswith("agent.py:1") for error in bad.errors), bad
    assert not validate(b"no archive").valid
    assert not validate(zipped({"agent.py": NO_OP}), environment="chess960").valid
    # More than the 4 MiB that gRPC's servers take by default.
    large = validate(zipped({"agent.py": NO_OP, "weights.npy": os.urandom(8 << 20)}))
    assert large.valid, large


def test_an_upload_beyond_the_limit_is_refused(start):
    executor = start(sandbox={"max_code_size_mb": 1})
    for size in (5 << 20, 80 << 20):
        try:
            answer = executor.stub.ValidateAgent(
                messages.ValidationRequest(agent_id="a", code_zip=bytes(size), environment="pong"), timeout=60
            )
            assert not answer.valid
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert executor.stub.HealthCheck(messages.HealthCheckRequest()).healthy


def test_told_to_end_it_lets_matches_finish_and_takes_no_more(executor, agent):
    running = executor.stub.RunMatch.future(match("m", agent(SLOW), agent(SLOW), max_steps=60))
    wait_for_phase(executor, "m", messages.PHASE_RUNNING)
    statuses = health_pb2_grpc.HealthStub(executor.channel).Watch(health_pb2.HealthCheckRequest())
    assert next(statuses).status == health_pb2.HealthCheckResponse.SERVING
    executor.terminate()
    assert next(statuses).status == health_pb2.HealthCheckResponse.NOT_SERVING
    check = health_pb2_grpc.HealthStub(executor.channel).Check(health_pb2.HealthCheckRequest())
    assert check.status == health_pb2.HealthCheckResponse.NOT_SERVING
    while executor.stub.HealthCheck(messages.HealthCheckRequest()).healthy:
        time.sleep(0.005)
    with pytest.raises(grpc.RpcError) as failure:
        executor.run("new")
    assert failure.value.code() == grpc.StatusCode.UNAVAILABLE
    assert retry_delay(failure.value) > 0
    assert running.result().status == messages.STATUS_SUCCESS
    assert running.result().total_steps == 60
    assert executor.wait() == 0


def descendants(process):
    children = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = status.read_text().splitlines()
        except OSError:
            continue
        parent = next((int(line.split()[1]) for line in lines if line.startswith("PPid:")), 0)
        children.append((parent, int(status.parent.name)))
    found = {process}
    while more := {child for parent, child in children if parent in found} - found:
        found |= more
    return found - {process}


def wait_until_gone(processes):
    """Waits until the system has cleared the last of them away."""
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{process}").exists() for process in processes):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_matches_that_take_too_long_are_given_up_with_a_hint_to_try_again(start, agent):
    executor = start(executor={"drain_timeout_sec": 1, "max_concurrent_matches": 1})
    endless = []
    for name, phase in (("running", messages.PHASE_RUNNING), ("queued", messages.PHASE_QUEUED)):
        request = match(name, agent(SLOW), agent(SLOW), max_steps=100_000, record_replay=True)
        endless.append(executor.stub.RunMatch.future(request, timeout=300))
        wait_for_phase(executor, name, phase)
    while len(processes := descendants(executor.process.pid)) < 2:
        time.sleep(0.01)
    executor.terminate()
    for call in endless:
        assert call.exception() is not None, call.result()
        assert call.exception().code() == grpc.StatusCode.UNAVAILABLE
        assert retry_delay(call.exception()) > 0
    assert executor.wait() == 0
    wait_until_gone(processes)
    recording = executor.replay_dir / "replays/running.mcap"
    with recording.open("rb") as file:
        assert make_reader(file).get_summary() is not None


def test_killed_it_leaves_no_agent_behind(executor, agent):
    call = executor.stub.RunMatch.future(match("m", agent(SLOW), agent(SLOW), max_steps=100_000))
    wait_for_phase(executor, "m", messages.PHASE_RUNNING)
    while len(processes := descendants(executor.process.pid)) < 4:
        time.sleep(0.01)
    executor.process.send_signal(signal.SIGKILL)
    executor.wait()
    wait_until_gone(processes)
    assert call.exception().code() == grpc.StatusCode.UNAVAILABLE


def test_an_old_connection_is_changed_without_cutting_calls(start, agent):
    executor = start(executor={"max_connection_age_sec": 1})
    call = executor.stub.RunMatch.future(match("m", agent(SLOW), "builtin:noop", max_steps=80), timeout=120)
    answers = 0
    while not call.done():
        assert executor.stub.HealthCheck(messages.HealthCheckRequest(), wait_for_ready=True, timeout=30).healthy
        answers += 1
        time.sleep(0.05)
    assert call.result().status == messages.STATUS_SUCCESS
    assert answers > 20


def test_tls_and_client_certificates(start, tmp_path):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=tmp_path)

    for name in ("server", "client"):
        request = f"req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name}"
        openssl(*request.split(), "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    files = {name: str(tmp_path / name) for name in ("server.pem", "server.key", "client.pem", "client.key")}
    executor = start(
        executor={
            "tls": {
                "certificate_chain": files["server.pem"],
                "private_key": files["server.key"],
                "client_roots": files["client.pem"],
            }
        }
    )
    read = {name: Path(path).read_bytes() for name, path in files.items()}
    known = grpc.ssl_channel_credentials(read["server.pem"], read["client.key"], read["client.pem"])
    with grpc.secure_channel(executor.address, known) as channel:
        assert services.ExecutorStub(channel).HealthCheck(messages.HealthCheckRequest(), timeout=30).healthy
    stranger = grpc.ssl_channel_credentials(read["server.pem"])
    for channel in (grpc.secure_channel(executor.address, stranger), grpc.insecure_channel(executor.address)):
        with channel, pytest.raises(grpc.RpcError) as failure:
            services.ExecutorStub(channel).HealthCheck(messages.HealthCheckRequest(), timeout=30)
        assert failure.value.code() == grpc.StatusCode.UNAVAILABLE


def run(*arguments, **environment):
    return subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, timeout=60, env={**os.environ, **environment}
    )


def test_a_configuration_is_checked_without_serving(tmp_path):
    config = tmp_path / "limits.yaml"
    config.write_text("executor:\n  use_k8s: false\nresource_limits:\n  memory_limit: '512m'\n")
    checked = run("--config", config, "--check-config", "--port", "1234", EXECUTOR_HOST="127.0.0.9")
    assert checked.returncode == 0, checked.stderr
    lines = {line.split()[0]: line.split() for line in checked.stdout.splitlines() if "." in line.split()[0]}
    assert lines["executor.port"][1] == "1234"
    assert "--port" in lines["executor.port"]
    assert lines["executor.host"][1] == "127.0.0.9"
    assert "EXECUTOR_HOST" in lines["executor.host"]
    assert f"{config}:4" in lines["resource_limits.memory_limit"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("executor:\n  use_k8s: false\n  prot: 1\n", "limits.yaml:3"),
        ("executor:\n  max_queued_matches: fifty\n", "limits.yaml:2"),
        ("resource_limits:\n  memory_limit: 512Mi\n", "limits.yaml:2"),
        ("executor: [\n", "limits.yaml:"),
        ("executor:\n  use_k8s: false\n  tls: {certificate_chain: /nowhere, private_key: /nowhere}\n", "executor.tls"),
    ],
)
def test_a_configuration_that_cannot_be_used_names_the_place(tmp_path, text, place):
    config = tmp_path / "limits.yaml"
    config.write_text(text)
    failed = run("--config", config, "--port", "0", "--host", "127.0.0.1")
    assert failed.returncode == 2
    assert place in failed.stderr, failed.stderr


def test_an_address_in_use_is_said(executor):
    failed = run(
        "--config", ROOT / "config/limits.yaml", "--host", "127.0.0.1", "--port", executor.address.split(":")[1]
    )
    assert failed.returncode == 1
    assert "cannot listen on 127.0.0.1" in failed.stderr


def test_the_example_plays_a_match(executor):
    example = subprocess.run(
        [
            ROOT / ".venv/bin/python",
            ROOT / "examples/run_sample_match.py",
            "--address",
            executor.address,
            "--seed",
            "5",
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert example.returncode == 0, example.stderr
    assert "STATUS_SUCCESS" in example.stdout
    assert "agent1: score" in example.stdout
    assert "finished" in example.stderr


def test_thousands_of_callers_wait_for_one_match(executor, agent):
    request = match("m", agent(SLOW), "builtin:noop", max_steps=100_000)
    first = executor.stub.RunMatch.future(request)
    wait_for_phase(executor, "m", messages.PHASE_RUNNING)
    channels = [grpc.insecure_channel(executor.address, [("grpc.use_local_subchannel_pool", 1)]) for _ in range(3)]
    calls = [services.ExecutorStub(channel).RunMatch.future(request) for channel in channels for _ in range(700)]
    done = threading.Semaphore(0)
    for call in calls:
        call.add_done_callback(lambda _: done.release())
    # Answered after those before it on the same connection have arrived.
    for channel in channels:
        services.ExecutorStub(channel).HealthCheck(messages.HealthCheckRequest())
    executor.stub.CancelMatch(messages.CancelMatchRequest(match_id="m"))
    for _ in calls:
        assert done.acquire(timeout=60)
    assert {call.result().status for call in calls} == {messages.STATUS_CANCELLED}
    assert first.result().status == messages.STATUS_CANCELLED
    for channel in channels:
        channel.close()
