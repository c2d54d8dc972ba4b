"""Deviation: far from the values just before, and far from what this time usually brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ai_ops.detect.ewma import recent_level
from ai_ops.detect.hour_profile import hour_profile
from ai_ops.detect.lookback import earlier, mean_of_last
from ai_ops.detect.running import SCALE_DAYS, slow_mean, slow_sigma
from ai_ops.detect.seasonal import usual

SUSTAINED = timedelta(minutes=15)
SUSTAINED_VALUES = 3
"""A quarter of an hour, and never fewer than three values in a row (S003-20). Their mean is steadier by the root of
their number, so that a fault which lasts stands out where each of its values alone might be chance."""

AT_MOST = 4.0
"""The larger residual counts up to four times the smaller, and so doubles it at most: the end of a lucky phase is a
leap from lately, however near it lies to what is usual."""


@dataclass(frozen=True, slots=True, eq=False)
class Deviation:
    """How far each value deviates, arrays of the values' shape.

    Parameters
    ----------
    sigmas
        Never negative; NaN where nothing was expected.
    direction
        +1 above both expectations, -1 below both, 0 between them.
    recent
        What the values just before let expect, in the metric's unit.
    low, high
        The span that is usual at this time, in the metric's unit.
    sigma
        What one sigma is, in the metric's unit.
    """

    sigmas: np.ndarray
    direction: np.ndarray
    recent: np.ndarray
    low: np.ndarray
    high: np.ndarray
    sigma: np.ndarray


def deviate(values: np.ndarray, step: timedelta, floor: np.ndarray) -> Deviation:
    """Measure every value, and the mean of the last quarter of an hour, against both expectations.

    The measure is the geometric mean of the two residuals where both have the same sign, in its own sigmas. The
    steep hours of a regular day are far from the values before them only, and a service that has grown is far from
    last week only.

    Parameters
    ----------
    values
        Shape (..., n), NaN for a gap.
    floor
        Smallest spread that means anything, in the metric's unit, broadcastable to the values.
    """
    low, high = usual(values, step)
    middle, half = (low + high) / 2.0, (high - low) / 2.0
    beside = values - middle
    # Two opinions on what comes next: as lately, or as lately beside what is usual at this time.
    plain, shaped = recent_level(values), recent_level(beside)
    recent = _better(values, earlier(plain, 1), middle + earlier(shaped, 1), step)
    scale = _Scale(step, floor, hour_profile(np.abs(beside - earlier(shaped, 1)), step))
    single, sigma = scale.measure(values - recent, beside, half)
    count = max(SUSTAINED_VALUES, round(SUSTAINED / step))
    lasting, _ = scale.measure(
        *(mean_of_last(row, count) for row in (values - earlier(recent, count - 1), beside, half))
    )
    signed = np.where(np.fmax(np.abs(lasting), 0.0) > np.abs(single), lasting, single)
    return Deviation(np.abs(signed), np.sign(signed), recent, low, high, sigma)


@dataclass(frozen=True, slots=True, eq=False)
class _Scale:
    """What a residual is measured with."""

    step: timedelta
    floor: np.ndarray
    profile: np.ndarray

    def measure(self, near: np.ndarray, far: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Signed geometric mean of the residual from lately and of that from the usual span, in sigmas; one sigma."""
        distance = np.sqrt(np.abs(near * far))
        sigma = np.maximum(slow_sigma(distance, self.step, self.floor) * self.profile, self.floor)
        outside = np.maximum(np.abs(far) - half, 0.0)
        smaller, larger = np.minimum(np.abs(near), outside), np.maximum(np.abs(near), outside)
        score = np.copysign(np.sqrt(smaller * np.minimum(larger, AT_MOST * smaller)) / sigma, far)
        return np.where(near * far > 0.0, score, 0.0 * score), sigma


def _better(values: np.ndarray, plain: np.ndarray, shaped: np.ndarray, step: timedelta) -> np.ndarray:
    """The opinion that has been nearer to the values of the last two days."""
    lead = np.sqrt(np.abs(values - plain)) - np.sqrt(np.abs(values - shaped))
    return np.where(slow_mean(lead, step, SCALE_DAYS) > 0.0, shaped, plain)
