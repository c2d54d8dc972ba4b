"""Change point: a small shift that lasts."""

from __future__ import annotations

import numpy as np
import pytest
from examples import a_series
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rhythms import DAY, demand

from ai_ops.detect.change_point import ChangePoint, _cusum
from ai_ops.detect.detect import ratio
from ai_ops.detect.seasonal import Seasonal


def ratios(values, detector=ChangePoint()):  # noqa: B008  # it remembers nothing
    """Scores in units of the calibrated threshold."""
    return ratio(detector, a_series("cpu_percent", values), np.full(values.size, 0.01), 1.0)


@settings(max_examples=50)
@given(arrays.arrays(np.float64, 30, elements=st.floats(-3, 3)))
def test_the_sum_is_pages(signed):
    """`S[t] = max(0, S[t-1] + x[t] - 1/2)`, value by value (S002-12)."""
    sums, total = [], 0.0
    for value in signed:
        total = max(0.0, total + value - 0.5)
        sums.append(total)
    np.testing.assert_allclose(_cusum(signed), sums, atol=1e-9)


@pytest.mark.parametrize("shift", [-0.06, 0.06], ids=["down", "up"])
def test_a_shift_too_small_for_any_single_value_is_found_when_it_lasts(shift):
    """Three sigmas of the noise on every value: the seasonal detector is silent all day, the sum is not (S002-12)."""
    values = demand(21)
    values[20 * DAY :] *= 1.0 + shift
    assert ratios(values)[20 * DAY] < 1.0
    assert np.nanmax(ratios(values)[20 * DAY :]) > 3.0
    assert np.nanmax(ratios(values, Seasonal())[20 * DAY :]) < 1.0


def test_one_wild_value_is_no_change_of_level():
    """Three sigmas are the most that one value can add."""
    values = demand(12)
    values[11 * DAY] *= 10.0
    assert ratios(values)[11 * DAY] < 1.0


def test_a_quiet_day_adds_up_to_little():
    """Noise inside the usual span must not pile up into an alarm (R1)."""
    assert np.nanmean(ratios(demand(21))[7 * DAY :] > 1.0) < 0.02
