"""Exports: Parquet as pyarrow reads it, Minari data sets as Minari loads them."""

from __future__ import annotations

import json

import gymnasium
import minari
import numpy as np
import pyarrow.parquet as pq
import pytest
from replays import HandWritten
from test_replay import DISCRETE, ONE_FLOAT, everything, everything_replay, number, real, run, two_steps

import rl_arena_replay as rl
from rl_arena_replay import ReplayError


def turns(schema):
    """A game in which two seats take turns and earn something in every step; seat 0 acts in steps 1, 3 and 5."""
    written = HandWritten(schema, ONE_FLOAT, DISCRETE, mask_size=3)
    written.start([real(0), real(100)])
    for step in range(1, 7):
        seats = [{"observation": real(step + 100 * seat), "reward": 10.0**step} for seat in (0, 1)]
        acting, idle = (0, 1) if step % 2 else (1, 0)
        seats[acting].update(
            action=number(step % 3), action_mask=bytes([1, step % 2, 1]), note=f"note {step}", think_time=1000 * step
        )
        seats[idle]["idle"] = True
        written.frame(step, *seats, terminated=step == 6)
    written.end(6, [1.5, -1], [1, 2])
    return written


# Parquet --------------------------------------------------------------------------------------------------------------


def test_parquet_has_a_row_per_seat_and_step(pong_replay, tmp_path):
    replay = rl.load(pong_replay)
    out = tmp_path / "pong.parquet"
    steps = sum(game.steps for game in replay.games)
    assert rl.to_parquet(pong_replay, out) == 2 * steps
    table = pq.read_table(out)
    assert table.num_rows == 2 * steps
    assert {name: str(kind) for name, kind in zip(table.schema.names, table.schema.types)} == {
        "game": "int32", "step": "int64", "seat": "int32", "agent_id": "string", "time": "timestamp[us, tz=UTC]",
        "observation": "list<element: float>", "action": "int64", "reward": "double", "terminated": "bool",
        "truncated": "bool", "next_observation": "list<element: float>", "acted": "bool",
        "fault": "string", "fault_message": "string", "think_time": "double", "platform_stall": "bool",
        "forfeited": "bool", "note": "string", "info": "string",
    }  # fmt: skip
    columns = {name: table[name].to_numpy() for name in table.schema.names if "observation" not in name}
    before, after = (
        table[name].combine_chunks().flatten().to_numpy().reshape(-1, 8) for name in ("observation", "next_observation")
    )
    assert list(zip(columns["game"], columns["step"], columns["seat"])) == [
        (game.number, step, seat) for game in replay.games for step in range(1, game.steps + 1) for seat in (0, 1)
    ]
    for game in replay.games:
        for seat in game.seats:
            rows = (columns["game"] == game.number) & (columns["seat"] == seat.number)
            assert np.array_equal(before[rows], seat.observations[:-1])
            assert np.array_equal(after[rows], seat.observations[1:])
            assert np.array_equal(columns["action"][rows], seat.actions)
            assert np.array_equal(columns["reward"][rows], seat.rewards)
            assert np.array_equal(columns["think_time"][rows], seat.think_times)
            assert set(columns["agent_id"][rows]) == {seat.agent_id}
            assert columns["terminated"][rows].tolist() == [False] * (game.steps - 1) + [game.terminated]
            assert columns["truncated"][rows].tolist() == [False] * (game.steps - 1) + [game.truncated]
            assert np.array_equal(columns["time"][rows], game.times)
    assert table["fault"].null_count == table["note"].null_count == table.num_rows


def test_parquets_metadata_names_match_and_games(pong_replay, tmp_path):
    rl.to_parquet(pong_replay, tmp_path / "pong.parquet", row_group_bytes=50_000)
    metadata = pq.read_metadata(tmp_path / "pong.parquet").metadata
    replay = rl.load(pong_replay)
    match = json.loads(metadata[b"rl_arena.match"])
    assert (match["match_id"], match["seed"], match["environment"]) == (replay.match_id, 5, "pong")
    assert match["observation"]["space"] == replay.observation_space.description
    assert json.loads(metadata[b"rl_arena.complete"]) is True
    games = json.loads(metadata[b"rl_arena.games"])
    assert [game["environment_seed"] for game in games] == [game.environment_seed for game in replay.games]
    assert [game["steps"] for game in games] == [game.steps for game in replay.games]
    assert [game["scores"] for game in games] == [[seat.score for seat in game.seats] for game in replay.games]
    assert all(game["complete"] and game["terminated"] != game["truncated"] for game in games)


def test_row_groups_bound_memory_and_change_no_value(pong_replay, tmp_path):
    whole, parts, memory = (tmp_path / f"{name}.parquet" for name in ("whole", "parts", "memory"))
    rl.to_parquet(pong_replay, whole)
    rl.to_parquet(pong_replay, parts, row_group_bytes=20_000)
    rl.to_parquet(rl.load(pong_replay), memory, row_group_bytes=20_000)
    assert pq.read_metadata(whole).num_row_groups == 1
    for path in (parts, memory):
        metadata = pq.read_metadata(path)
        sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        assert len(sizes) > 10
        assert max(sizes) < 2 * 20_000 / 80
        assert pq.read_table(path).equals(pq.read_table(whole))


def test_parquet_has_columns_for_every_space(schema, tmp_path):
    path = everything_replay(schema).write(tmp_path / "all.mcap")
    assert rl.to_parquet(path, tmp_path / "all.parquet", row_group_bytes=1) == 8
    rows = pq.read_table(tmp_path / "all.parquet").to_pylist()

    def seen(n):
        return {
            "image": [[n, n + 1, n + 2], [n + 3, n + 4, n + 5]], "half": n / 2,
            "hand": {"0": n - 1, "1": ["", "é✓", "ab"][n % 3], "2": [n % 2, 1]},
            "grid": [[n, n + 1], [n + 2, n + 3]], "flag": [n % 2 == 1], "wide": [2**64 - 1 - n],
        }  # fmt: skip

    assert [row["observation"] for row in rows] == [seen(n) for n in (0, 1, 2, 2, 3, 4, 5, 5)]
    assert [row["next_observation"] for row in rows] == [seen(n) for n in (2, 2, 3, 4, 5, 5, 5, 5)]
    action = {"0": "x", "1": [0.5]}
    assert [row["action"] for row in rows] == [action, None, None, action, action, None, None, action]
    assert [row["acted"] for row in rows] == [row["action"] is not None for row in rows]
    assert [row["action_mask"] for row in rows] == [row["action"] and [True, False] for row in rows]
    assert [row["think_time"] for row in rows] == [row["action"] and 0.0015 for row in rows]
    assert [row["fault"] for row in rows] == [None, None, None, "timeout", None, None, None, "fault 99"]
    assert [row["terminated"] for row in rows] == [False] * 6 + [True] * 2
    assert rows[0]["note"] == "n\0"
    assert rows[2]["info"] == rows[3]["info"] == '{"k":1}'
    assert rows[3]["fault_message"] == "m"


def test_a_replay_without_a_step_is_a_table_without_a_row(schema, tmp_path):
    written = two_steps(schema)
    written.messages.clear()
    assert rl.to_parquet(written.write(tmp_path / "none.mcap"), tmp_path / "none.parquet") == 0
    assert pq.read_table(tmp_path / "none.parquet").schema.field("action").type == "int64"
    written.start([real(0)] * 2)
    assert rl.to_parquet(written.write(tmp_path / "start.mcap"), tmp_path / "none.parquet") == 0
    assert json.loads(pq.read_metadata(tmp_path / "none.parquet").metadata[b"rl_arena.complete"]) is False


def test_a_damaged_replay_leaves_what_was_there(pong_replay, tmp_path):
    damaged, out = tmp_path / "damaged.mcap", tmp_path / "out.parquet"
    data = bytearray(pong_replay.read_bytes())
    data[len(data) * 2 // 3] ^= 1
    damaged.write_bytes(data)
    out.write_bytes(b"before")
    with pytest.raises(ReplayError, match="is damaged"):
        rl.to_parquet(damaged, out, row_group_bytes=1000)
    assert out.read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["damaged.mcap", "out.parquet"]


# Minari ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    """A folder in which Minari looks for data sets."""
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "datasets"))
    return tmp_path / "datasets"


@pytest.mark.parametrize("data_format", ["hdf5", "arrow", "parquet"])
def test_minari_loads_an_episode_per_seat_and_game(pong_replay, datasets, data_format):
    replay = rl.load(pong_replay)
    rl.to_minari(pong_replay, datasets, dataset_id="pong/random-v3", data_format=data_format)
    dataset = minari.load_dataset("pong/random-v3")
    assert list(minari.list_local_datasets()) == ["pong/random-v3"]
    assert dataset.total_episodes == 4
    assert dataset.total_steps == 2 * sum(game.steps for game in replay.games)
    low, high = ([-1 if n in (2, 3) else 0 for n in range(8)], [1] * 6 + [100] * 2)
    assert dataset.observation_space == gymnasium.spaces.Box(np.float32(low), np.float32(high))
    assert dataset.action_space == gymnasium.spaces.Discrete(3)
    seats = [(game, seat) for game in replay.games for seat in game.seats]
    described = list(dataset.storage.get_episode_metadata(range(4)))
    for episode, about, (game, seat) in zip(dataset.iterate_episodes(), described, seats):
        assert np.array_equal(episode.observations, seat.observations)
        assert episode.observations.dtype == np.float32
        assert np.array_equal(episode.actions, seat.actions)
        assert np.array_equal(episode.rewards, seat.rewards)
        assert episode.terminations.tolist() == [False] * (game.steps - 1) + [game.terminated]
        assert episode.truncations.tolist() == [False] * (game.steps - 1) + [game.truncated]
        assert np.array_equal(np.ravel(episode.infos["think_time"])[1:], seat.think_times)
        assert np.ravel(episode.infos["step"]).tolist() == list(range(game.steps + 1))
        assert (int(about["seed"]), about["agent_id"]) == (game.environment_seed, seat.agent_id)
        assert (about["game"], about["seat"], about["score"]) == (game.number, seat.number, seat.score)
        assert about["outcome"] == seat.outcome
        assert about["match_id"] == replay.match_id
    assert dataset.sample_episodes(2)[0].observations.shape[1] == 8


def test_a_data_set_may_hold_several_replays_and_one_agent(pong_replay, datasets):
    replay = rl.load(pong_replay)
    dataset = rl.to_minari([pong_replay, replay], datasets, agent="random-2")
    assert dataset.spec.dataset_id == f"rl-arena/pong/{replay.match_id}-v0"
    assert minari.load_dataset(dataset.spec.dataset_id).total_episodes == 4
    about = dataset.storage.get_episode_metadata(range(4))
    assert [(each["agent_id"], each["seat"], each["game"]) for each in about] == [
        ("random-2", 1, 0), ("random-2", 0, 1), ("random-2", 1, 0), ("random-2", 0, 1),
    ]  # fmt: skip
    assert dataset.storage.metadata["algorithm_name"] == "random-2"
    one_seat = rl.to_minari(replay, datasets, dataset_id="one-v0", seat=1)
    assert [each["agent_id"] for each in one_seat.storage.get_episode_metadata(range(2))] == ["random-2", "random"]


@pytest.mark.parametrize("data_format", ["hdf5", "arrow"])
def test_an_episode_has_the_steps_in_which_its_seat_acts(schema, datasets, tmp_path, data_format):
    path = turns(schema).write(tmp_path / "turns.mcap")
    dataset = rl.to_minari(path, datasets, data_format=data_format)
    first, second = dataset.iterate_episodes()
    assert np.ravel(first.observations).tolist() == [0, 2, 4, 6]
    assert first.actions.tolist() == [1, 0, 2]
    assert first.rewards.tolist() == [110, 11_000, 1_100_000]
    assert first.terminations.tolist() == [False, False, True]
    assert first.truncations.tolist() == [False, False, False]
    assert np.ravel(second.observations).tolist() == [101, 103, 105, 106]
    assert second.rewards.tolist() == [1100, 110_000, 1_000_000]
    assert np.ravel(first.infos["step"]).tolist() == [0, 1, 3, 5]
    assert np.ravel(first.infos["think_time"]).tolist() == [0, 0.001, 0.003, 0.005]
    masks = first.infos["action_mask"]
    assert masks.tolist() == [[True, True, True]] * 3 + [[False] * 3]
    assert second.infos["action_mask"].tolist() == [[True, False, True]] * 3 + [[False] * 3]
    notes = [note.decode() if isinstance(note, bytes) else str(note) for note in first.infos["note"]]
    assert notes == ["", "note 1", "note 3", "note 5"]


@pytest.mark.parametrize("data_format", ["hdf5", "arrow"])
def test_minari_loads_values_of_every_space(schema, datasets, tmp_path, data_format):
    path = everything_replay(schema).write(tmp_path / "all.mcap")
    dataset = rl.to_minari(path, datasets, dataset_id="all-v0", data_format=data_format)
    space = minari.load_dataset("all-v0").observation_space
    assert space["hand"][0] == gymnasium.spaces.Discrete(3, start=-1)
    assert set("é✓ab") <= set(space["hand"][1].character_set)
    assert space["grid"].nvec.tolist() == [[3, 4], [5, 6]]
    assert (space["half"].low, space["half"].high) == (-np.inf, np.inf)
    assert space["wide"].high.tolist() == [2**64 - 1]
    assert dataset.action_space[0].characters == "xy"
    first, second = dataset.iterate_episodes()
    (game,) = rl.load(path).games
    for episode, seat, rows in ((first, game.seats[0], [0, 2, 4]), (second, game.seats[1], [1, 3, 4])):
        seen = seat.observations
        for key in ("image", "half", "grid", "flag", "wide"):
            stored = np.asarray(episode.observations[key])
            assert np.array_equal(stored.reshape(seen[key][rows].shape), seen[key][rows]), key
            assert stored.dtype == seen[key].dtype
        for stored, expected in zip(episode.observations["hand"], seen["hand"]):
            assert np.asarray(stored).tolist() == expected[rows].tolist()
        assert list(episode.actions[0]) == ["x", "x"]
        assert episode.actions[1].tolist() == [[0.5], [0.5]]
    assert [int(each["seed"]) for each in dataset.storage.get_episode_metadata(range(2))] == [2**64 - 1] * 2


def test_images_are_stored_as_they_are(schema, datasets, tmp_path):
    shape = [32, 40, 3]
    size = 32 * 40 * 3
    image = {"size": size, "space": {"type": "Box", "dtype": "uint8", "shape": shape, "low": 0, "high": 255, "offset": 0,
                                     "size": size}}  # fmt: skip
    written = HandWritten(schema, image, DISCRETE)
    noise = np.random.default_rng(1).integers(0, 256, (3, *shape), np.uint8)
    written.start([noise[0].tobytes()])
    for step in (1, 2):
        written.frame(step, {"observation": noise[step].tobytes(), "action": number(0)})
    path = written.write(tmp_path / "images.mcap")
    (episode,) = rl.to_minari(path, datasets, dataset_id="images-v0").iterate_episodes()
    assert np.array_equal(episode.observations, noise)
    assert episode.truncations.tolist() == [False, True]  # the game has no end in the file
    assert "outcome" not in next(iter(minari.load_dataset("images-v0").storage.get_episode_metadata([0])))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dataset_id": "pong"}, "'pong' is no name for a Minari data set: it has to look like namespace/name-v0"),
        ({"dataset_id": "../x-v0"}, "is no name for a Minari data set"),
        ({"agent": "nobody"}, "no seat or agent that was asked for has acted in any game"),
        ({"seat": 2}, "no seat or agent that was asked for has acted in any game"),
    ],
)
def test_what_cannot_be_exported_leaves_nothing_behind(pong_replay, datasets, options, message):
    with pytest.raises(ReplayError) as caught:
        rl.to_minari(pong_replay, datasets, **options)
    assert message in str(caught.value)
    assert not [path for path in datasets.glob("**/*") if path.is_file()]


def test_data_sets_are_not_overwritten_or_mixed(pong_replay, schema, datasets, tmp_path):
    rl.to_minari(pong_replay, datasets, dataset_id="mine-v0")
    with pytest.raises(ReplayError, match="there is a data set already in"):
        rl.to_minari(pong_replay, datasets, dataset_id="mine-v0")
    assert minari.load_dataset("mine-v0").total_episodes == 4
    other = two_steps(schema).write(tmp_path / "other.mcap")
    with pytest.raises(ReplayError, match="cannot be in one data set: each has an observation_space of its own"):
        rl.to_minari([pong_replay, other], datasets, dataset_id="both-v0")
    with pytest.raises(ReplayError, match="no replay was given"):
        rl.to_minari([], datasets)


def test_what_hdf5_cannot_hold_is_said(schema, datasets, tmp_path):
    written = everything_replay(schema)
    data = bytearray(everything(2))
    data[20] = 0  # the first character of the text
    written.messages[1][1].seats[0].observation = bytes(data)
    path = written.write(tmp_path / "zero.mcap")
    with pytest.raises(ReplayError, match="HDF5 cannot hold a text with a zero character"):
        rl.to_minari(path, datasets)
    assert rl.to_minari(path, datasets, data_format="arrow").total_episodes == 2
    slash = {"size": 8, "space": {"type": "Dict", "spaces": [["a/b", ONE_FLOAT["space"]]]}}
    written = HandWritten(schema, slash, DISCRETE)
    written.start([real(0)] * 2)
    with pytest.raises(ReplayError, match="cannot hold a Dict space with the key 'a/b'"):
        rl.to_minari(written.write(tmp_path / "slash.mcap"), datasets, dataset_id="slash-v0")


def test_the_command_exports(pong_replay, datasets, tmp_path):
    out = tmp_path / "pong.parquet"
    done = run(pong_replay, "--to", "parquet", "-o", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{out}: {pq.read_metadata(out).num_rows} rows\n"
    done = run(pong_replay, "--to", "minari", "-o", datasets, "--agent", "random", "--dataset-id", "pong/cli-v1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pong/cli-v1: 2 episodes, ")
    assert minari.load_dataset("pong/cli-v1").total_episodes == 2
    done = run(pong_replay, "--to", "minari", "-o", datasets, "--seat", "5")
    assert done.returncode == 1
    assert done.stderr.startswith("rl-arena-replay: nothing to export: ")
