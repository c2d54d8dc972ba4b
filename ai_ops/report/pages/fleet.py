"""All services in one table, a row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Paragraph, Section, Table, Tone
from ai_ops.report.pages.attention import MOST_TOLD
from ai_ops.report.pages.key_figures import alarms_of, budget_figure, cost_figure, health_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.report.service_report import ServiceReport

HEADER = ("service", "health", "budget left", "month's cost", "alarms", "waits")
_CAPTION = (
    "Those that need attention first: health of 100, error budget that is left, expected cost of the month with its "
    "distance from the budget, alarms, and how much waits for a person"
)


def fleet_section(services: Sequence[ServiceReport]) -> Section:
    """Show every service, in the order given."""
    blocks: list[Block] = [Table(_CAPTION, HEADER, tuple(_row(service) for service in services))]
    if len(services) > MOST_TOLD:
        blocks.append(Paragraph(f"The first {MOST_TOLD} are told in full below, the others in this row alone."))
    return Section("fleet", "All services", tuple(blocks))


def _row(service: ServiceReport) -> tuple[Cell, ...]:
    label = " (simulated)" if service.is_simulated else ""
    waits = sum(bool(need.service) for need in service.needs)  # what is about no service is told above, once
    return (
        Cell(f"{service.service}{label}", tone=service.tone),
        health_figure(service.health),
        budget_figure(service.slo),
        cost_figure(service.cost),
        alarms_of(service),
        Cell(str(waits or "none"), tone=Tone.WATCH if waits else Tone.PLAIN),
    )
