"""z-score: how far a value lies from the mean of the day before it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.finding import Scores

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Series

SPAN = timedelta(days=1)


class ZScore:
    """``|x - mean| / std`` over the day before x; x itself is left out, or a spike would hide itself.

    References
    ----------
    S001-86; the threshold is calibrated, since 3.0 * (1 - sensitivity) flags four normal points of five.
    """

    name = "z-score"
    threshold: float | None = None

    def score(self, series: Series, floor: np.ndarray) -> Scores:
        """Score every value; NaN until half a day has been seen."""
        mean, std = _day_before(series)
        with np.errstate(invalid="ignore"):
            return Scores(np.abs(series.values - mean) / np.maximum(std, floor), mean)


class LiteralZScore:
    """The formula as first written, golden values included: abnormal above ``3.0 * (1 - sensitivity)``."""

    name = "z-score (literal)"

    def __init__(self, sensitivity: float) -> None:
        self.threshold: float | None = 3.0 * (1.0 - sensitivity)

    def score(self, series: Series, floor: np.ndarray) -> Scores:  # noqa: ARG002  # the formula has no floor
        """Score every value; NaN where the spread is zero or unknown."""
        mean, std = _day_before(series)
        with np.errstate(invalid="ignore", divide="ignore"):
            return Scores(np.where(std > 0, np.abs(series.values - mean) / std, np.nan), mean)


def _day_before(series: Series) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the day before each value; NaN until half a day is known."""
    import pandas as pd

    points = max(4, round(SPAN / series.step))
    # Rolling sums lose digits on large levels (bytes), and the spread does not depend on the level.
    known = series.values[np.isfinite(series.values)]
    level = float(known[0]) if known.size else 0.0
    before = pd.Series(series.values - level).shift(1).rolling(points, min_periods=points // 2)
    return np.asarray(before.mean().to_numpy()) + level, np.asarray(before.std().to_numpy())
