"""Steps longer than the usual ones: a value every few hours, or one a day."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from examples import NOON

from ai_ops.detect.calibration import calibrated_thresholds
from ai_ops.detect.counters import is_counter
from ai_ops.detect.hour_profile import hour_profile
from ai_ops.detect.judge import judge
from ai_ops.detect.seasonal import usual
from ai_ops.domain.metrics import Panel, Series

DAILY = timedelta(days=1)
HOURS = [1, 2, 3, 4, 6, 8, 12, 24, 168]


def around_a_hundred(size, seed):
    """A level with normal noise."""
    return 100.0 + np.random.default_rng(seed).normal(size=size)


@pytest.mark.parametrize("hours", HOURS)
def test_what_is_usual_never_knows_the_value_itself_nor_a_later_one(hours):
    """On a coarse grid the neighbours of this time on the day before reach into today."""
    step, before = timedelta(hours=hours), around_a_hundred(240, seed=1)
    for at in range(60, 240, 3):
        after = before.copy()
        after[at] += 50.0 * (-1) ** at
        for one, other in zip(usual(before, step), usual(after, step), strict=True):
            np.testing.assert_array_equal(one[: at + 1], other[: at + 1])


@pytest.mark.parametrize("hours", HOURS)
def test_a_later_value_changes_no_score_whatever_the_step(hours):
    """A score that moves with the future cannot be trusted in the past (S001-06)."""
    step, values = timedelta(hours=hours), around_a_hundred(400, seed=2)
    whole = judge(Series("value", NOON, step, values)).score
    for size in (90, 201, 333):
        part = judge(Series("value", NOON, step, values[:size].copy())).score
        np.testing.assert_allclose(part, whole[:size], rtol=1e-9)


def test_a_daily_gauge_that_happens_to_rise_at_first_is_no_counter():
    """Two days are two values then; as a counter it would lose every day on which it falls."""
    assert not is_counter(np.array([[5.0, 6.0, 4.0, 7.0]]), DAILY).any()
    assert is_counter(np.arange(48.0), timedelta(hours=1))


def test_the_budget_counts_weeks_also_where_a_block_is_a_day():
    """As quarters of a day, days would be given a quarter of the budget, and real alarms would be missed."""
    scores = np.abs(np.random.default_rng(3).standard_t(3, size=(40, 700))) * 3.0
    thresholds = calibrated_thresholds(scores, DAILY, budget_per_week=1.0)
    alarms = (scores > thresholds)[:, 100:]
    assert 0.7 <= 7.0 * alarms.mean() <= 1.4


@pytest.mark.parametrize("minutes", [7, 240, 720, 1440])
def test_even_noise_has_an_even_profile(minutes):
    """A profile made of single values would make some hours deaf and others jumpy by chance alone."""
    step = timedelta(minutes=minutes)
    noise = np.abs(np.random.default_rng(4).normal(size=(10, 30 * max(24, 1440 // minutes))))
    assert hour_profile(noise, step).std() < 0.25


def test_a_day_far_above_all_others_is_found_in_a_daily_metric():
    """Costs and sign-ups come once a day."""
    days = np.stack([around_a_hundred(120, seed) for seed in range(20)])
    days[:, -1] += 20.0
    scores = judge(Panel("value", tuple(map(str, range(20))), NOON, DAILY, days)).score
    assert (scores[:, -1] > 1.0).all()
    assert (scores[:, 60:-1] > 1.0).mean() < 1 / 7  # the budget: one a week
