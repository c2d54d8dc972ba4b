"""EWMA: how far a value lies from the exponentially weighted mean of the values before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.finding import Scores

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Series

SPAN = 20
SCALE_SPAN = 288
"""Two days at ten minutes: slow enough that an incident does not become its own normal."""

MEAN_ABSOLUTE_TO_SIGMA = 1.2533
"""sqrt(pi / 2): turns a mean absolute deviation into a standard deviation, for a normal distribution."""


class Ewma:
    """``|x - EWMA of the values before|`` in units of its own slowly moving scale (span 20 and 288).

    References
    ----------
    S001-87; the relative deviation of that formula is meaningless near zero, so the residual is scaled.
    """

    name = "EWMA"
    threshold: float | None = None

    def score(self, series: Series, floor: np.ndarray) -> Scores:
        """Score every value; NaN until `SPAN` values have been seen, and twice that for the scale."""
        import pandas as pd

        expected = _mean_before(series)
        residual = np.abs(series.values - expected)
        slow = pd.Series(residual).shift(1).ewm(span=SCALE_SPAN, min_periods=2 * SPAN, ignore_na=True).mean()
        sigma = MEAN_ABSOLUTE_TO_SIGMA * np.asarray(slow.to_numpy())
        with np.errstate(invalid="ignore"):
            return Scores(residual / np.maximum(sigma, floor), expected)


class LiteralEwma:
    """The formula as first written: ``|current - ewma| / ewma``, abnormal above 0.3."""

    name = "EWMA (literal)"
    threshold: float | None = 0.3

    def score(self, series: Series, floor: np.ndarray) -> Scores:  # noqa: ARG002  # the formula has no floor
        """Score every value; NaN where the mean is zero or unknown."""
        expected = _mean_before(series)
        with np.errstate(invalid="ignore", divide="ignore"):
            deviation = np.abs(series.values - expected) / expected
        return Scores(np.where(expected > 0, deviation, np.nan), expected)


def _mean_before(series: Series) -> np.ndarray:
    import pandas as pd

    mean = pd.Series(series.values).shift(1).ewm(span=SPAN, min_periods=SPAN, ignore_na=True).mean()
    return np.asarray(mean.to_numpy())
