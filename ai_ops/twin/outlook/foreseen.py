"""Whether foreseen spikes came, and whether the minimum that was advised was enough: of one, and of the last days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.twin.outlook.left_alone import beginnings, late_minutes
from ai_ops.twin.outlook.preemption import MINUTE, minutes_of_week, preemptions

if TYPE_CHECKING:
    from ai_ops.twin.outlook.capacity import Capacity
    from ai_ops.twin.outlook.demand import Demand
    from ai_ops.twin.outlook.preemption import Preemption

DAYS = 7
LEAST_KNOWN = 0.5
"""Share of a spike's time that must have been measured to say what became of it."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What became of a foreseen spike.

    Parameters
    ----------
    came
        Whether demand passed the middle of the rise that was foreseen.
    was_enough
        Whether the minimum carried what came.
    peak
        Requests per second, the busiest span.
    needed
        Instances that the peak needed.
    """

    came: bool
    was_enough: bool
    peak: float
    needed: int


@dataclass(frozen=True, slots=True)
class Hindsight:
    """What would have been advised on each of the last days, held against what came.

    Parameters
    ----------
    days
        That could be looked back on.
    advised, came, enough
        Pre-emptive minimums that can be judged, those whose spike came, and those of them that were enough.
    unforeseen
        Times at which the platform by itself came too late, with nothing advised.
    """

    days: int
    advised: int
    came: int
    enough: int
    unforeseen: int


def validated(advised: Preemption, came: Demand, capacity: Capacity) -> Validation | None:
    """Hold a foreseen spike against the demand that came; None while too little of it is known.

    Parameters
    ----------
    came
        Reaches over the time of the spike.
    """
    first = max(0, (advised.begins - came.start) // came.step)
    end = max(first, -(-(advised.ends - came.start) // came.step))
    values = came.values[first:end]
    known = values[np.isfinite(values)]
    if known.size < LEAST_KNOWN * (end - first) or came.end < advised.ends or not known.size:
        return None
    peak = float(known.max())
    needed = capacity.needed(peak)
    return Validation(peak >= advised.midway, needed <= advised.min_instances, peak, needed)


def hindsight(demand: Demand, capacity: Capacity, ready: Demand | None = None) -> Hindsight:
    """Advise on each of the last days from what was known before it, and judge.

    Parameters
    ----------
    ready
        Instances that were ready, on the same grid.
    """
    days = advised = came = enough = unforeseen = 0
    for ago in range(DAYS, 0, -1):
        origin = demand.values.size - ago * demand.per_day
        if origin <= 0:
            continue
        past = demand.until(origin)
        found = preemptions(past, capacity, _ready_at(ready, origin))
        if not isinstance(found, tuple):
            continue
        days += 1
        verdicts = [verdict for one in found if (verdict := validated(one, demand, capacity)) is not None]
        advised += len(verdicts)
        came += sum(verdict.came for verdict in verdicts)
        enough += sum(verdict.came and verdict.was_enough for verdict in verdicts)
        unforeseen += _unforeseen(demand, capacity, origin, found, _ready_at(ready, origin))
    return Hindsight(days, advised, came, enough, unforeseen)


def _unforeseen(
    demand: Demand, capacity: Capacity, origin: int, advised: tuple[Preemption, ...], ready: float | None
) -> int:
    """Times of the day after `origin` at which the platform by itself came too late, outside of what was advised."""
    values = demand.values[origin : origin + demand.per_day]
    known = np.flatnonzero(np.isfinite(values))
    if known.size < LEAST_KNOWN * values.size:
        return 0
    whole = np.interp(np.arange(values.size), known, values[known])
    spans, begin = round(demand.step / MINUTE), demand.at(origin)
    start = float(capacity.needed(float(whole[0]))) if ready is None else ready
    late = late_minutes(capacity, np.repeat(whole, spans), minutes_of_week(begin, whole.size * spans), start)
    moments = [begin + minute * MINUTE for minute in beginnings(late)]
    return sum(not any(one.begins <= moment < one.ends for one in advised) for moment in moments)


def _ready_at(ready: Demand | None, origin: int) -> float | None:
    """Instances at the end of the span before `origin`."""
    value = np.nan if ready is None else ready.values[origin - 1]
    return float(value) if np.isfinite(value) else None
