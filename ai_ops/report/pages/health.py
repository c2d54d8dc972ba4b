"""How the service is, and what keeps it from being better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Cell, Paragraph, Section, Table
from ai_ops.report.pages.metric_words import metric_name, metric_value
from ai_ops.report.pages.tones import health_tone
from ai_ops.report.pages.words import UNKNOWN
from ai_ops.report.service.health_formula import SCORED_BY

if TYPE_CHECKING:
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service.said import Health
    from ai_ops.report.service_report import ServiceReport

_HEADER = ("component", "mean", "score", "band score")


def health_section(service: ServiceReport, _span: ReportSpan) -> Section:
    """Show the score with the component that costs it most, and what it is made of."""
    health = service.health
    verdict = Paragraph(_verdict(health), health.evidence.id, health_tone(health.score, health.band))
    rows = tuple(_row(health, component) for component in SCORED_BY)
    return Section(
        f"{service.service}-health",
        "Health",
        (verdict, Table(f"What the health of {service.service} is made of, 0 to 100 each", _HEADER, rows)),
        service.service,
    )


def _verdict(health: Health) -> str:
    if health.score is None:
        return "Health is not known: nothing that it is made of was measured."
    costs = (
        f" What costs most is {_name(health.costs_most)}: {health.points_lost:.1f} points."
        if health.costs_most
        else " Nothing costs it a point."
    )
    band = (
        ""
        if health.band is None
        else f" Its band score, where utilisation inside the target band is no fault, is {health.band:.0f}."
    )
    return f"Health {health.score:.0f} of 100.{costs}{band}"


def _row(health: Health, component: str) -> tuple[Cell, ...]:
    metric, _ = SCORED_BY[component]
    measured = metric_value(metric, health.measured.get(metric))
    evidence = health.evidence.id
    return (
        Cell(_name(component)),
        Cell(measured, evidence if measured != UNKNOWN else ""),
        _score(health.components.get(component), evidence),
        _score(health.band_components.get(component), evidence),
    )


def _score(score: float | None, evidence: str) -> Cell:
    return Cell(UNKNOWN) if score is None else Cell(f"{score:.0f}", evidence)


def _name(component: str) -> str:
    return metric_name(SCORED_BY[component][0]) if component in SCORED_BY else component
