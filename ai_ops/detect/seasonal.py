"""Seasonal: how far a value lies from what this time of day, and of the week, usually brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import CALIBRATED
from ai_ops.detect.lookback import DAY, around, columns_per_day, earlier, median_at, padded
from ai_ops.detect.running import SCALED, slow_mean, slow_sigma
from ai_ops.domain.finding import Scores

if TYPE_CHECKING:
    from datetime import timedelta

    from ai_ops.domain.metrics import Panel, Series

DAYS = 7
NEEDED_DAYS = 2
"""One period cannot show a season, so nothing is said before two whole days are known (R3)."""

NEIGHBOURS = 2
"""Columns to either side that count as the same phase: jobs start a little early or late."""

OUTLIER = 4.0
"""In sigmas: an incident of minutes must not move what is usual for the rest of the day (Huber 1964 cuts at 1.5)."""


class Seasonal:
    """Distance from what the same time usually brings, in units of its own slowly moving scale.

    What is usual is a span: from the median of this time of day on the last seven days to what came at this time a
    week ago, each a median of five columns, and each as it was up to two columns earlier or later. A
    value inside the span deviates by nothing: neither Saturday nor a job that starts late is an anomaly.
    It fails on a service without a rhythm, where yesterday says nothing about today.

    References
    ----------
    S001-88, with medians instead of a whole-file decomposition, which would look into the future.
    """

    name = "seasonal"
    threshold: float | None = None
    needs = NEEDED_DAYS * DAY + SCALED + CALIBRATED

    def score(self, grid: Series | Panel, floor: np.ndarray) -> Scores:
        """Score every value; NaN until two days have been seen. `expected` is the middle of the span."""
        low, high = usual(grid.values, grid.step)
        outside = np.maximum(np.maximum(grid.values - high, low - grid.values), 0.0)
        middle = (low + high) / 2.0
        return Scores(outside / slow_sigma(np.abs(grid.values - middle), grid.step, floor), middle)


class LiteralSeasonal:
    """The formula as first written: the residual of a classical decomposition over 24 h, in its own sigmas.

    The decomposition runs over the whole series, the future included; that is why it is not the default.
    """

    name = "seasonal (literal)"
    needs = NEEDED_DAYS * DAY

    def __init__(self, sigmas: float = 3.0) -> None:
        self.threshold: float | None = sigmas

    def score(self, grid: Series | Panel, floor: np.ndarray) -> Scores:  # noqa: ARG002  # the formula has no floor
        """Score every value; NaN everywhere when the row has gaps or is shorter than two days."""
        both = np.apply_along_axis(_decomposed, -1, grid.values, columns_per_day(grid.step))
        return Scores(both[..., 0, :], both[..., 1, :])


def _decomposed(row: np.ndarray, period: int) -> np.ndarray:
    """Residual in its own sigmas, and the fitted value, shape (2, n)."""
    from statsmodels.tsa.seasonal import seasonal_decompose

    if row.size < NEEDED_DAYS * period or not np.isfinite(row).all():
        return np.full((2, row.size), np.nan)
    parts = seasonal_decompose(row, period=period, extrapolate_trend="period")
    spread = float(np.std(parts.resid))
    scores = np.abs(parts.resid) / spread if spread > 0 else np.zeros(row.size)
    return np.stack([scores, parts.trend + parts.seasonal])


def usual(values: np.ndarray, step: timedelta) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest value that is usual at each column's time, in the metric's unit; NaN before two days.

    What is compared between days is the shape beside the level of the last day, so that a service that grows, or a
    Saturday, is not compared with the level of last week.
    """
    day = columns_per_day(step)
    # Twice the reach must stay short of a day, or the past of a coarse grid would hold what is to come.
    size, reach = values.shape[-1], min(NEIGHBOURS, (day - 1) // 2)
    trend = slow_mean(values, step, 1)
    # What lies a little ahead of a column on an earlier day is known, so the row is read beyond its end.
    ahead = padded(values - trend, 2 * reach)
    shape = median_at(ahead, range(-NEIGHBOURS, NEIGHBOURS + 1)) if reach == NEIGHBOURS else ahead
    daily = median_at(shape, range(day, (DAYS + 1) * day, day))
    weekly = earlier(shape, DAYS * day)
    low, high = (around(extreme(daily, weekly), reach, extreme)[..., :size] for extreme in (np.fmin, np.fmax))
    for edge in (low, high):
        edge[..., : NEEDED_DAYS * day] = np.nan
    level = trend - _dragged(values - trend - (low + high) / 2.0, step)
    return low + level, high + level


def _dragged(residual: np.ndarray, step: timedelta) -> np.ndarray:
    """How far outliers have dragged the level of the last day, in the metric's unit; 0 while unknown."""
    limit = OUTLIER * slow_sigma(np.abs(residual), step, np.zeros(1))
    excess = residual - np.minimum(np.maximum(residual, -limit), limit)
    return np.asarray(np.nan_to_num(slow_mean(excess, step, 1)))
