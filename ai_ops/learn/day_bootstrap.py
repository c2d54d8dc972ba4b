"""Intervals from drawing whole days: what lies within a day resembles itself, so days are what is counted.

With few days the percentiles of the resamples are too narrow, and an AUC is not symmetric. So the resamples only tell
how far the figure spreads: a 95 % interval is Student's, widened by what a resample of D days varies less than D days
do, and for a share it is taken on the scale of its log-odds. In simulation each end of it misses in two to four of a
hundred cases from five days on, where percentiles miss in five to eleven; shares near 1 do worse with few days.

References
----------
Efron and Tibshirani, An Introduction to the Bootstrap (1993), sections 12.3 and 14.5; Hesterberg, What Teachers Should
Know About the Bootstrap, The American Statistician 69 (2015), 371-386; log-odds of an AUC: Pepe, The Statistical
Evaluation of Medical Tests (2003), section 5.2.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np

from ai_ops.domain.self_test import Estimate

RESAMPLES = 1000
"""A standard deviation is known from them to two per cent."""

LEAST_DAYS = 4
"""In four days each time of day is held out once (`domain.held_out`); from fewer nothing is concluded."""

TAIL = 0.025


def resampled_days(days: int, seed: int) -> np.ndarray:
    """How often each day is drawn in each resample, shape (RESAMPLES, days); every row sums to `days`."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(days, np.full(days, 1.0 / days), size=RESAMPLES).astype(np.float64)


def interval_of_difference(value: float, resampled: np.ndarray, days: int) -> Estimate:
    """A difference of two shares with its 95 % interval.

    Parameters
    ----------
    value
        The difference itself.
    resampled
        That of each resample, shape (RESAMPLES,); NaN where a resample has none.
    days
        How many were drawn from. Below `LEAST_DAYS` the interval is all that is possible.
    """
    if days < LEAST_DAYS:
        return Estimate(value, -1.0, 1.0)
    reach = _widening(days) * float(np.nanstd(resampled))
    return Estimate(value, max(-1.0, value - reach), min(1.0, value + reach))


def interval_of_share(value: float, resampled: np.ndarray, days: int, resolution: float) -> Estimate:
    """A share with its 95 % interval.

    Parameters
    ----------
    value, resampled, days
        As in `interval_of_difference`.
    resolution
        The smallest difference from 0 or 1 that the windows could show; nothing is known more exactly.
    """
    if days < LEAST_DAYS:
        return Estimate(value, 0.0, 1.0)
    middle = _log_odds(np.array(value), resolution)
    reach = _widening(days) * np.nanstd(_log_odds(resampled, resolution))
    low, high = (float(1.0 / (1.0 + np.exp(-end))) for end in (middle - reach, middle + reach))
    return Estimate(value, min(low, value), max(high, value))


def _log_odds(share: np.ndarray, resolution: float) -> np.ndarray:
    inside = np.clip(share, resolution, 1.0 - resolution)
    return np.asarray(np.log(inside / (1.0 - inside)))


@lru_cache
def _widening(days: int) -> float:
    """Standard deviations of the resamples from the middle to the end of the interval."""
    from scipy.special import stdtrit

    return float(-stdtrit(days - 1, TAIL)) * sqrt(days / (days - 1))
