"""Change point: a level that moved a little and stayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.running import slow_sigma
from ai_ops.detect.seasonal import Seasonal, usual
from ai_ops.domain.finding import Scores

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Panel, Series

DRIFT = 0.5
"""In sigmas: half of the smallest shift worth finding, which is one sigma (Montgomery, section 9.1)."""

CLIP = 3.0
"""In sigmas: one wild value is no change of level."""


class ChangePoint:
    """Two-sided CUSUM of what lies outside the usual span of the time of day, in sigmas.

    The sum of all that exceeded the drift since the last time nothing did. It finds a shift too small for any single
    value to be remarkable, some values late, and stays high until the new level has become usual.

    References
    ----------
    Page, Continuous inspection schemes, Biometrika 41 (1954); Montgomery, Introduction to Statistical Quality
    Control, chapter 9.
    """

    name = "change point"
    threshold: float | None = None
    needs = Seasonal.needs

    def score(self, grid: Series | Panel, floor: np.ndarray) -> Scores:
        """Score every value; NaN until two days have been seen. `expected` is the middle of the span."""
        low, high = usual(grid.values, grid.step)
        middle = (low + high) / 2.0
        sigma = slow_sigma(np.abs(grid.values - middle), grid.step, floor)
        signed = np.clip((grid.values - np.clip(grid.values, low, high)) / sigma, -CLIP, CLIP)
        either = np.maximum(_cusum(signed), _cusum(-signed))
        return Scores(np.where(np.isnan(signed), np.nan, either), middle)


def _cusum(signed: np.ndarray) -> np.ndarray:
    """``S[t] = max(0, S[t-1] + x[t] - drift)``, without a loop: the sum less its smallest value so far."""
    total = np.cumsum(np.nan_to_num(signed) - DRIFT, axis=-1)
    return total - np.minimum(np.minimum.accumulate(total, axis=-1), 0.0)
