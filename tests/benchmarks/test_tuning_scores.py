"""The scores of a tuned run say what they claim."""

from __future__ import annotations

import numpy as np
import pytest
import tuning_scores as scores
from closed_loop import Course, Expected

DAY = 1440
STANDING = {
    "scaling_mode": "threshold",
    "cpu_scale_out_percent": 80.0,
    "cpu_scale_in_percent": 30.0,
    "memory_scale_out_percent": 85.0,
    "latency_scale_out_ms": 450.0,
    "min_instances": 2,
    "max_instances": 40,
    "cooldown_minutes": 5,
    "scheduled_minimum": [],
}


def a_course(days=20, cost=1.0, standing=(), **changes):
    """A run of 1000 requests a minute, all of them good."""
    total = np.full(days * DAY, 1000.0)
    known = {"good": total.copy(), "total": total, "cost": np.full(days * DAY, cost / 60.0)}
    return Course(**(known | changes), standing=[(0, STANDING), *standing])


def moved(day, **knobs):
    """Thresholds that went live on a day."""
    return round(day * DAY), STANDING | knobs


def test_a_bad_day_misses_the_target_on_its_own():
    """One day with 0.06 % bad requests is bad, although all days together keep the promise."""
    course = a_course()
    course.good[DAY : 2 * DAY] -= 0.6
    course.good[5 * DAY : 6 * DAY] -= 0.4
    assert scores.bad_days(course.good, course.total) == 1
    assert scores.sla_percent(course.good, course.total) == pytest.approx(99.995)
    assert scores.score(course, a_course(), None).is_safe


def test_no_requests_are_no_failure():
    """Nothing was promised to nobody."""
    assert scores.sla_percent(np.zeros(DAY), np.zeros(DAY)) == 100.0


def test_money_is_compared_with_the_best_and_with_the_untouched():
    """Two ratios over the same days."""
    one = scores.score(a_course(cost=2.0), a_course(cost=4.0), best_cost=1.6 * 24 * 20)
    assert one.cost_to_best == pytest.approx(1.25)
    assert one.cost_to_untouched == pytest.approx(0.5)
    assert one.is_untouched_safe
    assert scores.score(a_course(), a_course(), None).cost_to_best is None


def test_a_run_converges_when_its_costs_stay_where_they_end():
    """Eight days at full cost, then at seven tenths: the last three days are at the end's level from day 11 on."""
    cost = np.where(np.arange(40 * DAY) < 8 * DAY, 1.0, 0.7)
    untouched = np.ones(40 * DAY)
    assert scores.converged_days(cost, untouched) == 8.0
    assert scores.converged_days(untouched, untouched) == 0.0


def test_a_run_that_keeps_swinging_never_converges():
    """A level that changes every two days is no level."""
    cost = np.where(np.arange(40 * DAY) // (2 * DAY) % 2, 1.4, 0.6)
    assert scores.converged_days(cost, np.ones(40 * DAY)) is None


def test_turns_count_per_knob_within_seven_days_once_settled():
    """Up, down and up again within a week are two turns; before day 14 a tuner may search."""
    swing = [moved(day, cpu_scale_in_percent=value) for day, value in ((15, 35.0), (17, 30.0), (19, 40.0))]
    assert scores.direction_changes([(0, STANDING), *swing]) == 2
    early = [moved(day, cpu_scale_in_percent=value) for day, value in ((5, 35.0), (7, 30.0), (9, 40.0))]
    assert scores.direction_changes([(0, STANDING), *early]) == 0
    apart = [moved(day, cpu_scale_in_percent=value) for day, value in ((15, 35.0), (17, 30.0), (25, 40.0))]
    assert scores.direction_changes([(0, STANDING), *apart]) == 1
    steady = [moved(day, cpu_scale_in_percent=value) for day, value in ((15, 35.0), (17, 40.0), (19, 45.0))]
    assert scores.direction_changes([(0, STANDING), *steady]) == 0


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 0),
        ({"cpu_scale_out_percent": 91.0}, 1),
        ({"cpu_scale_out_percent": 45.0, "cpu_scale_in_percent": 15.0}, 2),
        ({"cpu_scale_in_percent": 73.0}, 2),
        ({"scaling_mode": "target", "cpu_scale_out_percent": 60.0, "cpu_scale_in_percent": 58.0}, 0),
        ({"min_instances": 0}, 1),
        ({"min_instances": 41}, 1),
        ({"scheduled_minimum": [{"from_minute_of_week": 0, "to_minute_of_week": 60, "min_instances": 99}]}, 1),
    ],
)
def test_breaches_count_every_value_outside_its_bounds(changes, count):
    """What no operator would have allowed; scale-in means nothing to target tracking."""
    assert scores.breaches(STANDING | changes) == count


def test_a_prediction_is_judged_on_settings_that_stayed():
    """Its own merge opens the time, another one within it ends the matter, and what is not over is not judged."""
    course = a_course(standing=[moved(3, min_instances=4), moved(6, min_instances=3)])
    course.cost[3 * DAY : 4 * DAY] *= 2.0

    def judged(day, days):
        return scores.real_cost(Expected(day * DAY, days * DAY, 1.0, 0.9, 1.1), course)

    assert judged(3, 1)[1] == pytest.approx(2.0)
    assert judged(3, 3)[1] == pytest.approx(4.0 / 3.0)
    assert judged(3, 4) is None
    assert judged(2, 2) is None
    assert judged(19, 2) is None


def test_error_and_coverage_come_from_the_judged_predictions():
    """A fifth too low is an error of a fifth; an interval covers or does not."""
    expected = [
        Expected(0, DAY, 0.8, 0.7, 0.9),
        Expected(DAY, DAY, 0.95, 0.9, 1.05),
        Expected(19 * DAY, 2 * DAY, 9, 9, 9),
    ]
    one = scores.score(a_course(expected=expected), a_course(), None)
    assert one.cost_errors == pytest.approx((0.2, 0.05))
    assert one.is_covered == (False, True)
