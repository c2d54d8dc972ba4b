"""The demo's service as the documents show it: what `neuropilot demo` leaves, and the report of the morning after."""

from __future__ import annotations

import shutil
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from repositories import isolate

from ai_ops.cli.demo import NOW, demo
from ai_ops.cli.report_run import Request as Wanted
from ai_ops.cli.report_run import run_report
from ai_ops.cli.services import Wish, run_services
from ai_ops.cli.training_run import Request, run_training
from ai_ops.domain.message import MessageKind
from ai_ops.wiring.models.lesson import Wish as Lesson
from ai_ops.wiring.session import Place

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = datetime(2026, 11, 20, 3, 20, tzinfo=UTC)
MORNING = datetime(2026, 11, 20, 9, 17, tzinfo=UTC)
"""When the schedule trains, and when it makes the first report, after the demo's own cycle."""


@dataclass(frozen=True)
class DemoMorning:
    """The demo's repository on the morning after, and what `neuropilot report --apply` said there."""

    folder: Path
    text: str

    @property
    def report(self) -> Path:
        """The report without its ending."""
        return self.folder / f"ai_ops/reports/daily_report_{MORNING:%Y%m%d}"


def place(folder: Path, at: datetime) -> Place:
    """The agent in the demo's repository, at a moment of ours; it has nothing to warn of."""
    return Place(folder, None, {}, lambda: at, pytest.fail)


def make_demo(folder: Path) -> Path:
    """Do as `neuropilot demo --folder` does."""
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch)
        assert demo(folder) == 0
    return folder


def make_morning(made: Path, folder: Path) -> DemoMorning:
    """Go on from a copy of the demo `made`: two more cycles, a training in the night, and the report."""
    shutil.copytree(made, folder, symlinks=True)
    said = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
        isolate(patch)
        assert run_services(place(folder, NOW + timedelta(hours=6)), Wish(is_acting=True)) == 0
        assert run_training(place(folder, NIGHT), Request(Lesson(), is_keeping=True)) == 0
        assert run_services(place(folder, NOW + timedelta(hours=12)), Wish(is_acting=True)) == 0
        said.seek(said.truncate(0))
        assert run_report(place(folder, MORNING), Wanted(MessageKind.DAILY_REPORT, 1, is_keeping=True)) == 0
    return DemoMorning(folder, said.getvalue())
