"""What is in a page is what is in its replay, read by others' libraries."""

import base64
import json
import math
import subprocess
from pathlib import Path

import pytest

import parts
import recording
from conftest import ROOT

ALL = ["pong", "series", "tictactoe", "connect_four", "spaces", "image", "planes", "hostile", "empty", "cut"]
FAULTS = ["", "timeout", "invalid_action", "exception", "protocol", "disconnected", "startup"]


@pytest.mark.parametrize("name", [*ALL, "long"])
def test_every_frame_is_in_the_page_bit_for_bit(samples: Path, name: str) -> None:
    page = parts.Page(samples / f"{name}.html")
    frames = recording.read(samples / f"{name}.mcap").frames
    match = page.json("match")
    number = 0
    for part in page.parts("frames"):
        block = parts.block(part, match)
        assert int(part.attributes["data-frames"]) == block.frames
        assert int(part.attributes["data-step"]) == block.steps[0]
        for i in range(block.frames):
            frame = frames[number]
            assert block.steps[i] == frame.step
            assert int(part.attributes["data-game"]) == frame.game
            assert block.flags[i] == frame.terminated + 2 * frame.truncated
            assert len(block.seats) == len(frame.seats)
            rare = block.rarities.get(i, {})
            assert rare.get("info", "") == frame.info
            late = [(answer["seat"], answer["step"], answer["delay_us"]) for answer in rare.get("late_answers", [])]
            assert late == [(answer.seat, answer.step, answer.delay) for answer in frame.late_answers]
            for seat in range(len(frame.seats)):
                check_seat(block.seats[seat], i, rare.get(str(seat), {}), frame, seat, match)
            number += 1
    assert number == len(frames)
    assert page.json("close") == {"frames": number}


def check_seat(seat: parts.Seat, i: int, rare: dict, frame: object, number: int, match: dict) -> None:
    truth = frame.seats[number]
    flags = int(seat.flags[i])
    assert bool(flags & 1) == (not truth.idle)
    assert bool(flags & 2) == truth.forfeited
    assert bool(flags & 4) == truth.platform_stall
    assert seat.faults[i] == truth.fault
    assert seat.rewards[i] == truth.reward or (math.isnan(seat.rewards[i]) and math.isnan(truth.reward))
    assert seat.think_times[i] == truth.think_time
    assert rare.get("note", "") == truth.note
    assert rare.get("fault_message", "") == truth.fault_message
    action = seat.actions[i] if flags & 8 else bytes.fromhex(rare.get("action", ""))
    assert action == truth.action
    seen = recording.observation(frame, number)
    assert bool(flags & 16) == (len(seen) == match["observation"]["size"])
    assert (seat.observations[i] if flags & 16 else bytes.fromhex(rare["observation"])) == seen
    assert (seat.masks[i] if flags & 32 else b"") == truth.action_mask


@pytest.mark.parametrize("name", ALL)
def test_times_are_those_of_the_messages(samples: Path, name: str) -> None:
    page = parts.Page(samples / f"{name}.html")
    times = [time for kind, _, time in recording.read(samples / f"{name}.mcap").events if kind == "frame"]
    blocks = [parts.block(part, page.json("match")) for part in page.parts("frames")]
    assert [int(time) * 1000 for block in blocks for time in block.times] == times


@pytest.mark.parametrize("name", ALL)
def test_faults_can_be_found_without_decoding(samples: Path, name: str) -> None:
    page = parts.Page(samples / f"{name}.html")
    found = []
    first = 0
    for part in page.parts("frames"):
        for run in (part.attributes["data-faults"] or "").split():
            frames, seat, kind = run.split(".")
            start, end = map(int, frames.split("-"))
            found += [(first + i, int(seat), int(kind)) for i in range(start, end + 1)]
        first += int(part.attributes["data-frames"])
    assert sorted(found) == recording.read(samples / f"{name}.mcap").faults


@pytest.mark.parametrize("name", ["pong", "series", "tictactoe", "planes", "long"])
def test_charts_follow_from_the_frames(samples: Path, name: str) -> None:
    page = parts.Page(samples / f"{name}.html")
    frames = recording.read(samples / f"{name}.mcap").frames
    size = page.json("match")["frames_per_point"]
    number = 0
    game, scores = None, []
    for part in page.parts("frames"):
        numbers = part.attributes["data-chart"].split(",")
        for point in range(0, int(part.attributes["data-frames"]), size):
            count = min(size, int(part.attributes["data-frames"]) - point)
            span = frames[number : number + count]
            number += count
            for frame in span:
                if frame.game != game:
                    game, scores = frame.game, [0.0] * len(frame.seats)
                scores = [score + seat.reward for score, seat in zip(scores, frame.seats, strict=True)]
            for seat, score in enumerate(scores):
                thought = [frame.seats[seat].think_time for frame in span if not frame.seats[seat].idle]
                shown, mean, longest = numbers[:3]
                numbers = numbers[3:]
                assert float(shown) == score
                assert (mean, longest) == (
                    (str(sum(thought) // len(thought)), str(max(thought))) if thought else ("", "")
                )
        assert numbers == []
    assert number == len(frames)


def test_games_begin_and_end_as_recorded(samples: Path) -> None:
    page = parts.Page(samples / "series.html")
    events = recording.read(samples / "series.mcap").events
    starts = [json.loads(part.text) for part in page.parts("start")]
    ends = [json.loads(part.text) for part in page.parts("end")]
    assert len(starts) == len(ends) == 3
    for start, truth in zip(starts, (event.start for kind, event, _ in events if kind == "start"), strict=True):
        assert (start["game"], start["agents"], start["seed"]) == (
            truth.game,
            list(truth.agents),
            str(truth.environment_seed),
        )
        first = start["observations"][0]
        assert [base64.b64decode(first if seen is None else seen) for seen in start["observations"]] == list(
            truth.observations
        )
    outcomes = ["none", "win", "loss", "draw"]
    for end, truth in zip(ends, (event.end for kind, event, _ in events if kind == "end"), strict=True):
        assert (end["game"], end["steps"], end["reason"]) == (truth.game, truth.steps, truth.reason)
        assert [float(score) for score in end["scores"]] == list(truth.scores)
        assert end["outcomes"] == [outcomes[outcome] for outcome in truth.outcomes]


def test_words_of_strangers_are_only_text(samples: Path) -> None:
    page = parts.Page(samples / "hostile.html")
    plain = parts.Page(samples / "pong.html")
    # The elements are those of any other page, but for the parts of the replay.
    structure = [tag for tag, attributes in page.tags if "data-part" not in attributes]
    assert structure == [tag for tag, attributes in plain.tags if "data-part" not in attributes]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    attack = page.json("match")["agents"][0]
    assert attack.startswith("</script><script>")
    assert any(attack in text for text in page.texts)


def test_a_page_is_no_larger_than_its_replay_and_the_code(samples: Path) -> None:
    code = (samples / "empty.html").stat().st_size
    assert (samples / "long.html").stat().st_size - code < (samples / "long.mcap").stat().st_size * 4 / 3
    # One without steps is little more than its code.
    assert code < 150_000


def test_memory_does_not_grow_with_the_match(samples: Path) -> None:
    def peak(name: str) -> int:
        measure = [ROOT / ".build/debug/PageSamples", "--measure", samples / f"{name}.mcap"]
        return int(subprocess.run(measure, check=True, capture_output=True, timeout=120).stdout)

    frames = len(recording.read(samples / "long.mcap").frames)
    # A frame of pong is 93 bytes before it is compressed: nothing of that may stay. `tens` has ten blocks, `long` has a hundred.
    assert (peak("long") - peak("tens")) * 1024 < frames * 93 / 4


def test_nothing_an_agent_printed_is_in_the_page(samples: Path) -> None:
    result = json.loads(recording.read(samples / "series.mcap").metadata["result"]["json"])
    assert result["agent_results"][1]["failure"]["log_tail"] == "log of a secret"
    text = (samples / "series.html").read_text()
    assert "secret" not in text and "5ec3e7" not in text
