"""All services in one table, a row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Paragraph, Section, Table
from ai_ops.domain.finding import Severity
from ai_ops.report.pages.attention import MOST_TOLD
from ai_ops.report.pages.tones import budget_tone, cost_tone, health_tone, severity_tone
from ai_ops.report.pages.words import UNKNOWN, money, percent, signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.report.service_report import AlarmSeen, CostStanding, ServiceReport

HEADER = ("service", "verdict", "health", "error budget left", "month's cost", "alarms")


def fleet_section(services: Sequence[ServiceReport]) -> Section:
    """Show every service, in the order given."""
    rows = tuple(_row(service) for service in services)
    blocks: list[Block] = [Table("All services, those that need attention first", HEADER, rows)]
    if len(services) > MOST_TOLD:
        blocks.append(Paragraph(f"The first {MOST_TOLD} are told in full below, the others in this row alone."))
    return Section("fleet", "All services", tuple(blocks))


def _row(service: ServiceReport) -> tuple[Cell, ...]:
    return (
        Cell(service.service),
        Cell(_verdict(service), tone=service.tone),
        _health(service),
        _budget(service),
        _cost(service.cost),
        _alarms(service.alarms),
    )


def _verdict(service: ServiceReport) -> str:
    return f"{service.headline} (simulated)" if service.is_simulated else service.headline


def _health(service: ServiceReport) -> Cell:
    health = service.health
    if health.score is None:
        return Cell(UNKNOWN)
    return Cell(f"{health.score:.0f}", health.evidence.id, health_tone(health.band))


def _budget(service: ServiceReport) -> Cell:
    left = service.slo.budget_left_ratio
    if left is None:
        return Cell(UNKNOWN)
    return Cell(percent(100.0 * left, 0), service.slo.evidence.id, budget_tone(left))


def _cost(cost: CostStanding) -> Cell:
    if cost.projected is None:
        return Cell(UNKNOWN)
    beside = f", {signed(cost.variance_percent)} of budget" if cost.variance_percent is not None else ""
    return Cell(
        f"{money(cost.projected.expected, cost.currency)}{beside}", cost.evidence.id, cost_tone(cost.variance_percent)
    )


def _alarms(alarms: tuple[AlarmSeen, ...]) -> Cell:
    if not alarms:
        return Cell("none")
    going_on = sum(alarm.is_going_on for alarm in alarms)
    loudest = max(alarms, key=lambda alarm: tuple(Severity).index(Severity(alarm.severity)))
    words = f"{len(alarms)}, {going_on} going on" if going_on else str(len(alarms))
    return Cell(words, loudest.evidence.id, severity_tone(loudest.severity))
