"""What a report says of the agent: what it learns, advises and predicted, and when it needs a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.document import Evidence
    from ai_ops.domain.prediction import Interval, Verdict


@dataclass(frozen=True, slots=True)
class LearningStanding:
    """How the anomaly model learns.

    Parameters
    ----------
    status
        "converged", "converging" or "training" by its loss (S001-108); "no model" without one.
    words
        The same in a sentence.
    """

    status: str
    words: str
    version: str | None
    loss: float | None
    auc: float | None
    trained_at: datetime | None
    health: str
    drift_score: float | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One piece of advice of S001-109 to S001-114: which rule, what to do, and the figure that calls for it."""

    rule: str
    text: str
    because: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class JudgedPrediction:
    """One prediction that was held against reality in the report's span."""

    made_at: datetime
    verdict: Verdict
    is_live_change: bool
    reason: str
    predicted_cost_per_hour: Interval | None
    cost_per_hour: float | None
    predicted_burn: Interval | None
    burn: float | None


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """How good the agent's own predictions were.

    Parameters
    ----------
    judged
        Predictions that were judged in the report's span.
    hits, misses, not_judgeable
        Of the last 28 days.
    calibration
        Share of hits among those that could be judged, with its 95 % Wilson interval; nine of ten is the claim. None
        without any.
    saved, saved_hours
        What live changes have saved against what was expected without them, over the hours that were judged in these
        28 days, below 0 where they cost more; None without any.
    """

    judged: tuple[JudgedPrediction, ...]
    hits: int
    misses: int
    not_judgeable: int
    calibration: Interval | None
    saved: float | None
    saved_hours: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One expectation of the roll-out (S001-118 to S001-120), with what was measured beside it.

    Parameters
    ----------
    week
        1, 2 or 4.
    is_met
        None where it cannot be said yet.
    """

    week: int
    expectation: str
    measured: str
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class Checklist:
    """How the roll-out goes."""

    day: int
    items: tuple[ChecklistItem, ...]
    advice: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Need:
    """Something that only a person can do.

    Parameters
    ----------
    urgency
        Higher is more urgent.
    what, why, action
        One line each: the thing, the reason, the command or address.
    since
        None where nobody knows.
    """

    urgency: int
    what: str
    why: str
    action: str
    since: datetime | None
    service: str
