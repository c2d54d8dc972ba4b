"""How far a counted figure can be trusted."""

from __future__ import annotations

from math import sqrt

from ai_ops.domain.self_test import Estimate

CONFIDENCE = 0.95
NORMAL_QUANTILE = 1.959964
"""Quantile of the standard normal distribution at (1 + CONFIDENCE) / 2."""


def share(hits: int, trials: int) -> Estimate:
    """Share of trials that hit, with Wilson's interval.

    Raises
    ------
    ValueError
        When there was no trial, or more hits than trials.

    Examples
    --------
    >>> one = share(46, 50)
    >>> round(one.value, 2), round(one.low, 3), round(one.high, 3)
    (0.92, 0.812, 0.968)

    References
    ----------
    Wilson, J. Amer. Statist. Assoc. 22 (1927), 209-212; recommended over the usual one by Brown, Cai and DasGupta,
    Statistical Science 16 (2001), 101-133.
    """
    if not 0 <= hits <= trials or trials == 0:
        raise ValueError(f"{hits} of {trials} is no share")
    square = NORMAL_QUANTILE**2
    middle = (hits + square / 2.0) / (trials + square)
    reach = NORMAL_QUANTILE / (trials + square) * sqrt(hits * (trials - hits) / trials + square / 4.0)
    return Estimate(hits / trials, max(0.0, middle - reach), min(1.0, middle + reach))


def rate(events: int, exposure: float) -> Estimate:
    """Events per unit of exposure, with the exact Poisson interval.

    Parameters
    ----------
    events
        How many were counted.
    exposure
        How long was counted, such as in weeks.

    Raises
    ------
    ValueError
        When nothing was watched.

    Examples
    --------
    >>> none = rate(0, 1.0)
    >>> round(none.low, 2), round(none.high, 2)
    (0.0, 3.69)

    References
    ----------
    Garwood, Biometrika 28 (1936), 437-442.
    """
    from scipy.special import gammaincinv

    if events < 0 or exposure <= 0.0:
        raise ValueError(f"{events} events in {exposure} is no rate")
    tail = (1.0 - CONFIDENCE) / 2.0
    low = float(gammaincinv(events, tail)) if events else 0.0
    return Estimate(events / exposure, low / exposure, float(gammaincinv(events + 1, 1.0 - tail)) / exposure)
