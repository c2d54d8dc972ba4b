"""Telemetry: windows of time, series on a regular grid, and the gaps in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.tuning import Thresholds

HOURS_PER_MONTH = 365.25 * 24 / 12
"""A twelfth of a year: what is counted by the month means the same in February."""

CANONICAL_METRICS: Mapping[str, str] = {
    "cpu_percent": "mean CPU utilisation of the ready instances, 0 to 100",
    "memory_percent": "mean memory utilisation of the ready instances, 0 to 100",
    "latency_p95_ms": "95th percentile of the request latency, milliseconds",
    "error_percent": "share of requests that failed, 0 to 100",
    "requests_per_second": "requests that arrived, per second",
    "db_latency_ms": "mean database query time, milliseconds",
    "slo_good_ratio": "share of requests that were good by the SLI, 0 to 1",
    "instances": "instances that are ready",
    "instances_desired": "instances that the autoscaler asks for",
    "cost_per_hour": "cost of the whole service, currency per hour",
}
"""The metrics every room speaks of, each with its meaning and unit."""

ROUNDING = 1e-6
"""How far a share may lie outside its range by rounding alone."""


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of time, [start, end), on a regular grid.

    Parameters
    ----------
    start, end
        Aware UTC datetimes, both multiples of `step` since the epoch.
    step
        Distance between two points of the grid.
    """

    start: datetime
    end: datetime
    step: timedelta = timedelta(minutes=10)

    def __post_init__(self) -> None:
        """Refuse naive times and empty spans, which no caller means."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs times with a time zone")
        if self.end <= self.start:
            raise ValueError(f"a window must end after it starts: {self.start} to {self.end}")

    @property
    def points(self) -> int:
        """How many grid points lie in the window."""
        return round((self.end - self.start) / self.step)

    @property
    def hours(self) -> float:
        """Length of the window in hours."""
        return (self.end - self.start) / timedelta(hours=1)

    def times(self) -> np.ndarray:
        """Epoch seconds of the grid points, shape (points,), float64."""
        step = self.step.total_seconds()
        return self.start.timestamp() + step * np.arange(self.points)

    def covers(self, times: np.ndarray) -> np.ndarray:
        """Which of these epoch seconds lie in the window, the end excluded; boolean, same shape."""
        return np.asarray((times >= self.start.timestamp()) & (times < self.end.timestamp()))


def aligned(moment: datetime, step: timedelta) -> datetime:
    """Floor `moment` to the grid of `step` since the epoch: the same keys and figures in every run.

    >>> aligned(datetime(2026, 11, 20, 6, 17, tzinfo=UTC), timedelta(minutes=10)).isoformat()
    '2026-11-20T06:10:00+00:00'
    """
    seconds = int(step.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values of one metric on a regular grid; a gap is NaN.

    Parameters
    ----------
    metric
        Canonical name.
    start
        Time of the first value, aware UTC.
    step
        Distance between two values.
    values
        Shape (n,), float64; NaN where nothing was measured.
    """

    metric: str
    start: datetime
    step: timedelta
    values: np.ndarray

    def __eq__(self, other: object) -> bool:
        """Equal when the grid is the same and the values agree, gaps included."""
        return (
            isinstance(other, Series)
            and (self.metric, self.start, self.step) == (other.metric, other.start, other.step)
            and np.array_equal(self.values, other.values, equal_nan=True)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays are mutable, so a series is no key

    def times(self) -> np.ndarray:
        """Epoch seconds of the values, shape (n,), float64."""
        return self.start.timestamp() + self.step.total_seconds() * np.arange(self.values.size)

    def within(self, window: Window) -> np.ndarray:
        """Values whose time lies in `window`, shape (m,)."""
        return np.asarray(self.values[window.covers(self.times())], dtype=np.float64)

    def newest(self) -> datetime | None:
        """Time of the last value that is no gap, or None."""
        present = np.flatnonzero(np.isfinite(self.values))
        return self.start + int(present[-1]) * self.step if present.size else None

    def to_json(self) -> dict[str, Any]:
        """Readable form: ISO start, step in seconds, None for a gap."""
        return {
            "metric": self.metric,
            "start": self.start.astimezone(UTC).isoformat(),
            "step_seconds": int(self.step.total_seconds()),
            "values": [None if not np.isfinite(v) else float(v) for v in self.values],
        }

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> Series:
        """Read what `to_json` wrote."""
        values = [np.nan if v is None else float(v) for v in form["values"]]
        return cls(
            metric=form["metric"],
            start=datetime.fromisoformat(form["start"]),
            step=timedelta(seconds=form["step_seconds"]),
            values=np.array(values, dtype=np.float64),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """The same metric of many services on one regular grid; a gap is NaN.

    Parameters
    ----------
    metric
        Canonical name, or the query's own.
    names
        One per row: what tells the rows apart, such as the service.
    start
        Time of the first column, aware UTC.
    step
        Distance between two columns.
    values
        Shape (rows, n), float64.
    """

    metric: str
    names: tuple[str, ...]
    start: datetime
    step: timedelta
    values: np.ndarray

    def times(self) -> np.ndarray:
        """Epoch seconds of the columns, shape (n,), float64."""
        return self.start.timestamp() + self.step.total_seconds() * np.arange(self.values.shape[-1])

    def row(self, index: int) -> Series:
        """One row as a series of its own."""
        return Series(self.metric, self.start, self.step, self.values[index])


@dataclass(frozen=True, slots=True)
class Gap:
    """A metric that could not be had, and why."""

    metric: str
    reason: str


@dataclass(frozen=True, slots=True)
class Query:
    """One question to a metric source: the canonical metric and how to ask for it."""

    metric: str
    expression: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said to one query, with its warnings; a warning means partial data."""

    series: Series
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything one cycle has seen of one service.

    Parameters
    ----------
    service
        Name of the service.
    window
        The span that this cycle judges; the series reach further back.
    source
        Where the metrics come from, in words: "prometheus", "grafana", "simulated".
    is_simulated
        True when no real service was measured; shown wherever a figure is.
    series
        By canonical metric; the history up to the end of the window.
    gaps
        Metrics that failed, with the reason.
    warnings
        What the source said beside its answers. Any warning means partial data.
    thresholds
        The settings as they stand in the repository.
    notes
        What a reader should know of how it was measured, such as where the cost comes from.
    live
        By knob, the value that the platform itself reports, where a query for it is configured.
    minutes
        By canonical metric, the last days minute by minute, all on one grid that ends with the window, and rounded as
        `domain.quantised` says. Empty where the policy does not need them, or not now.
    minute_gaps
        Metrics that could not be had minute by minute, with the reason.
    """

    service: str
    window: Window
    source: str
    is_simulated: bool
    series: Mapping[str, Series]
    thresholds: Thresholds
    gaps: tuple[Gap, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    live: Mapping[str, float] = field(default_factory=dict)
    minutes: Mapping[str, Series] = field(default_factory=dict)
    minute_gaps: tuple[Gap, ...] = ()

    def values(self, metric: str) -> np.ndarray:
        """Values of `metric` inside the window, gaps left out; empty when there is no such series."""
        series = self.series.get(metric)
        if series is None:
            return np.empty(0)
        inside = series.within(self.window)
        return np.asarray(inside[np.isfinite(inside)])

    def mean(self, metric: str) -> float | None:
        """Mean of `metric` over the window, or None when nothing was measured."""
        values = self.values(metric)
        return float(values.mean()) if values.size else None
