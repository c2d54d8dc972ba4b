"""What the product itself writes holds no personal data, so nothing of it may be taken for some (H11)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from golden import GOLDEN
from report_days import MORNINGS

import ai_ops
from ai_ops.personal_data import without_personal_data
from ai_ops.redact import redact
from ai_ops.store.ledger_lines import GENESIS, seal

PACKAGE = Path(ai_ops.__file__).parent
ROOT = PACKAGE.parent
PAGES = (
    *ROOT.glob("*.md"),
    *ROOT.glob("docs/**/*.md"),
    *ROOT.glob("docs/**/*.svg"),
    *ROOT.glob(".github/workflows/*.yml"),
)
EXAMPLE = re.compile(r"[\w.+-]+@(?:[\w-]+\.)*example\.(?:com|org)|[a-z]+://[^\s`/]*@[^\s`]*")
"""Somebody's address to show how one is written: an e-mail address (RFC 2606), a service with a login."""
DATA = [path for path in PACKAGE.glob("config/**/*") if path.suffix in {".yaml", ".json", ".html", ".css", ".yml"}]


@pytest.mark.parametrize("day", sorted(MORNINGS))
def test_a_report_of_ours_is_left_alone(day: str) -> None:
    """In every rendering, letter by letter: figures, ids, times, money, charts."""
    files = sorted((GOLDEN / day).iterdir())
    assert len(files) >= 5
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert redact(text) == text, file.name


@pytest.mark.parametrize("day", ["bad-day", "first-day"])
def test_decisions_of_ours_are_left_alone(day: str) -> None:
    """What the ledger keeps is what was decided."""
    for service in MORNINGS[day]().services:
        for episode in service.episodes:
            kept, written = (seal(episode, 1, GENESIS, clean).content for clean in (redact, str))
            assert json.dumps(kept, default=str) == json.dumps(written, default=str)


def test_pages_and_settings_of_ours_are_left_alone() -> None:
    """They hold examples of nearly everything that an operator reads and writes."""
    assert len(PAGES) > 20
    assert len(DATA) >= 5
    for file in (*PAGES, *DATA):
        for line in EXAMPLE.sub("somebody", file.read_text(encoding="utf-8")).splitlines():
            assert without_personal_data(line) == line, file.name
