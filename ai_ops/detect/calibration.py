"""Thresholds that meet a false-alarm budget on the series' own past."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

LEAST_THRESHOLD = 3.0
"""Below three sigmas nothing is worth a person's attention, however quiet the past was (S001-91)."""

BLOCK = timedelta(hours=6)
"""Exceedances within six hours are one alarm: that is how often anybody looks."""

GUMBEL_MEDIAN, GUMBEL_QUARTILE = 0.36651, 1.24590
"""-ln(-ln p) at p = 1/2 and p = 3/4."""


def alarms_per_week(sensitivity: float) -> float:
    """False alarms that a metric may raise in a week.

    >>> round(alarms_per_week(0.92), 2), round(alarms_per_week(0.85), 2)
    (1.0, 0.53)
    """
    return 0.08 / (1.0 - sensitivity)


def calibrated_threshold(past: np.ndarray, step: timedelta, budget_per_week: float) -> float:
    """Threshold that a normal week exceeds `budget_per_week` times, and at least `LEAST_THRESHOLD`.

    The maximum of a block of scores is about Gumbel-distributed. Its two parameters come from the median and
    the upper quartile of the blocks, so that incidents of the past, up to a quarter of the blocks, neither
    raise the threshold nor lower it. The threshold is the quantile that the budget leaves.

    Parameters
    ----------
    past
        Scores before the judged window, shape (n,), NaN where the detector could not say.
    step
        Distance between two scores.
    budget_per_week
        Alarms allowed in a week.

    References
    ----------
    Fisher and Tippett (1928); Gumbel, Statistics of Extremes (1958), chapter 5.
    """
    block = max(1, round(BLOCK / step))
    whole = past[past.size % block :].reshape(-1, block)
    known = whole[np.isfinite(whole).any(axis=1)]
    if not known.size:
        return LEAST_THRESHOLD
    median, quartile = np.quantile(np.nanmax(known, axis=1), [0.5, 0.75])
    scale = (quartile - median) / (GUMBEL_QUARTILE - GUMBEL_MEDIAN)
    per_block = min(0.5, budget_per_week * (BLOCK / timedelta(weeks=1)))
    extreme = -np.log(-np.log1p(-per_block))
    return max(LEAST_THRESHOLD, float(median + scale * (extreme - GUMBEL_MEDIAN)))
