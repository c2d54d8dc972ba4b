"""Weeks of a made-up service, run several ways: what they cost, how often the promise was kept, what moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.tuning import Thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Course:
    """One way of setting thresholds, day by day.

    Parameters
    ----------
    name
        What it is called in tables.
    cost
        Money spent on each day.
    good, requests
        Requests of each day that succeeded in time, and all of them.
    """

    name: str
    cost: tuple[float, ...]
    good: tuple[float, ...]
    requests: tuple[float, ...]

    @property
    def total_cost(self) -> float:
        """Money over all days."""
        return sum(self.cost)

    @property
    def good_percent(self) -> float:
        """Share of good requests over all days, 0 to 100."""
        return 100.0 * sum(self.good) / max(sum(self.requests), 1.0)

    def burns(self, sla_target_percent: float) -> tuple[float, ...]:
        """Share of its own error budget that each day spent; above 1 the promise was broken."""
        allowed = 1.0 - sla_target_percent / 100.0
        return tuple(
            (1.0 - good / requests) / allowed if requests else 0.0
            for good, requests in zip(self.good, self.requests, strict=True)
        )

    def bad_days(self, sla_target_percent: float) -> int:
        """Days on which the promise was broken."""
        return sum(burn > 1.0 for burn in self.burns(sla_target_percent))


@dataclass(frozen=True, slots=True)
class Standing:
    """Settings that were live from one day on.

    Parameters
    ----------
    day
        Counted from 0, the first day on which the agent looked; a change lands at 0.5, 1.0 and so on.
    is_urgent
        Whether they were set for safety's sake.
    """

    day: float
    thresholds: Thresholds
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Simulation:
    """A closed loop, beside ways that need no agent.

    Parameters
    ----------
    profile, traffic, seed
        Which service, under which demand, with which luck.
    days
        How long the agent ran; it began with two weeks of history.
    sla_target_percent
        What was promised.
    courses
        The agent's first, then settings left alone, then the others.
    standing
        What the agent had live, oldest first; the first entry is the beginning.
    notes
        What a reader should know of the traffic.
    """

    profile: str
    traffic: str
    seed: int
    days: int
    sla_target_percent: float
    courses: tuple[Course, ...]
    standing: tuple[Standing, ...]
    notes: tuple[str, ...] = ()

    @property
    def tuned(self) -> Course:
        """What became of it with the agent."""
        return self.courses[0]

    @property
    def untouched(self) -> Course:
        """What would have become of it without."""
        return self.courses[1]

    @property
    def saving(self) -> float:
        """Share of the money that the agent saved against settings left alone; below 0 it spent more."""
        return 1.0 - self.tuned.total_cost / max(self.untouched.total_cost, 1e-12)

    def is_kept(self, course: Course) -> bool:
        """Whether the promise was kept over all days."""
        return course.good_percent >= self.sla_target_percent

    def changes(self) -> Iterator[tuple[Standing, Standing]]:
        """What was live before each change, and after it."""
        return zip(self.standing, self.standing[1:], strict=False)
