"""How the anomaly model learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Paragraph, Section, Table
from ai_ops.domain.figure import figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.agent.said import LearningStanding
    from ai_ops.report.service_report import ServiceReport


def learning_section(service: ServiceReport, span: ReportSpan) -> Section:
    """Say it in a sentence; below it the model in use."""
    learning = service.learning
    evidence = "" if learning.version is None else learning.evidence.id
    blocks: list[Block] = [Paragraph(learning.words, evidence)]
    rows = tuple((Cell(label), Cell(value, evidence)) for label, value in _figures(learning, span))
    if learning.version is not None:
        blocks.append(Table(f"The anomaly model of {service.service}", ("figure", "value"), rows))
    return Section(f"{service.service}-learning", "AI learning", tuple(blocks), service.service)


def _figures(learning: LearningStanding, span: ReportSpan) -> Iterator[tuple[str, str]]:
    yield "status", learning.status
    if learning.version is not None:
        yield "model", learning.version
    if learning.loss is not None:
        yield "loss", f"{learning.loss:.3f}"
    if learning.auc is not None:
        yield "area under the curve", f"{learning.auc:.3f}"
    if learning.trained_at is not None:
        yield "trained", span.in_words(learning.trained_at)
    if learning.health:
        yield "health", learning.health
    if learning.drift_score is not None:
        yield "drift", f"{figure(learning.drift_score, 2)} sigmas"
