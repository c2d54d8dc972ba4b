"""requirements.md tells the truth: its tests exist, and every id that a test names is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DOC = (TESTS.parent / "docs/ai_ops/requirements.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in DOC.splitlines() if re.match(r"\| [SRH]\d", line)
]
IDS = {row[0] for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_test_of_a_promise_exists(row):
    """A promise without a test is marked as open."""
    if row[3] == "-":
        assert row[2].startswith("open")
        return
    path, _, name = row[3].strip("`").partition("::")
    assert f"def {name}" in (TESTS / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_place_of_a_promise_exists(row):
    """Every path in the third column leads somewhere."""
    for path in re.findall(r"`((?:ai_ops|\.github)/[\w./-]+)`", row[2]):
        assert (TESTS.parent / path).exists(), path


def test_every_id_that_a_test_names_is_listed():
    """Nobody meets an id that is explained nowhere."""
    named = set()
    for file in TESTS.rglob("test_*.py"):
        named |= set(re.findall(r"S00\d-\d{2,3}|\b[RH]\d{1,2}\b(?=[,)])", file.read_text(encoding="utf-8")))
    assert named - IDS == set()
