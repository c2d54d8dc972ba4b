"""EWMA: how far a value lies from the exponentially weighted mean of the values before it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import CALIBRATED
from ai_ops.detect.lookback import earlier
from ai_ops.detect.running import SCALED, ewm_mean, slow_sigma
from ai_ops.domain.finding import Scores

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Panel, Series

RECENT_SPANS = (5, 20)
"""The short mean follows the day, the long one is not dragged along by the incident itself."""

LITERAL_SPAN = 20


class Ewma:
    """``|x - EWMA of the values before|`` in units of its own slowly moving scale.

    The expectation is the mean of two EWMAs, of span 5 and 20. It finds every sudden move, and calls the steep hours
    of a regular day sudden, too: that is what the seasonal detector beside it is for.

    References
    ----------
    S001-87; the relative deviation of that formula is meaningless near zero, so the residual is scaled.
    """

    name = "EWMA"
    threshold: float | None = None
    needs = SCALED + CALIBRATED

    def score(self, grid: Series | Panel, floor: np.ndarray) -> Scores:
        """Score every value; NaN until 20 values have been seen, and a quarter of a day for the scale."""
        expected = earlier(recent_level(grid.values), 1)
        residual = np.abs(grid.values - expected)
        return Scores(residual / slow_sigma(residual, grid.step, floor), expected)


class LiteralEwma:
    """The formula as first written: ``|current - ewma| / ewma``, abnormal above 0.3."""

    name = "EWMA (literal)"
    threshold: float | None = 0.3
    needs = timedelta(hours=4)  # twenty values at twelve minutes

    def score(self, grid: Series | Panel, floor: np.ndarray) -> Scores:  # noqa: ARG002  # the formula has no floor
        """Score every value; NaN where the mean is zero or unknown."""
        expected = earlier(ewm_mean(grid.values, (LITERAL_SPAN,), LITERAL_SPAN), 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            deviation = np.abs(grid.values - expected) / expected
        return Scores(np.where(expected > 0, deviation, np.nan), expected)


def recent_level(values: np.ndarray) -> np.ndarray:
    """Mean of both EWMAs up to and with each value, in their unit; NaN until 20 have been seen."""
    return ewm_mean(values, RECENT_SPANS, max(RECENT_SPANS))
