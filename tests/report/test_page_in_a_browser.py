"""The page of a report as Chromium shows it: wide, on a phone and on paper, light and dark, for eyes, keys and ears."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from page_checks import cut_off, leading_nowhere, on_each_other, too_faint, too_small, too_wide
from whole_pages import fifty_services, hostile_words, one_service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # a clean machine fetches the browser first

PAGES = {
    "quiet day": partial(one_service, "quiet-day"),
    "bad day": partial(one_service, "bad-day"),
    "first day": partial(one_service, "first-day"),
    "fifty services": fifty_services,  # five of which are told in full
    "hostile words": hostile_words,
}
DESK, TABLET, PHONE, NARROWEST, PAPER = 1200, 768, 360, 320, 718
"""Widths in CSS pixels: WCAG asks that nothing is lost at 320, and A4 has 718 between the margins of a browser."""

READABLE_ON_A_PHONE = 10.0
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

WATCH = "addEventListener('securitypolicyviolation', (one) => console.error(`refused: ${one.violatedDirective}`))"
PAPERS = {"light": "fbfaf7", "dark": "171614"}


@dataclass
class Shown:
    """A page that a browser shows, and what the browser said of it."""

    name: str
    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def at(self, width: int, scheme: str = "light", media: str = "screen") -> Page:
        """The same page, looked at in another way."""
        self.page.emulate_media(color_scheme=scheme, media=media)
        self.page.set_viewport_size({"width": width, "height": 900})
        return self.page


def opened(browser: Browser, name: str, file: Path) -> Shown:
    """Show a file in a browser of its own, and write down what happens."""
    context = browser.new_context()
    shown = Shown(name, context.new_page())
    shown.page.add_init_script(WATCH)
    shown.page.on("request", lambda one: shown.requests.append(one.url))
    shown.page.on("console", lambda one: shown.complaints.append(one.text))
    shown.page.on("pageerror", lambda one: shown.complaints.append(str(one)))
    shown.page.on("dialog", lambda one: shown.complaints.append(one.message))
    shown.page.goto(file.as_uri())
    return shown


@pytest.fixture(scope="module", params=PAGES)
def shown(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    """Each page, shown once for all tests."""
    file = tmp_path_factory.mktemp("pages") / "report.html"
    file.write_text(PAGES[request.param](), encoding="utf-8")
    it = opened(browser, request.param, file)
    yield it
    it.page.context.close()


@pytest.fixture(scope="module")
def bad_day(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The page with most on it, for what is the same on every page."""
    file = tmp_path_factory.mktemp("pages") / "report.html"
    file.write_text(PAGES["bad day"](), encoding="utf-8")
    it = opened(browser, "bad day", file)
    yield it
    it.page.context.close()


def test_it_asks_nobody_and_nothing_in_it_is_refused(shown: Shown) -> None:
    """One request, for the file itself; no script, no picture from elsewhere, no word in the browser's log (H06)."""
    assert shown.requests == [shown.page.url]
    assert shown.complaints == []
    assert leading_nowhere(shown.page) == []


@pytest.mark.parametrize("width", [DESK, TABLET, PHONE, NARROWEST])
def test_nothing_is_too_wide_cut_off_or_on_something_else(shown: Shown, width: int) -> None:
    """Nobody scrolls sideways, whatever a metric is called."""
    page = shown.at(width)
    assert too_wide(page) + cut_off(page) + on_each_other(page) == []


@pytest.mark.parametrize("scheme", PAPERS)
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_every_word_stands_out_from_what_lies_below_it(shown: Shown, width: int, scheme: str) -> None:
    """4.5 to 1 by WCAG 2.2 AA, in charts as well, where axe does not look."""
    assert too_faint(shown.at(width, scheme)) == []


def test_every_word_can_be_read_on_a_phone(shown: Shown) -> None:
    """Charts are drawn smaller there, their letters with them."""
    assert too_small(shown.at(PHONE), READABLE_ON_A_PHONE) == []


def test_axe_finds_no_fault_on_any_page(shown: Shown) -> None:
    """Names, roles, headings, landmarks, tables and touch targets; contrast is judged above."""
    found = judged_by_axe(shown.at(PHONE), with_contrast=False)
    assert faults(found) == []
    assert found["incomplete"] == []
    assert {"target-size", "heading-order", "landmark-one-main"} <= {one["id"] for one in found["passes"]}


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_axe_finds_no_fault_in_the_contrast_either(bad_day: Shown, width: int, scheme: str) -> None:
    """What it leaves open, words of one letter and those of charts, is judged above."""
    found = judged_by_axe(bad_day.at(width, scheme), with_contrast=True)
    assert faults(found) == []
    assert {one["id"] for one in found["incomplete"]} == {"color-contrast"}
    assert "color-contrast" in {one["id"] for one in found["passes"]}


def judged_by_axe(page: Page, *, with_contrast: bool) -> dict[str, Any]:
    """What axe says of a page; the contrast of hundreds of services takes it a minute."""
    options = {
        "runOnly": AXE_RULES,
        "rules": {"color-contrast": {"enabled": with_contrast}},
        "resultTypes": ["violations", "incomplete"],  # to list all that is well takes it ten times as long
    }
    response: dict[str, Any] = Axe().run(page, options=options).response
    return response


def faults(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Each rule that is broken, with the first place."""
    return [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]


def test_on_paper_it_is_dark_on_white_and_whole(shown: Shown) -> None:
    """Whoever reads by night prints on white paper too."""
    page = shown.at(PAPER, "dark", media="print")
    assert too_wide(page) + cut_off(page) + too_faint(page) == []
    assert colour_at(page, 2, 2) == "ffffff"


@pytest.mark.parametrize("scheme", PAPERS)
def test_it_is_light_or_dark_as_the_reader_likes(bad_day: Shown, scheme: str, tmp_path: Path) -> None:
    """Ground and charts alike; the pictures are left for somebody to look at."""
    for width in (DESK, PHONE):
        page = bad_day.at(width, scheme)
        page.screenshot(path=tmp_path / f"{scheme}-{width}.png", full_page=True)
        assert colour_at(page, 2, 2) == PAPERS[scheme]
        assert (
            len(set(page.locator("svg text").evaluate_all("all => all.map((one) => getComputedStyle(one).fill)"))) > 1
        )


@pytest.mark.parametrize(
    ("width", "style"),
    [
        (DESK, "html { font-size: 200% }"),
        (DESK // 2, "html { zoom: 1 }"),
        (
            PHONE,
            "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }",
        ),
    ],
    ids=["letters twice as large", "zoomed to 200 %", "letters further apart"],
)
def test_nothing_is_lost_for_who_needs_larger_or_looser_letters(bad_day: Shown, width: int, style: str) -> None:
    """WCAG 1.4.4, 1.4.10 and 1.4.12."""
    page = bad_day.at(width)
    added = page.add_style_tag(content=style)
    assert too_wide(page) == []
    assert [one for one in cut_off(page) if "leaves its chart" not in one] == []
    added.evaluate("one => one.remove()")


def test_a_keyboard_reaches_every_link_in_order_and_sees_where_it_is(bad_day: Shown) -> None:
    """First the one that skips to the report; nothing that has the focus is hidden or without an outline."""
    page = bad_day.at(DESK)
    links = page.locator("a").evaluate_all("all => all.map((one) => one.href)")
    assert len(links) > 100
    seen = []
    for _ in links:
        page.keyboard.press("Tab")
        href, width, height, top, outline, style = page.evaluate(
            """() => {
              const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
              return [one.href, box.width, box.height, box.top, parseFloat(style.outlineWidth), style.outlineStyle];
            }"""
        )
        assert width > 5, href
        assert height > 5, href
        assert -1 <= top < 900, href
        assert (outline >= 2, style) == (True, "solid"), href
        seen.append(href)
    assert seen == links
    assert seen[0].endswith("#main")


def test_a_figure_leads_to_its_evidence_and_back(bad_day: Shown) -> None:
    """The evidence comes into sight and is marked; the way back is the browser's own (H45)."""
    page = bad_day.at(PHONE)
    figure = page.locator("table a.figure").first
    figure.click()
    target = page.locator(f"[id='{figure.get_attribute('href')[1:]}']")
    box = target.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 900
    assert target.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(243, 240, 233)"
    page.go_back()
    assert not page.url.partition("#")[2]


FAULTY = """<!doctype html><html lang="en"><head><title>faulty</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"></head>
<body style="background: #fff"><p style="width: 2000px">too wide</p><p style="color: #999">too faint</p>
<p style="font-size: 8px">too small</p><a href="#nowhere">nowhere</a>
<p style="overflow: hidden; width: 20px; white-space: nowrap">cut off</p>
<script>alert(1)</script><img src="https://example.com/pixel.png" alt="">
<svg viewBox="0 0 100 100" width="200" role="img" aria-label="x"><rect width="100" height="50" fill="#222222"/>
<text x="10" y="30" font-size="12" fill="#333333">on dark</text>
<text x="12" y="32" font-size="12" fill="#eeeeee">on text</text>
<text x="90" y="80" font-size="12" fill="#333333">outside</text></svg></body></html>"""


def test_each_check_finds_its_fault(browser: Browser, tmp_path: Path) -> None:
    """A check that never complains proves nothing."""
    file = tmp_path / "faulty.html"
    file.write_text(FAULTY, encoding="utf-8")
    shown = opened(browser, "faulty", file)
    page = shown.at(PHONE)
    assert any("too wide" in one for one in too_wide(page))
    assert [re.sub(r"<.*?> ", "", one) for one in too_small(page, 10.0)] == ['"too small" is 8.0 px']
    faint = " ".join(too_faint(page))
    assert "too faint" in faint
    assert "on dark" in faint
    assert "too small" not in faint
    assert any("outside" in one for one in cut_off(page))
    assert any("cut off" in one for one in cut_off(page))
    assert [one for one in on_each_other(page) if "on text" in one]
    assert leading_nowhere(page) == ['<a> "nowhere" leads to #nowhere']
    page.wait_for_timeout(100)
    assert {one for one in shown.complaints if one.startswith("refused")} == {
        "refused: script-src-elem",
        "refused: img-src",
    }
    page.context.close()


def colour_at(page: Page, x: int, y: int) -> str:
    """Colour of one pixel of the screen, as six digits."""
    picture = page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
    return zlib.decompress(b"".join(chunks(picture, b"IDAT")))[1:4].hex()


def chunks(png: bytes, kind: bytes) -> Iterator[bytes]:
    """The parts of one kind of a PNG."""
    at = len(b"\x89PNG\r\n\x1a\n")
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        if name == kind:
            yield png[at + 8 : at + 8 + length]
        at += length + 12
