"""z-score: how far a value lies from the middle of the day before it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import CALIBRATED
from ai_ops.detect.quartiles import MAD_TO_SIGMA, each_column, quantiles, trailing_windows
from ai_ops.domain.finding import Scores

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Panel, Series

SPAN = timedelta(days=1)
RENEWED = timedelta(hours=6)
LEAST_KNOWN = 0.5


class ZScore:
    """Robust z-score: ``|x - median| / (1.4826 MAD)`` over the day before x.

    Median and MAD in place of mean and standard deviation, so that the incident of last night does not hide the one
    of this morning. It fails where the day has a shape: noon is far from the middle of every day.

    References
    ----------
    S001-86; Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993). The threshold is calibrated, since
    3.0 * (1 - sensitivity) flags four normal points of five.
    """

    name = "z-score"
    threshold: float | None = None
    needs = SPAN / 2 + CALIBRATED

    def score(self, grid: Series | Panel, floor: np.ndarray) -> Scores:
        """Score every value; NaN until half a day has been seen."""
        size = grid.values.shape[-1]
        windows = trailing_windows(grid.values, grid.step, SPAN, RENEWED)
        (median,) = quantiles(windows, (0.5,), LEAST_KNOWN)
        (mad,) = quantiles(np.abs(windows - median[..., None]), (0.5,), LEAST_KNOWN)
        middle, spread = (each_column(one, grid.step, RENEWED, size) for one in (median, mad))
        return Scores(np.abs(grid.values - middle) / np.maximum(MAD_TO_SIGMA * spread, floor), middle)


class LiteralZScore:
    """The formula as first written, golden values included: abnormal above ``3.0 * (1 - sensitivity)``."""

    name = "z-score (literal)"
    needs = SPAN / 2

    def __init__(self, sensitivity: float) -> None:
        self.threshold: float | None = 3.0 * (1.0 - sensitivity)

    def score(self, grid: Series | Panel, floor: np.ndarray) -> Scores:  # noqa: ARG002  # the formula has no floor
        """Score every value; NaN where the spread is zero or unknown."""
        mean, std = _day_before(grid)
        with np.errstate(invalid="ignore", divide="ignore"):
            return Scores(np.where(std > 0, np.abs(grid.values - mean) / std, np.nan), mean)


def _day_before(grid: Series | Panel) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the day before each value; NaN until half a day is known."""
    import pandas as pd

    points = max(4, round(SPAN / grid.step))
    columns = pd.DataFrame(np.atleast_2d(grid.values).T)
    # Rolling sums lose digits on large levels (bytes), and the spread does not depend on the level.
    level = columns.bfill().head(1).sum()
    before = (columns - level).shift(1).rolling(points, min_periods=points // 2)
    both = (before.mean() + level, before.std())
    mean, std = (np.asarray(one.to_numpy()).T.reshape(grid.values.shape) for one in both)
    return mean, std
