"""The calls that were added: many matches over one stream, events, logs, replays, lists."""

import io
import itertools
import json
import threading
import time

import grpc
import pytest
from mcap.reader import make_reader

from conftest import NO_OP, SLOW, TRACKER, match, messages, services


def wait_for_phase(executor, match_id, phase):
    while True:
        try:
            found = executor.stub.GetMatch(messages.GetMatchRequest(match_id=match_id))
            if found.phase >= phase:
                return found
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.NOT_FOUND
        time.sleep(0.01)


def test_a_tournament_over_one_stream(executor):
    requests = [match(f"m{number}", max_steps=20, seed=number) for number in range(40)]
    requests.insert(3, match("bad", environment="chess960", max_steps=None))
    requests.append(requests[0])
    requests.append(match("m0", seed=999))
    answers = list(executor.stub.RunMatches(iter(requests), timeout=300))
    assert len(answers) == len(requests)
    played = [answer for answer in answers if answer.WhichOneof("outcome") == "response"]
    assert sorted({answer.match_id for answer in played}) == sorted(f"m{number}" for number in range(40))
    assert all(answer.response.status == messages.STATUS_SUCCESS for answer in played)
    errors = {answer.match_id: answer.error.code for answer in answers if answer.WhichOneof("outcome") == "error"}
    assert errors == {"bad": grpc.StatusCode.INVALID_ARGUMENT.value[0], "m0": grpc.StatusCode.ALREADY_EXISTS.value[0]}


def test_a_stream_takes_no_more_requests_than_there_is_room_for(executor, agent):
    slow = match("slow", agent(SLOW), "builtin:noop", max_steps=100_000)
    taken = 0
    over = threading.Event()

    def requests():
        nonlocal taken
        yield slow
        for number in itertools.count():
            if over.is_set():
                return
            taken += 1
            yield match(f"m{number}", max_steps=None, environment="x" * 2000)

    # A client whose window for answers does not grow.
    options = [("grpc.http2.bdp_probe", 0), ("grpc.use_local_subchannel_pool", 1)]
    channel = grpc.insecure_channel(executor.address, options)
    stream = services.ExecutorStub(channel).RunMatches(requests())
    # Nobody reads the answers: sooner or later no request is taken any more.
    last = -1
    while taken != last:
        last = taken
        time.sleep(1)
    assert taken < 5_000
    over.set()
    answers = 0
    for answer in stream:
        if answer.match_id != "slow":
            answers += 1
            if answers == taken:
                executor.stub.CancelMatch(messages.CancelMatchRequest(match_id="slow"))
        else:
            assert answer.response.status == messages.STATUS_CANCELLED
    assert answers == taken
    channel.close()


def test_events_come_in_order_and_end_with_the_result(executor, agent):
    source = agent(SLOW)
    call = executor.stub.RunMatch.future(match("m", source, "builtin:noop", max_steps=40, record_replay=True))
    wait_for_phase(executor, "m", messages.PHASE_QUEUED)
    events = list(executor.stub.WatchMatch(messages.WatchMatchRequest(match_id="m"), timeout=120))
    phases = [event.phase for event in events]
    assert phases == sorted(phases)
    expected = [messages.PHASE_QUEUED, messages.PHASE_SCHEDULED, messages.PHASE_RUNNING, messages.PHASE_FINISHED]
    assert sorted(set(phases)) == expected
    steps = [event.progress.total_steps for event in events if event.phase == messages.PHASE_RUNNING]
    assert steps == sorted(steps)
    assert steps[-1] > 0
    assert events[-1].response == call.result()
    assert events[-1].response.status == messages.STATUS_SUCCESS
    # Whoever comes after the end hears all of it.
    later = list(executor.stub.WatchMatch(messages.WatchMatchRequest(match_id="m")))
    assert [event.phase for event in later] == expected
    assert later[-1].response == events[-1].response


def test_a_match_that_runs_is_called_off(executor, agent):
    call = executor.stub.RunMatch.future(match("m", agent(SLOW), agent(SLOW), max_steps=100_000, record_replay=True))
    wait_for_phase(executor, "m", messages.PHASE_RUNNING)
    over = executor.stub.CancelMatch(
        messages.CancelMatchRequest(match_id="m", reason="the player withdrew"), timeout=60
    )
    assert over.phase == messages.PHASE_FINISHED
    assert over.response.status == messages.STATUS_CANCELLED
    assert over.response.winner_agent_id == ""
    assert "the player withdrew" in over.response.error_message
    assert call.result() == over.response
    # It stays as it is.
    again = executor.stub.CancelMatch(messages.CancelMatchRequest(match_id="m", reason="once more"))
    assert again == over
    with pytest.raises(grpc.RpcError) as failure:
        executor.stub.CancelMatch(messages.CancelMatchRequest(match_id="nobody"))
    assert failure.value.code() == grpc.StatusCode.NOT_FOUND


def test_a_match_that_waits_is_called_off(start, agent):
    executor = start(executor={"max_concurrent_matches": 1})
    first = executor.stub.RunMatch.future(match("first", agent(SLOW), "builtin:noop", max_steps=100_000))
    wait_for_phase(executor, "first", messages.PHASE_RUNNING)
    call = executor.stub.RunMatch.future(match("second"))
    wait_for_phase(executor, "second", messages.PHASE_QUEUED)
    over = executor.stub.CancelMatch(messages.CancelMatchRequest(match_id="second"))
    assert over.response.status == messages.STATUS_CANCELLED
    assert call.result().total_steps == 0
    assert [result.agent_id for result in call.result().agent_results] == ["agent1", "agent2"]
    executor.stub.CancelMatch(messages.CancelMatchRequest(match_id="first"))
    assert first.result().status == messages.STATUS_CANCELLED


def test_matches_are_listed_by_pages(executor):
    names = [f"m{number}" for number in range(7)]
    for name in names:
        executor.run(name, max_steps=5)
    found, token, pages = [], "", 0
    while True:
        page = executor.stub.ListMatches(messages.ListMatchesRequest(page_size=3, page_token=token))
        found += [entry.match_id for entry in page.matches]
        pages += 1
        token = page.next_page_token
        if not token:
            break
    assert found == names[::-1]
    assert pages == 3
    entry = page.matches[0]
    assert entry.environment == "pong"
    assert list(entry.agent_ids) == ["agent1", "agent2"]
    assert entry.response.status == messages.STATUS_SUCCESS
    assert not entry.response.games
    none = executor.stub.ListMatches(messages.ListMatchesRequest(phase=messages.PHASE_RUNNING))
    assert not none.matches
    for wrong in (messages.ListMatchesRequest(page_size=1001), messages.ListMatchesRequest(page_token="x")):
        with pytest.raises(grpc.RpcError) as failure:
            executor.stub.ListMatches(wrong)
        assert failure.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def text(chunks):
    return b"".join(chunk.data for chunk in chunks).decode()


def test_what_an_agent_prints_can_be_read(executor, agent):
    code = "import sys\nprint('loaded the weights')\n" + NO_OP + "print('to stderr', file=sys.stderr)\n"
    executor.run("m", agent(code), "builtin:noop", max_steps=5)
    log = text(executor.stub.GetMatchLogs(messages.GetMatchLogsRequest(match_id="m", agent_id="agent1")))
    assert "loaded the weights" in log
    assert "to stderr" in log
    own = text(executor.stub.GetMatchLogs(messages.GetMatchLogsRequest(match_id="m")))
    records = [json.loads(line) for line in own.splitlines()]
    assert records[-1]["message"] == "the match is over"
    assert records[-1]["status"] == "success"
    assert all(record["match_id"] == "m" for record in records)
    for wrong in (
        messages.GetMatchLogsRequest(match_id="m", agent_id="agent3"),
        messages.GetMatchLogsRequest(match_id="m", agent_id="agent2"),
        messages.GetMatchLogsRequest(match_id="../m"),
    ):
        with pytest.raises(grpc.RpcError) as failure:
            text(executor.stub.GetMatchLogs(wrong))
        assert failure.value.code() == grpc.StatusCode.NOT_FOUND


def test_a_log_is_followed_to_the_end(executor, agent):
    code = """
import time

def get_action(observation):
    get_action.calls = getattr(get_action, "calls", 0) + 1
    print("step", get_action.calls, flush=True)
    time.sleep(0.05)
    return 0
"""
    call = executor.stub.RunMatch.future(match("m", agent(code), "builtin:noop", max_steps=40))
    wait_for_phase(executor, "m", messages.PHASE_QUEUED)
    chunks, live = [], 0
    request = messages.GetMatchLogsRequest(match_id="m", agent_id="agent1", follow=True)
    for chunk in executor.stub.GetMatchLogs(request, timeout=120):
        chunks.append(chunk)
        live += not call.done()
    assert live > 1
    log = text(chunks)
    assert [line for line in log.splitlines() if line.startswith("step")] == [f"step {n}" for n in range(1, 41)]


def test_a_replay_is_followed_while_it_is_written(executor, agent):
    call = executor.stub.RunMatch.future(match("m", agent(SLOW), "builtin:noop", max_steps=40, record_replay=True))
    wait_for_phase(executor, "m", messages.PHASE_RUNNING)
    with pytest.raises(grpc.RpcError) as failure:
        text(executor.stub.GetReplay(messages.GetReplayRequest(match_id="m", format="json")))
    assert failure.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    chunks, live = [], 0
    for chunk in executor.stub.GetReplay(messages.GetReplayRequest(match_id="m", follow=True), timeout=120):
        chunks.append(chunk.data)
        live += not call.done()
    assert live > 1
    recording = b"".join(chunks)
    response = call.result()
    assert recording == (executor.replay_dir / response.recording.url).read_bytes()
    assert len(recording) == response.recording.bytes
    frames = list(make_reader(io.BytesIO(recording)).iter_messages(topics=["/frames"]))
    assert len(frames) == 40
    for form, url in (("json", response.replay_url), ("html", response.replay_html_url), ("", response.recording.url)):
        data = b"".join(
            chunk.data for chunk in executor.stub.GetReplay(messages.GetReplayRequest(match_id="m", format=form))
        )
        assert data == (executor.replay_dir / url).read_bytes()


def test_replays_that_are_not_there(executor):
    executor.run("m", record_replay=False, max_steps=5)
    for request, code in [
        (messages.GetReplayRequest(match_id="m"), grpc.StatusCode.NOT_FOUND),
        (messages.GetReplayRequest(match_id="m", follow=True), grpc.StatusCode.NOT_FOUND),
        (messages.GetReplayRequest(match_id="nobody"), grpc.StatusCode.NOT_FOUND),
        (messages.GetReplayRequest(match_id="m", format="avi"), grpc.StatusCode.INVALID_ARGUMENT),
    ]:
        with pytest.raises(grpc.RpcError) as failure:
            text(executor.stub.GetReplay(request, timeout=60))
        assert failure.value.code() == code


def test_a_slow_reader_of_a_replay_costs_no_memory(executor):
    executor.run(
        "m",
        TRACKER,
        "builtin:random",
        max_steps=20_000,
        record_replay=True,
        environment_config={"winning_score": "100000"},
    )
    status = f"/proc/{executor.process.pid}/status"

    def resident():
        with open(status) as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

    before = resident()
    streams = []
    for _ in range(20):
        stream = executor.stub.GetReplay(messages.GetReplayRequest(match_id="m", format="json"))
        next(stream)
        streams.append(stream)
    assert (executor.replay_dir / "replays/m.json").stat().st_size > 4 << 20
    assert resident() - before < 20 << 10
    for stream in streams:
        stream.cancel()
