"""Every rendering of six mornings and a week, letter by letter as it was read and found good.

What a reader sees has changed on purpose? `python tests/renew_golden.py` writes the files anew; read what changed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from golden import GOLDEN, RENEW, renderings
from renew_golden import renew
from report_days import MORNINGS

from ai_ops.domain.message import MessageKind

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    *("report.json", "report.md", "report.txt", "summary.md", "report.html"),
    *("message.json", "slack.json", "notion.json"),
)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("day", MORNINGS)
def test_a_report_reads_as_it_was_found_good(day: str, name: str) -> None:
    """S001-26 to S001-31, S001-34, S001-43, S000-06: nothing that people read changes by the way."""
    golden = (GOLDEN / day / name).read_text(encoding="utf-8")
    assert renderings(day)[name].splitlines() == golden.splitlines(), f"wanted? {RENEW}"


def test_renewed_golden_files_are_those_that_are_checked_in(tmp_path: Path) -> None:
    """One command writes all of them, letter by letter, and none is left from before."""
    renew(tmp_path)
    assert contents(tmp_path) == contents(GOLDEN)
    assert {*contents(GOLDEN)} == {f"{day}/{name}" for day in MORNINGS for name in FILES}


def test_the_mornings_are_what_they_are_called() -> None:
    """A golden file of a bad day that is none proves nothing."""
    said = {day: json.loads(renderings(day)["report.json"]) for day in MORNINGS}
    assert [said[day]["tone"] for day in ("quiet-day", "bad-day")] == ["good", "bad"]
    assert said["quiet-day"]["services"][0]["alarms"] == []
    assert said["bad-day"]["services"][0]["slo"]["burn"] > 1.0
    assert all(trend["before"] is None for trend in said["first-day"]["services"][0]["trends"])
    assert len(said["day-with-gaps"]["services"][0]["unknown"]) == 4
    assert said["month-boundary"]["services"][0]["cost"]["hours_elapsed"] == 1.0
    assert said["turned-clock"]["span"]["hours"] == 25.0
    assert said["weekly-brief"]["kind"] == MessageKind.WEEKLY_BRIEF
    assert len(said["weekly-brief"]["services"]) == 3


def contents(folder: Path) -> dict[str, bytes]:
    """Of every file below `folder`, by its path in it."""
    return {f"{one.relative_to(folder)}": one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}
