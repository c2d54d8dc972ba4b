"""What is abnormal in the hours that no cycle has looked at yet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ai_ops.domain.clocks import AHEAD
from ai_ops.domain.cycle import PERIOD, ROLLBACK
from ai_ops.domain.metrics import Window, aligned
from ai_ops.wiring.detection import detection
from ai_ops.wiring.labels import factors_of
from ai_ops.wiring.models.in_use import learned_finder
from ai_ops.wiring.report.look import window_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Observation
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


def newest_findings(
    session: Session, service: Service, span: ReportSpan, observation: Observation, episodes: tuple[Episode, ...]
) -> tuple[Finding, ...]:
    """Judge what lies between the newest run's window and the end of the report's, as a run would."""
    windows = tuple(_periods(window_of(session.settings, span), looked_until(episodes, span.end)))
    if not windows:
        return ()
    name = service.name
    find = detection(session.settings, service, factors_of(session, name), learned_finder(session, name))
    return tuple(found for window in windows for found in find(replace(observation, window=window)))


def looked_until(episodes: Sequence[Episode], end: datetime) -> datetime | None:
    """Up to when runs have looked, of those that did not look beyond `end`; None without any.

    A rollback has looked at nothing, and what claims to be of a time to come has not looked at it.
    """
    looked = (one.window.end for one in reversed(episodes) if one.policy != ROLLBACK)
    return next((moment for moment in looked if moment <= end + AHEAD), None)


def _periods(whole: Window, known_until: datetime | None) -> Iterator[Window]:
    """The part of `whole` that begins at `known_until`, cut as runs of the agent would see it."""
    start = whole.start if known_until is None else max(whole.start, aligned(known_until, whole.step))
    while start < whole.end:
        end = min(start + PERIOD, whole.end)
        yield Window(start, end, whole.step)
        start = end
