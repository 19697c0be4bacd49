"""Matches through the published calls."""

import json
import math
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from conftest import NO_OP, PREDICTOR, SLOW, TRACKER, match, messages, violations, zipped


def test_the_published_call_plays_a_match(executor):
    request = messages.MatchRequest(
        match_id="match_123",
        environment="pong",
        agents=[
            messages.AgentData(agent_id="agent1", code_url=TRACKER, version="1.0", metadata={"user_id": "user_123"}),
            messages.AgentData(agent_id="agent2", code_url=PREDICTOR, version="2.1"),
        ],
        timeout_sec=300,
        record_replay=True,
    )
    response = executor.stub.RunMatch(request, timeout=300)
    assert response.match_id == "match_123"
    assert response.status == messages.STATUS_SUCCESS
    assert [result.agent_id for result in response.agent_results] == ["agent1", "agent2"]
    scores = [result.score for result in response.agent_results]
    best = response.agent_results[scores.index(max(scores))].agent_id
    assert response.winner_agent_id == ("" if scores[0] == scores[1] else best)
    assert response.total_steps > 0
    assert response.execution_time_sec > 0
    assert response.error_message == ""
    assert response.agent_results[0].think_time.count == response.total_steps
    timings = response.timings
    assert 0 < timings.queued <= timings.scheduled <= timings.pulled <= timings.started <= timings.finished
    # The published backend joins these with a folder of its own.
    assert response.replay_url == "replays/match_123.json"
    assert response.replay_html_url == "replays/match_123.html"
    replay = json.loads((executor.replay_dir / response.replay_url).read_text())
    assert len(replay["frames"]) >= response.total_steps
    assert b"<html" in (executor.replay_dir / response.replay_html_url).read_bytes()[:200].lower()
    assert (executor.replay_dir / response.recording.url).stat().st_size == response.recording.bytes


def test_code_may_be_a_file_of_any_name_a_directory_or_a_zip(executor, agent, tmp_path):
    archive = tmp_path / "upload.zip"
    archive.write_bytes(zipped({"my-agent/agent.py": NO_OP, "my-agent/weights.txt": "1"}))
    for number, source in enumerate([agent(NO_OP), TRACKER, str(archive)]):
        response = executor.run(f"code{number}", source, "builtin:random", record_replay=False)
        assert response.status == messages.STATUS_SUCCESS, response
        assert response.agent_results[0].errors == 0, response
        assert response.replay_url == response.replay_html_url == response.recording.url == ""
    assert list((executor.replay_dir.parent / "code").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("broken.zip", b"PK\x03\x04 this is no archive", "unpacked"),
        ("evil.zip", zipped({"../../evil.py": NO_OP}), "unpacked"),
        ("empty.zip", zipped({"readme.txt": "nothing here"}), "no .py file"),
        ("broken.py", b"def get_action(:\n", "SyntaxError"),
        ("raises.py", b"raise RuntimeError('no weights')\n", "no weights"),
        ("nothing.py", b"x = 1\n", "get_action"),
    ],
)
def test_an_agent_that_cannot_start_forfeits(executor, tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)
    response = executor.run("m", str(path), "builtin:random", record_replay=True)
    assert response.status == messages.STATUS_SUCCESS, response
    assert response.winner_agent_id == "agent2"
    assert response.agent_results[0].forfeited
    assert response.agent_results[0].faults == {"startup": 1}
    assert reason in response.agent_results[0].error_message + response.agent_results[0].failure.traceback, response
    assert response.agent_results[1].errors == 0


def test_faults_are_told_by_kind(executor, agent):
    code = """
def get_action(observation):
    get_action.calls = getattr(get_action, "calls", 0) + 1
    if get_action.calls == 3:
        raise ValueError("I do not know")
    return 77 if get_action.calls == 5 else 0
"""
    response = executor.run("m", agent(code), "builtin:random")
    first = response.agent_results[0]
    assert response.status == messages.STATUS_SUCCESS
    assert first.errors == 2
    assert dict(first.faults) == {"exception": 1, "invalid_action": 1}
    assert first.failure.kind == "exception"
    assert "I do not know" in first.error_message
    assert first.failure.step == 2


def test_series_and_seeds(executor):
    one = executor.run("one", TRACKER, "builtin:random", games=3, seed=2**64 - 1)
    two = executor.run("two", TRACKER, "builtin:random", games=3, seed=2**64 - 1)
    assert one.seed == two.seed == 2**64 - 1
    assert [game.scores for game in one.games] == [game.scores for game in two.games]
    assert [list(game.seats) for game in one.games] == [
        ["agent1", "agent2"],
        ["agent2", "agent1"],
        ["agent1", "agent2"],
    ]
    drawn = executor.stub.RunMatch(
        messages.MatchRequest(
            match_id="drawn",
            environment="pong",
            agents=match("x").agents,
            environment_config={"max_steps": "10"},
        )
    )
    assert drawn.status == messages.STATUS_SUCCESS
    assert drawn.total_steps == 10


@pytest.mark.parametrize(
    ("field", "request_"),
    [
        ("match_id", match("")),
        ("match_id", match("m" * 300)),
        ("match_id", match("../../x")),
        ("timeout_sec", match("m", timeout_sec=365 * 86400)),
        ("environment", match("m", environment="chess960", max_steps=None)),
        ("agents", match("m", "builtin:noop", "builtin:noop", "builtin:noop")),
        ("agents[0].docker_image", match("m", "", "builtin:noop")),
        ("agents[1].docker_image", match("m", "builtin:noop", "")),
        ("agents[0].code_url", match("m", "https://github.com/team/agent", "builtin:noop")),
        ("agents[0].code_url", match("m", "git@github.com:team/agent.git", "builtin:noop")),
        ("agents[0].code_url", match("m", "registry.example.com/team/agent:v1", "builtin:noop")),
        ("agents[0].code_url", match("m", "/nowhere/agent.py", "builtin:noop")),
        ("agents[0].code_url", match("m", "/etc/hostname", "builtin:noop")),
        ("agents[0].code_url", match("m", "relative/agent.py", "builtin:noop")),
        ("step_timeout_sec", match("m", step_timeout_sec=math.nan)),
        ("resources.gpu", match("m", resources=messages.Resources(gpu=1))),
        ("environment_config.max_steps", match("m", environment_config={"max_steps": "many"})),
    ],
)
def test_bad_requests_name_the_field(executor, field, request_):
    with pytest.raises(grpc.RpcError) as failure:
        executor.stub.RunMatch(request_, timeout=60)
    assert failure.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    found = violations(failure.value)
    assert list(found) == [field], found
    assert found[field] == failure.value.details()


def test_a_docker_image_is_for_clusters(executor):
    agents = [
        messages.AgentData(agent_id="a", docker_image="myregistry/agent1:v1.0"),
        messages.AgentData(agent_id="b", docker_image="myregistry/agent2:v2.1", code_url=TRACKER),
    ]
    with pytest.raises(grpc.RpcError) as failure:
        executor.stub.RunMatch(match("m", agents=agents), timeout=60)
    assert list(violations(failure.value)) == ["agents[0].docker_image"]
    assert "use_k8s" in failure.value.details()


def test_metadata_of_a_megabyte_is_refused(executor):
    request = match("m")
    request.agents[0].metadata["notes"] = "x" * (1 << 20)
    with pytest.raises(grpc.RpcError) as failure:
        executor.stub.RunMatch(request, timeout=60)
    assert failure.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert list(violations(failure.value)) == ["agents[0].metadata"]


def test_a_match_is_played_once_however_often_it_is_asked_for(executor):
    request = match("m", TRACKER, "builtin:random", record_replay=True)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: executor.stub.RunMatch(request, timeout=120), range(8)))
    answers.append(executor.stub.RunMatch(request, timeout=120))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0].status == messages.STATUS_SUCCESS
    assert [record["message"] for record in executor.log].count("the match begins") == 1
    with pytest.raises(grpc.RpcError) as failure:
        executor.run("m", TRACKER, "builtin:random", record_replay=False)
    assert failure.value.code() == grpc.StatusCode.ALREADY_EXISTS


def test_a_client_that_goes_away_does_not_end_its_match(executor, agent):
    request = match("m", agent(SLOW), "builtin:noop", max_steps=20)
    call = executor.stub.RunMatch.future(request, timeout=120)
    while True:
        try:
            if executor.stub.GetMatch(messages.GetMatchRequest(match_id="m")).phase == messages.PHASE_RUNNING:
                break
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.NOT_FOUND
        time.sleep(0.01)
    call.cancel()
    response = executor.stub.RunMatch(request, timeout=120)
    assert response.status == messages.STATUS_SUCCESS
    assert response.total_steps == 20
    assert [record["message"] for record in executor.log].count("the match begins") == 1


def test_the_callers_own_deadline_is_kept(executor, agent):
    begun = time.monotonic()
    response = executor.run("m", agent(SLOW), "builtin:noop", max_steps=100_000, timeout=6, timeout_sec=300)
    assert time.monotonic() - begun < 6
    assert response.status == messages.STATUS_TIMEOUT
    assert response.winner_agent_id == ""
    assert "verdict was due" in response.error_message


def test_the_matchs_own_limit(executor, agent):
    response = executor.run("m", agent(SLOW), "builtin:noop", max_steps=100_000, timeout_sec=1, record_replay=True)
    assert response.status == messages.STATUS_TIMEOUT
    assert response.winner_agent_id == ""
    assert response.replay_url


def test_two_hundred_at_once_are_answered_in_the_order_of_their_arrival(start):
    executor = start(executor={"max_concurrent_matches": 2})
    count = 200
    finished = []
    calls = []
    for number in range(count):
        call = executor.stub.RunMatch.future(match(f"m{number}", max_steps=30), timeout=300)
        call.add_done_callback(lambda call, number=number: finished.append(number))
        calls.append(call)
    active = 0
    while not all(call.done() for call in calls):
        health = executor.stub.HealthCheck(messages.HealthCheckRequest())
        active = max(active, health.active_matches)
        assert health.healthy
        time.sleep(0.005)
    responses = [call.result() for call in calls]
    assert all(response.status == messages.STATUS_SUCCESS for response in responses)
    assert active <= 2
    arrivals = sorted(range(count), key=lambda number: responses[number].timings.queued)
    begun = sorted(range(count), key=lambda number: responses[number].timings.scheduled)
    assert begun == arrivals
    busy = sorted(
        [(response.timings.scheduled, 1) for response in responses]
        + [(response.timings.finished, -1) for response in responses]
    )
    running = 0
    for _, change in busy:
        running += change
        assert running <= 2


def test_a_higher_priority_goes_first(start, agent):
    executor = start(executor={"max_concurrent_matches": 1})
    first = executor.stub.RunMatch.future(match("first", agent(SLOW), "builtin:noop", max_steps=20))
    while executor.stub.HealthCheck(messages.HealthCheckRequest()).active_matches == 0:
        time.sleep(0.01)
    calls = {}
    for name, priority in [("low", -1), ("plain", 0), ("high", 5), ("plain2", 0)]:
        calls[name] = executor.stub.RunMatch.future(match(name, priority=priority))
        while not known(executor, name):
            time.sleep(0.005)
    begun = {name: call.result().timings.scheduled for name, call in calls.items()}
    assert sorted(begun, key=begun.__getitem__) == ["high", "plain", "plain2", "low"]
    assert first.result().status == messages.STATUS_SUCCESS


def known(executor, match_id):
    try:
        executor.stub.GetMatch(messages.GetMatchRequest(match_id=match_id))
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND
        return False
    return True


def test_when_there_is_no_room_it_says_so(start, agent):
    executor = start(executor={"max_concurrent_matches": 1, "max_queued_matches": 1})
    slow = agent(SLOW)
    calls = []
    for name in ("one", "two"):
        calls.append(executor.stub.RunMatch.future(match(name, slow, "builtin:noop", max_steps=100_000)))
        while not known(executor, name):
            time.sleep(0.005)
    with pytest.raises(grpc.RpcError) as failure:
        executor.run("three")
    assert failure.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    # What was taken before is found again.
    again = executor.stub.RunMatch.future(match("two", slow, "builtin:noop", max_steps=100_000))
    for name in ("two", "one"):
        executor.stub.CancelMatch(messages.CancelMatchRequest(match_id=name))
    for call in [*calls, again]:
        assert call.result().status == messages.STATUS_CANCELLED


def test_results_are_forgotten_after_the_retention_time(start):
    executor = start(executor={"result_retention_sec": 1})
    request = match("m")
    first = executor.stub.RunMatch(request)
    while known(executor, "m"):
        time.sleep(0.05)
    second = executor.stub.RunMatch(request)
    assert second.timings.queued >= first.timings.finished + 1
