"""Intervals from drawing whole days: what lies within a day resembles itself, so days are what is counted."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np

from ai_ops.domain.self_test import Estimate

RESAMPLES = 4000
"""The ends of an interval rest on the outermost few per cent of them: some dozens."""

LEAST_DAYS = 4
"""In four days each time of day is held out once (`domain.held_out`); from fewer nothing is concluded."""

TAIL = 0.025


def resampled_days(days: int, seed: int) -> np.ndarray:
    """How often each day is drawn in each resample, shape (RESAMPLES, days); every row sums to `days`."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(days, np.full(days, 1.0 / days), size=RESAMPLES).astype(np.float64)


def interval(value: float, resampled: np.ndarray, days: int, limits: tuple[float, float]) -> Estimate:
    """A figure with its 95 % interval, the expanded percentile interval of its resamples.

    With few days plain percentiles are too narrow, by as much as the normal quantile is smaller than Student's and the
    resamples' variance than that of the days. So percentiles farther out are taken, which mends both to first order.

    Parameters
    ----------
    value
        The figure itself.
    resampled
        The same figure of each resample, shape (RESAMPLES,); NaN where a resample has none.
    days
        How many were drawn from. Below `LEAST_DAYS` the interval is all that is possible.
    limits
        Least and greatest value that the figure can have.

    References
    ----------
    Hesterberg, What Teachers Should Know About the Bootstrap, The American Statistician 69 (2015), 371-386.
    """
    if days < LEAST_DAYS:
        return Estimate(value, *limits)
    tail = _tail(days)
    low, high = np.nanquantile(resampled, [tail, 1.0 - tail])
    return Estimate(value, min(float(low), value), max(float(high), value))


@lru_cache
def _tail(days: int) -> float:
    """Share of the resamples that is left out on either side."""
    from scipy.special import ndtr, stdtrit

    return float(ndtr(sqrt(days / (days - 1)) * stdtrit(days - 1, TAIL)))
