"""What could not be measured, so that silence is not taken for good news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Bullets, Cell, Section

if TYPE_CHECKING:
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service_report import ServiceReport


def unknown_section(service: ServiceReport, _span: ReportSpan) -> Section | None:
    """List every doubt with its reason; None without any."""
    if not service.unknown:
        return None
    doubts = tuple(Cell(doubt) for doubt in service.unknown)
    return Section(f"{service.service}-unknown", "What could not be measured", (Bullets(doubts),), service.service)
