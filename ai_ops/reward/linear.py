"""A sum of measured quantities, each times a factor of the team's choice (S001-132)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ai_ops.reward.facts import Uncounted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.reward.facts import Facts, Terms
    from ai_ops.reward.formulas import Formula


def linear(factors: Mapping[str, float]) -> Formula:
    """Count by factors for names out of `Facts.quantities`.

    >>> from ai_ops.domain.slo import Slo
    >>> from ai_ops.reward.facts import Facts
    >>> facts = Facts(Slo(99.95, 400, 1000), 99.96, burn=0.8, cost=30.0, budget=50.0, measured={"error_percent": 0.5})
    >>> linear({"sla": 2.0, "cost_variance": -1.0, "error_percent": -0.02})(facts)
    {'sla': 2.0, 'cost_variance': -0.4, 'error_percent': -0.01}
    """
    return partial(_count, dict(factors))


def _count(factors: Mapping[str, float], facts: Facts) -> Terms | Uncounted:
    known = facts.quantities()
    missing = [name for name in factors if name not in known]
    if missing:
        return Uncounted(f"{' and '.join(missing)} was not measured")
    return {name: factor * known[name] for name, factor in factors.items()}
