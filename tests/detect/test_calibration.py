"""Thresholds from a budget of false alarms."""

from __future__ import annotations

import numpy as np
import pytest
from examples import STEP
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ai_ops.detect.calibration import (
    CALIBRATED,
    LEAST_THRESHOLD,
    alarms_per_week,
    calibrated_threshold,
    calibrated_thresholds,
)

BLOCK = 36
"""Six hours of values."""


def test_the_sensitivity_sets_the_budget():
    """0.92 allows one false alarm a week, 0.85 half of one (S001-11, R1)."""
    assert alarms_per_week(0.92) == pytest.approx(1.0)
    assert alarms_per_week(0.85) == pytest.approx(0.5, abs=0.04)


def test_a_normal_week_exceeds_the_threshold_as_often_as_allowed():
    """On a long normal past the share of alarming blocks is what the budget says (R1)."""
    scores = np.abs(np.random.default_rng(4).normal(size=100_800)) + 2.0
    threshold = calibrated_threshold(scores, STEP, budget_per_week=1.0)
    alarms = (scores.reshape(-1, BLOCK).max(axis=1) > threshold).sum()
    assert 0.5 <= alarms / 100 <= 1.5


@pytest.mark.parametrize("budget", [0.5, 1.0, 3.0])
def test_thresholds_learned_on_the_way_keep_a_heavy_tail_within_its_budget(budget):
    """Two weeks of blocks are few, and the tail is that of Student's t: still about as often as allowed (R1)."""
    scores = np.abs(np.random.default_rng(4).standard_t(3.0, size=(20, 8 * 1008)))
    thresholds = calibrated_thresholds(scores, STEP, budget)
    judged = (scores > thresholds)[:, 2 * 1008 :].reshape(20, -1, BLOCK).any(axis=2)
    assert 0.3 * budget <= judged.sum() / (20 * 6) <= 2.0 * budget


def test_incidents_of_the_past_do_not_blind():
    """A bad day among fourteen leaves the threshold where it was."""
    quiet = np.abs(np.random.default_rng(4).normal(size=2016))
    bad = quiet.copy()
    bad[500:644] = 40.0
    before, after = (calibrated_threshold(past, STEP, budget_per_week=1.0) for past in (quiet, bad))
    assert after == pytest.approx(before, rel=0.2)


@pytest.mark.parametrize("past", [np.ones(2016), np.full(2016, np.nan), np.empty(0), np.full(5, 99.0)])
def test_no_threshold_falls_below_three_sigmas(past):
    """A very quiet or very short past does not make trifles alarms (S000-04, S001-91)."""
    assert calibrated_threshold(past, STEP, budget_per_week=1.0) == LEAST_THRESHOLD == 3.0


def test_a_threshold_is_known_after_a_day():
    """Its busy hours must have been seen; before that nothing is abnormal (R3)."""
    thresholds = calibrated_thresholds(np.ones(300), STEP, 1.0)
    needed = CALIBRATED // STEP
    assert np.isnan(thresholds[:needed]).all()
    assert np.isfinite(thresholds[needed:]).all()


@settings(max_examples=30)
@given(
    arrays.arrays(np.float64, (2, 400), elements=st.floats(0.0, 1e6) | st.just(np.nan)),
    st.integers(1, 399),
    st.floats(0.1, 10.0),
)
def test_a_threshold_knows_the_blocks_before_it_only(scores, cut, budget):
    """Neither what comes later nor another row changes it."""
    whole = calibrated_thresholds(scores, STEP, budget)
    np.testing.assert_array_equal(calibrated_thresholds(scores[0, :cut], STEP, budget), whole[0, :cut])


@settings(max_examples=30)
@given(arrays.arrays(np.float64, 500, elements=st.floats(0.0, 1e6)), st.floats(0.1, 5.0), st.floats(1.0, 5.0))
def test_a_larger_budget_never_raises_a_threshold(scores, budget, more):
    """Who allows more false alarms misses less (S001-11)."""
    strict, lax = (calibrated_thresholds(scores, STEP, allowed) for allowed in (budget, budget * more))
    known = np.isfinite(strict)
    assert (lax[known] <= strict[known] * (1 + 1e-12)).all()
