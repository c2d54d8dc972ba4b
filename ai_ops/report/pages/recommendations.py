"""What the figures advise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Bullets, Cell, Paragraph, Section

if TYPE_CHECKING:
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.agent.said import Recommendation
    from ai_ops.report.service_report import ServiceReport


def recommendations_section(service: ServiceReport, _span: ReportSpan) -> Section:
    """List each piece of advice with the figure that calls for it."""
    advice = tuple(Cell(advice_in_words(one), one.evidence.id) for one in service.recommendations)
    return Section(
        f"{service.service}-recommendations",
        "Recommendations",
        (Bullets(advice) if advice else Paragraph("None: no figure is past its limit."),),
        service.service,
    )


def advice_in_words(advice: Recommendation) -> str:
    """What to do, and the figure that calls for it."""
    return f"{advice.text.rstrip('.')}. Why: {advice.because.rstrip('.')}."
