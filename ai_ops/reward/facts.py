"""What one window gives a reward to count from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.slo import Slo

Terms = Mapping[str, float]
"""The parts of a reward, by name; they add up to it."""


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A formula has no value for a window.

    Parameters
    ----------
    reason
        Why, as the end of a sentence.
    is_fault
        Whether the formula itself failed; otherwise something that it needs was not measured.
    """

    reason: str
    is_fault: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """One window: the promise, the money, and whatever else was measured.

    Parameters
    ----------
    slo
        What was promised.
    good_percent
        Share of requests that were good, 0 to 100.
    burn
        Spent share of the window's error budget, from 0: 1 spends exactly what the promise allows.
    cost, budget
        Money spent in the window, and the budget's share for it, above 0; in the configured currency.
    measured
        Mean of each canonical metric over the window; what failed is absent.
    """

    slo: Slo
    good_percent: float
    burn: float
    cost: float
    budget: float
    measured: Mapping[str, float]

    @property
    def is_promise_kept(self) -> bool:
        """Whether the window by itself kept the promise."""
        return self.good_percent >= self.slo.target_percent

    @property
    def cost_variance(self) -> float:
        """``|cost - budget| / budget``, as first written: money that was saved counts as much as money overspent."""
        return abs(self.cost - self.budget) / self.budget

    def quantities(self) -> dict[str, float]:
        """By name, everything that a team's own formula may use.

        sla
            1 where the promise was kept, else 0.
        cost_variance
            See above.
        cost_ratio
            Money spent for each unit of budget: below 1 is under budget.
        burn
            See `Facts`: unlike `sla` it has a slope.
        cpu_percent, error_percent, ...
            Means of the canonical metrics that were measured.
        """
        return {
            **self.measured,
            "sla": 1.0 if self.is_promise_kept else 0.0,
            "cost_variance": self.cost_variance,
            "cost_ratio": self.cost / self.budget,
            "burn": self.burn,
        }


def facts_of(episode: Episode, slo: Slo) -> Facts | None:
    """Read from an episode what its reward was counted from; None where promise or cost were not measured.

    The promise is today's: an own formula is tried on what it would say now.
    """
    known = episode.reward
    if known.slo_good_percent is None or known.burn is None or known.cost is None or not known.budget:
        return None
    return Facts(slo, known.slo_good_percent, known.burn, known.cost, known.budget, episode.measured)
