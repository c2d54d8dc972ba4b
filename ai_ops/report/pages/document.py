"""The whole report as a page: what a person must know first, then the services, then what all of it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Document
from ai_ops.domain.message import MessageKind
from ai_ops.report.pages.alarms import alarms_section
from ai_ops.report.pages.attention import MOST_TOLD, worst_first
from ai_ops.report.pages.checklist import checklist_section
from ai_ops.report.pages.cost import cost_section
from ai_ops.report.pages.evidence import evidence_of
from ai_ops.report.pages.fleet import fleet_section
from ai_ops.report.pages.forecast import forecast_section
from ai_ops.report.pages.glance import glance_section
from ai_ops.report.pages.health import health_section
from ai_ops.report.pages.incidents import incidents_section, runbooks_section
from ai_ops.report.pages.learning import learning_section
from ai_ops.report.pages.overview import action_with, overview_section
from ai_ops.report.pages.promise import promise_section
from ai_ops.report.pages.recommendations import recommendations_section
from ai_ops.report.pages.record import record_section
from ai_ops.report.pages.scaling import scaling_section
from ai_ops.report.pages.trends import trends_section
from ai_ops.report.pages.unknown import unknown_section
from ai_ops.report.pages.words import counted, period

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.document import Section
    from ai_ops.report.service_report import Report, ServiceReport

DAILY = (
    health_section,
    promise_section,
    alarms_section,
    recommendations_section,
    trends_section,
    forecast_section,
    cost_section,
    scaling_section,
    record_section,
    learning_section,
    checklist_section,
    unknown_section,
)
"""A morning asks what happened tonight, and what the day will bring."""

WEEKLY = (
    promise_section,
    cost_section,
    record_section,
    trends_section,
    alarms_section,
    recommendations_section,
    health_section,
    scaling_section,
    learning_section,
    checklist_section,
    forecast_section,
    unknown_section,
)
"""A week asks whether the promise was kept, at what price, and whether the agent is worth it (S000-06)."""


def document_of(report: Report) -> Document:
    """Write `report` as a page free of any syntax."""
    sections = tuple(_sections(report))
    action = action_with(report.action, report.needs)
    return Document(
        title=_title(report),
        subtitle=_subtitle(report),
        headline=report.headline,
        why=report.why,
        action=action.text,
        tone=report.tone,
        is_simulated=report.is_simulated,
        sections=sections,
        evidence=evidence_of(report, sections),
        link=action.link,
    )


def _title(report: Report) -> str:
    name = "Weekly brief" if report.kind is MessageKind.WEEKLY_BRIEF else "Daily report"
    return f"{name}: {report.services[0].service}" if len(report.services) == 1 else name


def _subtitle(report: Report) -> str:
    whose = "" if len(report.services) == 1 else f"{counted(len(report.services), 'service')}, "
    span = report.span
    return f"{whose}the {period(span)} up to {span.local(span.end):%a %d %b %Y %H:%M} {span.local(span.end).tzname()}"


def _sections(report: Report) -> Iterator[Section]:
    services = worst_first(report.services)
    yield overview_section(report)
    if len(services) > 1:
        yield fleet_section(services)
    yield from filter(None, (incidents_section(report), runbooks_section(report)))
    for service in services[:MOST_TOLD]:
        yield glance_section(service, is_alone=len(services) == 1)
        yield from _told(service, report)


def _told(service: ServiceReport, report: Report) -> Iterator[Section]:
    """Tell one service in full, in the order that suits a morning or a week."""
    for section in WEEKLY if report.kind is MessageKind.WEEKLY_BRIEF else DAILY:
        written = section(service, report.span)
        if written is not None:
            yield written
