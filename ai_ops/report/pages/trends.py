"""Where the metrics are going."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Figure, Paragraph, Section, Table, Tone
from ai_ops.domain.finding import FELT_BY_USERS
from ai_ops.report.pages.metric_words import metric_name, metric_value
from ai_ops.report.pages.words import UNKNOWN, period, signed
from ai_ops.report.service_report import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service_report import ServiceReport, Trend

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
    header = ("metric", period(span), *_columns(span))
    blocks: list[Block] = []
    if any(trend.value is not None for trend in service.trends):
        blocks.append(_picture(service, span))
    rows = tuple(_row(trend, span) for trend in service.trends)
    blocks.append(
        Table(f"Means of the {period(span)} of {service.service}, and what they were before", header, rows)
        if rows
        else Paragraph("No metric was measured.")
    )
    return Section(f"{service.service}-trends", "Trends", tuple(blocks), service.service)


def trend_in_words(trend: Trend) -> str:
    """Its value beside the same weekday a week ago: "160 ms, ↗ +12.4 % increasing"."""
    if trend.value is None:
        return UNKNOWN
    return (
        f"{metric_value(trend.metric, trend.value)}, {_change(trend.week_ago_change_percent, trend.week_ago_direction)}"
    )


def is_one_week(span: ReportSpan) -> bool:
    """Whether the week ago, the time before and the usual week are one and the same."""
    return span.before == span.week_ago == span.baseline


def _columns(span: ReportSpan) -> tuple[str, ...]:
    if is_one_week(span):
        return ("beside the week before",)
    before = "the day before" if span.days == 1 else f"the {span.days} days before"
    weekday = "same weekday a week ago" if span.days == 1 else "same days a week ago"
    return f"beside the {weekday}", f"beside {before}", "beside the 7 days before"


def _row(trend: Trend, span: ReportSpan) -> tuple[Cell, ...]:
    name = Cell(metric_name(trend.metric))
    evidence = trend.evidence.id if trend.value is not None else ""
    cells = [
        Cell(metric_value(trend.metric, trend.value), evidence),
        _beside(trend, trend.week_ago, trend.week_ago_change_percent, trend.week_ago_direction),
    ]
    if not is_one_week(span):
        cells += [
            _beside(trend, trend.before, trend.change_percent, trend.direction),
            _beside(trend, trend.baseline, trend.baseline_change_percent, None),
        ]
    return (name, *cells)


def _beside(trend: Trend, level: float | None, change: float | None, direction: Direction | None) -> Cell:
    """How the value stands to another level."""
    if level is None or change is None:
        return Cell("? not known")
    says = signed(change) if direction is None else _change(change, direction)
    tone = Tone.WATCH if direction is not None and direction is _WORSE.get(trend.metric) else Tone.PLAIN
    return Cell(f"{says} (was {metric_value(trend.metric, level)})", trend.evidence.id, tone)


def _change(change: float | None, direction: Direction) -> str:
    """Icon, word and figure."""
    if change is None or direction is Direction.UNKNOWN:
        return f"{ICONS[Direction.UNKNOWN]} not known"
    return f"{ICONS[direction]} {direction} {signed(change)}"


def _picture(service: ServiceReport, span: ReportSpan) -> Figure:
    measured = (one for one in service.trends if one.value is not None)
    levels = ", ".join(f"{metric_name(one.metric)} {metric_value(one.metric, one.value)}" for one in measured)
    return Figure(
        name=f"{service.service}-metrics",
        title=f"Metrics of {service.service}, {period(span)}",
        alt=f"The metrics of {service.service} over the {period(span)}. Means: {levels}.",
    )
