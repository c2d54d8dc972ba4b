"""A service's metrics minute by minute, as the twin reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.metrics import CANONICAL_METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from ai_ops.domain.metrics import Series

MINUTE = timedelta(minutes=1)
MINUTES_PER_DAY = 1440
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
SECONDS_PER_MINUTE = 60

NEEDED = ("cpu_percent", "requests_per_second", "slo_good_ratio", "instances")
"""Without these there is no twin: what was asked, what it took, how it went, and on how many instances."""

BEYOND_BELIEF = 20.0
"""A minute with this many times the load of the busiest hundredth is a counter's mistake; it would bend every line."""

LONGEST_DAYS = 28
"""Older minutes say little of the service that runs today."""

_RANGES = {
    "cpu_percent": (0.0, 100.5),
    "memory_percent": (0.0, 100.5),
    "slo_good_ratio": (0.0, 1.0 + 1e-6),
    "error_percent": (0.0, 100.0 + 1e-6),
}
"""What lies outside is a broken exporter's and counts as not measured; every other metric is at least 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Telemetry:
    """Canonical metrics on one grid of minutes.

    Parameters
    ----------
    start
        The first minute, aware UTC.
    columns
        By canonical metric, shape (minutes,), float64; NaN where nothing was measured, or nothing plausible.
    """

    start: datetime
    columns: Mapping[str, np.ndarray]

    @property
    def minutes(self) -> int:
        """Length of the grid."""
        return next(iter(self.columns.values())).size

    def get(self, metric: str) -> np.ndarray:
        """Values of `metric`, shape (minutes,); all NaN when it is not there."""
        column = self.columns.get(metric)
        return np.full(self.minutes, np.nan) if column is None else column

    @property
    def desired(self) -> np.ndarray:
        """Instances that are paid for: the wanted ones, or the ready ones where nobody says what was wanted."""
        ready, wanted = self.get("instances"), self.get("instances_desired")
        return np.asarray(np.where(np.isfinite(wanted), wanted, ready))

    def minute_of_week(self) -> np.ndarray:
        """Minute of the week of every point, shape (minutes,), Monday 00:00 UTC = 0."""
        first = self.start.weekday() * MINUTES_PER_DAY + self.start.hour * 60 + self.start.minute
        return np.asarray((first + np.arange(self.minutes)) % MINUTES_PER_WEEK)

    def last(self, minutes: int) -> Telemetry:
        """Return the newest `minutes` of it."""
        skipped = max(0, self.minutes - minutes)
        return self.between(skipped, self.minutes)

    def between(self, first: int, end: int) -> Telemetry:
        """Return the minutes from `first` up to `end`, counted from the start."""
        cut = {metric: values[first:end] for metric, values in self.columns.items()}
        return Telemetry(self.start + first * MINUTE, cut)


def telemetry(history: pd.DataFrame) -> Telemetry:
    """Read a frame: an aware index, canonical metrics as columns, at most `LONGEST_DAYS` of it.

    Raises
    ------
    ValueError
        When the index is no time, has no zone or runs backwards, when nothing is in it, or when a needed metric is
        missing; the message says which.
    """
    import pandas as pd

    if not isinstance(history, pd.DataFrame):
        raise ValueError(f"history must be a pandas DataFrame, not {type(history).__name__}")  # noqa: TRY004
    if not isinstance(history.index, pd.DatetimeIndex) or history.index.tz is None:
        raise ValueError(
            "history needs a DatetimeIndex with a time zone: history.index = history.index.tz_localize('UTC')"
        )
    missing = [metric for metric in NEEDED if metric not in history.columns]
    if missing:
        raise ValueError(f"history has no column {', '.join(missing)}; needed are {', '.join(NEEDED)}")
    if not history.columns.is_unique:
        raise ValueError(f"history has column {history.columns[history.columns.duplicated()][0]} twice")
    if history.empty:
        raise ValueError("history is empty")
    if not history.index.is_monotonic_increasing or history.index.has_duplicates:
        raise ValueError("history must have one row a minute, oldest first: history.sort_index(), then drop duplicates")
    index = history.index.tz_convert("UTC").floor("min")
    end = index[-1]
    first = max(index[0], end - pd.Timedelta(days=LONGEST_DAYS) + pd.Timedelta(minutes=1))
    places = ((index - first) // pd.Timedelta(minutes=1)).to_numpy()
    is_kept = places >= 0
    size = int((end - first) / pd.Timedelta(minutes=1)) + 1
    columns = {
        metric: _on_grid(_numbers(history[metric])[is_kept], places[is_kept], size, metric)
        for metric in CANONICAL_METRICS
        if metric in history.columns
    }
    return Telemetry(first.to_pydatetime().astimezone(UTC), columns)


def _numbers(column: pd.Series) -> np.ndarray:
    try:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ValueError(f"history[{column.name!r}] holds what is no number: {error}") from error


def telemetry_of(minutes: Mapping[str, Series]) -> Telemetry:
    """Read series that share one grid of minutes (see `Observation.minutes`), at most `LONGEST_DAYS` of it.

    Raises
    ------
    ValueError
        When a needed metric is missing, or when the series do not lie on one grid of minutes; the message says which.
    """
    if missing := [metric for metric in NEEDED if metric not in minutes]:
        raise ValueError(f"{', '.join(missing)} was not measured minute by minute")
    grids = {(one.start, one.step, one.values.size) for one in minutes.values()}
    if len(grids) > 1 or minutes[NEEDED[0]].step != MINUTE:
        raise ValueError("the series must lie on one grid of minutes")
    size, places = minutes[NEEDED[0]].values.size, np.arange(minutes[NEEDED[0]].values.size)
    columns = {
        metric: _on_grid(minutes[metric].values, places, size, metric)
        for metric in CANONICAL_METRICS
        if metric in minutes
    }
    whole = Telemetry(minutes[NEEDED[0]].start.astimezone(UTC), columns)
    return whole.last(LONGEST_DAYS * MINUTES_PER_DAY)


def _on_grid(values: np.ndarray, places: np.ndarray, size: int, metric: str) -> np.ndarray:
    low, high = _RANGES.get(metric, (0.0, np.inf))
    grid = np.full(size, np.nan)
    grid[places] = np.where(np.isfinite(values) & (values >= low) & (values <= high), values, np.nan)
    if metric == "requests_per_second" and np.isfinite(grid).any():
        grid[grid > BEYOND_BELIEF * np.nanquantile(grid, 0.99)] = np.nan
    return grid
