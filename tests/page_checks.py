"""What is wrong with a page that a real browser shows: too wide, cut off, too small, too faint, leading nowhere.

Each check returns complaints in words; a page that is well has none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

_CHECKS = Path(__file__).with_suffix(".js").read_text("utf-8")


def too_wide(page: Page) -> list[str]:
    """What a person would have to scroll sideways for."""
    return _ask(page, "tooWide()")


def cut_off(page: Page) -> list[str]:
    """Words that leave their chart, and boxes that hold more than they show."""
    return _ask(page, "cutOff()")


def on_each_other(page: Page) -> list[str]:
    """Words of a chart that lie on other words."""
    return _ask(page, "onEachOther()")


def too_small(page: Page, least: float) -> list[str]:
    """Texts of fewer CSS pixels, those of charts as they are scaled."""
    return _ask(page, f"tooSmall({least})")


def too_faint(page: Page, least: float = 4.5) -> list[str]:
    """Texts with less contrast to what lies below them, by WCAG 2; in a chart, to the worst that lies below."""
    return _ask(page, f"tooFaint({least})")


def leading_nowhere(page: Page) -> list[str]:
    """Links of the page to itself that have no target."""
    return _ask(page, "leadingNowhere()")


def _ask(page: Page, check: str) -> list[str]:
    found: Any = page.evaluate(f"() => {{ {_CHECKS}\n return {check}; }}")
    return [str(one) for one in found]
