"""What weeks in closed loop came to, as a table for a person and as JSON values for a program."""

from __future__ import annotations

from dataclasses import asdict
from io import StringIO
from typing import TYPE_CHECKING, Any

from ai_ops import __version__
from ai_ops.cli.words import change_in_words
from ai_ops.domain.tuning import Thresholds
from ai_ops.tune.changes import changes_between

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.table import Table

    from ai_ops.domain.simulation import Course, Simulation, Standing

WIDTH = 96
"""Columns of the table: it reads the same in a terminal, in a log and in a pull request."""


def document(simulation: Simulation, chart: Path | None) -> dict[str, Any]:
    """Everything, as JSON values."""
    return {
        "version": __version__,
        "exit_code": 0,
        "error": None,
        "simulation": {
            "profile": simulation.profile,
            "traffic": simulation.traffic,
            "seed": simulation.seed,
            "days": simulation.days,
            "sla_target_percent": simulation.sla_target_percent,
            "is_simulated": True,
            "notes": list(simulation.notes),
            "saving": simulation.saving,
            "courses": [_course(simulation, one) for one in simulation.courses],
            "standing": [_standing(one) for one in simulation.standing],
        },
        "chart": None if chart is None else str(chart),
    }


def write_table(simulation: Simulation) -> str:
    """Which simulation it was, one row for each course, the changes, and what it came to."""
    from rich.console import Console

    page = StringIO()
    console = Console(file=page, width=WIDTH, color_system=None, highlight=False, markup=False)
    for line in _opening(simulation):
        console.print(line, soft_wrap=True)
    console.print(_table(simulation))
    for line in _changes(simulation):
        console.print(line, soft_wrap=True)
    console.print(verdict(simulation), soft_wrap=True)
    return page.getvalue().rstrip()


def verdict(simulation: Simulation) -> str:
    """The conclusion in a sentence, honest about the start."""
    target, saved = simulation.sla_target_percent, simulation.saving
    kept = "was kept" if simulation.is_kept(simulation.tuned) else "was broken"
    money = f"{abs(saved):.0%} {'less' if saved >= 0 else 'more'}"
    start = "" if simulation.is_kept(simulation.untouched) else ", which broke it"
    return f"Verdict: the promise of {target:g} % {kept}, at {money} than the untouched settings{start}"


def _opening(simulation: Simulation) -> Iterator[str]:
    yield (
        f"Simulated: service {simulation.profile}, traffic {simulation.traffic}, {simulation.days} days behind two "
        f"weeks of history, seed {simulation.seed}; nothing of yours was measured"
    )
    yield from simulation.notes


def _table(simulation: Simulation) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for name in ("cost", "to untouched", "good", "bad days", "changes"):
        table.add_column(name, justify="right")
    for course in simulation.courses:
        table.add_row(
            course.name,
            f"{course.total_cost:.2f}",
            f"{course.total_cost / max(simulation.untouched.total_cost, 1e-12) - 1.0:+.1%}",
            f"{course.good_percent:.3f} %",
            str(course.bad_days(simulation.sla_target_percent)),
            str(len(simulation.standing) - 1) if course is simulation.tuned else "",
        )
    return table


def _changes(simulation: Simulation) -> Iterator[str]:
    for before, after in simulation.changes():
        moved = "; ".join(change_in_words(one) for one in changes_between(before.thresholds, after.thresholds))
        yield f"day {after.day:4.1f}  {moved}{' (urgent)' if after.is_urgent else ''}"


def _course(simulation: Simulation, course: Course) -> dict[str, Any]:
    return {
        **asdict(course),
        "total_cost": course.total_cost,
        "good_percent": course.good_percent,
        "burn": course.burns(simulation.sla_target_percent),
        "bad_days": course.bad_days(simulation.sla_target_percent),
    }


def _standing(standing: Standing) -> dict[str, Any]:
    from pydantic import TypeAdapter

    thresholds = TypeAdapter(Thresholds).dump_python(standing.thresholds, mode="json")["values"]
    return {"day": standing.day, "is_urgent": standing.is_urgent, "thresholds": thresholds}
