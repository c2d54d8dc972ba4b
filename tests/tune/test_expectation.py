"""What the next day will cost and spend, with bounds made of how wrong such guesses have been."""

from __future__ import annotations

import numpy as np
import pytest
from examples import NOON
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.tune.learning.expectation import FIRST_SPREAD, MOST_ERRORS, expectation

ALLOWED = 0.0005


def expected(instances, burns=None, rates=None, cost_errors=(), events=6.0):
    """A prediction from these days, at 0.10 an instance-hour."""
    days = np.asarray(instances, dtype=np.float64)
    return expectation(
        NOON,
        (
            days,
            np.full(days.size, 0.2) if burns is None else np.asarray(burns),
            np.full(days.size, 500.0) if rates is None else np.asarray(rates),
        ),
        events_per_day=events,
        price=0.1,
        allowed_bad_ratio=ALLOWED,
        cost_errors=cost_errors,
    )


def test_the_next_day_is_guessed_from_the_last_and_the_same_weekday():
    """Ten instances yesterday, fourteen on that weekday a week ago."""
    assert expected([14, 11, 11, 11, 11, 11, 10]).cost_per_hour.expected == pytest.approx(1.2)
    assert expected([8, 9, 10]).cost_per_hour.expected == pytest.approx(1.0)


def test_a_short_past_has_the_usual_spread():
    """Nobody knows better."""
    cost = expected([10] * 5).cost_per_hour
    assert (cost.low, cost.high) == pytest.approx((1.0 - FIRST_SPREAD, 1.0 + FIRST_SPREAD))


def test_steady_days_are_foreseen_narrowly_and_restless_ones_widely():
    """The bounds are made of errors, not of hope."""
    rng = np.random.default_rng(1)
    steady = expected(10 * rng.normal(1, 0.01, 14)).cost_per_hour
    restless = expected(10 * rng.normal(1, 0.2, 14)).cost_per_hour
    assert (steady.high - steady.low) / steady.expected < 0.1
    assert (restless.high - restless.low) / restless.expected > 0.4


def test_nine_of_ten_next_days_lie_within_the_bounds():
    """Exchangeable errors of past predictions: split-conformal intervals hold what they promise."""
    rng = np.random.default_rng(7)
    trials = 3000
    errors = rng.standard_t(4, size=(trials, MOST_ERRORS + 1)) * 0.05
    inside = 0
    for *past, new in errors:
        cost = expected([10.0] * 14, cost_errors=past).cost_per_hour
        inside += cost.expected * (1.0 + new) in cost
    promised = np.ceil((MOST_ERRORS + 1) * 0.9) / (MOST_ERRORS + 1)
    spread = np.sqrt(promised * (1.0 - promised) / trials)
    assert inside / trials == pytest.approx(promised, abs=4.0 * spread)


def test_few_errors_are_taken_at_their_largest():
    """Nine of ten cannot be said from five."""
    cost = expected([10.0] * 7, cost_errors=(0.02, -0.3, 0.1)).cost_per_hour
    assert (cost.low, cost.high) == pytest.approx((0.7, 1.3))


def test_old_errors_are_forgotten():
    """They speak of a service that has changed since."""
    cost = expected([10.0] * 14, cost_errors=(5.0,) * 50 + (0.01,) * MOST_ERRORS).cost_per_hour
    assert cost.high == pytest.approx(1.01)


def test_real_errors_come_before_those_of_the_replay():
    """What was really wrong replaces what would have been."""
    wobbling = 10.0 * np.random.default_rng(2).normal(1.0, 0.2, 14)
    own, real = expected(wobbling), expected(wobbling, cost_errors=(0.01,) * MOST_ERRORS)
    assert real.cost_per_hour.high < own.cost_per_hour.high


def test_burn_is_expected_at_its_mean_and_bounded_by_the_worst_days():
    """Thirteen calm days and one that spent the whole budget."""
    burn = expected([10.0] * 14, burns=[0.1] * 13 + [1.5]).burn
    assert (burn.expected, burn.low, burn.high) == pytest.approx((0.2, 0.0, 1.5))
    good = expected([10.0] * 14, burns=[0.1] * 13 + [1.5]).slo_good_percent
    assert (good.expected, good.low) == pytest.approx((100 - 0.2 * 0.05, 100 - 1.5 * 0.05))


@given(
    st.lists(st.floats(0.5, 5000.0), min_size=1, max_size=15),
    st.lists(st.floats(0.0, 1e4), min_size=15, max_size=15),
    st.lists(st.floats(-1.0, 1e3), max_size=40),
    st.floats(0.0, 500.0),
)
def test_an_expectation_lies_within_its_bounds_and_no_bound_below_nothing(days, burns, errors, events):
    """Whatever the past was like."""
    made = expected(days, burns[: len(days)], np.array(days) * 60.0, errors, events)
    for one in (made.cost_per_hour, made.burn, made.scale_events_per_day, made.requests_per_second):
        assert 0.0 <= one.low <= one.expected <= one.high < np.inf
    assert 0.0 <= made.slo_good_percent.low <= made.slo_good_percent.high <= 100.0
    assert made.horizon_hours == 24.0


def test_a_day_without_any_instance_or_request_is_no_division_by_nothing():
    """Days of nothing, then days of something."""
    made = expected([0.0] * 10 + [5.0] * 4, rates=[0.0] * 14)
    assert np.isfinite([made.cost_per_hour.high, made.requests_per_second.high]).all()
