"""What a report looks at: a span of time by the team's clock, and the metrics up to its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.metrics import Observation, Window, aligned
from ai_ops.domain.report_span import ReportSpan
from ai_ops.wiring.observe import observe
from ai_ops.wiring.settings_files import SettingsFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.errors import OpsError
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


def span_now(session: Session, days: int) -> ReportSpan:
    """The last `days` days, up to the newest step of the metrics that is over."""
    step = timedelta(minutes=session.settings.metrics.step_minutes)
    return ReportSpan(aligned(session.place.clock(), step), session.settings.report.timezone, days)


def span_until(session: Session, days: int, seen: Mapping[str, Observation | OpsError]) -> ReportSpan:
    """The last `days` days, up to the end of what another job has observed; up to now where it observed nothing."""
    ends = [one.window.end for one in seen.values() if isinstance(one, Observation)]
    span = span_now(session, days)
    return ReportSpan(min(max(ends), span.end), span.zone, days) if ends else span


def look(
    session: Session, service: Service, span: ReportSpan, progress: Callable[[str], None] = lambda _metric: None
) -> Observation:
    """Observe a service up to the end of `span`, without its minutes.

    Raises
    ------
    DataUnavailable
        When not one metric could be had.
    DeliveryError
        When the settings cannot be read from the branch that a change would go to.
    """
    window = window_of(session.settings, replace(span, days=1))  # the history before it comes along in any case
    thresholds = SettingsFiles(session, service).thresholds
    return observe(session, service, window, thresholds, with_minutes=False, progress=progress)


def window_of(settings: Settings, span: ReportSpan) -> Window:
    """The span on the grid of the metrics."""
    step = timedelta(minutes=settings.metrics.step_minutes)
    return Window(aligned(span.span.start, step), aligned(span.end, step), step)
