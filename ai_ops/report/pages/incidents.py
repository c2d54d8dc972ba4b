"""Incidents and runbooks, when there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Bullets, Cell, Section

if TYPE_CHECKING:
    from ai_ops.report.service_report import Report


def incidents_section(report: Report) -> Section | None:
    """One line an incident; None without any."""
    return _lines("incidents", "Incidents", report.incidents)


def runbooks_section(report: Report) -> Section | None:
    """One line a runbook that was proposed or ran; None without any."""
    return _lines("runbooks", "Runbooks", report.runbooks)


def _lines(name: str, title: str, lines: tuple[str, ...]) -> Section | None:
    return Section(name, title, (Bullets(tuple(Cell(line) for line in lines)),)) if lines else None
