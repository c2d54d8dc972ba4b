"""How the roll-out goes, beside what was expected of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Paragraph, Section, Table, Tone

if TYPE_CHECKING:
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.agent.said import ChecklistItem
    from ai_ops.report.service_report import ServiceReport

_HEADER = ("expectation", "week", "measured", "met")
_MET = {True: ("yes", Tone.GOOD), False: ("no", Tone.WATCH), None: ("not yet known", Tone.PLAIN)}


def checklist_section(service: ServiceReport, _span: ReportSpan) -> Section:
    """Put the measured figure beside every expectation."""
    checklist = service.checklist
    evidence = checklist.evidence.id
    blocks: list[Block] = [Paragraph(f"Day {checklist.day}. {checklist.advice}".strip(), evidence)]
    if checklist.items:
        rows = tuple(_row(item, evidence) for item in checklist.items)
        blocks.append(Table(f"What was expected of the roll-out for {service.service}", _HEADER, rows))
    return Section(f"{service.service}-checklist", "Roll-out", tuple(blocks), service.service)


def _row(item: ChecklistItem, evidence: str) -> tuple[Cell, ...]:
    word, tone = _MET[item.is_met]
    return Cell(item.expectation), Cell(str(item.week)), Cell(item.measured, evidence), Cell(word, tone=tone)
