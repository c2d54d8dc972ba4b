"""The three reward formulas that need no settings. Each gives terms that add up to the reward."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.reward.facts import Facts, Terms, Uncounted

    Formula = Callable[[Facts], Terms | Uncounted]

CAREFUL_BURN = 0.6
"""Share of the error budget up to which spending it costs nothing: room for the unexpected is kept."""


def budget_burn(facts: Facts) -> Terms:
    """``-cost/budget - 2 max(0, burn - 0.6) - 10 max(0, burn - 1)``: the default.

    Saving is rewarded all the way, and the burn gives a slope before any promise is broken.

    >>> from ai_ops.domain.slo import Slo
    >>> from ai_ops.reward.facts import Facts
    >>> budget_burn(Facts(Slo(99.95, 400, 1000), good_percent=99.96, burn=0.8, cost=30.0, budget=50.0, measured={}))
    {'cost': -0.6, 'careful burn': -0.4, 'broken promise': 0.0}
    """
    return {
        "cost": -facts.cost / facts.budget,
        "careful burn": 2.0 * round(min(0.0, CAREFUL_BURN - facts.burn), 12),
        "broken promise": 10.0 * min(0.0, 1.0 - facts.burn),
    }


def literal(facts: Facts) -> Terms:
    """``(1 if SLA >= target else 0) - |cost - budget| / budget``, as first written (S001-95).

    >>> from ai_ops.domain.slo import Slo
    >>> from ai_ops.reward.facts import Facts
    >>> literal(Facts(Slo(99.95, 400, 1000), good_percent=99.96, burn=0.8, cost=30.0, budget=50.0, measured={}))
    {'sla': 1.0, 'cost variance': -0.4}
    """
    return {"sla": 1.0 if facts.is_promise_kept else 0.0, "cost variance": -facts.cost_variance}


def per_percent(facts: Facts) -> Terms:
    """``+1`` for the SLA, ``-1`` for each 1 % over budget, as the prose has it (S001-77).

    >>> from ai_ops.domain.slo import Slo
    >>> from ai_ops.reward.facts import Facts
    >>> per_percent(Facts(Slo(99.95, 400, 1000), good_percent=99.96, burn=0.8, cost=51.0, budget=50.0, measured={}))
    {'sla': 1.0, 'over budget': -2.0}
    """
    over_percent = round(100.0 * (facts.budget - facts.cost) / facts.budget, 9)
    return {"sla": 1.0 if facts.is_promise_kept else 0.0, "over budget": min(0.0, over_percent)}


FORMULAS: Mapping[str, Callable[[Facts], Terms]] = {
    "budget_burn": budget_burn,
    "literal": literal,
    "per_percent": per_percent,
}

DEFAULT = "budget_burn"
"""What counts until a formula of the team's own has been tried on enough episodes."""
