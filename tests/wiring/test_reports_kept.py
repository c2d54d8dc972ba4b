"""Which reports are remembered."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ai_ops.wiring.report.kept import forget_old

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four days of a report of 100 bytes, one of three days, a week's brief, and a file of a person's."""
    for day in (17, 18, 19, 20):
        (tmp_path / f"daily_report_202611{day}.json").write_bytes(b"x" * 100)
    (tmp_path / "daily_report_20261118-3d.md").write_bytes(b"x" * 100)
    (tmp_path / "weekly_brief_20261116.md").write_bytes(b"x" * 100)
    (tmp_path / "notes.json").write_bytes(b"x" * 100)
    return tmp_path


def names(folder: Path) -> list[str]:
    """What is left."""
    return sorted(path.name for path in folder.iterdir())


def test_reports_of_days_long_gone_leave(folder: Path) -> None:
    """Whatever their kind; what is no report stays (S001-43, H33)."""
    forget_old(folder, TODAY, kept_days=2)
    assert names(folder) == ["daily_report_20261119.json", "daily_report_20261120.json", "notes.json"]


def test_the_oldest_leave_where_there_is_no_room_for_all(folder: Path) -> None:
    """Reports of five hundred services are so large that a month of them would slow every run down (H33)."""
    forget_old(folder, TODAY, kept_days=35, most_bytes=250)
    assert names(folder) == ["daily_report_20261119.json", "daily_report_20261120.json", "notes.json"]


def test_the_newest_report_stays_however_large_it_is(folder: Path) -> None:
    """It is read with jq where it is said to be (S001-66)."""
    forget_old(folder, TODAY, kept_days=35, most_bytes=10)
    assert names(folder) == ["daily_report_20261120.json", "notes.json"]
