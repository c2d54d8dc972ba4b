"""Exponentially weighted means along a row that gaps do not disturb."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np

from ai_ops.detect.hours import columns_per_hour, hourly_means, since_the_hour_before
from ai_ops.detect.lookback import columns_per_day

SCALE_DAYS = 2
"""Slow enough that an incident of some hours does not become its own normal."""

SCALED = timedelta(hours=6)
"""Time until a scale is known: a quarter of a day."""

LEAST_VALUES = 20
"""A mean of fewer says nothing, however long they took."""

ROOT_TO_SIGMA = 1.4793
"""``pi / (sqrt(2) Gamma(3/4)**2)``: turns the squared mean of the roots of absolute residuals into a standard
deviation, for a normal distribution. Under the root a burst counts little: when one value of 25 lies 30 sigmas out,
the roots say 1.5 sigmas where the mean absolute residual says 2.5 and the standard deviation 6."""


def ewm_mean(values: np.ndarray, spans: tuple[int, ...], least: int) -> np.ndarray:
    """Exponentially weighted mean up to and with each column; gaps are passed over and keep the last mean.

    It starts from the plain mean of the first `least` values, which are not reported themselves.

    Parameters
    ----------
    spans
        One or two, in columns; the weight of the newest value is ``2 / (span + 1)``. Of two the mean of both means.
    least
        Values that must have been seen before the mean counts; NaN before.
    """
    # What is derived from a look-back starts with columns that no row has; what follows is mostly without gaps.
    known = np.isfinite(values)
    if not known.size:
        return values.copy()
    first = int(np.argmax(known.reshape(-1, values.shape[-1]).any(axis=0)))
    whole = known[..., first:].all(axis=-1)
    means = np.full_like(values, np.nan)
    if whole.all():
        means[..., first:] = _filtered(values[..., first:], spans, least)
        return means
    means[whole, first:] = _filtered(values[whole, first:], spans, least)
    for row in np.argwhere(~whole):
        means[*row] = _between_gaps(values[*row], spans, least)
    return means


def slow_sigma(residual: np.ndarray, step: timedelta, floor: np.ndarray) -> np.ndarray:
    """Slowly moving scale of the absolute residuals before each column, in their unit, never below `floor`.

    NaN until a quarter of a day of residuals has been seen.
    """
    root = slow_mean(np.sqrt(residual), step, SCALE_DAYS)
    return np.asarray(np.maximum(ROOT_TO_SIGMA * root**2, floor))


def slow_mean(values: np.ndarray, step: timedelta, days: int) -> np.ndarray:
    """Exponentially weighted mean over about `days` days before the hour of each column; same shape.

    NaN until a quarter of a day and 20 values have been seen.
    """
    width, day = columns_per_hour(step), columns_per_day(step)
    least = max(round(SCALED / (width * step)), -(-LEAST_VALUES // width))
    means = ewm_mean(hourly_means(values, step), (max(2, days * day // width),), least)
    return since_the_hour_before(means, step, values.shape[-1])


def _filtered(values: np.ndarray, spans: tuple[int, ...], least: int) -> np.ndarray:
    """Filter rows without gaps, from the mean of their first values on."""
    from scipy.signal import lfilter

    if values.shape[-1] < least:
        return np.full_like(values, np.nan)
    numerator, denominator, steady = _coefficients(spans)
    start = values[..., :least].mean(axis=-1, keepdims=True) * steady
    means, _ = lfilter(numerator, denominator, values, axis=-1, zi=start)
    means[..., : least - 1] = np.nan
    return np.asarray(means)


@cache
def _coefficients(spans: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numerator, denominator, and the state after an endless row of ones.

    First-order filters side by side are one filter of higher order, and one pass.
    """
    from scipy.signal import lfilter_zi

    poles = [1.0 - 2.0 / (span + 1.0) for span in spans]
    numerator, denominator = np.zeros(len(poles)), np.poly(poles)
    for index, pole in enumerate(poles):
        others = np.poly(poles[:index] + poles[index + 1 :])
        numerator += (1.0 - pole) * others / len(poles)
    return numerator, denominator, np.asarray(lfilter_zi(numerator, denominator))


def _between_gaps(row: np.ndarray, spans: tuple[int, ...], least: int) -> np.ndarray:
    """The mean over the known values of one row; in a gap the last one stands."""
    known = np.isfinite(row)
    if not known.any():
        return np.full_like(row, np.nan)
    newest = np.cumsum(known) - 1
    return np.where(newest >= 0, _filtered(row[known], spans, least)[newest], np.nan)
