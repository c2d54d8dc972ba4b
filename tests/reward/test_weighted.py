"""Several objectives by weight: each between 0 and 1, with a slope everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewards import facts

from ai_ops.reward.facts import Uncounted
from ai_ops.reward.weighted import OBJECTIVES, weighted
from ai_ops.settings.reward import WeightSettings

WEIGHTS = {"sla": 0.4, "cost": 0.3, "latency": 0.2, "availability": 0.1}
amount = st.floats(min_value=0, max_value=1e9)


def test_at_every_limit_the_reward_is_one_half():
    """All of the error budget, the money, the latency and the errors that are allowed (S001-133)."""
    at_limit = facts(burn=1.0, cost=50.0, budget=50.0, latency_p95_ms=400.0, error_percent=0.05)
    terms = weighted(WEIGHTS)(at_limit)
    assert terms == {name: pytest.approx(weight / 2) for name, weight in WEIGHTS.items()}


def test_the_golden_values():
    """0.4/(1 + 0.25) + 0.3/(1 + 0.6) + 0.2/(1 + 0.5) + 0.1/(1 + 1) by hand (S001-133)."""
    window = facts(burn=0.25, cost=30.0, budget=50.0, latency_p95_ms=200.0, error_percent=0.05)
    assert sum(weighted(WEIGHTS)(window).values()) == pytest.approx(0.32 + 0.1875 + 0.2 / 1.5 + 0.05)


@given(burn=amount, cost=amount, p95_ms=amount, failed_percent=st.floats(min_value=0, max_value=100))
def test_the_reward_lies_between_0_and_1(burn, cost, p95_ms, failed_percent):
    """Whatever was measured: objectives of different units can be weighed against each other (S001-133)."""
    window = facts(burn, cost, latency_p95_ms=p95_ms, error_percent=failed_percent)
    assert 0.0 <= sum(weighted(WEIGHTS)(window).values()) <= 1.0 + 1e-9


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_worse_is_always_less(objective):
    """There is a slope before a limit and behind it (R5)."""
    spent = [
        {"burn": x, "cost": 50.0 * x, "latency_p95_ms": 400.0 * x, "error_percent": 0.05 * x}
        for x in (0.0, 0.5, 0.99, 1.01, 2.0, 20.0)
    ]
    values = [weighted({objective: 1.0})(facts(**one))[objective] for one in spent]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == len(values)
    assert values[0] == 1.0


@pytest.mark.parametrize(("objective", "needs"), [("latency", "latency_p95_ms"), ("availability", "error_percent")])
def test_an_objective_that_was_not_measured_is_no_zero(objective, needs):
    """An unknown is neither good nor bad; one that weighs nothing is not asked for."""
    said = weighted({"sla": 0.5, objective: 0.5})(facts())
    assert said == Uncounted(f"{needs} was not measured")
    assert weighted({"sla": 1.0, objective: 0.0})(facts(burn=1.0)) == {"sla": 0.5}


def test_the_settings_know_every_objective():
    """The names in the file are those that the formula counts."""
    assert set(WeightSettings.model_fields) == set(OBJECTIVES)
