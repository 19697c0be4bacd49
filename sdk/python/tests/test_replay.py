"""Replays as arrays: held against mcap's own reader, against rl-arena's pong, and against what was written by hand."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mcap.reader import make_reader
from mcap.writer import Writer
from mcap_protobuf.decoder import DecoderFactory
from replays import ROOT, HandWritten, play

import rl_arena_replay as rl
from rl_arena_replay import Fault, ReplayError

DISCRETE = {"size": 8, "space": {"type": "Discrete", "n": 3, "start": 0, "dtype": "int64", "offset": 0, "size": 8}}
ONE_FLOAT = {"size": 8, "space": {"type": "Box", "dtype": "float64", "shape": [], "low": None, "high": None, "offset": 0,
                                  "size": 8}}  # fmt: skip


def number(value):
    return struct.pack("<q", value)


def real(value):
    return struct.pack("<d", value)


def same(one, other):
    """Compares two replays, or parts of them, array by array."""
    if isinstance(one, (dict, tuple, list)):
        pairs = [(one[k], other[k]) for k in one] if isinstance(one, dict) else list(zip(one, other))
        return type(one) is type(other) and len(one) == len(other) and all(same(*pair) for pair in pairs)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, (rl.Match, rl.Game, rl.Seat, rl.Frame, rl.FrameSeat)):
        return same(vars(one), vars(other))
    return one == other


# Real matches ---------------------------------------------------------------------------------------------------------


def test_a_replay_says_which_match_it_records(pong_replay):
    replay = rl.load(pong_replay)
    assert replay.complete
    assert replay.match_id == pong_replay.stem
    assert (replay.environment, replay.seed, replay.planned_games) == ("pong", 5, 2)
    assert [agent.agent_id for agent in replay.agents] == ["random", "random-2"]
    assert replay.configuration["max_steps"] == 2500
    assert replay.observation_space.description["shape"] == [8]
    assert replay.action_space.description["n"] == 3
    assert replay.action_mask_size == 0
    assert replay.metadata["limits"]["step_timeout_sec"] == "5.0"
    assert replay.result["status"] == "success"
    assert [game.agent_ids for game in replay.games] == [("random", "random-2"), ("random-2", "random")]
    assert repr(replay).endswith(": pong, 2 games>")
    for game, stated in zip(replay.games, replay.result["games"]):
        assert game.complete
        assert (game.number, game.steps, game.environment_seed) == (stated["game"], stated["steps"], stated["seed"])
        scores = {seat.agent_id: seat.score for seat in game.seats}
        assert [scores["random"], scores["random-2"]] == stated["scores"]
        assert game.info == stated["info"]
        assert game.terminated != game.truncated
        assert game.started <= game.times[0] <= game.times[-1] <= game.ended
        winners = [seat.agent_id for seat in game.seats if seat.outcome == "win"]
        assert winners == [stated["winner_agent_id"]]


def test_every_value_is_what_mcaps_own_reader_decodes(pong_replay):
    replay = rl.load(pong_replay)
    starts, frames = [], []
    with open(pong_replay, "rb") as file:
        reader = make_reader(file, validate_crcs=True, decoder_factories=[DecoderFactory()])
        for _, channel, message, decoded in reader.iter_decoded_messages(log_time_order=False):
            if channel.topic == "/frames":
                frames.append((message.log_time, decoded))
            elif decoded.HasField("start"):
                starts.append(decoded.start)
    assert len(starts) == len(replay.games) == 2
    assert len(frames) == sum(game.steps for game in replay.games)
    for game, start in zip(replay.games, starts):
        own = [(time, frame) for time, frame in frames if frame.game == game.number]
        assert game.times.astype(np.int64).tolist() == [time // 1000 for time, _ in own]
        for n, seat in enumerate(game.seats):
            assert seat.agent == start.agents[n]
            assert seat.observations.shape == (game.steps + 1, 8)
            assert seat.observations.dtype == np.float32
            assert seat.actions.dtype == np.int64
            rows = [start.observations[n]]
            for _, frame in own:
                message = frame.seats[n]
                rows.append(message.observation if message.HasField("observation") else frame.seats[0].observation)
            assert seat.observations.tobytes() == b"".join(rows)
            assert seat.actions.tobytes() == b"".join(frame.seats[n].action for _, frame in own)
            assert seat.rewards.tolist() == [frame.seats[n].reward for _, frame in own]
            assert np.allclose(seat.think_times * 1e6, [frame.seats[n].think_time for _, frame in own])
            assert seat.acted.all()
            assert not seat.idle.any()
            assert not seat.faults.any()
            assert seat.action_masks is None
            assert seat.observations.flags.c_contiguous
            assert seat.observations.flags.writeable


def test_the_package_plays_the_same_game_from_seed_and_actions(pong_replay):
    pong = pytest.importorskip("rl_arena.envs.pong.environment", exc_type=ModuleNotFoundError)
    replay = rl.load(pong_replay)
    for game in replay.games:
        environment = pong.PongEnvironment(dict(replay.configuration))
        observations, _ = environment.reset(seed=game.environment_seed)
        rows, rewards, ends = [observations], [], []
        for actions in zip(*(seat.actions.tolist() for seat in game.seats)):
            observations, reward, terminated, truncated, info = environment.step(list(actions))
            rows.append(observations)
            rewards.append(reward)
            ends.append((terminated, truncated))
        assert ends == [(False, False)] * (game.steps - 1) + [(game.terminated, game.truncated)]
        assert list(info["scores"]) == game.info["scores"]
        for n, seat in enumerate(game.seats):
            assert np.array_equal(seat.observations, np.stack([row[n] for row in rows]))
            assert seat.rewards.tolist() == [reward[n] for reward in rewards]


def test_faults_and_notes_are_with_their_steps(tmp_path):
    faulty = tmp_path / "faulty"
    faulty.mkdir()
    (faulty / "agent.py").write_text(
        "import time, rl_arena_agent\n"
        "step = 0\n"
        "def get_action(o):\n"
        "    global step\n"
        "    step += 1\n"
        "    rl_arena_agent.note(f'step {step}')\n"
        "    if step == 3: raise ValueError('oh')\n"
        "    if step == 5: return 7\n"
        "    if step == 7: time.sleep(0.8)\n"
        "    rl_arena_agent.note('↑')\n"
        "    return 0\n"
    )
    predictor = ROOT / "examples" / "agents" / "predictor"
    path = play(tmp_path / "out", predictor, faulty, "--step-timeout", "500ms", "--config", "max_steps=40")
    (game,) = rl.load(path).games
    own, other = game.seats
    assert other.faults[:6].tolist() == [0, 0, Fault.EXCEPTION, 0, Fault.INVALID_ACTION, 0]
    assert other.faults[6] == Fault.TIMEOUT
    assert other.fault_messages[2].startswith("raised an exception")  # what it was may be read after the step
    assert other.fault_messages[4].startswith("returned something that is no action")
    assert other.fault_messages[0] == ""
    assert other.notes[:5].tolist() == ["step 1\n↑", "step 2\n↑", "step 3", "step 4\n↑", "step 5"]
    assert other.notes[6] == "step 7"
    assert 0.45 < other.think_times[6] < 0.75
    assert (own.think_times > 0).all()
    assert (own.think_times < 0.5).all()
    assert not own.faults.any()
    comes_closer = own.observations[:-1, 2] < 0
    assert [bool(note) for note in own.notes] == comes_closer.tolist()
    assert all(note.startswith("ball at y = ") for note in own.notes if note)
    late = [answer for answer in game.late_answers if answer.seat == 1]
    assert all(answer.answered_step == 7 and 0.1 < answer.delay < 0.7 and answer.step > 7 for answer in late)


def test_a_fault_that_ends_a_game_is_with_the_game(tmp_path):
    raises = tmp_path / "raises.py"
    raises.write_text("def get_action(o):\n    raise ValueError('oh')\n")
    path = play(tmp_path / "out", raises, "builtin:noop", "--max-faults", "2", "--games", "2")
    for game in rl.load(path).games:
        (seat,) = (seat for seat in game.seats if seat.agent_id == "raises")
        (other,) = (seat for seat in game.seats if seat.agent_id != "raises")
        assert game.reason == "forfeit"
        assert game.steps == 2
        assert seat.faults.tolist() == [Fault.EXCEPTION, Fault.EXCEPTION]
        assert seat.final_fault == Fault.EXCEPTION
        assert seat.final_fault_message.startswith("raised an exception")
        assert (seat.outcome, other.outcome) == ("loss", "win")
        assert (other.final_fault, other.final_fault_message) == (Fault.NONE, "")


def test_a_game_that_was_forfeited_before_it_began_has_no_rows(tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("import nothing_of_this_name\n")
    path = play(tmp_path / "out", broken, "builtin:noop")
    (game,) = rl.load(path).games
    assert game.complete
    assert game.steps == 0
    assert [len(seat.observations) for seat in game.seats] == [0, 0]
    assert game.seats[0].final_fault == Fault.STARTUP
    assert "nothing_of_this_name" in game.seats[0].final_fault_message
    assert list(rl.iter_frames(path)) == []


def test_frames_are_the_rows_of_the_arrays(pong_replay):
    frames = rl.iter_frames(pong_replay)
    for game in rl.load(pong_replay).games:
        for t in range(game.steps):
            frame = next(frames)
            assert (frame.game, frame.step, frame.time) == (game.number, t + 1, game.times[t])
            assert (frame.terminated, frame.truncated) == (
                (game.terminated, game.truncated) if t == game.steps - 1 else (False, False)
            )
            for seat, row in zip(game.seats, frame.seats):
                assert np.array_equal(row.observation, seat.observations[t + 1])
                assert (row.action, row.reward, row.fault) == (seat.actions[t], seat.rewards[t], seat.faults[t])
                assert row.think_time == seat.think_times[t]
    assert next(frames, None) is None


# Files that break off or are damaged ----------------------------------------------------------------------------------


def test_a_file_that_breaks_off_is_read_up_to_its_last_complete_chunk(pong_replay, tmp_path):
    data = pong_replay.read_bytes()
    whole = rl.load(pong_replay)
    path = tmp_path / "part.mcap"
    counts = set()
    previous = 0
    for size in [*range(5000, len(data), len(data) // 60), *range(len(data) - 40, len(data))]:
        path.write_bytes(data[:size])
        part = rl.load(path)
        assert not part.complete
        count = sum(game.steps for game in part.games)
        assert count >= previous
        previous = count
        counts.add(count)
        assert sum(1 for _ in rl.iter_frames(path)) == count
        for game, expected in zip(part.games, whole.games):
            assert game.complete == (game.steps == expected.steps and game.ended is not None)
            assert (game.terminated, game.truncated) == (
                (expected.terminated, expected.truncated) if game.steps == expected.steps else (False, False)
            )
            for seat, expected_seat in zip(game.seats, expected.seats):
                assert np.array_equal(seat.observations, expected_seat.observations[: game.steps + 1])
                assert np.array_equal(seat.actions, expected_seat.actions[: game.steps])
                assert seat.score == (expected_seat.score if game.complete else None)
    assert len(counts) > 2
    assert previous == sum(game.steps for game in whole.games)


def test_a_file_that_ends_before_its_metadata_says_so(pong_replay, tmp_path):
    path = tmp_path / "part.mcap"
    for size in (8, 9, 100, 1500):
        path.write_bytes(pong_replay.read_bytes()[:size])
        with pytest.raises(ReplayError, match="it ends before it says which match it records"):
            rl.load(path)


def test_damage_is_an_error_and_never_another_value(schema, tmp_path):
    written = HandWritten(schema, ONE_FLOAT, DISCRETE)
    written.start([real(0)] * 2)
    dice = random.Random(1)
    for step in range(1, 60):
        seats = [{"observation": real(dice.random()), "action": number(step % 3), "note": str(dice.random())}] * 2
        written.frame(step, *seats)
    written.end(59, [1, -1], [1, 2])
    path = written.write(tmp_path / "whole.mcap")
    data, whole = path.read_bytes(), rl.load(path)
    errors = 0
    for at in range(0, len(data), 5):
        damaged = bytearray(data)
        damaged[at] ^= 1 << dice.randrange(8)
        path.write_bytes(damaged)
        try:
            replay = rl.load(path)
        except ReplayError as error:
            assert str(error).startswith(f"{path} ")
            assert "\n" not in str(error)
            errors += 1
        else:
            assert same(replay, whole), at
    assert errors > len(data) / 5 * 0.5


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "does not begin as an MCAP file does"),
        (b"# a text\n" * 100, "does not begin as an MCAP file does"),
        (b"\x89MCAP1\r\n" * 100, "does not begin as an MCAP file does"),
        (b"\x89MCAP0\r\n" * 100, "."),
    ],
)
def test_what_is_no_replay_is_refused(data, message, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(data)
    for read in (rl.load, lambda path: list(rl.iter_frames(path))):
        with pytest.raises(ReplayError, match=message):
            read(path)


def test_an_mcap_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "robot.mcap"
    with open(path, "wb") as file:
        writer = Writer(file)
        writer.start(profile="ros2")
        writer.finish()
    with pytest.raises(ReplayError, match="is an MCAP file but no replay: its profile is 'ros2'"):
        rl.load(path)


def test_a_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        rl.load(tmp_path / "nothing")


def broken(change):
    return pytest.param(change, id=change.__name__)


def two_steps(schema):
    written = HandWritten(schema, ONE_FLOAT, DISCRETE)
    written.start([real(0), real(0)])
    for step in (1, 2):
        written.frame(step, {"observation": real(step), "action": number(1)}, {"action": number(2)})
    written.end(2, [1, -1], [1, 2])
    return written


def no_start(written):
    written.messages.pop(0)
    return "step 1 of game 0 comes before the game's start"


def no_start_but_an_end(written):
    del written.messages[:3]
    return "game 0 ends before it starts"


def step_missing(written):
    written.messages.pop(1)
    return "step 2 of game 0 stands where step 1 of game 0 belongs"


def seat_missing(written):
    del written.messages[2][1].seats[1]
    return "step 2 of game 0 has 1 seats instead of 2"


def short_observation(written):
    written.messages[1][1].seats[0].observation = b"abc"
    return "the observation of seat 0 in step 1 of game 0 has 3 bytes instead of 8"


def no_action(written):
    written.messages[1][1].seats[1].action = b""
    return "the action of seat 1 in step 1 of game 0 has 0 bytes instead of 8"


def mask_without_masks(written):
    written.messages[1][1].seats[1].action_mask = b"\1"
    return "the action mask of seat 1 in step 1 of game 0 has 1 bytes instead of 0"


def wrong_end(written):
    written.messages[3][1].end.steps = 5
    return "the end of game 0 after 5 steps follows step 2 of game 0"


def scores_missing(written):
    del written.messages[3][1].end.scores[:]
    return "game 0 ends with outcomes or scores for another number of seats"


def unknown_agent(written):
    written.messages[0][1].start.agents[1] = 2
    return "agent 2 plays game 0, but has no metadata"


def no_seats(written):
    del written.messages[0][1].start.agents[:]
    return "game 0 has 0 seats and starts with 2 observations"


def info_is_no_json(written):
    written.messages[3][1].end.info = "{"
    return "the info of game 0 is no JSON"


def result_is_no_json(written):
    written.result["result"]["json"] = "{"
    return "has a result that is no JSON"


def space_missing(written):
    del written.metadata["environment"]["action"]
    return "has metadata that makes no sense, at 'action': 'action' is missing"


def unknown_space(written):
    written.metadata["environment"]["action"] = '{"size":8,"space":{"type":"Graph","offset":0,"size":8}}'
    return "at 'action': the space 'Graph' is unknown"


def space_too_large(written):
    space = {**ONE_FLOAT["space"], "shape": [2]}
    written.metadata["environment"]["observation"] = json.dumps({"size": 8, "space": space})
    return "at 'observation': a Box at 0 does not fit into 8 bytes"


def seed_is_no_number(written):
    written.metadata["match"]["seed"] = "x"
    return "has metadata that makes no sense, at 'match': invalid literal"


@pytest.mark.parametrize(
    "change",
    [broken(change) for change in (
        no_start, no_start_but_an_end, step_missing, seat_missing, short_observation, no_action, mask_without_masks,
        wrong_end, scores_missing, unknown_agent, no_seats, info_is_no_json, result_is_no_json, space_missing,
        unknown_space, space_too_large, seed_is_no_number,
    )],
)  # fmt: skip
def test_what_does_not_fit_together_is_said_in_a_sentence(change, schema, tmp_path):
    written = two_steps(schema)
    message = change(written)
    path = written.write(tmp_path / "broken.mcap")
    with pytest.raises(ReplayError) as caught:
        rl.load(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path} ")


def test_a_game_that_another_one_follows_without_an_end_is_not_complete(schema, tmp_path):
    written = two_steps(schema)
    written.messages.pop()
    written.start([real(5), real(6)], game=1, agents=[1, 0])
    replay = rl.load(written.write(tmp_path / "match.mcap"))
    first, second = replay.games
    assert (first.complete, first.steps, second.complete, second.steps) == (False, 2, False, 0)
    assert second.agent_ids == ("b", "a")
    assert [seat.observations.tolist() for seat in second.seats] == [[5.0], [6.0]]
    assert second.seats[0].faults.shape == second.times.shape == second.seats[0].rewards.shape == (0,)
    assert not replay.complete


# Spaces ---------------------------------------------------------------------------------------------------------------


def leaf(kind, offset, size, **members):
    return {"type": kind, "offset": offset, "size": size, **members}


EVERYTHING = {"size": 80, "space": {"type": "Dict", "spaces": [
    ["image", leaf("Box", 0, 6, dtype="uint8", shape=[2, 3], low=0, high=255)],
    ["half", leaf("Box", 6, 2, dtype="float16", shape=[], low=None, high=None)],
    ["hand", {"type": "Tuple", "spaces": [
        leaf("Discrete", 8, 8, dtype="int64", n=3, start=-1),
        leaf("Text", 16, 12, dtype="utf8", min_length=0, max_length=2, charset=None),
        leaf("MultiBinary", 28, 2, dtype="int8", shape=[2])]}],
    ["grid", leaf("MultiDiscrete", 32, 32, dtype="int64", nvec=[3, 4, 5, 6], start=[0, 0, 0, 1], shape=[2, 2])],
    ["flag", leaf("Box", 64, 1, dtype="bool", shape=[1], low=0, high=1)],
    ["wide", leaf("Box", 72, 8, dtype="uint64", shape=[1], low=None, high=[None])],
]}}  # fmt: skip


def everything(n):
    text = ["", "é✓", "ab"][n % 3].encode()
    return struct.pack(
        "<6Be q I8s 2b2x 4q ?7x Q", *range(n, n + 6), n / 2, n - 1, len(text), text, n % 2, 1, *range(n, n + 4), n % 2 == 1,
        2**64 - 1 - n,
    )  # fmt: skip


def everything_replay(schema):
    """Three steps of two seats that take turns, with masks; observations of every type and actions of a Tuple."""
    action = {"size": 16, "space": {"type": "Tuple", "spaces": [
        leaf("Text", 0, 12, dtype="utf8", min_length=0, max_length=2, charset="xy"),
        leaf("Box", 12, 4, dtype="float32", shape=[1], low=[-1], high=[1])]}}  # fmt: skip
    written = HandWritten(schema, EVERYTHING, action, mask_size=2)
    written.start([everything(0), everything(1)], seed=2**64 - 1)
    play = {"action": struct.pack("<I8sf", 1, b"x", 0.5), "action_mask": b"\1\0", "think_time": 1500}
    written.frame(
        1, {"observation": everything(2), "reward": 1.0, **play, "note": "n\0"}, {"idle": True, "reward": 2.0}
    )
    written.frame(
        2, {"observation": everything(3), "idle": True, "reward": 4.0, "forfeited": True},
        {"observation": everything(4), "reward": 8.0, "fault": 1, "platform_stall": True, "fault_message": "m", **play},
        info='{"k":1}', late_answers=[{"seat": 1, "step": 1, "delay": 250_000}],
    )  # fmt: skip
    written.frame(3, {"observation": everything(5), "reward": 16.0, **play}, {"idle": True, "reward": 32.0})
    written.frame(
        4, {"observation": everything(5), "idle": True, "reward": 64.0}, {**play, "fault": 99}, terminated=True
    )
    written.end(4, [1.5, -1.5], [1, 2])
    return written


def test_every_space_has_arrays_of_its_own(schema, tmp_path):
    replay = rl.load(everything_replay(schema).write(tmp_path / "all.mcap"))
    (game,) = replay.games
    first, second = game.seats
    assert (game.environment_seed, replay.seed) == (2**64 - 1, None)
    assert replay.agents[1] == rl.AgentInfo("b", "2", {"team": "x"})
    observations = first.observations
    seen = [0, 2, 3, 5, 5]
    assert list(observations) == ["image", "half", "hand", "grid", "flag", "wide"]
    assert observations["image"].dtype == np.uint8
    assert observations["image"].tolist() == [[[n, n + 1, n + 2], [n + 3, n + 4, n + 5]] for n in seen]
    assert observations["half"].dtype == np.float16
    assert observations["half"].tolist() == [n / 2 for n in seen]
    assert type(observations["hand"]) is tuple
    card, text, bits = observations["hand"]
    assert (card.dtype, card.tolist()) == (np.int64, [n - 1 for n in seen])
    assert (text.dtype, text.tolist()) == (object, [["", "é✓", "ab"][n % 3] for n in seen])
    assert (bits.dtype, bits.tolist()) == (np.int8, [[n % 2, 1] for n in seen])
    assert observations["grid"].shape == (5, 2, 2)
    assert observations["grid"][1].tolist() == [[2, 3], [4, 5]]
    assert (observations["flag"].dtype, observations["flag"].tolist()) == (np.bool_, [[n % 2 == 1] for n in seen])
    assert observations["wide"].tolist() == [[2**64 - 1 - n] for n in seen]
    assert all(column.flags.c_contiguous for column in (observations["grid"], observations["flag"], card))
    assert second.observations["hand"][0].tolist() == [n - 1 for n in (1, 2, 4, 5, 5)]

    words, strengths = first.actions
    assert words.tolist() == ["x", "", "x", ""]
    assert strengths.dtype == np.float32
    assert strengths.tolist() == [[0.5], [0.0], [0.5], [0.0]]
    assert first.acted.tolist() == [True, False, True, False]
    assert second.idle.tolist() == [True, False, True, False]
    assert first.action_masks.tolist() == [[True, False], [False, False], [True, False], [False, False]]
    assert first.think_times.tolist() == [0.0015, 0.0, 0.0015, 0.0]
    assert first.forfeited.tolist() == [False, True, False, False]
    assert first.notes.tolist() == ["n\0", "", "", ""]
    assert second.platform_stalls.tolist() == [False, True, False, False]
    assert second.faults.tolist() == [0, 1, 0, 99]
    assert second.fault_messages.tolist() == ["", "m", "", ""]
    assert second.rewards.tolist() == [2, 8, 32, 0]
    assert game.infos.tolist() == ["", '{"k":1}', "", ""]
    assert game.late_answers == [rl.LateAnswer(step=2, seat=1, answered_step=1, delay=0.25)]
    assert (game.terminated, game.truncated, game.reason) == (True, False, "because")
    assert [(seat.outcome, seat.score) for seat in game.seats] == [("win", 1.5), ("loss", -1.5)]


def test_frames_have_values_of_every_space(schema, tmp_path):
    frames = list(rl.iter_frames(everything_replay(schema).write(tmp_path / "all.mcap")))
    assert [frame.step for frame in frames] == [1, 2, 3, 4]
    acting, idle = frames[0].seats
    assert idle.action is None
    assert idle.action_mask is None
    assert acting.action[0] == "x"
    assert acting.action[1].tolist() == [0.5]
    assert acting.action_mask.tolist() == [True, False]
    assert acting.observation["hand"][0] == 1
    assert acting.observation["hand"][1] == "ab"
    assert acting.observation["image"].tolist() == [[2, 3, 4], [5, 6, 7]]
    assert np.array_equal(idle.observation["grid"], acting.observation["grid"])
    acting.observation["image"][0, 0] = 9  # they belong to whoever reads them
    assert idle.observation["image"][0, 0] == 2
    assert frames[1].late_answers == (rl.LateAnswer(2, 1, 1, 0.25),)


# The command, and what is missing -------------------------------------------------------------------------------------


def run(*arguments, code=None):
    command = [sys.executable, *(["-c", code] if code else ["-m", "rl_arena_replay"]), *map(str, arguments)]
    folder = Path(__file__).resolve().parent.parent
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def test_the_command_prints_what_a_file_holds(pong_replay, schema, tmp_path):
    done = run(pong_replay)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{pong_replay.stem}: pong, seed 5, 2 of 2 games\ngame 0: ")
    path = everything_replay(schema).write(tmp_path / "all.mcap")
    done = run(path)
    assert done.stdout == (
        "by hand: test:game, 1 of 1 games\ngame 0: 4 steps: a win 1.5; b loss -1.5, 1 timeout, 1 fault 99 (because)\n"
    )
    path.write_bytes(path.read_bytes()[:-100])
    assert "; the file breaks off\n" in run(path).stdout


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["/nothing/here"], 1, "rl-arena-replay: [Errno 2] No such file or directory: '/nothing/here'\n"),
        (["/dev/null"], 1, "rl-arena-replay: /dev/null is no replay: it does not begin as an MCAP file does\n"),
        (["FILE", "--to", "parquet"], 2, "error: --to parquet needs -o OUT\n"),
        (["FILE", "-o", "x"], 2, "error: -o needs --to parquet or --to minari\n"),
        (["FILE", "FILE", "--to", "parquet", "-o", "x"], 2, "error: --to parquet takes one FILE\n"),
        (["FILE", "--to", "parquet", "-o", "x", "--seat", "1"], 2, "error: --seat goes with --to minari\n"),
        (["FILE", "--to", "csv"], 2, "invalid choice: 'csv'"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, status, message):
    done = run(*arguments)
    assert done.returncode == status
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("package", "call", "hint"),
    [
        ("mcap", "", "pip install numpy mcap zstandard protobuf"),
        ("zstandard", "", "pip install numpy mcap zstandard protobuf"),
        ("google.protobuf", "", "pip install numpy mcap zstandard protobuf"),
        ("pyarrow", "rl_arena_replay.to_parquet(sys.argv[1], '/nowhere')", "pip install pyarrow"),
        ("minari", "rl_arena_replay.to_minari(sys.argv[1], '/nowhere')", "pip install 'minari[hdf5]>=0.5.4' pillow"),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(package, call, hint, pong_replay):
    code = f"import sys\nsys.modules[{package!r}] = None\nimport rl_arena_replay\n{call}"
    done = run(pong_replay, code=code)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert hint in last
