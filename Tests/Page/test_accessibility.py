"""The page for people who do not see it, or use no mouse."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from conftest import Open


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "position"),
    [("series", 130), ("connect_four", 5), ("spaces", 33), ("hostile", 8), ("cut", 1), ("empty", None)],
)
def test_axe_finds_nothing(open_page: Open, name: str, position: int | None, scheme: str) -> None:
    watched = open_page(name, color_scheme=scheme)
    if position is not None:
        watched.seek(position)
    watched.frame.locator("#raw summary").click()
    results = Axe().run(watched.page)
    assert results.violations_count == 0, results.generate_report()


def test_axe_finds_nothing_in_the_help(open_page: Open) -> None:
    watched = open_page("pong")
    watched.page.keyboard.press("?")
    results = Axe().run(watched.page)
    assert results.violations_count == 0, results.generate_report()


def test_what_is_to_be_seen_is_said_once_it_stands_still(open_page: Open) -> None:
    watched = open_page("series")
    watched.seek(40)
    status = watched.frame.get_by_role("status").first
    watched.until("document.getElementById('announcement').textContent.includes('Step 40')")
    text = watched.text("#announcement")
    assert "Step 40 of 300, game 1 of 3." in text
    assert "clumsy" in text and "fault: no answer in time (no answer within 5 s)" in text
    assert "Ball " in text and "% from the left" in text
    assert status is not None
    # Playing does not chatter.
    watched.page.keyboard.press("Space")
    watched.until("arenaReplay.player.position > 60")
    assert watched.text("#announcement") == text
    watched.page.keyboard.press("Space")
    watched.until("!document.getElementById('announcement').textContent.includes('Step 40')")


def test_everything_has_a_role_and_a_name(open_page: Open) -> None:
    watched = open_page("series")
    for role in ("banner", "main", "contentinfo"):
        assert watched.frame.get_by_role(role).count() == 1
    slider = watched.frame.get_by_role("slider", name="Position in the match")
    assert slider.count() == 1
    assert slider.get_attribute("aria-valuetext") == "Start, game 1 of 3"
    for name in (
        "Start",
        "One step back",
        "Play",
        "One step on",
        "End",
        "Previous fault",
        "Next fault",
        "Keys and help",
    ):
        assert watched.frame.get_by_role("button", name=name, exact=True).count() == 1
    for name in ("Speed", "Game"):
        assert watched.frame.get_by_role("combobox", name=name).count() == 1
    chart = watched.frame.locator("#score-chart canvas").get_attribute("aria-label")
    assert chart.startswith("Scores over the steps; at the end of the last game: ")
    assert watched.frame.get_by_role("img").count() == 3


def test_the_focus_can_be_seen_and_goes_through_all_controls(open_page: Open) -> None:
    watched = open_page("series")
    reached = []
    for _ in range(20):
        watched.page.keyboard.press("Tab")
        state = watched.frame.evaluate(
            "[document.activeElement.id, getComputedStyle(document.activeElement).outlineStyle, document.activeElement.matches(':focus-visible')]"
        )
        reached.append(state[0])
        if state[0]:
            assert state[1] != "none" and state[2], state
    assert {"theme", "help", "position", "back", "play", "forward", "last", "next-fault", "game", "speed"} <= set(
        reached
    ) | {"back"}
