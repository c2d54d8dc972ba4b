"""The capacity outlook for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.schedule import schedule_in_words
from ai_ops.domain.warming_up import WarmingUp
from ai_ops.twin.outlook.demand import DAY, HOUR
from ai_ops.twin.outlook.weeks_ahead import WEEK, WEEKS_AHEAD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from ai_ops.twin.outlook.outlook import Outlook
    from ai_ops.twin.outlook.preemption import Preemption
    from ai_ops.wiring.capacity import Looked

PART_HOURS = 6
"""A day in four parts: what somebody plans by."""


def sentences(looked: Looked, chart: Path | None) -> Iterator[str]:
    """What is now, what is expected, when it will be too much, and what would be advised."""
    seen, ahead = looked.observation, looked.outlook
    simulated = " (simulated)" if seen.is_simulated else ""
    if isinstance(ahead, WarmingUp):
        yield f"Capacity of {seen.service}{simulated}"
        yield f"  outlook    {ahead}: a day's rhythm must have been seen for a week"
        return
    yield f"Capacity of {seen.service} from {_moment(ahead.demand.end)} UTC on{simulated}"
    if looked.silent_hours is not None:
        yield f"  warning    demand was measured last {looked.silent_hours:.1f} h ago: it fell silent"
    for warning in seen.warnings:
        yield f"  warning    the data may be partial: {warning}"
    yield from _standing(ahead)
    yield from _next_day(ahead)
    yield from _next_weeks(looked, ahead)
    yield from _limit(ahead)
    for one in ahead.advised:
        yield from _advice(one)
    yield from _trust(ahead)
    if chart is not None:
        yield f"  chart      {chart}"


def _standing(ahead: Outlook) -> Iterator[str]:
    now = ahead.instances_now
    running = "" if now is None else f"; {now:g} instances are ready"
    peak = _rate(ahead.usual_peak)
    yield f"  last week  {peak} requests/s is the usual peak: all but 50 minutes stayed below{running}"
    if isinstance(ahead.capacity, str):
        yield f"  instances  how many are needed cannot be told: {ahead.capacity}"
        return
    drawn_out = "" if ahead.capacity.is_seen else ", drawn out: none was seen as busy"
    yield (
        f"  instance   carries {_rate(ahead.capacity.per_instance)} requests/s at cpu_scale_out_percent, "
        f"{ahead.capacity.full_percent:g} %{drawn_out}"
    )
    if ahead.headroom_ratio is not None:
        yield (
            f"  headroom   {ahead.capacity.most} instances, the maximum, carry {_rate(ahead.capacity.most_demand)} "
            f"requests/s: {ahead.headroom_ratio:.1f} times the usual peak"
        )


def _next_day(ahead: Outlook) -> Iterator[str]:
    """The busiest ten minutes of each quarter of the next 24 hours."""
    yield "  next 24 h  busiest ten minutes, requests/s (nine of ten lie between)"
    hours = ahead.hours
    for first in range(0, DAY // HOUR, PART_HOURS):
        part = slice(first, first + PART_HOURS)
        top = first + int(hours.expected[part].argmax())
        begin, end = (ahead.demand.end + hour * HOUR for hour in (first, first + PART_HOURS))
        figures = f"{_rate(hours.expected[top])} ({_rate(hours.lower[top])} to {_rate(hours.upper[top])})"
        need = _need(ahead, hours.expected[top], hours.upper[part].max())
        yield f"    {begin:%a %H:%M}-{end:%H:%M}   {figures:<26}{need}"
    error, naive = f"{hours.error_ratio:.1%}", f"{hours.naive_error_ratio:.1%}"
    yield f"    off by {error} on average on the last days; what came a day before would have been off by {naive}"


def _next_weeks(looked: Looked, ahead: Outlook) -> Iterator[str]:
    weeks = ahead.weeks
    if isinstance(weeks, WarmingUp):
        more = f"; metrics.history_days is {looked.history_days}, up to 90 are possible"
        yield f"  next weeks {weeks}{more}"
        return
    growth = f"{weeks.growth_ratio:+.0%}"
    trend = "steady" if growth in {"+0%", "-0%"} else f"{growth} in {WEEKS_AHEAD} weeks"
    yield f"  next weeks usual peak of the week, requests/s; {trend}"
    for index in range(WEEKS_AHEAD):
        begin = weeks.start + index * WEEK
        figures = f"{_rate(weeks.expected[index])} ({_rate(weeks.lower[index])} to {_rate(weeks.upper[index])})"
        yield f"    from {begin:%d %b}        {figures:<26}{_need(ahead, weeks.expected[index], weeks.upper[index])}"


def _limit(ahead: Outlook) -> Iterator[str]:
    """When there can be no more instances."""
    reached = ahead.reached
    if reached is None:
        return
    if reached.earliest is None:
        yield f"  maximum    not reached up to {reached.horizon:%d %b %Y}"
        return
    likely = "likely not" if reached.likely is None else f"likely {_moment(reached.likely)}"
    yield (
        f"  maximum    not enough from {_moment(reached.earliest)} UTC at the earliest, {likely} up to "
        f"{reached.horizon:%d %b %Y}"
    )


def _advice(one: Preemption) -> Iterator[str]:
    """A spike and what would meet it."""
    yield (
        f"  spike      {_moment(one.spike_begins)} UTC: from {_rate(one.demand_before)} to {_rate(one.demand_peak)} "
        f"requests/s, faster than instances boot; so it was on {one.seen} of {one.looked_at} such days"
    )
    yield f"  advised    {schedule_in_words((one.block,))}, ready before it comes"
    if one.needed > one.min_instances:
        yield f"    it may need {one.needed}; max_instances allows {one.min_instances}"


def _trust(ahead: Outlook) -> Iterator[str]:
    """What such advice would have been worth lately."""
    past = ahead.hindsight
    if past is None or not past.days:
        return
    if not past.advised and not past.unforeseen:
        yield f"  hindsight  no spike of the last {past.days} days came faster than instances boot"
        return
    yield (
        f"  hindsight  last {past.days} days: {past.advised} such spikes foreseen, {past.came} came, for {past.enough} "
        f"the minimum was enough; {past.unforeseen} came unforeseen"
    )


def _need(ahead: Outlook, expected: float, upper: float) -> str:
    """Instances for what is expected, and for the upper end."""
    if isinstance(ahead.capacity, str):
        return ""
    usual, most = (ahead.capacity.needed(value) for value in (expected, upper))
    return f"{usual} instances" if usual == most else f"{usual} instances, at most {most}"


def _rate(value: float) -> str:
    """Requests per second as a person reads them: three digits.

    >>> _rate(0.0623), _rate(41.26), _rate(1234.5)
    ('0.0623', '41.3', '1234')
    """
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004  # three digits


def _moment(moment: datetime) -> str:
    return f"{moment:%a %d %b %H:%M}"
