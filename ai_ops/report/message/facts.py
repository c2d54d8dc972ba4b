"""The figures of a report that fit on a card: of one service, or of all of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Tone
from ai_ops.report.message.totals import least_budget, poorest, totals_of
from ai_ops.report.pages.cost import cost_in_words
from ai_ops.report.pages.key_figures import (
    UNKNOWN_IN_SHORT,
    alarms_figure,
    budget_figure,
    health_figure,
    key_figures,
)
from ai_ops.report.pages.words import counted, money, percent_beside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.report.service_report import Report, ServiceReport

_TONES = ((Tone.BAD, "bad"), (Tone.WATCH, "worth a look"), (Tone.PLAIN, "neither good nor bad"), (Tone.GOOD, "good"))


def facts_of(report: Report) -> Iterator[tuple[str, str]]:
    """Pairs of label and value, at most ten, in reading order."""
    yield from _of_one(report.services[0]) if len(report.services) == 1 else _of_all(report)
    waiting = len(report.needs) + report.more_needs
    decided = counted(report.times_needed, "decision") if report.times_needed else "no decision"
    yield "Needs a person", f"{counted(waiting, 'thing') if waiting else 'nothing'} now; {decided} in the last 7 days"


def _of_one(service: ServiceReport) -> Iterator[tuple[str, str]]:
    figures = {label: cell.text for label, cell in key_figures(service)}
    yield "Health", _health(service)
    yield "Error budget left", figures["error budget left"]
    yield "Good requests", percent_beside(service.slo.good_percent, service.slo.target_percent, 3)
    yield "p95 latency", figures["p95 latency"]
    yield "Alarms", figures["alarms"]
    yield "Cost", cost_in_words(service.cost)
    yield "Predictions that came true", figures["predictions that came true"]
    learning = service.learning
    yield "Model", f"{learning.version}, {learning.status}" if learning.version else learning.status


def _health(service: ServiceReport) -> str:
    health = service.health
    if health.score is None:
        return UNKNOWN_IN_SHORT
    costs = f"; {health.costs_most} costs {health.points_lost:.0f} points" if health.costs_most else ""
    return f"{health.score:.0f} of 100{costs}"


def _of_all(report: Report) -> Iterator[tuple[str, str]]:
    totals, services = totals_of(report.services), report.services
    counts = ((sum(one.tone is tone for one in services), word) for tone, word in _TONES)
    yield "Services", f"{len(services)}: {', '.join(f'{count} {word}' for count, word in counts if count)}"
    worst, tightest = poorest(services), least_budget(services)
    yield (
        "Poorest health",
        UNKNOWN_IN_SHORT if worst is None else f"{health_figure(worst.health).text} ({worst.service})",
    )
    yield (
        "Least error budget left",
        UNKNOWN_IN_SHORT if tightest is None else f"{budget_figure(tightest.slo).text} ({tightest.service})",
    )
    alarms = tuple(alarm for one in services for alarm in one.alarms)
    yield "Alarms", alarms_figure(alarms).text
    if totals.currency is not None:
        yield "Cost so far this month", _known_of(totals.spent, totals.spent_of, totals.currency, len(services))
        yield "Cost by its end", _known_of(totals.projected, totals.projected_of, totals.currency, len(services))
    hits = sum(one.record.hits for one in services)
    judged = hits + sum(one.record.misses for one in services)
    yield "Predictions that came true", f"{hits} of {judged}" if judged else "none judged yet"


def _known_of(amount: float, known: int, currency: str, services: int) -> str:
    """A sum, and of how many services it is where it is not of all."""
    if not known:
        return UNKNOWN_IN_SHORT
    return money(amount, currency) + ("" if known == services else f" ({known} of {services} services)")
