"""Thresholds from a budget, and the bands of severity."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from ai_ops.detect.calibration import alarms_per_week, calibrated_threshold
from ai_ops.detect.severity import severity
from ai_ops.domain.finding import Severity

STEP = timedelta(minutes=10)


def test_the_sensitivity_sets_the_budget():
    """0.92 allows one false alarm a week, 0.85 half of one (R1)."""
    assert alarms_per_week(0.92) == pytest.approx(1.0)
    assert alarms_per_week(0.85) == pytest.approx(0.5, abs=0.04)


def test_a_normal_week_exceeds_the_threshold_as_often_as_allowed():
    """On a long normal past the share of alarming blocks is what the budget says (R1)."""
    scores = np.abs(np.random.default_rng(4).normal(size=100_800)) + 2.0
    threshold = calibrated_threshold(scores, STEP, budget_per_week=1.0)
    alarms = (scores.reshape(-1, 36).max(axis=1) > threshold).sum()
    assert 0.5 <= alarms / 100 <= 1.5


def test_incidents_of_the_past_do_not_blind():
    """A bad day among fourteen leaves the threshold where it was."""
    quiet = np.abs(np.random.default_rng(4).normal(size=2016))
    bad = quiet.copy()
    bad[500:644] = 40.0
    before, after = (calibrated_threshold(past, STEP, budget_per_week=1.0) for past in (quiet, bad))
    assert after == pytest.approx(before, rel=0.2)


@pytest.mark.parametrize("past", [np.ones(2016), np.full(2016, np.nan), np.empty(0)])
def test_no_threshold_falls_below_three_sigmas(past):
    """A very quiet past does not make trifles alarms."""
    assert calibrated_threshold(past, STEP, budget_per_week=1.0) == 3.0


@pytest.mark.parametrize(
    ("z", "deviation", "band"),
    [
        (5.01, 0, Severity.CRITICAL),
        (0, 0.51, Severity.CRITICAL),
        (5.0, 0.5, Severity.HIGH),
        (4.0, 0.4, Severity.MEDIUM),
        (3.0, 0.3, Severity.LOW),
        (2.0, 0.2, None),
    ],
)
def test_each_band_begins_above_its_limit(z, deviation, band):
    """The bands of S001-89 to S001-92, limits excluded."""
    assert severity(z, deviation) is band
