"""The next weeks: a trend believed with caution, an interval that widens, silence where too little is known."""

from __future__ import annotations

import numpy as np
import pytest
from demands import a_demand, daily, slots

from ai_ops.domain.warming_up import WarmingUp
from ai_ops.twin.outlook.weeks_ahead import (
    DAMPING,
    LEVEL_SPEED,
    SCEPTICAL_WEEKS,
    TREND_SPEED,
    WEEK,
    WEEKS_AHEAD,
    weekly_peaks,
    weeks_ahead,
)


def weeks_of(peaks):
    """Weeks of a flat demand at these levels."""
    return a_demand(np.repeat(np.asarray(peaks, dtype=float), 1008))


@pytest.mark.parametrize("weeks", [0, 1, 2])
def test_three_weeks_must_be_known(weeks):
    """Two peaks always lie on a line; nobody should buy instances for it (S000-56)."""
    assert weeks_ahead(weeks_of([100.0] * weeks)) == WarmingUp(weeks, 3, "weeks")
    assert weeks_ahead(weeks_of([100.0] * 3)).expected == pytest.approx(np.full(WEEKS_AHEAD, 100.0))


def test_the_recursion_is_the_textbooks():
    """Holt's damped trend on logarithms, worked out by hand."""
    peaks = np.array([100.0, 110.0, 105.0, 130.0])
    logs = np.log(peaks)
    trend = float(np.median(np.diff(logs))) * 3 / (3 + SCEPTICAL_WEEKS)
    level = logs[0] - DAMPING * trend
    for value in logs:
        before, level = level, LEVEL_SPEED * value + (1 - LEVEL_SPEED) * (level + DAMPING * trend)
        trend = TREND_SPEED * (level - before) + (1 - TREND_SPEED) * DAMPING * trend
    ahead = np.exp(level + np.cumsum(DAMPING ** np.arange(1, WEEKS_AHEAD + 1)) * trend)
    assert weeks_ahead(weeks_of(peaks)).expected == pytest.approx(ahead, rel=1e-6)


def test_growth_goes_on_but_not_for_ever():
    """Five percent a week for ten weeks: more is to come, though less each week."""
    made = weeks_ahead(weeks_of(100.0 * 1.05 ** np.arange(10)))
    steps = np.diff(np.log(made.expected))
    assert made.growth_ratio > 0.1
    assert (steps > 0).all()
    assert (np.diff(steps) < 0).all()
    assert made.expected[-1] < made.peaks[-1] * 1.05**WEEKS_AHEAD


def test_a_young_trend_is_believed_less_than_an_old_one():
    """Three weeks of growth may be chance, thirteen are not."""
    young, old = (weeks_ahead(weeks_of(1.05 ** np.arange(count))).growth_ratio for count in (3, 13))
    assert 0.0 < young < 0.75 * old


def test_the_interval_widens_with_the_weeks_and_narrows_with_experience():
    """Far weeks are less known than near ones, and few known weeks say little of any."""
    noisy = 100.0 * np.exp(0.05 * np.random.default_rng(4).normal(size=12))
    made, short = weeks_ahead(weeks_of(noisy)), weeks_ahead(weeks_of(noisy[-3:]))
    widths = np.log(made.upper / made.lower)
    assert (np.diff(widths) > 0).all()
    assert ((made.lower < made.expected) & (made.expected < made.upper)).all()
    assert (
        np.log(weeks_ahead(weeks_of([100.0] * 3)).upper / 100.0)[0]
        > np.log(weeks_ahead(weeks_of([100.0] * 12)).upper / 100.0)[0]
    )
    assert short.upper.size == made.upper.size


def test_the_interval_holds_nine_of_ten():
    """On random walks of weekly peaks, which is what the model speaks of."""
    rng, inside = np.random.default_rng(5), []
    for _ in range(60):
        peaks = 100.0 * np.exp(np.cumsum(0.05 * rng.normal(size=18)))
        made = weeks_ahead(weeks_of(peaks[:10]))
        inside += [*((peaks[10:] >= made.lower) & (peaks[10:] <= made.upper))]
    assert 0.80 <= np.mean(inside) <= 0.97


def test_the_peak_of_a_week_is_no_freak():
    """Half an hour of a crowd is no peak to plan by; a job of an hour each week is."""
    crowd, job = daily(7), daily(7)
    crowd[500:503] *= 5.0
    job[500:506] *= 5.0
    usual = weekly_peaks(a_demand(daily(7)))[0]
    assert weekly_peaks(a_demand(crowd))[0] == pytest.approx(usual, rel=0.01)
    assert weekly_peaks(a_demand(job))[0] > 3.0 * usual


def test_weeks_are_counted_back_from_the_end():
    """The newest week is whole, whatever day it is; the oldest one may lack an hour, and not half of its days."""
    whole = np.concatenate([np.full(1008, 1.0), np.full(1008, 2.0)])
    half, most = (weekly_peaks(a_demand(np.concatenate([np.full(count, 9.0), whole]))) for count in (500, 1002))
    assert most.tolist() == [9.0, 1.0, 2.0]
    assert half[1:].tolist() == [1.0, 2.0]
    assert np.isnan(half[0])


def test_a_lost_week_is_bridged_and_one_at_the_front_left_out():
    """Monitoring was away: that is no trend."""
    values = np.repeat([np.nan, 100.0, 110.0, np.nan, 130.0], 1008)
    made = weeks_ahead(a_demand(values))
    assert made.peaks == pytest.approx([100.0, 110.0, np.sqrt(110.0 * 130.0), 130.0])
    assert made.start == a_demand(values).end


def test_a_week_that_was_hardly_measured_is_not_known():
    """Its busiest hour may be the one that is missing."""
    values = np.full(2 * 1008, 7.0)
    values[: 1008 // 4] = np.nan
    assert np.isnan(weekly_peaks(a_demand(values))).tolist() == [True, False]


def test_weeks_are_seven_days():
    """However long a span is."""
    assert WEEK.days * 144 == slots(7).size
