"""What a report says: of one service, and of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.document import Tone
    from ai_ops.domain.message import MessageKind
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.agent.said import Checklist, LearningStanding, Need, OwnRecord, Recommendation
    from ai_ops.report.service.said import (
        AlarmSeen,
        CostStanding,
        Forecast,
        Health,
        Scaling,
        SloStanding,
        Trend,
    )


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """Everything that a report says of one service.

    Parameters
    ----------
    tone, headline, why, action
        One sentence each, and how good the headline is.
    times_needed
        How often a person was needed in the last seven days.
    unknown
        Metrics that could not be had, each with its reason, and other doubts.
    """

    service: str
    source: str
    is_simulated: bool
    tone: Tone
    headline: str
    why: str
    action: str
    health: Health
    slo: SloStanding
    trends: tuple[Trend, ...]
    scaling: Scaling
    cost: CostStanding
    alarms: tuple[AlarmSeen, ...]
    learning: LearningStanding
    recommendations: tuple[Recommendation, ...]
    forecast: Forecast
    record: OwnRecord
    checklist: Checklist
    needs: tuple[Need, ...]
    times_needed: int
    needed_for: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A daily report or a weekly brief.

    Parameters
    ----------
    kind
        Which of them.
    span
        What it is about.
    made_at
        When it was made.
    services
        In the order of the settings.
    needs
        Of all services, the most urgent first; at most three.
    more_needs
        How many more there are.
    """

    kind: MessageKind
    span: ReportSpan
    made_at: datetime
    services: tuple[ServiceReport, ...]
    tone: Tone
    headline: str
    why: str
    action: str
    needs: tuple[Need, ...]
    more_needs: int
    times_needed: int
    incidents: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()

    @property
    def is_simulated(self) -> bool:
        """Whether any of the figures are those of a simulated service."""
        return any(one.is_simulated for one in self.services)
