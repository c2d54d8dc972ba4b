"""Floors: the smallest spread that means anything."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from examples import STEP, a_series
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rhythms import DAY, demand

from ai_ops.detect.floors import plain_floor, spread_floor

VALUES = arrays.arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e9, 1e9) | st.just(np.nan))


def last(values, **how):
    """The floor of the newest value."""
    return plain_floor(np.asarray(values, dtype=np.float64), STEP, **how)[-1]


def shares(failed, requests=1000.0, days=3):
    """Percentage of failed requests and the traffic behind it, both flat."""
    size = days * DAY
    traffic = a_series("requests_per_second", np.full(size, requests / STEP.total_seconds()))
    return a_series("error_percent", np.full(size, 100.0 * failed / requests)), traffic


def test_a_floor_is_two_percent_of_the_scale_and_a_thousandth_of_the_level():
    """Finer differences are rounding, not behaviour (R2)."""
    values = demand(4)
    assert last(values) == pytest.approx(0.02 * values.std() + 0.001 * values.mean(), rel=0.05)


def test_a_large_level_does_not_lose_the_scale():
    """Memory in bytes: sums of squares would have no digits left for the spread."""
    values = 1e12 + demand(4)
    assert last(values) == pytest.approx(1e9, rel=1e-3)
    assert last(values - 1e12) == pytest.approx(last(demand(4)), rel=1e-3)


@pytest.mark.parametrize(
    ("values", "floor"),
    [(np.tile([3.0, 3.0, 4.0], 100), 1.0), (np.tile([5.0, 5.1], 100), 0.1), (np.full(300, 7.0), 1.0)],
    ids=["counts", "tenths", "whole"],
)
def test_a_value_is_not_known_better_than_its_resolution(values, floor):
    """One request, one instance, one rounded digit (R2)."""
    assert last(values) == pytest.approx(floor)


def test_a_whole_share_counts_nothing():
    """An error rate of exactly 0 or 1 % is no count of ones."""
    assert last(np.full(300, 1.0), may_count=False) == pytest.approx(0.001)


@settings(max_examples=50)
@given(VALUES, st.integers(1, 200))
def test_a_floor_is_positive_and_knows_the_past_only(values, cut):
    """Nothing is divided by zero, and once there are values, later ones never change the floor of earlier ones."""
    floor = plain_floor(values, STEP)
    assert (floor > 0.0).all()
    assert np.isfinite(floor).all()
    begun = np.logical_or.accumulate(np.isfinite(values))[:cut]
    np.testing.assert_array_equal(plain_floor(values[:cut], STEP)[begun], floor[:cut][begun])


def test_rows_have_floors_of_their_own():
    """The scale of one service is not that of another."""
    rows = np.stack([demand(2), 1e6 * demand(2), np.full(2 * DAY, np.nan), np.arange(2.0 * DAY)])
    for row, floor in zip(rows, plain_floor(rows, STEP), strict=True):
        np.testing.assert_array_equal(plain_floor(row, STEP), floor)


def test_a_share_is_no_steadier_than_its_requests_allow():
    """Ten failures of a thousand: sqrt(n p (1 - p) + 1) / n, in percent (R2)."""
    series, traffic = shares(failed=10.0)
    assert spread_floor(series, traffic)[-1] == pytest.approx(100.0 * np.sqrt(1000 * 0.01 * 0.99 + 1) / 1000, rel=1e-3)


def test_after_a_flawless_past_one_failure_is_one_sigma():
    """One request is added to the variance, or the first failure of a year would be infinitely many (R2)."""
    series, traffic = shares(failed=0.0)
    assert spread_floor(series, traffic)[-1] == pytest.approx(100.0 / 1000.0)


def test_fewer_requests_are_known_less_well():
    """One failure among ten requests at night is nothing."""
    many, few = (spread_floor(*shares(failed=0.01 * n, requests=n))[-1] for n in (10_000.0, 10.0))
    assert few > 30.0 * many


def test_a_ratio_of_good_requests_is_a_share_of_one():
    """The SLI runs from 0 to 1, the error rate from 0 to 100."""
    series, traffic = shares(failed=0.0)
    good = type(series)("slo_good_ratio", series.start, series.step, 1.0 - series.values)
    assert spread_floor(good, traffic)[-1] == pytest.approx(1.0 / 1000.0, rel=1e-2)


def test_traffic_says_nothing_of_other_metrics():
    """The spread of a latency is its own."""
    series, traffic = a_series("latency_p95_ms", demand(3)), shares(0.0)[1]
    np.testing.assert_array_equal(spread_floor(series, traffic), plain_floor(series.values, STEP))


def test_a_step_longer_than_a_block_has_a_floor():
    """Daily values: each is a block of its own."""
    floor = plain_floor(np.arange(20.0), timedelta(days=1))
    assert (floor > 0.0).all()
