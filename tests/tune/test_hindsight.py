"""A prediction is held against what was measured since: after its horizon, over its own minutes, and never before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from predictions import a_prediction
from twins import A_PLATFORM, DAY, MONDAY, STEPPED, measured

from ai_ops.domain.prediction import Verdict
from ai_ops.tune.learning.expectation import expectation
from ai_ops.tune.learning.hindsight import burn_of, outcomes
from ai_ops.tune.learning.learned import Pending

LIVE = MONDAY + timedelta(days=3)


def a_history(days=5.0, **columns):
    """Twenty instances for 2.00 an hour, 100 requests/s, three of ten thousand bad: a burn of 0.3."""
    usual = {"instances": 20.0, "requests_per_second": 100.0, "slo_good_ratio": 0.9997, "cost_per_hour": 2.0}
    return measured(round(days * DAY), **(usual | columns))


def pending(live_since=LIVE, *, is_live_change=True):
    """A calm day was predicted: 2.00 an hour, a burn of at most 0.6."""
    return Pending(replace(a_prediction(), made_at=live_since), live_since, STEPPED, is_live_change)


def judged(history, *waiting, hours_later=24.0):
    """Outcomes so many hours after the change was live."""
    return outcomes(waiting or (pending(),), history, A_PLATFORM, LIVE + timedelta(hours=hours_later))


def test_nothing_is_judged_before_its_horizon_is_over():
    """Half a day may be the better half."""
    assert judged(a_history(), hours_later=12) == ()
    assert judged(a_history(), hours_later=22) == ()
    assert len(judged(a_history(), hours_later=24)) == 1


def test_a_run_that_comes_a_little_early_may_judge():
    """The next one may be a day away."""
    assert len(judged(a_history(days=4.0), hours_later=23)) == 1


def test_a_prediction_that_came_true_is_a_hit():
    """Cost, burn and demand as predicted."""
    (outcome,) = judged(a_history())
    assert outcome.verdict is Verdict.HIT
    assert (outcome.cost_per_hour, outcome.burn) == pytest.approx((2.0, 0.3))
    assert (outcome.made_at, outcome.is_live_change) == (LIVE, True)


def by_day(*levels):
    """A column with these levels, day by day."""
    return np.repeat(np.asarray(levels, dtype=np.float64), DAY)


def test_only_the_minutes_of_the_horizon_count():
    """What was before the change is not its doing, nor what came after the day."""
    history = a_history(slo_good_ratio=by_day(0.9, 0.9, 0.9, 0.9997, 0.9))
    (outcome,) = judged(history, hours_later=48)
    assert outcome.verdict is Verdict.HIT
    assert outcome.burn == pytest.approx(0.3)


def test_a_burn_beyond_its_bound_is_a_miss():
    """Twenty bad of ten thousand, where six were the most."""
    (outcome,) = judged(a_history(slo_good_ratio=by_day(1, 1, 1, 0.998, 1)))
    assert outcome.verdict is Verdict.MISS
    assert outcome.burn == pytest.approx(2.0)


def test_a_day_of_another_demand_judges_nothing():
    """Twice the requests is another service."""
    (outcome,) = judged(a_history(requests_per_second=by_day(100, 100, 100, 230, 100)))
    assert outcome.verdict is Verdict.NOT_JUDGEABLE


def test_a_day_that_was_hardly_measured_judges_nothing():
    """Metrics fail most when the service does."""
    lost = np.full(5 * DAY, 0.9997)
    lost[3 * DAY : 3 * DAY + 6 * 60] = np.nan
    (outcome,) = judged(a_history(slo_good_ratio=lost))
    assert outcome.verdict is Verdict.NOT_JUDGEABLE


def test_a_history_that_does_not_reach_back_judges_nothing():
    """The day lies before its first minute."""
    recent = a_history().last(60)
    (outcome,) = judged(recent)
    assert outcome.verdict is Verdict.NOT_JUDGEABLE


def test_every_prediction_that_is_due_is_judged():
    """A change and the settings before it, each over its own day."""
    waiting = (pending(LIVE - timedelta(days=1), is_live_change=False), pending(), pending(LIVE + timedelta(days=1)))
    early, late = judged(a_history(slo_good_ratio=by_day(1, 1, 0.9997, 0.998, 1)), *waiting)
    assert (early.verdict, early.is_live_change) == (Verdict.HIT, False)
    assert (late.verdict, late.is_live_change) == (Verdict.MISS, True)


def test_without_a_cost_metric_the_instances_and_their_price_tell():
    """Twenty instances at 0.10."""
    (outcome,) = judged(a_history(cost_per_hour=np.nan))
    assert outcome.cost_per_hour == pytest.approx(2.0)
    (booting,) = judged(a_history(cost_per_hour=np.nan, instances_desired=22.0))
    assert booting.cost_per_hour == pytest.approx(2.2)


def test_instances_that_nobody_counts_leave_the_cost_unknown():
    """A cost that was not measured is no cost of nothing."""
    (outcome,) = judged(a_history(cost_per_hour=np.nan, instances=np.nan))
    assert outcome.cost_per_hour is None
    assert outcome.verdict is Verdict.NOT_JUDGEABLE


def test_burn_weighs_minutes_by_their_requests():
    """A bad minute at night is not a bad minute at noon."""
    history = measured(2, requests_per_second=[900.0, 100.0], slo_good_ratio=[1.0, 0.99])
    assert burn_of(history, 0.001) == pytest.approx(1.0)
    assert burn_of(measured(3, requests_per_second=0.0, slo_good_ratio=1.0), 0.001) is None
    assert burn_of(measured(3, requests_per_second=5.0, slo_good_ratio=np.nan), 0.001) is None


@pytest.mark.parametrize("instances", [7, 11, 13, 21])
def test_a_fleet_that_never_moves_costs_what_was_predicted(instances):
    """The last digit of a sum of 1,440 minutes is no miss."""
    cost = np.full(5 * DAY, instances * 0.07)
    alike = np.full(14, float(instances))
    made = expectation(
        LIVE,
        (alike, np.full(14, 0.3), np.full(14, 100.0)),
        events_per_day=0.0,
        price=float(np.median(cost / instances)),
        allowed_bad_ratio=0.001,
        cost_errors=(),
    )
    (outcome,) = judged(
        a_history(cost_per_hour=cost, instances=float(instances), instances_desired=float(instances)),
        replace(pending(), prediction=made),
    )
    assert outcome.verdict is Verdict.HIT
