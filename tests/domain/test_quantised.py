"""Rounding before deciding: what was kept of a number is the number that was decided on."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from examples import NOON
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ai_ops.domain.metrics import CANONICAL_METRICS, Series
from ai_ops.domain.quantised import DIGITS, codes_of, quantised, values_of

METRICS = st.sampled_from([*CANONICAL_METRICS, "reward"])
COLUMNS = arrays(np.float64, st.integers(0, 20))
"""Any float at all: gaps, infinities, denormal and negative numbers included."""


def rounded(metric: str, values: np.ndarray) -> np.ndarray:
    """The values that are left."""
    return quantised(Series(metric, NOON, timedelta(minutes=1), values)).values


@given(METRICS, COLUMNS)
def test_rounding_twice_is_rounding_once(metric, values):
    """A decision that is replayed on what was kept meets the very same numbers."""
    once = rounded(metric, values)
    np.testing.assert_array_equal(rounded(metric, once), once)


@given(METRICS, COLUMNS)
def test_a_code_and_its_value_stand_for_each_other(metric, values):
    """Neither way loses anything, so whole numbers may be kept in place of floats."""
    codes = codes_of(metric, values)
    np.testing.assert_array_equal(codes_of(metric, values_of(metric, codes)), codes)
    assert np.abs(codes).max(initial=0) < 2**22


@given(METRICS, COLUMNS)
def test_a_gap_stays_a_gap_and_nothing_else_becomes_one(metric, values):
    """NaN, infinities and what nobody measures are gaps; any other number has a value."""
    known = np.abs(values) <= 1e18
    np.testing.assert_array_equal(np.isfinite(rounded(metric, values)), known | (np.abs(values) <= 2.0**60 - 1))


@given(st.sampled_from(sorted(DIGITS)), st.floats(1e-6, 1e9))
def test_what_is_lost_is_far_below_the_noise_of_a_minute(metric, value):
    """At most one part in two thousand, whatever the size of the service; of a share, of its distance from 1."""
    exact = np.array([1.0 - value if metric == "slo_good_ratio" else value])
    lost = abs(rounded(metric, exact)[0] - exact[0])
    assert lost <= 0.00049 * abs(1.0 - exact[0] if metric == "slo_good_ratio" else value)


@given(st.lists(st.floats(0, 1e6), min_size=2))
def test_order_is_kept(values):
    """What was above a threshold is not below it afterwards, but for what the rounding puts on it."""
    assert (np.diff(rounded("cpu_percent", np.sort(values))) >= 0).all()


@pytest.mark.parametrize("metric", ["instances", "instances_desired"])
def test_instances_are_counted_exactly(metric):
    """A fleet of 65,536 is still a whole number."""
    counts = np.arange(65_537.0)
    np.testing.assert_array_equal(rounded(metric, counts), counts)


@pytest.mark.parametrize("bad", [0.0005, 0.0001, 0.00001, 0.000001])
def test_an_error_budget_is_kept_as_exactly_as_it_is_small(bad):
    """Two promises that differ in their fourth nine are not rounded into one (R6)."""
    (good,) = rounded("slo_good_ratio", np.array([1.0 - bad]))
    assert 1.0 - good == pytest.approx(bad, rel=0.0005)


def test_neither_perfection_nor_silence_is_lost():
    """Exactly all good, exactly none, and no requests at all."""
    np.testing.assert_array_equal(rounded("slo_good_ratio", np.array([1.0, 0.0])), [1.0, 0.0])
    np.testing.assert_array_equal(rounded("requests_per_second", np.array([0.0, -0.0])), [0.0, 0.0])
