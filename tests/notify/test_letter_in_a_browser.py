"""The HTML of a letter as Chromium shows it: in a window, on a phone, and when the reader likes it dark."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from messages import png
from page_checks import cut_off, too_faint, too_small, too_wide
from report_days import MORNINGS

from ai_ops.domain.document import Figure
from ai_ops.domain.message import Picture
from ai_ops.notify.email.html import mail_html
from ai_ops.report.message.message import message_for
from ai_ops.report.pages.document import document_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # a clean machine fetches the browser first

WINDOW, READING_PANE, PHONE = 1200, 600, 360
SHOWN = "data:image/png;base64," + base64.b64encode(png(size=808)).decode()


@pytest.fixture(scope="module", params=["bad-day", "weekly-brief"])
def letter(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A letter whose pictures have the size of charts."""
    report = MORNINGS[request.param]().report
    document = document_of(report)
    names = [block.name for section in document.sections for block in section.blocks if isinstance(block, Figure)]
    pictures = tuple(Picture(name, f"what {name} shows", png(size=808)) for name in names)
    page = browser.new_page()
    page.set_content(mail_html(message_for(report, document, pictures=pictures), dict.fromkeys(names, SHOWN), str))
    yield page
    page.close()


@pytest.mark.parametrize("width", [WINDOW, READING_PANE, PHONE])
def test_a_letter_fits_and_its_words_can_be_read(letter: Page, width: int) -> None:
    """A mail program zooms out of what is wider than a phone, until nobody can read it."""
    letter.set_viewport_size({"width": width, "height": 900})
    assert too_wide(letter) + cut_off(letter) + too_small(letter, 12.0) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_of_a_letter_stands_out(letter: Page, scheme: str) -> None:
    """It brings its own white ground, so that its colours are never mixed with those of the program."""
    letter.emulate_media(color_scheme=scheme)
    assert too_faint(letter) == []


def test_a_chart_in_a_letter_is_no_larger_than_it_was_drawn_for(letter: Page) -> None:
    """Its words are those of the page beside it, not of a poster; on a phone it takes the room that there is."""
    letter.set_viewport_size({"width": WINDOW, "height": 900})
    widths = letter.locator("img").evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
    assert set(widths) == {404}
    letter.set_viewport_size({"width": PHONE, "height": 900})
    widths = letter.locator("img").evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
    assert all(300 < one <= PHONE for one in widths)


def test_axe_finds_no_fault_in_a_letter(letter: Page) -> None:
    """By WCAG 2.2 AA; a letter has no landmarks, for the program that shows it has its own."""
    letter.set_viewport_size({"width": PHONE, "height": 900})
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
    found = Axe().run(letter, options=rules).response
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert {"target-size", "image-alt", "html-has-lang"} <= {one["id"] for one in found["passes"]}
