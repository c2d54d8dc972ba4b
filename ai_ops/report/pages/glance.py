"""One service in a few figures; where there are several, in a few lines as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Bullets, Cell, Paragraph, Section, Table
from ai_ops.report.pages.key_figures import key_figures
from ai_ops.report.pages.overview import action_with, times_needed, urgency_tone, what_to_do

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.report.agent.said import Need
    from ai_ops.report.service_report import ServiceReport


def glance_section(service: ServiceReport, *, is_alone: bool) -> Section:
    """Show the figures that matter most; unless the page is about this service alone, say what they mean as well."""
    blocks = () if is_alone else tuple(_told(service))
    rows = tuple((Cell(label), figure) for label, figure in key_figures(service))
    table = Table(f"{service.service} at a glance", ("figure", "value"), rows)
    return Section(f"{service.service}-glance", "At a glance", (*blocks, table), service.service)


def _told(service: ServiceReport) -> Iterator[Block]:
    """What a page about one service says before its first section."""
    if service.is_simulated:
        yield Paragraph("Simulated: these are the figures of a service that is made up.")
    yield Paragraph(service.headline, tone=service.tone)
    yield Paragraph(service.why)
    if todo := tuple(_to_do(service)):
        yield Bullets(todo)
    yield Paragraph(times_needed(service.times_needed, service.needed_for))


def _to_do(service: ServiceReport) -> Iterator[Cell]:
    """What to do first, unless it is one of the needs; and those of this service: all others are told above, once."""
    told = {words for need in service.needs for words in (need.action, f"{need.what}: {need.action}")}
    if service.action not in told:
        action = action_with(service.action, service.needs)
        yield Cell(f"To do: {action.text}", link=action.link)
    yield from (_need(need) for need in service.needs if need.service)


def _need(need: Need) -> Cell:
    step = what_to_do(need.action)
    why = need.why.rstrip(".")
    return Cell(f"{need.what}: {why}. To do: {step.text}", tone=urgency_tone(need), link=step.link)
