"""Reward: what the last decision earned, by the formulas that need no settings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from examples import SLO, a_series, an_observation, healthy_series, steady
from rewards import facts

from ai_ops.domain.metrics import HOURS_PER_MONTH
from ai_ops.domain.slo import attainment
from ai_ops.reward.formulas import budget_burn, literal, per_percent
from ai_ops.reward.reward import Scoring

SCORING = Scoring("budget_burn", SLO, cost_budget=50.0)


@pytest.mark.parametrize(
    ("burn", "cost", "expected"),
    [(0.2, 30.0, -0.6), (0.8, 30.0, -1.0), (1.5, 30.0, -0.6 - 1.8 - 5.0), (0.2, 50.0, -1.0)],
)
def test_the_default_formula_has_its_golden_values(burn, cost, expected):
    """`-cost/budget - 2 max(0, burn - 0.6) - 10 max(0, burn - 1)` (R5)."""
    assert sum(budget_burn(facts(burn, cost)).values()) == pytest.approx(expected)


def test_the_literal_formula_punishes_saving_and_the_default_does_not():
    """$30 of $50 earns less than spending all by the literal formula, more by the default (S001-95, R5)."""
    assert sum(literal(facts(0.2, cost=30.0)).values()) == pytest.approx(0.6)
    assert sum(literal(facts(0.2, cost=50.0)).values()) == pytest.approx(1.0)
    thrifty, lavish = (sum(budget_burn(facts(0.2, cost)).values()) for cost in (30.0, 50.0))
    assert thrifty > lavish


def test_per_percent_takes_one_for_each_percent_over_budget():
    """+1 for the SLA, -1 for each 1 % over budget (S001-77)."""
    assert sum(per_percent(facts(0.2, cost=53.0)).values()) == pytest.approx(1.0 - 6.0)
    assert sum(per_percent(facts(1.2, cost=30.0)).values()) == pytest.approx(0.0)


def test_the_default_formula_has_a_slope_before_the_promise_is_broken():
    """A reward that is flat until damage is done teaches nothing (R5)."""
    rewards = [sum(budget_burn(facts(burn)).values()) for burn in (0.5, 0.7, 0.9, 1.1)]
    assert rewards == sorted(rewards, reverse=True)
    assert len(set(rewards)) == 4


def test_burn_weighs_each_point_by_its_requests():
    """A bad minute at night costs less of the budget than one at noon (R6)."""
    rate, good = np.full(36, 100.0), np.ones(36)
    rate[0], good[0] = 1.0, 0.5
    series = {
        "requests_per_second": a_series("requests_per_second", rate),
        "slo_good_ratio": a_series("slo_good_ratio", good),
    }
    known = attainment(an_observation(series), SLO)
    assert known is not None
    assert known.burn == pytest.approx((0.5 * 1.0 / (35 * 100.0 + 1.0)) / 0.0005)
    assert known.requests == pytest.approx((35 * 100 + 1) * 600)


def test_points_without_traffic_have_no_sli():
    """0/0 is unknown, neither good nor bad (H44)."""
    rate, good = np.zeros(36), np.full(36, np.nan)
    series = {
        "requests_per_second": a_series("requests_per_second", rate),
        "slo_good_ratio": a_series("slo_good_ratio", good),
    }
    assert attainment(an_observation(series), SLO) is None


def test_the_reward_says_its_terms_and_what_the_other_formulas_say():
    """The three formulas are logged beside each other (R5)."""
    reward = SCORING.score(an_observation(), None)
    assert reward.value == pytest.approx(sum(reward.terms.values()))
    assert set(reward.beside) == {"literal", "per_percent"}
    assert reward.cost == pytest.approx(0.09 * 6, rel=0.01)
    assert reward.budget == pytest.approx(50.0 * 6 / HOURS_PER_MONTH)
    assert reward.reason == "baseline: no earlier decision"


@pytest.mark.parametrize("missing", ["slo_good_ratio", "requests_per_second", "cost_per_hour"])
def test_what_was_not_measured_is_not_scored(missing):
    """An unknown earns nothing, neither good nor bad."""
    series = healthy_series()
    del series[missing]
    reward = SCORING.score(an_observation(series), None)
    assert reward.value is None
    assert "not measured: the " in reward.reason


def test_a_formula_can_be_chosen():
    """`reward.formula` decides which one counts."""
    chosen = replace(SCORING, formula="literal").score(an_observation(), None)
    assert chosen.formula == "literal"
    assert "budget_burn" in chosen.beside


def test_a_gap_in_the_cost_does_not_become_zero():
    """Money that was not measured is unknown."""
    series = healthy_series() | {"cost_per_hour": a_series("cost_per_hour", np.full(36, np.nan))}
    assert SCORING.score(an_observation(series), None).cost is None
    assert steady("cost_per_hour", 0.1).newest() is not None
