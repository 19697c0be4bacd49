"""The page in a real browser, without a network."""

import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import parts
import recording
from conftest import Open, Watched

ALL = ["pong", "series", "tictactoe", "connect_four", "spaces", "image", "planes", "hostile", "cut"]
PONG_ACTIONS = ["↑ up", "· stay", "↓ down"]
WORDS = ["", "no answer in time", "invalid action", "exception", "broke the protocol", "disconnected", "did not start"]


def picture(watched: Watched, selector: str) -> Any:
    """What an element looks like, as an array of pixels."""
    return np.asarray(Image.open(io.BytesIO(watched.frame.locator(selector).screenshot())).convert("RGB")).astype(int)


def colour(watched: Watched, name: str) -> Any:
    text = watched.state(f"colours.get('{name}')")
    return np.array([int(part) for part in text[text.index("(") + 1 : -1].split(",")[:3]])


def pong(path: Path) -> list[Any]:
    """The eight numbers of each frame."""
    return [np.frombuffer(frame.seats[0].observation, "<f4") for frame in recording.read(path).frames]


# What is to be seen


@pytest.mark.parametrize("name", [*ALL, "empty", "long"])
def test_it_loads_without_a_complaint_and_is_not_blank(open_page: Open, name: str) -> None:
    watched = open_page(name)
    pixels = np.asarray(Image.open(io.BytesIO(watched.page.screenshot())).convert("RGB"))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20


@pytest.mark.parametrize("step", [1, 57, 400, 900])
def test_pong_is_drawn_where_everything_is(open_page: Open, samples: Path, step: int) -> None:
    watched = open_page("pong", reduced_motion="reduce")
    states = pong(samples / "pong.mcap")
    ball_x, ball_y, _, _, left, right = states[step - 1][:6]
    watched.seek(step)
    pixels = picture(watched, "#canvas")
    height, width = pixels.shape[:2]
    margin = 0.035 * height

    def at(x: float, y: float) -> Any:
        return pixels[min(height - 1, int(margin + y * (height - 2 * margin))), min(width - 1, int(x * width))]

    assert np.abs(at(ball_x, ball_y) - colour(watched, "ball")).max() < 12
    # Paddles stand outside of the line at which the ball turns back, and may reach into the walls.
    left, right = np.clip([left, right], 0.02, 0.98)
    assert np.abs(at(0.05 - 0.005, left) - colour(watched, "seat-0")).max() < 12
    assert np.abs(at(0.95 + 0.005, right) - colour(watched, "seat-1")).max() < 12
    other = 0.1 if left > 0.5 else 0.9
    assert np.abs(at(0.05 - 0.005, other) - colour(watched, "court")).max() < 12


def test_the_ball_has_a_trail_unless_motion_is_to_be_reduced(open_page: Open, samples: Path) -> None:
    def shades(**options: Any) -> int:
        watched = open_page("pong", **options)
        watched.seek(30)
        pixels = picture(watched, "#canvas")
        return len(np.unique(pixels.reshape(-1, 3), axis=0))

    assert shades() > shades(reduced_motion="reduce") + 5


@pytest.mark.parametrize("name", ["tictactoe", "connect_four"])
def test_boards_show_whose_piece_lies_where(open_page: Open, samples: Path, name: str) -> None:
    watched = open_page(name)
    frames = recording.read(samples / f"{name}.mcap").frames
    rows, columns = (3, 3) if name == "tictactoe" else (6, 7)
    for position in [0, 3, len(frames)]:
        watched.seek(position)
        squares = watched.state("stage.game.squares(arenaReplay.frame)")
        if position == 0:
            assert squares == [None] * (rows * columns)
            continue
        # From the other seat's view: its own pieces are the first plane.
        seen = np.frombuffer(recording.observation(frames[position - 1], 1), np.int8, rows * columns * 2).reshape(
            rows, columns, 2
        )
        if name == "tictactoe":
            seen = seen.transpose(1, 0, 2)
        expected = [1 if own else 0 if other else None for own, other in seen.reshape(-1, 2)]
        assert squares == expected
        pixels = picture(watched, "#canvas").reshape(-1, 3)
        for seat in (0, 1):
            has_colour = bool((np.abs(pixels - colour(watched, f"seat-{seat}")).max(axis=1) < 6).any())
            assert has_colour == (seat in expected)
    words = "row 3, column 3" if name == "tictactoe" else "column 6"
    assert words in watched.text("#seats [data-seat='0'] dd >> nth=0")
    assert "deep-thought wins" in watched.text("#stage-note")


def test_images_are_drawn_as_they_are(open_page: Open, samples: Path) -> None:
    watched = open_page("image")
    frames = recording.read(samples / "image.mcap").frames
    watched.seek(25)
    truth = np.frombuffer(frames[24].seats[0].observation, np.uint8).reshape(84, 96, 3)
    assert (
        watched.frame.evaluate(
            "() => { const c = arenaReplay.stage.grid.image; return [...c.getContext('2d').getImageData(0, 0, 96, 84).data]; }"
        )
        == np.dstack([truth, np.full((84, 96), 255)]).reshape(-1).tolist()
    )


def test_other_observations_are_a_table_with_bars(open_page: Open) -> None:
    watched = open_page("spaces")
    watched.seek(33)
    cells = dict(
        zip(
            watched.frame.locator("#values th").all_inner_texts(),
            watched.frame.locator("#values .value").all_inner_texts(),
            strict=True,
        )
    )
    assert cells["position[1]"] == "0.1"
    assert cells["speed"] == "NaN"
    assert cells["large"] == "−9223372036854775775"
    assert cells["largest"] == "18446744073709551582"
    assert cells["small[1]"] == "−33"
    assert "16 more in the raw frame" in watched.text("#values")
    watched.seek(34)
    assert watched.text("#values tr:nth-child(6) .value") == "∞"
    watched.frame.locator("#viewer").select_option("2")
    assert watched.text("#values tr:nth-child(1) .value") != cells["position[0]"]


# Playing


def test_it_plays_and_pauses(open_page: Open) -> None:
    watched = open_page("pong")
    watched.frame.locator("#play").click()
    watched.until("arenaReplay.player.position > 5")
    assert watched.frame.locator("#play").get_attribute("aria-label") == "Pause"
    watched.page.keyboard.press("k")
    stands = watched.position
    watched.frame.evaluate("async () => { for (let i = 0; i < 20; i++) await new Promise(requestAnimationFrame); }")
    assert watched.position == stands
    assert watched.frame.locator("#play").get_attribute("aria-label") == "Play"


def test_it_stops_at_the_end_and_plays_again_from_the_start(open_page: Open) -> None:
    watched = open_page("pong")
    watched.frame.locator("#speed").select_option(label="max")
    watched.seek(800)
    watched.page.keyboard.press("Escape")
    watched.frame.locator("#play").click()
    watched.until("!arenaReplay.player.isPlaying && arenaReplay.player.position === 900")
    watched.frame.locator("#play").click()
    watched.until("arenaReplay.player.position < 800 && arenaReplay.player.position > 0")


def test_a_faster_speed_shows_more_steps_in_the_same_time(open_page: Open) -> None:
    watched = open_page("long")
    # The same frames of the screen, whatever the machine is busy with.
    advance = """speed => new Promise(resolve => {
      const player = arenaReplay.player;
      player.setRange([0, arenaReplay.replay.length - 1]);
      player.speed = speed; player.position = 0; player.isPlaying = true; player.due = 0; player.last = null;
      const ticks = [0, 100, 200, 300].map(time => () => player.tick(time, player.run));
      (async () => { for (const tick of ticks) await tick(); player.isPlaying = false; resolve(player.position); })();
    })"""
    watched.frame.evaluate("globalThis.requestAnimationFrame = () => 0")
    assert [watched.frame.evaluate(advance, speed) for speed in (0.25, 1, 4, 16)] == [4, 18, 72, 288]


def test_the_keyboard_goes_everywhere(open_page: Open) -> None:
    watched = open_page("pong")
    for key, position in [
        ("ArrowRight", 1), ("ArrowRight", 2), ("Shift+ArrowRight", 12), ("ArrowLeft", 11), ("Shift+ArrowLeft", 1),
        ("End", 900), ("ArrowRight", 900), ("PageUp", 810), ("PageDown", 900), ("Home", 0), ("ArrowLeft", 0),
    ]:  # fmt: skip
        watched.page.keyboard.press(key)
        watched.shows(position)
    watched.page.keyboard.press("+")
    assert watched.state("player.speed") == 2
    watched.page.keyboard.press("-")
    watched.page.keyboard.press("-")
    assert watched.state("player.speed") == 0.5
    watched.page.keyboard.press("Space")
    assert watched.state("player.isPlaying")
    watched.page.keyboard.press("Space")
    assert not watched.state("player.isPlaying")
    watched.page.keyboard.press("?")
    assert watched.frame.locator("#help-dialog").is_visible()
    watched.page.keyboard.press("Escape")
    assert not watched.frame.locator("#help-dialog").is_visible()


def test_the_slider_seeks_and_says_where_it_is(open_page: Open) -> None:
    watched = open_page("pong")
    slider = watched.frame.locator("#position")
    box = slider.bounding_box()
    watched.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    watched.until("Math.abs(arenaReplay.frame.position - 450) <= 1")
    position = watched.position
    assert slider.get_attribute("aria-valuetext") == f"Step {position} of 900"
    # The slider has the focus now: keys mean there what they mean elsewhere.
    watched.page.keyboard.press("ArrowRight")
    watched.shows(position + 1)
    watched.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    watched.page.mouse.down()
    watched.page.mouse.move(box["x"] + box["width"] + 50, box["y"], steps=5)
    watched.page.mouse.up()
    watched.shows(900)


def test_clicks_into_the_charts_seek(open_page: Open) -> None:
    watched = open_page("pong")
    for chart in ("#score-chart", "#think-chart"):
        watched.seek(0)
        canvas = watched.frame.locator(f"{chart} canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        # 52 pixels on the left are the scale's, 8 on the right are free.
        watched.page.mouse.click(box["x"] + 52 + (box["width"] - 60) * 0.75, box["y"] + 60)
        watched.until("Math.abs(arenaReplay.frame.position - 675) <= 3")


# What happened


@pytest.mark.parametrize("position", [1, 222, 900])
def test_seats_show_what_they_did(open_page: Open, samples: Path, position: int) -> None:
    watched = open_page("pong")
    frames = recording.read(samples / "pong.mcap").frames
    watched.seek(position)
    for number, seat in enumerate(frames[position - 1].seats):
        panel = f".seat >> nth={number}"
        action = int.from_bytes(seat.action, "little")
        score = sum(frame.seats[number].reward for frame in frames[:position])
        values = watched.frame.locator(f"{panel} >> dd").all_inner_texts()
        assert values == [
            PONG_ACTIONS[action],
            f"{seat.reward:+.0f}".replace("-", "−").replace("+0", "0"),
            f"{seat.think_time} µs",
            "0",
        ]
        assert watched.text(f"{panel} >> .score") == f"{score:.0f}".replace("-", "−")
        assert watched.text(f"{panel} >> .agent") == ["tracker", "dreamer"][number]


def test_faults_can_be_visited_one_after_another(open_page: Open, samples: Path) -> None:
    watched = open_page("series")
    replay = recording.read(samples / "series.mcap")
    # A position more for the start of each game before.
    visited = [(number + 1 + replay.frames[number].game, seat, kind) for number, seat, kind in replay.faults]
    assert len(visited) > 8
    for i, (position, seat, kind) in enumerate(visited):
        if i % 2:
            watched.page.keyboard.press("f")
        else:
            watched.frame.locator("#next-fault").click()
        watched.shows(position)
        fault = watched.frame.locator(f".seat >> nth={seat} >> .fault")
        assert "now" in fault.get_attribute("class")
        assert fault.locator("strong").inner_text() == WORDS[kind]
        truth = replay.frames[replay.faults[i][0]]
        assert (watched.state("frame.game.number"), watched.state("frame.step")) == (truth.game, truth.step)
        assert truth.seats[seat].fault_message in fault.inner_text()
        assert ("platform itself had stalled" in fault.inner_text()) == truth.seats[seat].platform_stall
    watched.page.keyboard.press("Shift+F")
    watched.shows(visited[-2][0])
    watched.frame.locator("#previous-fault").click()
    watched.shows(visited[-3][0])
    counts = [sum(1 for _, _, kind in visited if kind == number) for number in (1, 2, 3, 4)]
    assert watched.text("#fault-legend").split("\n") == [
        f"{count} × {WORDS[kind]}" for kind, count in enumerate(counts, 1)
    ]


def test_marks_of_faults_are_drawn_and_lead_to_them(open_page: Open) -> None:
    watched = open_page("series")
    pixels = picture(watched, "#marks").reshape(-1, 3)
    assert (np.abs(pixels - colour(watched, "seat-1")).max(axis=1) < 12).sum() > 30
    assert (np.abs(pixels - colour(watched, "seat-0")).max(axis=1) < 12).sum() > 10
    mark = watched.state("timeline.placed[1]")
    watched.frame.locator("#marks").click(position={"x": mark["x"] + 2, "y": 12})
    watched.shows(mark["position"])


def test_notes_and_forfeits_are_shown(open_page: Open) -> None:
    watched = open_page("series")
    watched.seek(130)
    note = watched.text(".seat >> nth=1 >> .note")
    assert note.endswith("Last seen near the upper wall.\nTrying the middle.")
    assert not watched.frame.locator(".seat >> nth=1 >> .badge").is_visible()
    watched.seek(watched.state("replay.length") - 1)
    assert watched.frame.locator(".seat >> nth=1 >> .badge").is_visible()
    assert "clumsy forfeited" in watched.text("#stage-note")


@pytest.mark.parametrize(
    ("name", "position"),
    [("pong", 77), ("series", 131), ("series", 45), ("connect_four", 5), ("spaces", 34), ("spaces", 20)],
)
def test_the_raw_frame_is_the_recorded_one(open_page: Open, samples: Path, name: str, position: int) -> None:
    watched = open_page(name)
    watched.frame.locator("#raw summary").click()
    watched.seek(position)
    raw = json.loads(watched.text("#raw-text"))
    frame = recording.read(samples / f"{name}.mcap").frames[position - 1]
    layout = parts.Page(samples / f"{name}.html").json("match")
    assert (raw["step"], raw["game"], raw["terminated"]) == (frame.step, frame.game, frame.terminated)
    assert raw.get("late_answers", []) == [
        {"seat": a.seat, "step": a.step, "delay_us": a.delay} for a in frame.late_answers
    ]
    for number, (shown, seat) in enumerate(zip(raw["seats"], frame.seats, strict=True)):
        assert shown["think_time_us"] == seat.think_time
        assert shown.get("note", "") == seat.note
        assert shown.get("fault_message", "") == seat.fault_message
        assert shown.get("action_mask", []) == list(seat.action_mask)
        assert shown["reward"] == ("NaN" if math.isnan(seat.reward) else seat.reward)
        flat = flatten(shown["observation"])
        assert flat == values(recording.observation(frame, number), layout["observation"]["space"])
        if seat.action:
            assert flatten(shown["action"]) == values(seat.action, layout["action"]["space"])


def flatten(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in flatten(part)]
    return [leaf for part in value for leaf in flatten(part)] if isinstance(value, list) else [value]


def values(data: bytes, space: dict[str, Any]) -> list[Any]:
    """What NumPy reads: floats as the shortest decimals of their dtype."""
    found: list[Any] = []
    for leaf in parts.leaves(space):
        raw = data[leaf["offset"] : leaf["offset"] + leaf["size"]]
        if leaf["dtype"] == "utf8":
            length = int.from_bytes(raw[:4], "little")
            found.append(raw[4 : 4 + length].decode())
            continue
        for value in np.frombuffer(raw, np.dtype("u1" if leaf["dtype"] == "bool" else leaf["dtype"]).newbyteorder("<")):
            if leaf["dtype"].startswith("float") and not np.isfinite(value):
                found.append("NaN" if np.isnan(value) else "inf" if value > 0 else "-inf")
            elif leaf["dtype"].startswith("float"):
                found.append(float(np.format_float_positional(value, unique=True)))
            else:
                found.append(int(value))
    return found


def test_a_series_can_be_seen_game_by_game(open_page: Open) -> None:
    watched = open_page("series")
    assert watched.frame.locator("#game option").all_inner_texts() == ["All 3 games", "Game 1", "Game 2", "Game 3"]
    watched.page.keyboard.press("]")
    watched.shows(301)
    assert watched.text("#place") == "Game 2 · Start / 60"
    watched.frame.locator("#game").select_option(label="Game 3")
    watched.shows(362)
    watched.frame.locator("#place").click()
    watched.page.keyboard.press("End")
    watched.shows(762)
    watched.page.keyboard.press("Home")
    watched.shows(362)
    # Agents change seats from game to game.
    assert watched.text(".seat >> nth=0 >> .agent") == "tracker"
    watched.page.keyboard.press("[")
    watched.shows(301)
    assert watched.text(".seat >> nth=0 >> .agent") == "clumsy"
    assert watched.frame.locator("#games tr").count() == 3
    watched.frame.locator("#games button >> nth=0").click()
    watched.shows(0)


def test_the_match_is_described(open_page: Open) -> None:
    watched = open_page("pong")
    assert watched.page.title() == "tracker vs dreamer · pong · RL Arena"
    facts = dict(
        zip(
            watched.frame.locator("#facts dt").all_inner_texts(),
            watched.frame.locator("#facts dd").all_inner_texts(),
            strict=True,
        )
    )
    assert facts["Seed"] == "18446744073709551615"
    assert facts["Steps"] == "900"
    assert facts["Result"] == watched.text(".sentence") and "after 900 steps" in facts["Result"]


# Files that are not as they should be


def test_a_recording_that_breaks_off_says_so(open_page: Open, samples: Path) -> None:
    watched = open_page("cut")
    frames = recording.read(samples / "cut.mcap").frames
    assert 0 < len(frames) < 900
    assert f"breaks off after {len(frames)} steps" in watched.text(".sentence")
    watched.page.keyboard.press("End")
    watched.shows(len(frames))
    assert watched.text("#stage-note") == "The recording ends here"


def test_a_match_without_steps_says_so(open_page: Open) -> None:
    watched = open_page("empty")
    assert watched.text("#problem") == "No step of this match was recorded."
    assert "the environment could not be made" in watched.text(".sentence")
    assert watched.frame.locator("#play").is_disabled()


def test_a_page_that_was_cut_off_plays_what_is_there(open_page: Open, samples: Path) -> None:
    text = (samples / "long.html").read_text()
    (samples / "half.html").write_text(text[: len(text) // 2])
    watched = open_page("half")
    assert "cut off on its way here" in watched.text("#page-cut")
    watched.page.keyboard.press("End")
    watched.until("arenaReplay.frame.position > 10000")


def test_damage_within_the_page_is_said_where_it_is(open_page: Open, samples: Path) -> None:
    text = (samples / "long.html").read_text()
    second = text.index('data-step="1025"')
    data = text.index(">", second) + 200
    (samples / "damaged.html").write_text(text[:data] + "AAAAAAAAAAAA" + text[data + 12 :])
    watched = open_page("damaged")
    watched.seek(1024)
    watched.page.keyboard.press("ArrowRight")
    watched.until("!document.getElementById('stage-note').hidden")
    assert watched.text("#stage-note") == "The frames here are damaged"
    watched.seek(2049)
    assert not watched.frame.locator("#stage-note").is_visible()


def test_words_of_strangers_do_nothing(open_page: Open) -> None:
    watched = open_page("hostile")
    for position in range(21):
        watched.seek(position)
    watched.frame.locator("#raw summary").click()
    assert watched.frame.evaluate("globalThis.broken") is None
    assert watched.text(".seat >> nth=0 >> .note").endswith('onerror="globalThis.broken = true"><!--')
    assert watched.frame.locator("img").count() == 0
    assert watched.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_may_be_loaded_or_run_beside_the_page(open_page: Open) -> None:
    watched = open_page("pong")
    blocked = watched.frame.evaluate(
        """async () => {
          const blocked = [];
          document.addEventListener('securitypolicyviolation', event => blocked.push(event.effectiveDirective));
          const script = document.createElement('script'); script.textContent = 'globalThis.broken = true'; document.body.append(script);
          const image = new Image(); image.src = 'http://127.0.0.1:9/x.png';
          await fetch('http://127.0.0.1:9/').catch(() => {});
          await new Promise(resolve => setTimeout(resolve, 0));
          return blocked.sort();
        }"""
    )
    assert blocked == ["connect-src", "img-src", "script-src-elem"]
    assert watched.frame.evaluate("globalThis.broken") is None
    # This once, the complaints are what was wanted.
    assert len(watched.complaints) >= 3
    watched.complaints.clear()
    watched.requests[:] = [url for url in watched.requests if "127.0.0.1:9/" not in url]


def test_without_javascript_the_result_can_be_read(open_page: Open) -> None:
    watched = open_page("pong", java_script_enabled=False)
    text = watched.text("header")
    assert "tracker vs dreamer" in text and "after 900 steps" in text and "JavaScript is switched off" in text


# Sizes


def test_seeking_far_decodes_one_block(open_page: Open, samples: Path) -> None:
    watched = open_page("long")
    assert watched.state("replay.length") == 100_001
    assert watched.state("replay.blocks.length") == math.ceil(100_000 / 1024)
    for position in [90_000, 12_345, 99_999, 50_000]:
        before = watched.state("replay.decodedBlocks")
        watched.seek(position)
        assert watched.state("replay.decodedBlocks") == before + 1
        assert watched.text("#place") == f"{position:,} / 100,000"
    watched.seek(50_001)
    assert watched.state("replay.decodedBlocks") == before + 1
    states = pong(samples / "long.mcap")
    watched.seek(90_000)
    assert watched.state("stage.game.numbers(arenaReplay.frame)") == [float(x) for x in states[89_999]]
    for position in range(0, 100_000, 5000):
        watched.seek(position)
    assert watched.state("replay.kept.size") <= 8


def test_it_works_in_a_sandboxed_frame_of_600_pixels(open_page: Open) -> None:
    for name in ("series", "connect_four", "spaces"):
        watched = open_page(name, (800, 600), in_frame=True)
        assert watched.frame.evaluate("origin") == "null"
        for selector in ("#stage", "#controls", "#play", "#position"):
            box = watched.frame.locator(selector).bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= 600, (name, selector, box)
        stage = watched.frame.locator("#stage").bounding_box()
        assert stage["height"] > 250 and stage["width"] > 380
        watched.frame.locator("#forward").click()
        watched.shows(1)
        watched.page.keyboard.press("ArrowRight")
        watched.shows(2)
        watched.frame.locator("#play").click()
        watched.until("arenaReplay.player.position > 3")
        assert watched.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
        watched.page.keyboard.press("?")
        assert watched.frame.locator("#help-dialog").is_visible()


@pytest.mark.parametrize("name", [*ALL, "empty"])
def test_a_phone_needs_no_sideways_scrolling(open_page: Open, name: str) -> None:
    watched = open_page(name, (360, 740), has_touch=True, is_mobile=True, device_scale_factor=2)
    assert watched.frame.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    for selector in ("#stage", "#position", "#play"):
        box = watched.frame.locator(selector).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] + box["height"] <= 740
    if name != "empty":
        watched.frame.locator("#forward").tap()
        watched.shows(1)


# Dark and light


def luminance(watched: Watched) -> float:
    return float(picture(watched, "body").mean())


def test_it_is_dark_and_light_as_the_system_is_and_as_people_want(open_page: Open) -> None:
    light = open_page("pong", color_scheme="light")
    dark = open_page("pong", color_scheme="dark")
    assert luminance(light) > 200 and luminance(dark) < 60
    light.frame.locator("#theme").click()
    assert luminance(light) < 60
    assert np.abs(picture(light, "#canvas")[5, 5] - colour(dark, "court")).max() < 6
    light.page.keyboard.press("t")
    assert luminance(light) > 200
    dark.page.emulate_media(color_scheme="light")
    assert luminance(dark) > 200
    # The canvas follows too.
    assert np.abs(picture(dark, "#canvas")[5, 5] - colour(light, "court")).max() < 6
