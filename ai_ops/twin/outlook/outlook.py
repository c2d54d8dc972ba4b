"""The capacity outlook: what demand is to come, how many instances it needs, and when there can be no more of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.warming_up import WarmingUp
from ai_ops.twin.outlook.ahead import Ahead, ahead
from ai_ops.twin.outlook.capacity import Capacity
from ai_ops.twin.outlook.demand import HOUR
from ai_ops.twin.outlook.foreseen import Hindsight, hindsight
from ai_ops.twin.outlook.preemption import Preemption, preemptions
from ai_ops.twin.outlook.weeks_ahead import WEEK, WeeksAhead, usual_peak, weeks_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ai_ops.twin.outlook.demand import Demand

REACH = timedelta(hours=48)
"""As far as predictive scaling in the field looks ahead; beyond, weeks are told by their peaks."""


@dataclass(frozen=True, slots=True)
class Reached:
    """When demand will exceed what the greatest allowed number of instances carries.

    Parameters
    ----------
    earliest
        Beginning of the first hour, or week, whose upper end exceeds it; None when that lies beyond the horizon.
    likely
        The same of the expected demand.
    horizon
        Up to when was looked.
    """

    earliest: datetime | None
    likely: datetime | None
    horizon: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What is to come.

    Parameters
    ----------
    demand
        What came, by ten minutes.
    ready
        Instances that were ready, on the same grid; None when nobody said.
    hours
        Busiest ten minutes of each of the next 48 hours, from the end of `demand` on.
    weeks
        Peaks of the next weeks, or how much history is missing for them.
    capacity
        What instances carry, or why that is not known.
    advised
        Minimums that would meet the spikes of the next 24 hours.
    hindsight
        What would have been advised on the last days, and what became of it; None where that is not known.
    """

    demand: Demand
    ready: Demand | None
    hours: Ahead
    weeks: WeeksAhead | WarmingUp
    capacity: Capacity | str
    advised: tuple[Preemption, ...]
    hindsight: Hindsight | None

    @property
    def usual_peak(self) -> float:
        """Requests per second that all but fifty minutes of the last week stayed below."""
        return usual_peak(self.demand.last(WEEK).values)

    @property
    def headroom_ratio(self) -> float | None:
        """How many times the usual peak the greatest number of instances carries; None when that is not known."""
        if isinstance(self.capacity, str) or self.capacity.most is None or not self.usual_peak > 0:
            return None
        return self.capacity.most_demand / self.usual_peak

    @property
    def instances_now(self) -> float | None:
        """Instances that were ready at the end of what is known."""
        return _newest(self.ready)

    @property
    def reached(self) -> Reached | None:
        """When the greatest number of instances will not be enough; None where it is not known, or there is none."""
        if isinstance(self.capacity, str) or self.capacity.most is None:
            return None
        most = self.capacity.most_demand
        spans = [*self._spans()]
        return Reached(
            earliest=next((begin for begin, _, upper in spans if upper > most), None),
            likely=next((begin for begin, expected, _ in spans if expected > most), None),
            horizon=self.horizon,
        )

    @property
    def horizon(self) -> datetime:
        """Up to when anything is said."""
        if isinstance(self.weeks, WarmingUp):
            return self.demand.end + REACH
        return self.weeks.start + self.weeks.expected.size * WEEK

    def _spans(self) -> Iterator[tuple[datetime, float, float]]:
        """Beginning, expected demand and its upper end: of every hour, then of every week."""
        for index, (expected, upper) in enumerate(zip(self.hours.expected, self.hours.upper, strict=True)):
            yield self.demand.end + index * HOUR, float(expected), float(upper)
        if isinstance(self.weeks, WeeksAhead):
            for index, (expected, upper) in enumerate(zip(self.weeks.expected, self.weeks.upper, strict=True)):
                yield self.weeks.start + index * WEEK, float(expected), float(upper)


def outlook(demand: Demand, ready: Demand | None, capacity: Capacity | str) -> Outlook | WarmingUp:
    """Look ahead from the end of `demand`; less than a week of it says nothing yet.

    Parameters
    ----------
    demand
        By ten minutes; the weeks need three of its weeks, up to 90 days make them better.
    ready
        Instances that were ready, on the same grid.
    """
    hours = ahead(demand.hourly_peaks(), REACH)
    if isinstance(hours, WarmingUp):
        return hours
    advised = preemptions(demand, capacity, _newest(ready)) if isinstance(capacity, Capacity) else ()
    return Outlook(
        demand=demand,
        ready=ready,
        hours=hours,
        weeks=weeks_ahead(demand),
        capacity=capacity,
        advised=advised if isinstance(advised, tuple) else (),
        hindsight=hindsight(demand, capacity, ready) if isinstance(capacity, Capacity) else None,
    )


def _newest(ready: Demand | None) -> float | None:
    value = np.nan if ready is None else ready.values[-1]
    return float(value) if np.isfinite(value) else None
