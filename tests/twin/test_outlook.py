"""The outlook: when the greatest number of instances will not be enough, and how far away that is today."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from demands import a_capacity, a_demand, daily, nightly_job, slots

from ai_ops.domain.warming_up import WarmingUp
from ai_ops.twin.outlook.demand import HOUR
from ai_ops.twin.outlook.outlook import REACH, outlook
from ai_ops.twin.outlook.weeks_ahead import WEEK, WEEKS_AHEAD, WeeksAhead

WEEKS = timedelta(days=7 * WEEKS_AHEAD)


def growing(days, per_week=0.06):
    """A day's rhythm that grows by so much a week, to a peak of 150 at the end."""
    return daily(days) * (1.0 + per_week) ** ((slots(days) - slots(days).size) / 1008)


def test_growth_reaches_the_maximum_early_at_worst_and_later_likely():
    """150 requests per second, 6 % more each week, and instances for 180: weeks away, not months (S000-56)."""
    demand = a_demand(growing(84), noise=0.02)
    reached = outlook(demand, None, a_capacity(per_instance=18.0, max_instances=10.0)).reached
    assert demand.end + REACH < reached.earliest < reached.likely <= demand.end + WEEKS
    assert reached.horizon == demand.end + WEEKS


def test_a_steady_service_does_not_reach_it():
    """Not within the horizon is an answer."""
    reached = outlook(a_demand(daily(35), noise=0.02), None, a_capacity(per_instance=40.0, max_instances=10.0)).reached
    assert (reached.earliest, reached.likely) == (None, None)


def test_what_is_too_few_tomorrow_is_told_by_the_hour():
    """Today's peak is above what all instances carry: so is tomorrow's."""
    demand = a_demand(daily(14), noise=0.02)
    seen = outlook(demand, None, a_capacity(per_instance=14.0, max_instances=10.0))
    assert demand.end <= seen.reached.earliest <= seen.reached.likely <= demand.end + 24 * HOUR
    assert seen.reached.likely.hour in range(2, 7)
    assert seen.headroom_ratio < 1.0


def test_headroom_is_told_from_the_usual_peak():
    """Twelve instances of 40 over a peak of 150."""
    seen = outlook(a_demand(daily(14)), None, a_capacity(per_instance=40.0, max_instances=12.0))
    assert seen.usual_peak == pytest.approx(150.0, rel=0.01)
    assert seen.headroom_ratio == pytest.approx(480.0 / 150.0, rel=0.01)


def test_without_what_an_instance_carries_demand_is_told_all_the_same():
    """Half an answer, named as such."""
    seen = outlook(a_demand(nightly_job(28), noise=0.02), None, "CPU was not measured")
    assert isinstance(seen.weeks, WeeksAhead)
    assert seen.hours.expected.size == 48
    assert (seen.reached, seen.headroom_ratio, seen.advised, seen.hindsight) == (None, None, (), None)


def test_without_a_maximum_nothing_is_reached():
    """A platform without a bound has none to tell of."""
    seen = outlook(a_demand(daily(28)), None, a_capacity(max_instances=None))
    assert (seen.reached, seen.headroom_ratio) == (None, None)


def test_two_weeks_tell_of_days_and_not_of_weeks():
    """The default history is fourteen days."""
    seen = outlook(a_demand(daily(14)), None, a_capacity())
    assert seen.weeks == WarmingUp(2, 3, "weeks")
    assert seen.horizon == seen.demand.end + REACH


def test_less_than_a_week_tells_nothing():
    """Nobody plans by three days."""
    assert outlook(a_demand(daily(3)), None, a_capacity()) == WarmingUp(72, 168, "hours")


def test_the_fleet_that_stands_already_is_counted():
    """Twelve instances are ready because the job of the day before never let them go: no spike finds them missing."""
    demand = a_demand(nightly_job(14), noise=0.02)
    ready = a_demand(np.full(14 * 144, 12.0))
    seen = outlook(demand, ready, a_capacity(cpu_scale_in_percent=1.0))
    assert seen.instances_now == 12.0
    assert seen.advised == ()
    assert len(outlook(demand, None, a_capacity(cpu_scale_in_percent=1.0)).advised) == 1


def test_weeks_begin_where_hours_begin():
    """One clock for both."""
    seen = outlook(a_demand(daily(28)), None, a_capacity())
    assert seen.weeks.start == seen.demand.end
    assert seen.horizon - seen.weeks.start == WEEKS_AHEAD * WEEK
