"""Seasonal: how far a value lies from what this time of day usually brings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.finding import Scores

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Series

PERIOD = timedelta(days=1)
DAYS = 7
NEEDED_DAYS = 2
"""One period cannot show a season, so nothing is said before two whole days are known."""

NEIGHBOURS = 2
"""Points to either side that count as the same phase: jobs start a little early or late."""

MAD_TO_SIGMA = 1.4826
"""Turns a median absolute deviation into a standard deviation, for a normal distribution."""


class Seasonal:
    """Distance from the median of the same time on the last seven days, in robust sigmas.

    The spread is the median absolute residual of the last two days, so that one bad night does not widen it.

    References
    ----------
    S001-88, with the median instead of a whole-file decomposition, which would look into the future.
    """

    name = "seasonal"
    threshold: float | None = None

    def score(self, series: Series, floor: np.ndarray) -> Scores:
        """Score every value; NaN until two days have been seen."""
        import pandas as pd

        expected = _same_phase_median(series)
        residual = np.abs(series.values - expected)
        points = round(PERIOD / series.step) * NEEDED_DAYS
        spread = pd.Series(residual).shift(1).rolling(points, min_periods=points // 8).median()
        sigma = MAD_TO_SIGMA * np.asarray(spread.to_numpy())
        with np.errstate(invalid="ignore"):
            return Scores(residual / np.maximum(sigma, floor), expected)


class LiteralSeasonal:
    """The formula as first written: the residual of a classical decomposition over 24 h, in its own sigmas.

    The decomposition runs over the whole series, the future included; that is why it is not the default.
    """

    name = "seasonal (literal)"

    def __init__(self, sigmas: float = 3.0) -> None:
        self.threshold: float | None = sigmas

    def score(self, series: Series, floor: np.ndarray) -> Scores:  # noqa: ARG002  # the formula has no floor
        """Score every value; NaN everywhere when the series has gaps or is shorter than two days."""
        from statsmodels.tsa.seasonal import seasonal_decompose

        period = round(PERIOD / series.step)
        if series.values.size < NEEDED_DAYS * period or not np.isfinite(series.values).all():
            nothing = np.full(series.values.size, np.nan)
            return Scores(nothing, nothing)
        parts = seasonal_decompose(series.values, period=period, extrapolate_trend="period")
        spread = float(np.std(parts.resid))
        values = np.abs(parts.resid) / spread if spread > 0 else np.zeros(series.values.size)
        return Scores(np.asarray(values), np.asarray(parts.trend + parts.seasonal))


def _same_phase_median(series: Series) -> np.ndarray:
    """Median of the same phase on the days before each value, shape (n,); NaN before two days."""
    import warnings

    size, period = series.values.size, round(PERIOD / series.step)
    padded = np.full(DAYS * period + NEIGHBOURS + size + NEIGHBOURS, np.nan)
    origin = DAYS * period + NEIGHBOURS
    padded[origin : origin + size] = series.values
    shifts = [
        padded[origin - day * period + near : origin - day * period + near + size]
        for day in range(1, DAYS + 1)
        for near in range(-NEIGHBOURS, NEIGHBOURS + 1)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a phase that was never seen has no median
        median = np.nanmedian(np.stack(shifts), axis=0)
    median[: NEEDED_DAYS * period] = np.nan
    return np.asarray(median)
