"""Where the metrics are going: the last day beside the day before, the same weekday a week ago, and seven days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Evidence
from ai_ops.report.service.measured import Mean, between, in_words, mean_of
from ai_ops.report.service.said import Direction, Trend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.metrics import Series
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.gathered import Gathered

LIMIT_PERCENT = 10.0
"""A change beyond it, up or down, is a direction (S001-103)."""

LEAST_COMPARED_RATIO = 0.5
"""Both spans of a comparison must be measured for at least so much of their time; a night says nothing of a day."""

FLOORS: Mapping[str, float] = {
    "cpu_percent": 1.0,
    "memory_percent": 1.0,
    "latency_p95_ms": 1.0,
    "error_percent": 0.01,
    "requests_per_second": 0.01,
    "db_latency_ms": 0.1,
    "instances": 0.1,
    "cost_per_hour": 0.001,
}
"""The metrics that have a trend, in the order of the report, and the smallest amount of each that is worth a word, in
its own unit: one point of utilisation, a millisecond for users and a tenth of one for the database, one request in ten
thousand that fails, 36 requests an hour, 2.4 instance-hours a day, and less than one unit of money a month.

A percentage of less than that would be noise, as of nothing it is none at all. So where the earlier mean is smaller
than the floor there is no percentage, and the metric increases where it grew by more than the floor, and cannot
decrease by as much.
"""


def trends_of(gathered: Gathered, span: ReportSpan) -> tuple[Trend, ...]:
    """The trend of every metric that was measured in any of the compared spans (S001-103, R8)."""
    found = (trend_of(gathered, series, span) for metric in FLOORS if (series := gathered.series.get(metric)))
    return tuple(trend for trend in found if trend is not None)


def trend_of(gathered: Gathered, series: Series, span: ReportSpan) -> Trend | None:
    """Compare one metric's mean over the report's span with three earlier ones; None where it was never measured."""
    spans = {"value": span.span, "before": span.before, "baseline": span.baseline, "week_ago": span.week_ago}
    means = {name: mean_of(series, one) for name, one in spans.items()}
    if all(mean is None for mean in means.values()):
        return None
    floor, value = FLOORS[series.metric], means["value"]
    return Trend(
        metric=series.metric,
        **{name: None if mean is None else mean.value for name, mean in means.items()},
        change_percent=change_percent(value, means["before"], floor),
        baseline_change_percent=change_percent(value, means["baseline"], floor),
        week_ago_change_percent=change_percent(value, means["week_ago"], floor),
        direction=direction(value, means["before"], floor),
        week_ago_direction=direction(value, means["week_ago"], floor),
        evidence=Evidence(
            id=f"{gathered.service}-trend-{series.metric.replace('_', '-')}",
            says=f"trend of {series.metric} of {gathered.service}",
            formula=(
                "change = (value - before) / before x 100; above +10 increasing, below -10 decreasing, else stable. "
                f"No percentage where before is below {floor:g}, nothing where a span is measured for less than half"
            ),
            inputs=tuple((name, in_words(series.metric, mean)) for name, mean in means.items()),
            source=f"{series.metric} from {gathered.source}: "
            + "; ".join(f"{name} {between(one.start, one.end)}" for name, one in spans.items()),
            command=f"neuropilot detect {series.metric} --service {gathered.service}",
        ),
    )


def change_percent(value: Mean | None, before: Mean | None, floor: float) -> float | None:
    """How much `value` is above `before`; None where it cannot be said, see `FLOORS`."""
    if value is None or before is None or not _comparable(value, before) or abs(before.value) < floor:
        return None
    return (value.value - before.value) / abs(before.value) * 100.0


def direction(value: Mean | None, before: Mean | None, floor: float) -> Direction:
    """Where the metric is going, see `FLOORS`."""
    if value is None or before is None or not _comparable(value, before):
        return Direction.UNKNOWN
    change = change_percent(value, before, floor)
    rise, limit = (value.value - before.value, floor) if change is None else (change, LIMIT_PERCENT)
    if abs(rise) <= limit:
        return Direction.STABLE
    return Direction.INCREASING if rise > 0 else Direction.DECREASING


def _comparable(value: Mean, before: Mean) -> bool:
    return min(value.ratio, before.ratio) >= LEAST_COMPARED_RATIO
