"""What was abnormal: findings that are one thing to a person in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Paragraph, Section, Table, Tone
from ai_ops.report.pages.key_figures import is_measured
from ai_ops.report.pages.metric_words import metric_name
from ai_ops.report.pages.tones import severity_tone
from ai_ops.report.pages.words import counted, from_to, period

if TYPE_CHECKING:
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service.said import AlarmSeen
    from ai_ops.report.service_report import ServiceReport

MOST_ROWS = 12
"""More are an incident, and nobody reads one row by row."""


def alarms_section(service: ServiceReport, span: ReportSpan) -> Section:
    """Show what, when, how loud and why; loudest as the report has them."""
    alarms = service.alarms
    blocks: list[Block] = [_none(service, span)]
    if alarms:
        rows = tuple(_row(alarm, span) for alarm in alarms[:MOST_ROWS])
        blocks = [Table(f"Alarms of {service.service}", ("alarm", "when", "severity", "why"), rows)]
    if len(alarms) > MOST_ROWS:
        blocks.append(
            Paragraph(f"And {counted(len(alarms) - MOST_ROWS, 'more alarm')}: neuropilot history names them.")
        )
    return Section(f"{service.service}-alarms", "Alarms", tuple(blocks), service.service)


def _none(service: ServiceReport, span: ReportSpan) -> Paragraph:
    """No alarm is good news only where something was measured."""
    if not is_measured(service):
        return Paragraph(f"Nothing was measured in the {period(span)}, so nothing could be found abnormal.")
    return Paragraph(f"No alarm in the {period(span)}.", tone=Tone.GOOD)


def _row(alarm: AlarmSeen, span: ReportSpan) -> tuple[Cell, ...]:
    when = (
        f"since {span.in_words(alarm.since)}, going on"
        if alarm.is_going_on
        else from_to(span, alarm.since, alarm.until)
    )
    return (
        Cell(", ".join(metric_name(metric) for metric in alarm.metrics)),
        Cell(when, alarm.evidence.id),
        Cell(f"{alarm.severity}, {alarm.score:.3g} times the limit", alarm.evidence.id, severity_tone(alarm.severity)),
        Cell(alarm.reason),
    )
