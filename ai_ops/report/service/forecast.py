"""The next hours: how much demand they will probably bring, and how many instances that takes."""

from __future__ import annotations

from datetime import timedelta
from math import isfinite
from typing import TYPE_CHECKING

from ai_ops.domain.document import Evidence
from ai_ops.domain.figure import figure
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.prediction import Interval
from ai_ops.domain.warming_up import WarmingUp
from ai_ops.report.agent.past import runs_until
from ai_ops.report.pages.words import counted
from ai_ops.report.service.said import Forecast
from ai_ops.twin.outlook.outlook import Outlook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.gathered import Gathered

HOUR = timedelta(hours=1)


def forecast_of(gathered: Gathered, span: ReportSpan, hours: int = 24) -> Forecast:
    """Tell the busiest of the next hours, or why nothing can be told."""
    outlook = gathered.outlook
    if isinstance(outlook, WarmingUp):
        return _unknown(gathered, span, hours, f"it needs {outlook.need} {outlook.unit} and has {outlook.have}")
    if not isinstance(outlook, Outlook):
        return _unknown(gathered, span, hours, outlook or "no history")
    ahead = tuple(_ahead(outlook, span.end, hours))
    if not ahead:
        return _unknown(gathered, span, hours, "the demand known so far says nothing about these hours")
    at, peak = max(ahead, key=lambda one: one[1].expected)
    words = f"The busiest hour will probably begin on {span.in_words(at)}: {_demand(peak)}{_capacity(outlook, peak)}."
    return Forecast(
        hours=hours,
        peak_requests_per_second=peak,
        peak_at=at,
        instances_needed=_needed(outlook, peak.expected),
        instances_needed_at_most=_needed(outlook, peak.high),
        instances_now=outlook.instances_now,
        words=" ".join((words, *_warned(gathered, span))),
        evidence=_evidence(gathered, outlook, ahead),
    )


def _ahead(outlook: Outlook, now: datetime, hours: int) -> Iterator[tuple[datetime, Interval]]:
    """Beginning and demand of every hour that is not over and begins within the next `hours`."""
    bounds = zip(outlook.hours.expected, outlook.hours.lower, outlook.hours.upper, strict=True)
    for index, figures in enumerate(bounds):
        begin, peak = outlook.demand.end + index * HOUR, Interval(*map(float, figures))
        if now - HOUR < begin < now + hours * HOUR and isfinite(peak.expected):
            yield begin, peak


def _needed(outlook: Outlook, demand: float) -> int | None:
    known = not isinstance(outlook.capacity, str) and isfinite(demand)
    return outlook.capacity.needed(demand) if known and not isinstance(outlook.capacity, str) else None


def _demand(peak: Interval) -> str:
    return (
        f"{figure(peak.expected, 0)} requests/s in its busiest ten minutes, nine of ten times between "
        f"{figure(peak.low, 0)} and {figure(peak.high, 0)}"
    )


def _capacity(outlook: Outlook, peak: Interval) -> str:
    """What that takes, beside what there is and what there may be."""
    if isinstance(outlook.capacity, str):
        return f"; how many instances that takes is not known: {outlook.capacity}"
    needed, at_most, now = _needed(outlook, peak.expected), _needed(outlook, peak.high), outlook.instances_now
    most = outlook.capacity.most
    ready = "" if now is None else f", {now:.0f} ready now"
    short = f"; max_instances {most} is too few for its upper end" if most and at_most and at_most > most else ""
    return f"; that takes {counted(needed or 1, 'instance')} ({at_most} at the upper end{ready}){short}"


def _warned(gathered: Gathered, span: ReportSpan) -> Iterator[str]:
    """What detection foresees by itself: limits that the next hours will probably exceed (S001-134)."""
    newest = runs_until(gathered, span.end)[-1:]
    found = gathered.newest_findings or tuple(one for episode in newest for one in episode.findings)
    foreseen = {one.metric: one.reason for one in found if one.alarm is Alarm.FORECAST}
    yield from (f"Foreseen: {reason.rstrip('.')}." for reason in foreseen.values())


def _unknown(gathered: Gathered, span: ReportSpan, hours: int, reason: str) -> Forecast:
    words = f"There is no forecast: {reason.rstrip('.')}."
    return Forecast(
        hours=hours,
        peak_requests_per_second=None,
        peak_at=None,
        instances_needed=None,
        instances_needed_at_most=None,
        instances_now=None,
        words=" ".join((words, *_warned(gathered, span))),
        evidence=_of(gathered, (("forecast", f"none: {reason}"),), gathered.source),
    )


def _evidence(gathered: Gathered, outlook: Outlook, ahead: tuple[tuple[datetime, Interval], ...]) -> Evidence:
    capacity = outlook.capacity
    each = "not known" if isinstance(capacity, str) else f"{figure(capacity.per_instance, 2)} requests/s"
    demand = outlook.demand
    return _of(
        gathered,
        (
            ("what one instance carries", each),
            ("mean error of such forecasts lately", f"{100.0 * outlook.hours.error_ratio:.1f} % of the demand"),
            *((f"{begin:%Y-%m-%d %H:%M} UTC", f"{peak.in_words('.4g')} requests/s") for begin, peak in ahead),
        ),
        f"requests_per_second from {gathered.source}, {demand.start:%Y-%m-%d %H:%M} to {demand.end:%Y-%m-%d %H:%M} UTC",
    )


def _of(gathered: Gathered, inputs: tuple[tuple[str, str], ...], source: str) -> Evidence:
    return Evidence(
        id=f"{gathered.service}-forecast",
        says=f"busiest of the next hours of {gathered.service}",
        formula=(
            "the hour whose expected demand is highest; instances = demand / what one instance carries, rounded up. "
            "The bounds hold nine of ten such hours"
        ),
        inputs=inputs,
        source=source,
        command=f"neuropilot capacity --service {gathered.service}",
    )
