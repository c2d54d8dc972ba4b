"""Where the metrics are going."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Figure, Paragraph, Section, Table, Tone
from ai_ops.domain.finding import FELT_BY_USERS
from ai_ops.report.pages.metric_words import metric_name, metric_value, place_of
from ai_ops.report.pages.words import period, signed
from ai_ops.report.service.said import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service.said import Trend
    from ai_ops.report.service_report import ServiceReport

ICONS: Mapping[Direction, str] = {
    Direction.INCREASING: "↗",
    Direction.DECREASING: "↘",
    Direction.STABLE: "→",
    Direction.UNKNOWN: "?",
}
"""S001-103."""

_WORSE = dict.fromkeys(FELT_BY_USERS, Direction.INCREASING) | {"slo_good_ratio": Direction.DECREASING}


def trends_section(service: ServiceReport, span: ReportSpan) -> Section:
    """Show each metric beside the same weekday a week ago, the time before, and its usual level."""
    blocks: list[Block] = []
    if any(trend.value is not None for trend in service.trends):
        blocks.append(_picture(service, span))
    columns, caption = _columns(span)
    trends = sorted(service.trends, key=lambda trend: place_of(trend.metric))
    rows = tuple(_row(trend, span) for trend in trends)
    blocks.append(
        Table(
            f"Means of {service.service} over the {period(span)}, beside {caption}", ("metric", "mean", *columns), rows
        )
        if rows
        else Paragraph("No metric was measured.")
    )
    return Section(f"{service.service}-trends", "Trends", tuple(blocks), service.service)


def change_in_words(change: float | None, direction: Direction) -> str:
    """Icon, word and figure: "↗ increasing +12 %"."""
    if change is None or direction is Direction.UNKNOWN:
        return f"{ICONS[Direction.UNKNOWN]} not known"
    return f"{ICONS[direction]} {direction} {signed(change)}"


def is_one_week(span: ReportSpan) -> bool:
    """Whether the week ago, the time before and the usual week are one and the same."""
    return span.before == span.week_ago == span.baseline


def _columns(span: ReportSpan) -> tuple[tuple[str, ...], str]:
    """Headers of what the means stand beside, and the same in words."""
    if is_one_week(span):
        return ("week before",), "the week before"
    if span.days == 1:
        words = "the same weekday a week ago, the day before, and the 7 days before"
        return ("same weekday", "day before", "7 days"), words
    words = f"the same days a week ago, the {span.days} days before, and the 7 days before"
    return ("week ago", f"{span.days} days before", "7 days"), words


def _row(trend: Trend, span: ReportSpan) -> tuple[Cell, ...]:
    cells = [
        Cell(metric_name(trend.metric)),
        Cell(metric_value(trend.metric, trend.value), trend.evidence.id if trend.value is not None else ""),
        _beside(trend, trend.week_ago_change_percent, trend.week_ago_direction),
    ]
    if not is_one_week(span):
        cells += [_beside(trend, trend.change_percent, trend.direction), _baseline(trend)]
    return tuple(cells)


def _beside(trend: Trend, change: float | None, direction: Direction) -> Cell:
    """How the value stands to another level."""
    words = change_in_words(change, direction)
    if change is None:
        return Cell(words)
    return Cell(words, trend.evidence.id, Tone.WATCH if direction is _WORSE.get(trend.metric) else Tone.PLAIN)


def _baseline(trend: Trend) -> Cell:
    change = trend.baseline_change_percent
    return Cell(signed(change), "" if change is None else trend.evidence.id)


def _picture(service: ServiceReport, span: ReportSpan) -> Figure:
    measured = (one for one in service.trends if one.value is not None)
    levels = ", ".join(f"{metric_name(one.metric)} {metric_value(one.metric, one.value)}" for one in measured)
    return Figure(
        name=f"{service.service}-metrics",
        title=f"Metrics of {service.service}",
        alt=f"The metrics of {service.service}. Means of the {period(span)}: {levels}.",
    )
