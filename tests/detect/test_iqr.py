"""IQR: how far outside the middle half of the last week."""

from __future__ import annotations

import numpy as np
import pytest
from examples import a_series
from rhythms import DAY, level

from ai_ops.detect.iqr import IQR_TO_SIGMA, Iqr


def scored(values, floor=1e-6):
    """Scores of one row."""
    return Iqr().score(a_series("cpu_percent", values), np.full(values.size, floor))


def test_the_middle_half_scores_nothing():
    """Half of all normal values are not even a little unusual (S000-03)."""
    scores = scored(level(14)).values
    assert (scores[8 * DAY :] == 0.0).mean() == pytest.approx(0.5, abs=0.1)


def test_tukeys_fence_lies_at_two_sigmas():
    """A value 1.5 interquartile ranges above the upper quartile scores 1.5 times 1.349 (S000-03)."""
    values = np.tile([0.0, 1.0, 2.0, 3.0], 7 * DAY // 4)
    values = np.r_[values, 2.0 + 1.5 * 2.0]
    found = scored(values)
    assert found.values[-1] == pytest.approx(1.5 * IQR_TO_SIGMA)
    assert found.expected[-1] == 1.0


def test_it_asks_nothing_of_the_shape_of_the_distribution():
    """Any one value, however wild, leaves the quartiles where they were."""
    calm, wild = level(8), level(8)
    wild[-20] = 1e9
    assert scored(wild).values[-1] == pytest.approx(scored(calm).values[-1], abs=0.2)


def test_the_floor_is_the_least_spread():
    """Where the middle half is one value, a step of one is not infinitely far (R2)."""
    assert scored(np.r_[np.full(7 * DAY, 5.0), 6.0], floor=0.5).values[-1] == pytest.approx(2.0)
