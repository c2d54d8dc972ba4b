"""The figures of a service that somebody with ten seconds wants to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Cell, Tone
from ai_ops.domain.finding import Severity
from ai_ops.report.pages.metric_words import metric_value
from ai_ops.report.pages.tones import budget_tone, cost_tone, health_tone, severity_tone
from ai_ops.report.pages.trends import ICONS
from ai_ops.report.pages.words import money, percent_beside, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.report.agent.said import OwnRecord
    from ai_ops.report.service.said import AlarmSeen, CostStanding, Health, SloStanding
    from ai_ops.report.service_report import ServiceReport

LATENCY = "latency_p95_ms"

UNKNOWN_IN_SHORT = "unknown"

CLAIMED = 0.9
"""Of its intervals the agent says that nine of ten hold."""


def key_figures(service: ServiceReport) -> Iterator[tuple[str, Cell]]:
    """Label and figure, in the order of a reader's questions: is it well, safe, calm, fast, cheap, to be trusted."""
    yield "health", health_figure(service.health)
    yield "error budget left", budget_figure(service.slo)
    yield "alarms", alarms_of(service)
    yield "p95 latency", latency_figure(service)
    yield "month's cost", cost_figure(service.cost)
    yield "predictions that came true", _record(service.record)


def health_figure(health: Health) -> Cell:
    """The score of 100."""
    if health.score is None:
        return Cell(UNKNOWN_IN_SHORT)
    return Cell(f"{health.score:.0f}", health.evidence.id, health_tone(health.score, health.band))


def budget_figure(slo: SloStanding) -> Cell:
    """How much of the error budget is left."""
    left = slo.budget_left_ratio
    if left is None:
        return Cell(UNKNOWN_IN_SHORT)
    return Cell(percent_beside(100.0 * left, 0.0, 0), slo.evidence.id, budget_tone(slo))


def cost_figure(cost: CostStanding) -> Cell:
    """What the month should cost, beside its budget."""
    if cost.projected is None:
        return Cell(UNKNOWN_IN_SHORT)
    beside = "" if cost.variance_percent is None else f" ({signed(cost.variance_percent)})"
    expected = money(cost.projected.expected, cost.currency)
    return Cell(f"{expected}{beside}", cost.evidence.id, cost_tone(cost))


def alarms_of(service: ServiceReport) -> Cell:
    """The alarms of a service; unknown where nothing was measured that could have been abnormal."""
    return alarms_figure(service.alarms) if service.alarms or is_measured(service) else Cell(UNKNOWN_IN_SHORT)


def is_measured(service: ServiceReport) -> bool:
    """Whether anything at all was measured in the report's span."""
    return any(trend.value is not None for trend in service.trends)


def alarms_figure(alarms: tuple[AlarmSeen, ...]) -> Cell:
    """How many, as loud as the loudest."""
    if not alarms:
        return Cell("none")
    going_on = sum(alarm.is_going_on for alarm in alarms)
    loudest = max(alarms, key=lambda alarm: tuple(Severity).index(Severity(alarm.severity)))
    return Cell(_alarms(len(alarms), going_on), loudest.evidence.id, severity_tone(loudest.severity))


def _alarms(count: int, going_on: int) -> str:
    """How many, and how many of them are not over.

    >>> _alarms(2, 0), _alarms(3, 1), _alarms(1, 1)
    ('2', '3, 1 going on', '1, going on')
    """
    if not going_on:
        return str(count)
    some = "" if going_on == count == 1 else "all " if going_on == count else f"{going_on} "
    return f"{count}, {some}going on"


def latency_figure(service: ServiceReport) -> Cell:
    """What users wait, beside the same weekday a week ago."""
    trend = next((one for one in service.trends if one.metric == LATENCY), None)
    if trend is None or trend.value is None:
        return Cell(UNKNOWN_IN_SHORT)
    change = trend.week_ago_change_percent
    beside = "" if change is None else f", {ICONS[trend.week_ago_direction]} {signed(change)} in a week"
    return Cell(f"{metric_value(LATENCY, trend.value)}{beside}", trend.evidence.id)


def _record(record: OwnRecord) -> Cell:
    if record.calibration is None:
        return Cell("none judged yet")
    is_kept = record.calibration.high >= CLAIMED
    return Cell(
        f"{record.hits} of {record.hits + record.misses}", record.evidence.id, Tone.PLAIN if is_kept else Tone.WATCH
    )
