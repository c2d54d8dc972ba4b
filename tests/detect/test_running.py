"""Running means: what they forget, and what a gap does to them."""

from __future__ import annotations

import numpy as np
import pytest
from examples import STEP
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ai_ops.detect.running import ewm_mean, slow_sigma

VALUES = arrays.arrays(np.float64, 40, elements=st.floats(-1e3, 1e3) | st.just(np.nan))


def plain(row, span, least):
    """The same mean, one value at a time."""
    means = np.full(row.size, np.nan)
    known = np.flatnonzero(np.isfinite(row))
    if known.size < least:
        return means
    mean = row[known[:least]].mean()
    for number, at in enumerate(known, start=1):
        mean += 2.0 / (span + 1.0) * (row[at] - mean)
        if number >= least:
            means[at:] = mean
    return means


@settings(max_examples=50)
@given(VALUES, st.sampled_from([3, 5, 20]), st.integers(2, 8))
def test_a_mean_is_that_of_the_known_values(row, span, least):
    """A gap is passed over, and in it the last mean stands."""
    np.testing.assert_allclose(ewm_mean(row, (span,), least), plain(row, span, least), atol=1e-8)


@settings(max_examples=30)
@given(VALUES)
def test_two_spans_give_the_mean_of_both_means(row):
    """One pass with a filter of second order is the two of first order side by side."""
    both = (ewm_mean(row, (5,), 6) + ewm_mean(row, (20,), 6)) / 2.0
    np.testing.assert_allclose(ewm_mean(row, (5, 20), 6), both, atol=1e-8)


def test_rows_with_gaps_do_not_touch_the_others():
    """Each service of a fleet is judged as if it were alone."""
    whole = np.arange(60.0)
    with_gap = np.where(np.arange(60) == 30, np.nan, whole)
    block = ewm_mean(np.stack([whole, with_gap, np.full(60, np.nan)]), (5,), 4)
    np.testing.assert_array_equal(block[0], ewm_mean(whole, (5,), 4))
    np.testing.assert_array_equal(block[1], ewm_mean(with_gap, (5,), 4))
    assert np.isnan(block[2]).all()


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 5), (3,)])
def test_too_few_values_have_no_mean(shape):
    """Nothing is expected of a metric that has just been born."""
    means = ewm_mean(np.ones(shape), (5,), 4)
    assert means.shape == shape
    assert np.isnan(means).all()


def test_the_scale_of_normal_noise_is_its_standard_deviation():
    """Scores are in sigmas, or a threshold of three would mean nothing (S001-91)."""
    residual = np.abs(np.random.default_rng(1).normal(0.0, 7.0, 4032))
    assert np.median(slow_sigma(residual, STEP, np.zeros(1))[1000:]) == pytest.approx(7.0, rel=0.05)


def test_the_scale_comes_from_the_values_before():
    """An outlier must not widen the scale that it is measured with."""
    residual = np.ones(400)
    residual[-1] = 1e6
    scale = slow_sigma(residual, STEP, np.zeros(1))
    assert scale[-1] == pytest.approx(scale[-2])


def test_a_scale_never_falls_below_its_floor():
    """A flat hour makes no ripple an anomaly (R2)."""
    scale = slow_sigma(np.zeros(400), STEP, np.full(400, 0.5))
    assert np.nanmin(scale) == 0.5


def test_one_wild_value_of_twenty_five_hardly_widens_the_scale():
    """The burst of yesterday must not hide the fault of today."""
    residual = np.abs(np.random.default_rng(1).normal(size=4032))
    residual[::25] = 30.0
    assert np.median(slow_sigma(residual, STEP, np.zeros(1))[1000:]) < 1.7
