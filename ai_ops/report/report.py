"""The report, top to bottom: from what was gathered of each service to what is said of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.report.agent.checklist import checklist_of
from ai_ops.report.agent.learning import learning_of
from ai_ops.report.agent.needs import by_urgency, needs_of
from ai_ops.report.agent.past import runs_until
from ai_ops.report.agent.recommendations import recommendations_of
from ai_ops.report.agent.record import record_of
from ai_ops.report.agent.times_needed import times_needed
from ai_ops.report.fleet_headline import fleet_headline
from ai_ops.report.headline import LEAST_WHOLE_RATIO, Morning, headline_of
from ai_ops.report.service.alarms import alarms_of
from ai_ops.report.service.cost import cost_standing
from ai_ops.report.service.forecast import forecast_of
from ai_ops.report.service.health import health_of
from ai_ops.report.service.hours import hourly_record
from ai_ops.report.service.measured import mean_of, share_in_words
from ai_ops.report.service.scaling import scaling_of
from ai_ops.report.service.slo_standing import slo_standing
from ai_ops.report.service.trends import trends_of
from ai_ops.report.service_report import Report, ServiceReport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ai_ops.domain.message import MessageKind
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.gathered import Frame, Gathered

MOST_NEEDS = 3
"""What needs a person: more than three things nobody does over one coffee."""

_SPOKEN = {1: "day", 7: "week"}


def make_report(kind: MessageKind, gathered: Sequence[Gathered], span: ReportSpan, frame: Frame) -> Report:
    """Say what there is to say of every service, in their order, and of all of them together.

    Parameters
    ----------
    gathered
        At least one service.
    """
    services = tuple(service_report(one, span, frame) for one in gathered)
    needs = by_urgency(need for one in services for need in one.needs)
    paused = sum(one.pause is not None for one in gathered)  # one pause stops them all
    first = fleet_headline(services) if len(services) > 1 else services[0]
    return Report(
        kind=kind,
        span=span,
        made_at=frame.made_at,
        services=services,
        tone=first.tone,
        headline=first.headline,
        why=first.why,
        action=first.action,
        needs=needs[:MOST_NEEDS],
        more_needs=max(0, len(needs) - MOST_NEEDS),
        times_needed=sum(one.times_needed for one in services) - max(0, paused - 1),
        incidents=frame.incidents,
        runbooks=frame.runbooks,
    )


def service_report(gathered: Gathered, span: ReportSpan, frame: Frame) -> ServiceReport:
    """Work out every part of what is said of one service."""
    health, slo = health_of(gathered, span), slo_standing(gathered, span)
    trends, scaling = trends_of(gathered, span), scaling_of(gathered, span)
    cost, alarms = cost_standing(gathered, span, frame.currency), alarms_of(gathered, span)
    needs = needs_of(gathered, frame.told, frame.made_at, slo)
    count, needed_for = times_needed(gathered, span)
    runs = runs_until(gathered, span.end)
    reasons = {one.id: one.decision.reasons[0] for one in runs if one.decision.reasons and not one.decision.is_hold}
    lately, newest = _SPOKEN.get(span.days, f"{span.days} days"), runs[-1].id if runs else ""
    known = _known_ratio(gathered, span)
    first = headline_of(Morning(gathered.service, lately, newest, reasons, slo, cost, alarms, scaling, needs, known))
    return ServiceReport(
        service=gathered.service,
        source=gathered.source,
        is_simulated=gathered.is_simulated,
        tone=first.tone,
        headline=first.headline,
        why=first.why,
        action=first.action,
        health=health,
        slo=slo,
        trends=trends,
        scaling=scaling,
        cost=cost,
        alarms=alarms,
        learning=learning_of(gathered),
        recommendations=recommendations_of(gathered, health, trends, cost),
        forecast=forecast_of(gathered, span),
        record=record_of(gathered, span),
        checklist=checklist_of(gathered, span, health, cost, frame.told),
        needs=needs,
        times_needed=count,
        needed_for=needed_for,
        unknown=tuple(_unknown(gathered, span)),
    )


def _known_ratio(gathered: Gathered, span: ReportSpan) -> float:
    """For which share of the span it is known whether requests were good."""
    record = hourly_record(gathered, span.span.start, span.end)
    return record.sum_of(record.requests).hours / span.span.hours


def _unknown(gathered: Gathered, span: ReportSpan) -> Iterator[str]:
    """Everything that a reader must not take for measured, or for calm."""
    yield from (f"{gap.metric}: {gap.reason}" for gap in gathered.gaps)
    yield from (f"{', '.join(metrics)}: {much} was measured" for much, metrics in _holes(gathered, span).items())
    yield from gathered.warnings
    if gathered.doubt is not None:
        yield f"what was decided before: {gathered.doubt}"
    if not gathered.series and not gathered.gaps:
        yield "every metric: nothing was measured, and nothing is kept"


def _holes(gathered: Gathered, span: ReportSpan) -> dict[str, list[str]]:
    """Metrics of which a part of the span is missing, by how much there is; gaps have said so, with their reason."""
    told = {gap.metric for gap in gathered.gaps}
    holes: dict[str, list[str]] = {}
    for metric, series in gathered.series.items():
        mean = mean_of(series, span.span)
        ratio = 0.0 if mean is None else mean.ratio
        if metric not in told and ratio < LEAST_WHOLE_RATIO:
            holes.setdefault(f"{share_in_words(ratio)} of the time", []).append(metric)
    return holes
