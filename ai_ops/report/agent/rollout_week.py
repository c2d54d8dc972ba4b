"""What one week of the roll-out was like: the figures that its expectations are held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import PERIOD, ROLLBACK
from ai_ops.domain.metrics import CANONICAL_METRICS, aligned
from ai_ops.report.agent.past import one_per_period, period_of, runs_until
from ai_ops.report.service.health_formula import components_of, weighted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.report.gathered import Gathered

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RolloutWeek:
    """One week of a service's life with the agent, as far as it has come.

    Parameters
    ----------
    number
        From 1.
    start, end
        Its whole seven days.
    now
        Up to when there is anything to say, at most `end`; before `start` where the week has not begun.
    runs
        Episodes of the agent that were decided in it, oldest first.
    adjustments
        Decisions whose change came live in it.
    """

    number: int
    start: datetime
    end: datetime
    now: datetime
    runs: tuple[Episode, ...]
    adjustments: int

    @property
    def has_begun(self) -> bool:
        """Whether there is anything to say."""
        return self.now >= self.start

    @property
    def is_over(self) -> bool:
        """Whether all seven days have passed."""
        return self.now >= self.end

    @property
    def longest_gap(self) -> timedelta:
        """Longest time without a decision, from its first moment to its last."""
        moments = sorted([self.start, *(one.decided_at for one in self.runs), self.now])
        return max(later - earlier for earlier, later in pairwise(moments))

    @property
    def periods(self) -> tuple[int, int]:
        """How many six-hour periods are over, and how many of them had no run.

        The first run opens its period, and the period that is now has time until its end.
        """
        first, last = aligned(self.start, PERIOD), aligned(self.now, PERIOD)
        count = max(0, (last - first) // PERIOD)
        had = {period_of(one) for one in self.runs if first <= period_of(one) < last}
        return count, count - len(had)

    @property
    def measured_ratio(self) -> float | None:
        """Share of the canonical metrics that a run had, on average; None without a run."""
        if not self.runs:
            return None
        had = sum(len(CANONICAL_METRICS.keys() & one.measured.keys()) for one in self.runs)
        return had / (len(self.runs) * len(CANONICAL_METRICS))

    @property
    def health(self) -> float | None:
        """Mean health score of its periods (S001-99 to S001-102); None where nothing was measured."""
        scores = [weighted(components_of(one.measured)) for one in one_per_period(self.runs)]
        known = [min(100.0, score) for score in scores if score is not None]
        return sum(known) / len(known) if known else None

    @property
    def cost_variance_percent(self) -> float | None:
        """How far the cost was above the budget of the same hours; None where it was not measured."""
        known = _both((one.reward.cost, one.reward.budget) for one in one_per_period(self.runs))
        budget = sum(one for _, one in known)
        return (sum(cost for cost, _ in known) / budget - 1.0) * 100.0 if budget > 0.0 else None

    @property
    def good_percent(self) -> float | None:
        """Share of its requests that were good; None where it was not measured."""
        known = _both((one.reward.slo_good_percent, one.reward.requests) for one in one_per_period(self.runs))
        requests = sum(one for _, one in known)
        return sum(good * one for good, one in known) / requests if requests > 0.0 else None


def _both(pairs: Iterable[tuple[float | None, float | None]]) -> list[tuple[float, float]]:
    """Pairs of which both were measured."""
    return [
        (one, other)
        for one, other in pairs
        if one is not None and other is not None and isfinite(one) and isfinite(other)
    ]


def rollout_week(gathered: Gathered, end: datetime, number: int) -> RolloutWeek | None:
    """Tell a week of the service's life with the agent, counted from its first run; None before that."""
    runs = runs_until(gathered, end)
    if not runs:
        return None
    start = runs[0].decided_at + (number - 1) * WEEK
    beyond = start + WEEK
    return RolloutWeek(
        number=number,
        start=start,
        end=beyond,
        now=min(max(end, runs[-1].decided_at), beyond),
        runs=tuple(one for one in runs if start <= one.decided_at < beyond),
        adjustments=_adjustments(gathered, start, beyond),
    )


def _adjustments(gathered: Gathered, start: datetime, beyond: datetime) -> int:
    """Decisions of the agent that came live; what a person takes back is no adjustment of its own."""
    by_person = {one.id for one in gathered.episodes if one.policy == ROLLBACK}
    return sum(start <= at < beyond for name, at in gathered.delivered.items() if name not in by_person)
