"""A linear reward: measured quantities times the team's factors."""

from __future__ import annotations

import pytest
from rewards import facts

from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.reward.facts import Uncounted
from ai_ops.reward.formulas import budget_burn, literal
from ai_ops.reward.linear import linear
from ai_ops.settings.reward import TERM_NAMES

EXAMPLE = {"sla": 2.0, "cost_variance": -1.0, "error_percent": -0.02}


@pytest.mark.parametrize(
    ("burn", "cost", "failed_percent", "expected"),
    [(0.2, 30.0, 0.5, 2.0 - 0.4 - 0.01), (0.2, 60.0, 0.0, 2.0 - 0.2), (1.3, 50.0, 5.0, 0.0 - 0.0 - 0.1)],
)
def test_the_promised_example_has_its_golden_values(burn, cost, failed_percent, expected):
    """2.0*SLA - cost_variance - 0.1*error_rate/5 (S001-132)."""
    window = facts(burn, cost, error_percent=failed_percent)
    assert sum(linear(EXAMPLE)(window).values()) == pytest.approx(expected)


@pytest.mark.parametrize(("burn", "cost"), [(0.2, 30.0), (0.2, 70.0), (1.5, 50.0)])
def test_the_literal_formula_can_be_written_so(burn, cost):
    """`sla` and `cost_variance` are what they were first written as (S001-95)."""
    window = facts(burn, cost)
    said = linear({"sla": 1.0, "cost_variance": -1.0})(window)
    assert sum(said.values()) == pytest.approx(sum(literal(window).values()))


def test_saving_can_be_rewarded_all_the_way():
    """`cost_ratio` is the cost term of the default formula; `cost_variance` punishes saving (R5)."""
    thrifty, lavish = facts(cost=10.0), facts(cost=40.0)
    assert linear({"cost_ratio": -1.0})(thrifty) == {"cost_ratio": budget_burn(thrifty)["cost"]}
    assert linear({"cost_ratio": -1.0})(thrifty)["cost_ratio"] > linear({"cost_ratio": -1.0})(lavish)["cost_ratio"]
    both = [linear({"cost_variance": -1.0})(one)["cost_variance"] for one in (thrifty, lavish)]
    assert both[0] < both[1]


def test_what_was_not_measured_is_no_zero():
    """An unknown earns nothing, neither good nor bad."""
    assert linear(EXAMPLE)(facts()) == Uncounted("error_percent was not measured")


def test_the_settings_know_every_quantity():
    """Each name that the file may hold has a value once everything is measured."""
    everything = facts(**dict.fromkeys(CANONICAL_METRICS, 1.0))
    assert everything.quantities().keys() == TERM_NAMES
