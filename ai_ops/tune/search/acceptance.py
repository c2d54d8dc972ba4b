"""Which replayed candidate may be proposed: the cheapest that keeps the promise with a margin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_ops.twin.replayed import Replayed

CONFIDENCE = 0.90
"""The burn must stay below the margin in nine of ten fortnights made of days like these."""

RESAMPLES = 400
SEED = 7

STRESSED_BY_MARGIN = 2.5
"""Stressed days, worse than what is likely to come, may spend this many times the margin: 1.5 at the usual 0.6."""

MOST_EVENTS_PER_DAY = 48.0
"""One step each half hour, day and night; more is flapping."""

FINALISTS = 48
OLDER_BURN, OLDER_SLACK = 1.0, 1.2
"""Days before the window must have kept the promise; they are replayed for the finalists alone."""

NEARLY_EQUAL = 0.01
"""A percent of the cost is not worth one more line in a diff."""


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What the replay says of each candidate, shape (k,) each.

    Parameters
    ----------
    instances
        Mean number paid for.
    burn
        Spent share of the error budget over the whole replay, corrected by what was learned from reality.
    burn_bound
        Upper bound of `burn`, one-sided at `CONFIDENCE`, from a bootstrap over days.
    stressed_burn
        `burn` under stressed demand.
    events_per_day
        Steps out and in.
    daily_burn, daily_instances
        Shape (k, days).
    older_burn
        `burn` in the days before the window, as far as they are known; 0 where nothing before it was replayed, infinite
        for a candidate that was not among the finalists.
    changed_knobs
        How many knobs differ from the incumbent's.
    """

    instances: np.ndarray
    burn: np.ndarray
    burn_bound: np.ndarray
    stressed_burn: np.ndarray
    events_per_day: np.ndarray
    daily_burn: np.ndarray
    daily_instances: np.ndarray
    older_burn: np.ndarray
    changed_knobs: np.ndarray

    def joined(self, other: Figures) -> Figures:
        """Put the candidates of `other` behind these."""
        return Figures(*(np.concatenate((getattr(self, name), getattr(other, name))) for name in self.__slots__))

    def safe(self, margin: float) -> np.ndarray:
        """Which candidates keep `margin` of the error budget, boolean, shape (k,)."""
        return np.asarray(np.logical_and.reduce([figure <= limit for figure, limit in self.rules(margin).values()]))

    def rules(self, margin: float) -> dict[str, tuple[np.ndarray, float]]:
        """What a candidate may not exceed: each rule's figure, shape (k,), and its limit; all of them must hold."""
        most_events = max(MOST_EVENTS_PER_DAY, float(self.events_per_day[0]))
        return {
            "bound": (self.burn_bound, margin),
            "stress": (self.stressed_burn, STRESSED_BY_MARGIN * margin),
            "calm": (self.events_per_day, most_events),
            "older": (self.older_burn, self._tolerable_older_burn()),
        }

    def finalists(self, margin: float) -> np.ndarray:
        """Indices of the incumbent, the cheapest safe candidates and the safest one, shape (n,)."""
        safe = np.flatnonzero(self.safe(margin))
        cheapest = safe[np.argsort(self.instances[safe], kind="stable")][:FINALISTS]
        return np.unique([0, *cheapest, self.safest()])

    def _tolerable_older_burn(self) -> float:
        """What older days may spend; where they were such that nothing helps, the best of a bad lot."""
        return max(OLDER_BURN, OLDER_SLACK * float(self.older_burn.min()))

    def cheapest(self, allowed: np.ndarray) -> int | None:
        """Index of the cheapest allowed candidate; among nearly equal ones the smallest diff, then the least stress."""
        if not allowed.any():
            return None
        least = self.instances[allowed].min()
        near = np.flatnonzero(allowed & (self.instances <= least * (1.0 + NEARLY_EQUAL)))
        risk = np.maximum(self.burn_bound[near], self.stressed_burn[near] / 2.0)
        return int(near[np.lexsort((risk, self.changed_knobs[near]))[0]])

    def safest(self) -> int:
        """Index of the candidate with the lowest bound; the cheapest of those that are as good as it."""
        worst = np.maximum(self.burn_bound, self.stressed_burn)
        near = np.flatnonzero(worst <= max(worst.min() * 1.1, worst.min() + 0.05))
        return int(near[np.argmin(self.instances[near])])


def figures(replayed: Replayed, allowed_bad_ratio: float, correction: float) -> Figures:
    """Read a replay whose first scenario is the demand as it was, and whose second is the stressed one.

    Parameters
    ----------
    allowed_bad_ratio
        Share of requests that the promise lets fail.
    correction
        How much more of the budget reality spends than replays do (see `learned`).
    """
    requests, bad = replayed.requests, replayed.bad_requests
    budget = np.maximum(requests * allowed_bad_ratio, 1e-12)
    burn = replayed.burn(allowed_bad_ratio) * correction
    days = replayed.day_lengths.size
    draws = np.random.default_rng(SEED).integers(0, days, size=(RESAMPLES, days))
    weights = np.apply_along_axis(np.bincount, 1, draws, minlength=days).astype(np.float64)
    resampled = (bad[0] @ weights.T) / (budget[0] @ weights.T)
    return Figures(
        instances=replayed.hourly_instances()[0],
        burn=burn[0],
        burn_bound=np.quantile(resampled, CONFIDENCE, axis=1) * correction,
        stressed_burn=burn[1],
        events_per_day=replayed.scale_events[0] / replayed.day_lengths.sum(),
        daily_burn=bad[0] / budget[0] * correction,
        older_burn=np.zeros(burn.shape[1]),
        changed_knobs=np.zeros(burn.shape[1]),
        daily_instances=replayed.instance_hours[0] / (24.0 * replayed.day_lengths),
    )
