"""What people's words on decisions take from the reward of decisions like them, within bounds (S001-138)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ai_ops.domain.autonomy import ActionClass
    from ai_ops.domain.episode_judgement import EpisodeJudgement

MOST_EACH = 1.0
"""What one bad judgement takes while it is fresh, in units of the reward: as much as the whole cost budget spent."""

MOST_TOGETHER = 2.0
"""What all of them take together. A fifth of the error budget overspent costs more than that, so no number of angry
words outweighs what users really felt."""

HALF_LIFE = timedelta(days=14)
"""After so long a judgement takes half as much: by then the history that the agent learns from is another one."""


def penalty(judgements: Iterable[EpisodeJudgement], action: ActionClass | None, now: datetime) -> float:
    """What is taken from the reward of a decision of this class, 0 to `MOST_TOGETHER`.

    Parameters
    ----------
    judgements
        Of one service, oldest first; of two on the same episode the later counts.
    action
        The class; None for a decision that held.
    """
    taken = sum(weight(one, now) for one in standing(judgements) if one.action == action)
    return min(taken, MOST_TOGETHER)


def weight(judgement: EpisodeJudgement, now: datetime) -> float:
    """What one judgement takes by itself, 0 to `MOST_EACH`; a good one nothing. It fades from when it was said."""
    if judgement.is_good:
        return 0.0
    age = max(now - judgement.at, timedelta(0))
    return float(MOST_EACH * 0.5 ** (age / HALF_LIFE))


def standing(judgements: Iterable[EpisodeJudgement]) -> tuple[EpisodeJudgement, ...]:
    """The last word on each episode."""
    return tuple({one.episode: one for one in judgements}.values())


def blame(judgements: Iterable[EpisodeJudgement], action: ActionClass | None, now: datetime) -> str:
    """One sentence: whose words on decisions of this class weigh most, and why; empty where none does."""
    alike = [one for one in standing(judgements) if one.action == action and not one.is_good]
    if not alike:
        return ""
    worst = max(alike, key=lambda one: weight(one, now))
    more = f" (and {len(alike) - 1} more)" if len(alike) > 1 else ""
    return f"{worst.by} found {worst.episode} bad: {worst.because}{more}"
