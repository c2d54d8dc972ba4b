"""The last days of a service's metrics as the rows that a chart draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from ai_ops.charts.axes import Quantity, milliseconds, quantity_of
from ai_ops.charts.downsampling import points_to_draw
from ai_ops.charts.holes import hole_rows
from ai_ops.charts.look import SEVERITY_COLOURS, SEVERITY_SHAPES
from ai_ops.charts.report_look import LEAST_SHOWN, PLOT_WIDTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.finding import Severity
    from ai_ops.domain.metrics import Series
    from ai_ops.domain.report_span import Span

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)

MOST_POINTS = 2 * PLOT_WIDTH
"""A pixel shows the smallest and the largest of its values."""

SIGNIFICANT_DIGITS = 4
AIR = 1.2
"""Above the highest value there is room for the mark of an alarm."""


@dataclass(frozen=True, slots=True)
class AlarmShown:
    """One alarm: the metrics that it is about, the loudest first, from when to when, and how loud it is."""

    metrics: tuple[str, ...]
    since: datetime
    until: datetime
    severity: Severity


@dataclass(frozen=True, slots=True, eq=False)
class MetricShown:
    """One metric.

    Parameters
    ----------
    series
        With the week before what is shown, as far as it is known.
    mean, change_percent
        Of the report's span, and how far that is above the mean of the same weekdays a week ago; None where unknown.
    """

    series: Series
    mean: float | None = None
    change_percent: float | None = None

    @property
    def name(self) -> str:
        """The canonical metric."""
        return self.series.metric

    @property
    def quantity(self) -> Quantity:
        """The metric in a person's words."""
        return quantity_of(self.series.metric)


@dataclass(frozen=True, slots=True, eq=False)
class WeekSeen:
    """What the chart is about.

    Parameters
    ----------
    metrics
        In the order of the panels; at least one was measured in the time that is shown.
    since
        From when on they are shown, aware UTC.
    span
        What the report is about; the chart ends with it.
    zone
        IANA name of the team's time zone.
    alarms
        Those since `since`.
    """

    service: str
    is_simulated: bool
    metrics: tuple[MetricShown, ...]
    since: datetime
    span: Span
    zone: str
    alarms: tuple[AlarmShown, ...] = ()

    @property
    def first(self) -> datetime:
        """Where the chart begins: with `since`, or where measuring began."""
        begins = [one for metric in self.metrics if (one := _oldest(metric.series, self.since)) is not None]
        return max(self.since, min([self.span.end - LEAST_SHOWN, *begins]))

    @property
    def end(self) -> datetime:
        """Where the chart ends."""
        return self.span.end

    @property
    def drawn(self) -> tuple[MetricShown, ...]:
        """Metrics of which anything was measured in the time that is shown."""
        return tuple(metric for metric in self.metrics if known_values(self, metric).size)


def known_values(week: WeekSeen, metric: MetricShown) -> np.ndarray:
    """What was measured of the metric in the time that is shown, shape (n,)."""
    _, values = _shown(week, metric.series)
    return np.asarray(values[np.isfinite(values)])


def missing_hours(week: WeekSeen, metric: MetricShown) -> float:
    """How much of the time that is shown was not measured."""
    known = known_values(week, metric).size * metric.series.step
    return max(0.0, (week.end - week.first - known) / HOUR)


def metric_rows(week: WeekSeen, metric: MetricShown) -> dict[str, list[dict[str, Any]]]:
    """Datasets of one panel: its line, the line of a week earlier, its gaps and its alarms."""
    series = metric.series
    times, values = _shown(week, series)
    kept = points_to_draw(values, np.zeros(values.size), MOST_POINTS)
    return {
        metric.name: _rows(times[kept], values[kept]),
        f"{metric.name}_week_ago": _week_earlier(week, series),
        f"{metric.name}_gaps": hole_rows(times, values, week.first, week.end, PLOT_WIDTH),
        f"{metric.name}_alarms": [_alarm_row(week, one) for one in week.alarms if metric.name in one.metrics],
    }


def span_rows(week: WeekSeen) -> list[dict[str, int]]:
    """One row with the report's own span; none where it is all that is shown."""
    if week.span.start <= week.first:
        return []
    return [{"since": milliseconds(week.span.start), "until": milliseconds(week.end)}]


def _shown(week: WeekSeen, series: Series) -> tuple[np.ndarray, np.ndarray]:
    """Epoch seconds and values from `first` to `end`, each shape (n,); NaN as well where the series does not reach."""
    begin, end = (-((series.start - moment) // series.step) for moment in (week.first, week.end))
    values = np.full(max(0, end - begin), np.nan)
    inside = series.values[max(0, begin) : max(0, end)]
    values[max(0, -begin) : max(0, -begin) + inside.size] = inside
    return series.start.timestamp() + series.step.total_seconds() * np.arange(begin, begin + values.size), values


def _oldest(series: Series, since: datetime) -> datetime | None:
    """Time of the first value that is no gap and not older than `since`."""
    known = np.flatnonzero(np.isfinite(series.values) & (series.times() >= since.timestamp()))
    return series.start + int(known[0]) * series.step if known.size else None


def _week_earlier(week: WeekSeen, series: Series) -> list[dict[str, Any]]:
    """One row an hour with the mean of that hour a week earlier by the wall clock; none where nothing is known."""
    hours = np.floor(series.times() / HOUR.total_seconds())
    known = np.isfinite(series.values)
    first = int(hours[0]) if hours.size else 0
    place = (hours - first).astype(np.int64)
    count = np.bincount(place, known)
    with np.errstate(invalid="ignore"):
        means = np.bincount(place, np.where(known, series.values, 0.0)) / count
    rows, begin = [], week.first
    for hour, mean in enumerate(means.tolist()):
        moment = _week_later(datetime.fromtimestamp((first + hour + 0.5) * HOUR.total_seconds(), UTC), week.zone)
        if begin <= moment < week.end:
            rows.append({"time": milliseconds(moment), "value": _short(mean)})
    return rows if any(row["value"] is not None for row in rows) else []


def _week_later(moment: datetime, zone: str) -> datetime:
    """The same time of day a week later."""
    return (moment.astimezone(ZoneInfo(zone)) + WEEK).astimezone(UTC)


def _alarm_row(week: WeekSeen, alarm: AlarmShown) -> dict[str, Any]:
    """Where it is, cut to the picture, with its colour and its shape."""
    since = min(max(alarm.since, week.first), week.end)
    return {
        "since": milliseconds(since),
        "until": milliseconds(min(max(alarm.until, since), week.end)),
        "severity": alarm.severity.value,
        "colour": SEVERITY_COLOURS[alarm.severity],
        "shape": SEVERITY_SHAPES[alarm.severity],
    }


def _rows(times: np.ndarray, values: np.ndarray) -> list[dict[str, Any]]:
    return [
        {"time": round(1000 * moment), "value": _short(value)}
        for moment, value in zip(times.tolist(), values.tolist(), strict=True)
    ]


def _short(value: float) -> float | None:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if np.isfinite(value) else None


def value_range(metric: MetricShown, rows: Mapping[str, list[dict[str, Any]]]) -> tuple[float, float]:
    """From where to where the axis of a panel goes: from 0 to all that is drawn, and some air.

    A share has no air above all of it; what is impossible and was measured all the same stays in the picture.
    """
    names = (metric.name, f"{metric.name}_week_ago")
    drawn = [row["value"] for name in names for row in rows[name] if row["value"] is not None]
    highest = max(drawn, default=0.0)
    return min([0.0, *drawn]), max(highest, min(metric.quantity.most, AIR * highest)) or 1.0
