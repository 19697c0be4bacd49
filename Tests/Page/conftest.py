"""Replays with their pages, and a browser to look at them with."""

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Frame, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of replays and their pages, freshly written."""
    folder = tmp_path_factory.mktemp("pages")
    subprocess.run([ROOT / ".build/debug/PageSamples", folder], check=True, timeout=300)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a screen."""
    with sync_playwright() as playwright:
        # Its own sandbox does not start as root, which tests in containers are run as.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page in a browser, and everything that must not happen in it."""

    page: Page
    frame: Frame
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def state(self, expression: str) -> Any:
        """A member of the page's own object."""
        return self.frame.evaluate(f"arenaReplay.{expression}")

    @property
    def position(self) -> int:
        return self.state("player.position")

    def until(self, condition: str) -> None:
        """Waits until a condition in JavaScript has come true, for at most half a minute."""
        # The page's policy forbids the evaluation of text from within, on which Playwright's own waiting relies.
        deadline = time.monotonic() + 30
        while not self.frame.evaluate(condition):
            assert time.monotonic() < deadline, f"it never came true that {condition}"
            self.page.wait_for_timeout(10)

    def shows(self, position: int) -> None:
        """Waits until a position is to be seen."""
        self.until(f"arenaReplay.frame?.position === {position}")

    def seek(self, position: int) -> None:
        """Goes to a position without anybody's hands."""
        self.frame.evaluate("position => arenaReplay.seek(position)", position)
        self.shows(position)

    def text(self, selector: str) -> str:
        return self.frame.locator(selector).inner_text()


Open = Callable[..., Watched]


@pytest.fixture
def open_page(browser: Browser, samples: Path) -> Iterator[Open]:
    """Opens a sample's page without a network. Whatever it complains about or asks a network for fails the test."""
    contexts: list[BrowserContext] = []
    opened: list[Watched] = []

    def open_page(name: str, size: tuple[int, int] = (1280, 860), *, in_frame: bool = False, **options: Any) -> Watched:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        watched = Watched(page, page.main_frame)
        opened.append(watched)

        def hear(message: ConsoleMessage) -> None:
            watched.complaints.append(f"{message.type}: {message.text}")

        page.on("console", hear)
        page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        page.on("request", lambda request: watched.requests.append(request.url))
        path = samples / f"{name}.html"
        if in_frame:
            page.set_content(
                '<body style="margin:0"><iframe sandbox="allow-scripts" style="border:0;width:100%;height:600px"></iframe>'
            )
            page.evaluate("text => { document.querySelector('iframe').srcdoc = text; }", path.read_text())
            page.frame_locator("iframe").locator("html[data-state]").wait_for()
            watched.frame = page.frames[1]
        else:
            page.goto(path.as_uri())
        if options.get("java_script_enabled", True):
            watched.until("document.documentElement.dataset.state === 'ready'")
        return watched

    yield open_page
    for watched in opened:
        assert watched.complaints == []
        assert [url for url in watched.requests if not url.startswith(("file:", "data:", "blob:", "about:"))] == []
    for context in contexts:
        context.close()
