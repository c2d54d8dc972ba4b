"""Reward: what the last decision earned over the window that has passed since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ai_ops.domain.slo import attainment
from ai_ops.domain.tuning import Reward
from ai_ops.reward.formulas import FORMULAS

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.metrics import Observation
    from ai_ops.domain.slo import Slo

HOURS_PER_MONTH = 365.25 * 24 / 12


@dataclass(frozen=True, slots=True)
class Scoring:
    """How rewards are counted.

    Parameters
    ----------
    formula
        A key of `FORMULAS`; the others are counted beside it.
    slo
        The promise.
    cost_budget
        Money per month; a window gets its share by the hour.
    """

    formula: str
    slo: Slo
    cost_budget: float

    def score(self, observation: Observation, last: Episode | None) -> Reward:
        """Score the window; credit goes to `last` only where its settings are what really ran."""
        reached, hourly = attainment(observation, self.slo), observation.mean("cost_per_hour")
        budget = self.cost_budget * observation.window.hours / HOURS_PER_MONTH
        cost = None if hourly is None else hourly * observation.window.hours
        missing = [name for name, value in (("the SLI", reached), ("the cost", cost)) if value is None]
        unscored = Reward(
            None,
            self.formula,
            f"not scored: not measured: {' and '.join(missing)}",
            slo_good_percent=reached.good_percent if reached else None,
            burn=reached.burn if reached else None,
            requests=reached.requests if reached else None,
            cost=cost,
            budget=budget,
        )
        if reached is None or cost is None:
            return unscored
        counted = {name: formula(reached, self.slo.target_percent, cost, budget) for name, formula in FORMULAS.items()}
        terms = counted.pop(self.formula)
        beside = {name: sum(parts.values()) for name, parts in counted.items()}
        reason = _credit(observation, last)
        return replace(unscored, value=sum(terms.values()), terms=terms, beside=beside, reason=reason)


def _credit(observation: Observation, last: Episode | None) -> str:
    """Say whose merit the reward is: the decision's only where its settings, and no others, are what really ran."""
    if last is None:
        return "baseline: no earlier decision"
    wanted = {change.knob: change.after for change in last.decision.changes}
    standing, expected = observation.thresholds.values, {**last.thresholds.values, **wanted}
    strange = sorted(knob for knob, value in expected.items() if standing.get(knob) != value)
    if not strange:
        return f"earned by the {'change of' if wanted else 'unchanged settings since'} {last.id}"
    if not set(strange) - set(wanted):
        return f"the change of {last.id} is not in the repository, so it earns nothing"
    return f"somebody else moved {', '.join(strange)} since {last.id}, so it is nobody's merit"
