"""Reward: what the last decision earned over the window that has passed since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ai_ops.domain.metrics import CANONICAL_METRICS, HOURS_PER_MONTH
from ai_ops.domain.slo import attainment
from ai_ops.domain.tuning import Reward
from ai_ops.reward.credit import credit
from ai_ops.reward.facts import Facts, Uncounted
from ai_ops.reward.formulas import DEFAULT, FORMULAS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.metrics import Observation
    from ai_ops.domain.slo import Slo
    from ai_ops.reward.facts import Terms

    Count = Callable[[Sequence[Facts]], Sequence[Terms | Uncounted]]
    """Counts several windows at once: a program that does it is started once."""


@dataclass(frozen=True, slots=True)
class Own:
    """A formula that is not among `FORMULAS`, because settings or a program of the team's make it.

    Parameters
    ----------
    count
        The formula.
    doubt
        Why it may not count yet, so that it is only shown; None when it may (see `trial`).
    """

    count: Count
    doubt: str | None


@dataclass(frozen=True, slots=True)
class Scoring:
    """How rewards are counted.

    Parameters
    ----------
    formula
        A key of `FORMULAS`, or the name of `own`; the others are counted beside it.
    slo
        The promise.
    cost_budget
        Money per month; a window gets its share by the hour.
    own
        The team's own formula, where it has one.
    """

    formula: str
    slo: Slo
    cost_budget: float
    own: Own | None = None

    def score(self, observation: Observation, last: Episode | None, live_since: datetime | None = None) -> Reward:
        """Score the window; credit goes to `last` only where its settings are what really ran.

        Parameters
        ----------
        live_since
            When the decision of `last` reached the branch, where that is known.
        """
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
        measured = {metric: mean for metric in CANONICAL_METRICS if (mean := observation.mean(metric)) is not None}
        scored = self._counted(Facts(self.slo, reached.good_percent, reached.burn, cost, budget, measured), unscored)
        if scored.value is None:
            return scored
        merit = credit(observation, last, live_since)
        return replace(scored, reason=f"{merit.reason}{scored.reason}", is_credited=merit.is_earned)

    def _counted(self, facts: Facts, unscored: Reward) -> Reward:
        """Count every formula; `reason` says why nothing is scored, or what follows whose merit it is."""
        every: dict[str, Terms | Uncounted] = {name: formula(facts) for name, formula in FORMULAS.items()}
        name, remark = self.formula, ""
        if self.own is not None:
            (every[self.formula],) = self.own.count([facts])
            if self.own.doubt is not None:
                name, remark = DEFAULT, f"; {self.formula} does not count yet: {self.own.doubt}"
        terms = every.pop(name)
        beside = {one: sum(parts.values()) for one, parts in every.items() if not isinstance(parts, Uncounted)}
        if isinstance(terms, Uncounted):
            return replace(unscored, beside=beside, reason=f"not scored: {name}: {terms.reason}")
        return replace(unscored, value=sum(terms.values()), formula=name, terms=terms, beside=beside, reason=remark)
