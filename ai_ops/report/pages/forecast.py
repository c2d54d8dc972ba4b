"""What the next hours bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Paragraph, Section

if TYPE_CHECKING:
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service_report import ServiceReport


def forecast_section(service: ServiceReport, _span: ReportSpan) -> Section:
    """Say when it gets busy, and whether that needs more instances; or why nobody knows."""
    forecast = service.forecast
    evidence = "" if forecast.peak_requests_per_second is None else forecast.evidence.id
    return Section(
        f"{service.service}-forecast",
        f"The next {forecast.hours} hours",
        (Paragraph(forecast.words, evidence),),
        service.service,
    )
