"""IQR: how far a value lies outside the middle half of the week before it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import CALIBRATED
from ai_ops.detect.quartiles import each_column, quantiles, trailing_windows
from ai_ops.domain.finding import Scores

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Panel, Series

SPAN = timedelta(days=7)
RENEWED = timedelta(days=1)
LEAST_KNOWN = 1 / 7
"""A day of the week must be known, or the quartiles are those of a few hours."""

IQR_TO_SIGMA = 1.349
"""The interquartile range of a normal distribution, in standard deviations."""


class Iqr:
    """Distance outside the quartiles of the last seven days, in sigmas by the interquartile range.

    A value beyond Tukey's fence, 1.5 interquartile ranges outside, scores more than 2.02. It asks
    nothing of the shape of the distribution, and knows nothing of the time of day.

    References
    ----------
    S000-03; Tukey, Exploratory Data Analysis (1977), chapter 2.
    """

    name = "IQR"
    threshold: float | None = None
    needs = LEAST_KNOWN * SPAN + CALIBRATED

    def score(self, grid: Series | Panel, floor: np.ndarray) -> Scores:
        """Score every value; NaN until a day has been seen. `expected` is the median."""
        size = grid.values.shape[-1]
        windows = trailing_windows(grid.values, grid.step, SPAN, RENEWED)
        daily = quantiles(windows, (0.25, 0.5, 0.75), LEAST_KNOWN)
        low, median, high = (each_column(one, grid.step, RENEWED, size) for one in daily)
        sigma = np.maximum((high - low) / IQR_TO_SIGMA, floor)
        outside = np.maximum(np.maximum(grid.values - high, low - grid.values), 0.0)
        return Scores(outside / sigma, median)
