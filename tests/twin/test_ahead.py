"""The next two days are foreseen from past days: with an interval that holds, and knowing nothing of what comes."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from demands import MONDAY, a_demand, daily, nightly_job, slots

from ai_ops.domain.metrics import Series
from ai_ops.domain.warming_up import WarmingUp
from ai_ops.simulator.traffic import SHAPES
from ai_ops.twin.outlook.ahead import Ahead, ahead
from ai_ops.twin.outlook.demand import DAY, demand_of
from ai_ops.twin.outlook.past_days import median_of_known, past_days

REACH = 2 * DAY


def hours(values, **changes):
    """Hourly peaks of a demand."""
    return a_demand(values, **changes).hourly_peaks()


def test_a_perfect_rhythm_is_foreseen_exactly():
    """Every view of the past agrees, and so does what comes."""
    made = ahead(hours(daily(14)), REACH)
    assert made.expected == pytest.approx(hours(daily(16)).values[-48:])
    assert made.upper == pytest.approx(made.expected)
    assert made.error_ratio == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("days", "have"), [(0, 0), (2, 48), (6.75, 162)])
def test_a_rhythm_must_have_been_seen_for_a_week(days, have):
    """Two days make a forecast, and five more tell how good it is."""
    assert ahead(hours(daily(days)), REACH) == WarmingUp(have, 168, "hours")
    assert isinstance(ahead(hours(daily(7)), REACH), Ahead)


def test_a_week_full_of_gaps_is_no_week():
    """What was not measured teaches nothing."""
    values = daily(7)
    values[144:720] = np.nan
    assert ahead(hours(values), REACH) == WarmingUp(144, 168, "hours")


def test_weekends_are_told_from_weekdays():
    """On Friday evening, the day before says the wrong thing of Saturday."""
    is_weekend = slots(26) // 144 % 7 >= 5
    values = daily(26) * np.where(is_weekend, 0.3, 1.0)
    until_friday = slots(26) < 144 * 19
    made = ahead(hours(values[until_friday], noise=0.02), REACH)
    saturday = hours(values).values[19 * 24 : 19 * 24 + 48]
    assert np.abs(made.expected - saturday).mean() < 0.06 * saturday.mean()
    assert made.error_ratio < 0.5 * made.naive_error_ratio


def test_a_higher_level_is_followed_within_days():
    """A new customer stays: what a month ago was usual is not usual any more."""
    values = daily(28) * np.where(slots(28) < 144 * 23, 1.0, 1.5)
    made = ahead(hours(values, noise=0.02), REACH)
    assert made.expected.mean() == pytest.approx(hours(1.5 * daily(2)).values.mean(), rel=0.08)


def test_one_freak_day_does_not_come_again():
    """Yesterday's crowd is no rhythm: the median of a week does not see it."""
    values = daily(21)
    values[-100:-80] *= 6.0
    made = ahead(hours(values, noise=0.05), REACH)
    assert made.expected.max() < 1.6 * daily(1).max()


def test_what_comes_later_changes_nothing():
    """A forecast that peeked would be perfect on the past and worthless tomorrow."""
    demand, other = hours(daily(30), noise=0.1), hours(np.concatenate([daily(20), 9.0 * daily(10)]), noise=0.1)
    made, same = (ahead(one.until(20 * 24), REACH) for one in (demand, other))
    assert np.array_equal(made.expected, same.expected)
    assert np.array_equal(made.upper, same.upper)


def test_no_view_of_a_past_origin_saw_what_came_after_it():
    """The errors that weights and intervals rest on are those of real forecasts."""
    demand, origins = hours(daily(20), noise=0.1), np.arange(48, 480)
    views = past_days(demand, origins, 48)
    for origin in (72, 200, 479):
        place = origin - 48
        alone = past_days(demand.until(origin), np.arange(48, origin + 1), 48)
        assert np.array_equal(views[:, place], alone[:, -1], equal_nan=True)


def test_the_first_view_is_seasonal_naive():
    """The opponent in every comparison: the last day known, for both days ahead."""
    values = np.arange(96.0)
    views = past_days(hours(np.repeat(values, 6)), np.array([72]), 48)
    assert views[0, 0].tolist() == [*values[48:72], *values[48:72]]


@pytest.mark.parametrize("shape", ["daily", "weekly", "growing", "request spikes", "daily batch"])
def test_the_interval_holds_nine_of_ten(shape):
    """On made-up traffic that the forecast was not made for (S000-56)."""
    minutes = SHAPES[shape](400.0, 49, np.random.default_rng(11))
    demand = demand_of(Series("requests_per_second", MONDAY, timedelta(minutes=1), minutes)).hourly_peaks()
    inside, better = [], []
    for origin in range(21 * 24, demand.values.size - 48, 53):
        made, came = ahead(demand.until(origin), REACH), demand.values[origin : origin + 48]
        inside += [*((came >= made.lower) & (came <= made.upper))]
        naive = np.tile(demand.values[origin - 24 : origin], 2)
        better.append(np.abs(came - made.expected).mean() / np.abs(came - naive).mean())
    assert 0.80 <= np.mean(inside) <= 0.97
    assert np.mean(better) < 1.0


def test_hard_hours_have_wide_intervals():
    """A job that comes early or late makes its edges uncertain, not the quiet afternoon."""
    demand = nightly_job(21)
    late = np.random.default_rng(3).integers(-1, 2, 21)
    moved = np.concatenate([np.roll(day, shift) for day, shift in zip(demand.reshape(21, -1), late, strict=True)])
    made = ahead(a_demand(moved, noise=0.02), DAY, timedelta(hours=3))
    width = made.upper - made.lower
    assert width[12] > 5.0 * width[90]


def test_no_traffic_is_foreseen_as_none():
    """A service that nobody calls divides nothing by zero."""
    made = ahead(hours(np.zeros(144 * 14)), REACH)
    assert made.expected.tolist() == made.upper.tolist() == [0.0] * 48


def test_nothing_below_zero_is_foreseen():
    """Fewer requests than none do not come, and the expectation lies inside of its interval."""
    made = ahead(hours(5.0 * np.random.default_rng(1).exponential(size=144 * 14)), REACH)
    assert (made.lower >= 0.0).all()
    assert ((made.lower <= made.expected) & (made.expected <= made.upper)).all()


def test_gaps_are_bridged():
    """Lost scrapes and a day without monitoring leave a forecast that is finite and near."""
    values = daily(21)
    values[np.random.default_rng(2).random(values.size) < 0.1] = np.nan
    values[-200:-60] = np.nan
    made = ahead(hours(values, noise=0.02), REACH)
    assert made.expected == pytest.approx(hours(daily(2)).values, rel=0.1)


def test_the_median_of_gaps_is_a_gap():
    """And one of the known is that of the known."""
    stack = np.array([[1.0, np.nan, np.nan], [5.0, 2.0, np.nan], [9.0, 4.0, np.nan]])
    assert median_of_known(stack)[:2].tolist() == [5.0, 3.0]
    assert np.isnan(median_of_known(stack)[2])
