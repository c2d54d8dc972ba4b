"""One of several services in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Bullets, Cell, Paragraph, Section
from ai_ops.report.pages.overview import times_needed, urgency_tone, what_to_do

if TYPE_CHECKING:
    from ai_ops.report.service_report import Need, ServiceReport


def glance_section(service: ServiceReport) -> Section:
    """Say what matters most of this service, why, and what to do; and what waits for a person."""
    blocks: list[Block] = [
        Paragraph(service.headline, tone=service.tone),
        Paragraph(service.why),
        Paragraph(service.action),
    ]
    if service.is_simulated:
        blocks.insert(0, Paragraph("Simulated: these are the figures of a service that is made up."))
    if service.needs:
        blocks.append(Bullets(tuple(_need(need) for need in service.needs)))
    blocks.append(Paragraph(times_needed(service.times_needed, service.needed_for)))
    return Section(f"{service.service}-glance", "At a glance", tuple(blocks), service.service)


def _need(need: Need) -> Cell:
    step = what_to_do(need.action)
    return Cell(f"{need.what}: {need.why}. To do: {step.text}", tone=urgency_tone(need), link=step.link)
