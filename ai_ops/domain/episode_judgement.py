"""What people say of a decision once they have seen what it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ai_ops.domain.autonomy import ActionClass


@dataclass(frozen=True, slots=True)
class EpisodeJudgement:
    """One episode, and whether a person found its decision right.

    Parameters
    ----------
    episode
        Its id.
    service
        Whose episode it is.
    action
        What its decision did; None when it held.
    is_good
        Whether the decision was right.
    at, by
        When it was said, and by whom.
    because
        Why, in one line.
    is_simulated
        Whether the episode was about the made-up service, which says nothing of a real one.
    """

    episode: str
    service: str
    action: ActionClass | None
    is_good: bool
    at: datetime
    by: str
    because: str
    is_simulated: bool = False
