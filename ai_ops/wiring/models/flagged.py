"""What of a service's past was not normal, by the findings of its runs, people's labels and planned work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.detect.alerts import HOLD
from ai_ops.domain.errors import StateError
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.label import finding_id
from ai_ops.wiring.detection import planned_work
from ai_ops.wiring.labels import labels_of

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session

    Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Past:
    """Spans of time, each with both of its ends.

    Parameters
    ----------
    abnormal
        Findings that nobody has called wrong, and planned work: nothing that is learned from.
    incidents
        Findings that a person has confirmed.
    false_alarms
        Findings that a person has called wrong. Where they overlap with one of the others, that one counts.
    """

    abnormal: tuple[Span, ...]
    incidents: tuple[Span, ...]
    false_alarms: tuple[Span, ...]


def past_of(session: Session, service: Service) -> Past:
    """Gather what is known; a ledger that cannot be trusted, or labels that cannot be read, tell nothing."""
    spans = _findings(session, service.name)
    said = _labels(session, service.name)
    confirmed = [spans[name] for name, is_true in said.items() if is_true and name in spans]
    denied = [spans[name] for name, is_true in said.items() if not is_true and name in spans]
    unusual = [span for name, span in spans.items() if said.get(name, True)]
    return Past((*unusual, *planned_work(session.settings)), tuple(confirmed), tuple(denied))


def _findings(session: Session, service: str) -> dict[str, Span]:
    """By id of a finding, from its onset until it was last seen; what was only forecast has not happened."""
    is_simulated = session.settings.is_simulated
    try:
        episodes = session.ledger.episodes(service)
    except StateError as error:
        session.place.warn(f"what earlier runs found is not known, and counts as normal: {error}")
        return {}
    spans: dict[str, Span] = {}
    for episode in episodes:
        for found in episode.findings if episode.is_simulated is is_simulated else ():
            if found.alarm is not Alarm.FORECAST:
                name = finding_id(service, found.metric, found.since)
                _, until = spans.get(name, (found.since, found.at))
                spans[name] = (found.since, max(until, found.at + _lingering(found.at, found.since)))
    return spans


def _lingering(at: datetime, since: datetime) -> timedelta:
    """How long a finding goes on behind its loudest moment: as long as it took to get there, half an hour at least."""
    return max(HOLD, min(at - since, timedelta(hours=6)))


def _labels(session: Session, service: str) -> dict[str, bool]:
    try:
        return {label.finding: label.is_true for label in labels_of(session, service)}
    except StateError as error:
        session.place.warn(f"labels of findings are not heeded: {error}")
        return {}
