"""How surprising normal rows are: the threshold, and the quantiles that everything newer is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import BLOCK, calibrated_threshold

if TYPE_CHECKING:
    from datetime import timedelta

PROBABILITIES = np.linspace(0.0, 1.0, 129)
"""Of the quantiles that a model keeps. Between two of them lies less than a hundredth, so that what is lost by keeping
no more is small beside the 0.869 / sqrt(n) of chance."""


def threshold_of(surprise: np.ndarray, step: timedelta, budget_per_week: float) -> float:
    """Surprise that a normal week exceeds as often as the budget allows.

    Where rows are left out of the blocks that the threshold is learned from, their largest surprise is that of fewer
    rows than a block will have; the budget is cut by the same share.

    Parameters
    ----------
    surprise
        Shape (n,), in sigmas, on a regular grid; NaN where a row does not count.
    """
    width = max(1, round(BLOCK / step))
    known = np.isfinite(surprise[surprise.size % width :]).reshape(-1, width)
    inside = known[known.any(axis=1)]
    return calibrated_threshold(surprise, step, budget_per_week * (float(inside.mean()) if inside.size else 1.0))


def levels_of(surprise: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted quantiles at `PROBABILITIES`, rising; empty where no row counts.

    Parameters
    ----------
    surprise
        Shape (n,), in sigmas; NaN where nothing is known.
    weights
        Shape (n,), 0 to 1.
    """
    counts = np.isfinite(surprise) & (weights > 0.0)
    if not counts.any():
        return np.zeros(0)
    order = np.argsort(surprise[counts], kind="stable")
    values, heavy = surprise[counts][order], weights[counts][order]
    middles = (
        np.cumsum(heavy) - heavy / 2.0
    ) / heavy.sum()  # Hazen (1914): each value stands for the middle of its share
    return np.asarray(np.interp(PROBABILITIES, middles, values))
