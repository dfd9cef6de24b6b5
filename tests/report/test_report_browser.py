"""Reports in a real browser, Debian's Chromium: nothing fails, nothing is loaded, everything is drawn and fits."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from support.rendered import NOTHING

from rmanalytics.support import resources

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"phone": 390, "desktop": 1280}
FITS = """() => [...document.querySelectorAll("main *")].filter((element) => {
  const box = element.getBoundingClientRect();
  const scrolls = element.closest(".box, details:not([open]), svg, .plotly, .modebar-container");
  return box.width && !scrolls && box.right > document.documentElement.clientWidth + 1;
}).map((element) => `${element.tagName}.${element.className}`)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser; where there is none these tests are skipped, but never by CI."""
    if not CHROMIUM:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium here: apt install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module", params=WIDTHS.values(), ids=WIDTHS)
def window(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A window as wide as a phone and as a desktop; opening one costs as much as a page."""
    opened = browser.new_context(viewport={"width": request.param, "height": 800})
    opened.new_page()  # keeps it open
    yield opened
    opened.close()


@pytest.fixture
def tab(window: BrowserContext) -> Iterator[Page]:
    """An empty tab of a window."""
    page = window.new_page()
    yield page
    page.close()


NO_FIGURE = "dlt_mismatches"
"""A page that has nothing to draw, as all messages of these tests match: a sentence says so."""


def opened(tab: Page, path: Path) -> list[str]:
    """Open the page; return what went wrong in it, and what it asked of any network."""
    faults: list[str] = []
    tab.on("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("request", lambda asked: faults.append(asked.url) if _is_remote(asked.url) else None)
    tab.goto(path.as_uri())
    tab.wait_for_load_state("networkidle")
    return faults


def _is_remote(url: str) -> bool:
    return not url.startswith(("file:", "data:", "blob:"))


@pytest.mark.parametrize("notebook", [path.stem for path in resources.notebooks()])
def test_page(notebook: str, tab: Page, pages: Path) -> None:
    """A page has no error, asks no network, draws each of its figures, and is not wider than the screen."""
    assert opened(tab, pages / f"{notebook}--all-campaigns.html") == []
    figures = tab.locator(".figure")
    assert (figures.count() > 0) == (notebook != NO_FIGURE)
    for place in range(figures.count()):
        figures.nth(place).scroll_into_view_if_needed()
        figures.nth(place).locator("svg.main-svg").first.wait_for()
        assert figures.nth(place).locator("svg.main-svg").first.bounding_box()["height"] > 50
    assert tab.evaluate(FITS) == []
    assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("notebook", [path.stem for path in resources.notebooks()])
def test_page_about_nothing(notebook: str, tab: Page, pages: Path) -> None:
    """A page about an empty selection says so, without an error and without a figure."""
    assert opened(tab, pages / f"{notebook}--{NOTHING}.html") == []
    assert tab.locator(".empty").first.is_visible()
    assert tab.locator("svg.main-svg").count() == 0


def test_index(tab: Page, pages: Path) -> None:
    """The index leads to every page, and its filter leaves what was asked for."""
    assert opened(tab, pages / "index.html") == []
    rows = tab.locator("tbody tr")
    assert rows.count() == 2 * len(resources.notebooks())
    tab.locator(".search").fill(f"{NOTHING} did the messages")
    assert rows.locator("visible=true").count() == 1
    rows.locator("visible=true").locator("a").first.click()
    assert tab.locator("h1").inner_text() == "Did the messages arrive?"
    assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_definitions_are_one_click_away(tab: Page, pages: Path) -> None:
    """One click on a page shows what every state means."""
    opened(tab, pages / "campaign_delivery--all-campaigns.html")
    tab.locator("#definitions summary").click()
    assert "reported delivered" in tab.locator("#definitions").inner_text()
