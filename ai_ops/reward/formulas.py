"""The three reward formulas. Each gives terms that add up to the reward."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.slo import Attainment

CAREFUL_BURN = 0.6
"""Share of the error budget up to which spending it costs nothing: room for the unexpected is kept."""


def budget_burn(reached: Attainment, target_percent: float, cost: float, budget: float) -> Mapping[str, float]:
    """``-cost/budget - 2 max(0, burn - 0.6) - 10 max(0, burn - 1)``: the default.

    Saving is rewarded all the way, and the burn gives a slope before any promise is broken.

    >>> from ai_ops.domain.slo import Attainment
    >>> budget_burn(Attainment(99.96, 0.8, 1e6), 99.95, cost=30.0, budget=50.0)
    {'cost': -0.6, 'careful burn': -0.4, 'broken promise': 0.0}
    """
    del target_percent  # the burn already knows it
    return {
        "cost": -cost / budget,
        "careful burn": 2.0 * round(min(0.0, CAREFUL_BURN - reached.burn), 12),
        "broken promise": 10.0 * min(0.0, 1.0 - reached.burn),
    }


def literal(reached: Attainment, target_percent: float, cost: float, budget: float) -> Mapping[str, float]:
    """``(1 if SLA >= target else 0) - |cost - budget| / budget``, as first written (S001-95).

    >>> from ai_ops.domain.slo import Attainment
    >>> literal(Attainment(99.96, 0.8, 1e6), 99.95, cost=30.0, budget=50.0)
    {'sla': 1.0, 'cost variance': -0.4}
    """
    return {
        "sla": 1.0 if reached.good_percent >= target_percent else 0.0,
        "cost variance": -abs(cost - budget) / budget,
    }


def per_percent(reached: Attainment, target_percent: float, cost: float, budget: float) -> Mapping[str, float]:
    """``+1`` for the SLA, ``-1`` for each 1 % over budget, as the prose has it (S001-77).

    >>> from ai_ops.domain.slo import Attainment
    >>> per_percent(Attainment(99.96, 0.8, 1e6), 99.95, cost=51.0, budget=50.0)
    {'sla': 1.0, 'over budget': -2.0}
    """
    return {
        "sla": 1.0 if reached.good_percent >= target_percent else 0.0,
        "over budget": min(0.0, round(100.0 * (budget - cost) / budget, 9)),
    }


FORMULAS = {"budget_burn": budget_burn, "literal": literal, "per_percent": per_percent}
