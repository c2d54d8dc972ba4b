"""Pre-emptive minimum: instances that stand ready before a spike that comes faster than they boot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.schedule import (
    MINUTES_PER_DAY,
    MINUTES_PER_WEEK,
    Schedule,
    ScheduledMinimum,
    in_order,
    minimum_by_minute,
)
from ai_ops.twin.outlook.ahead import Ahead, ahead
from ai_ops.twin.outlook.demand import DAY, HOUR
from ai_ops.twin.outlook.left_alone import beginnings, late_minutes

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.warming_up import WarmingUp
    from ai_ops.twin.outlook.capacity import Capacity
    from ai_ops.twin.outlook.demand import Demand

MINUTE = timedelta(minutes=1)
MARGIN = timedelta(minutes=10)
"""Jobs and people come some minutes early at times, and boots take some minutes longer."""

LONGEST = timedelta(hours=3)
"""What lasts longer is a part of the day; the platform has long followed by itself."""

DAYS_LOOKED_AT = 14
LEAST_SEEN = 2
"""Once is an event; twice may be a habit."""

EVERY = timedelta(hours=3)
"""Distance of the past forecasts that the interval rests on: a rhythm by ten minutes has six times as many spans."""


@dataclass(frozen=True, slots=True)
class Preemption:
    """A spike that is foreseen, and the minimum that would meet it.

    Parameters
    ----------
    begins, ends
        When the minimum should hold, aware UTC.
    min_instances
        At least so many; at most what the settings allow.
    spike_begins
        When the platform by itself would begin to be late.
    demand_before, demand_peak, demand_at_most
        Requests per second: before the spike, at its expected peak, and what nineteen of twenty such spikes stay below.
    needed
        Instances for `demand_at_most`; more than `min_instances` where `max_instances` is in the way.
    seen, looked_at
        Past days on which the same time was as busy, of those at which it was measured.
    """

    begins: datetime
    ends: datetime
    min_instances: int
    spike_begins: datetime
    demand_before: float
    demand_peak: float
    demand_at_most: float
    needed: int
    seen: int
    looked_at: int

    @property
    def midway(self) -> float:
        """Requests per second half way up the spike: who stays below has not seen it."""
        return (self.demand_before + self.demand_peak) / 2.0

    @property
    def block(self) -> ScheduledMinimum:
        """The minimum as an entry of the week."""
        return ScheduledMinimum(
            minute_of_week(self.begins), minute_of_week(self.ends) or MINUTES_PER_WEEK, self.min_instances
        )


def preemptions(demand: Demand, capacity: Capacity, ready: float | None = None) -> tuple[Preemption, ...] | WarmingUp:
    """Foresee the spikes of the next 24 hours for which the platform by itself would come too late.

    The scaling rule is replayed on the expected demand. Where CPU passes half of the reserve above the threshold, and
    the past days were as busy at that time, the minimum is what the upper end of the forecast needs. It is never below
    the one that holds anyway: a forecast alone takes no instance away.

    Parameters
    ----------
    ready
        Instances that are ready now; as many as the demand needs when None.
    """
    forecast = ahead(demand, DAY, EVERY)
    if not isinstance(forecast, Ahead):
        return forecast
    spans = round(demand.step / MINUTE)
    minutes = minutes_of_week(demand.end, forecast.expected.size * spans)
    known = demand.values[np.isfinite(demand.values)]
    start = float(capacity.needed(float(known[-1]))) if ready is None else max(ready, 1.0)
    late = late_minutes(capacity, np.repeat(forecast.expected, spans), minutes, start)
    found = []
    for first in beginnings(late):
        one = _preemption(demand, capacity, forecast, first // spans)
        if _is_habit(one) and one.min_instances > capacity.minimum(_minutes(one)).min():
            found.append(one)
    return tuple(found)


def raised(schedule: Schedule, block: ScheduledMinimum) -> Schedule:
    """Add a block to a schedule: at every minute of the week at least as many as before."""
    week = np.maximum(minimum_by_minute(schedule), minimum_by_minute((block,)))
    edges = [0, *(np.flatnonzero(np.diff(week)) + 1).tolist(), MINUTES_PER_WEEK]
    return in_order(ScheduledMinimum(a, b, int(week[a])) for a, b in pairwise(edges) if week[a] > 0)


def _preemption(demand: Demand, capacity: Capacity, forecast: Ahead, first: int) -> Preemption:
    """Size the minimum for the spike that begins in the span `first` of the forecast."""
    hour, longest = HOUR // demand.step, LONGEST // demand.step
    path = np.concatenate([demand.values[-hour:], forecast.expected])[first : first + hour]
    before = float(np.nanmin(path)) if np.isfinite(path).any() else float(forecast.expected[first])
    course = forecast.expected[first : first + longest]
    top = int(np.argmax(course))
    is_over = course[top:] < (before + course[top]) / 2.0
    length = top + int(np.argmax(is_over)) if is_over.any() else course.size
    at_most = float(forecast.upper[first : first + length].max())
    needed = capacity.needed(at_most)
    begins = demand.end + first * demand.step
    seen, looked_at = _seen(demand, first, length, (before + float(course[top])) / 2.0)
    return Preemption(
        begins=max(begins - ceil(capacity.steps.boot_minutes) * MINUTE - MARGIN, demand.end),
        ends=begins + length * demand.step,
        min_instances=needed if capacity.most is None else min(needed, capacity.most),
        spike_begins=begins,
        demand_before=before,
        demand_peak=float(course[top]),
        demand_at_most=at_most,
        needed=needed,
        seen=seen,
        looked_at=looked_at,
    )


def _seen(demand: Demand, first: int, length: int, midway: float) -> tuple[int, int]:
    """Past days that passed `midway` at that time, of those measured: all of two weeks, or the same weekdays alone."""
    every, weekdays = [], []
    for day in range(1, min(DAYS_LOOKED_AT, demand.values.size // demand.per_day) + 1):
        begin = demand.values.size + first - day * demand.per_day
        values = demand.values[max(begin - 1, 0) : begin + length + 1]  # a span early or late is the same spike
        if np.isfinite(values).any():
            passed = bool(np.nanmax(values) >= midway)
            every.append(passed)
            weekdays += [passed] if day % 7 == 0 else []
    counted = every if 2 * sum(every) >= len(every) or not weekdays else weekdays
    return sum(counted), len(counted)


def _is_habit(one: Preemption) -> bool:
    return one.seen >= LEAST_SEEN and 2 * one.seen >= one.looked_at


def _minutes(one: Preemption) -> np.ndarray:
    """Minutes of the week in which it would hold."""
    return minutes_of_week(one.begins, round((one.ends - one.begins) / MINUTE))


def minutes_of_week(begin: datetime, length: int) -> np.ndarray:
    """Minute of the week of the `length` minutes from `begin` on, Monday 00:00 UTC = 0."""
    return np.asarray((minute_of_week(begin) + np.arange(length)) % MINUTES_PER_WEEK)


def minute_of_week(moment: datetime) -> int:
    """Minute of the week, Monday 00:00 UTC = 0."""
    return moment.weekday() * MINUTES_PER_DAY + moment.hour * 60 + moment.minute
