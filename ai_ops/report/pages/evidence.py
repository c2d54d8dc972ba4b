"""What the figures of a page rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Bullets, Paragraph, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ai_ops.domain.document import Block, Evidence, Section
    from ai_ops.report.service_report import Report, ServiceReport


def evidence_of(report: Report, sections: Sequence[Section]) -> tuple[Evidence, ...]:
    """Of every figure of these sections what it rests on, once each, in the order in which a reader meets them."""
    known = {one.id: one for service in report.services for one in _all_of(service)}
    return tuple(known[name] for name in dict.fromkeys(cited(sections)))


def cited(sections: Iterable[Section]) -> Iterator[str]:
    """Every id that these sections name, as often as they name it."""
    for section in sections:
        for block in section.blocks:
            yield from filter(None, _cited(block))


def _cited(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield block.evidence
        case Bullets():
            yield from (cell.evidence for cell in block.items)
        case Table():
            yield from (cell.evidence for row in block.rows for cell in row)


def _all_of(service: ServiceReport) -> Iterator[Evidence]:
    yield service.health.evidence
    yield service.slo.evidence
    yield from (trend.evidence for trend in service.trends)
    yield service.scaling.evidence
    yield service.cost.evidence
    yield from (alarm.evidence for alarm in service.alarms)
    yield service.learning.evidence
    yield from (advice.evidence for advice in service.recommendations)
    yield service.forecast.evidence
    yield service.record.evidence
    yield service.checklist.evidence
