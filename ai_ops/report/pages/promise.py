"""How the promise to the users is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Figure, Paragraph, Section, Table
from ai_ops.domain.figure import figure
from ai_ops.report.pages.tones import budget_tone
from ai_ops.report.pages.words import percent, percent_beside, period
from ai_ops.report.service.slo_words import how_long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service.said import SloStanding
    from ai_ops.report.service_report import ServiceReport

DAYS = 30
"""Over which the error budget is counted."""


def promise_section(service: ServiceReport, span: ReportSpan) -> Section:
    """Say it in a sentence; below it the figures, and how the error budget was spent."""
    slo = service.slo
    blocks: list[Block] = [Paragraph(slo.words, slo.evidence.id, budget_tone(slo))]
    rows = tuple((Cell(label), Cell(value, slo.evidence.id)) for label, value in _figures(slo, span))
    blocks.append(Table(f"The promise of {service.service} in figures", ("figure", "value"), rows))
    if slo.budget_left_ratio is not None:
        blocks.append(_picture(service.service, slo.budget_left_ratio))
    return Section(f"{service.service}-promise", "Promise", tuple(blocks), service.service)


def _figures(slo: SloStanding, span: ReportSpan) -> Iterator[tuple[str, str]]:
    yield "promised good requests", percent(slo.target_percent, 3)
    yield f"good requests, {period(span)}", percent_beside(slo.good_percent, slo.target_percent, 3)
    yield (
        f"spent of what the promise allows in the {period(span)}",
        percent_beside(None if slo.burn is None else 100.0 * slo.burn, 100.0, 0),
    )
    yield f"good requests, last {DAYS} days", percent_beside(slo.good_percent_30d, slo.target_percent, 3)
    yield (
        f"error budget left of {DAYS} days",
        percent_beside(None if slo.budget_left_ratio is None else 100.0 * slo.budget_left_ratio, 0.0, 0),
    )
    if slo.budget_hours_left:
        yield "at this pace it lasts for another", how_long(slo.budget_hours_left)
    yield f"measured of these {DAYS} days", f"{figure(slo.hours_known, 0)} of {DAYS * 24} hours"


def _picture(service: str, left_ratio: float) -> Figure:
    spent = 100.0 * (1.0 - left_ratio)
    return Figure(
        name=f"{service}-error-budget",
        title=f"Error budget of {service}",
        alt=f"The error budget of {service} over the last {DAYS} days: {figure(spent, 0)} % of it is spent.",
        bars=(("allowed", 100.0), ("spent", spent)),
        unit="percent of the error budget",
    )
