"""What became of earlier decisions, read from the evidence rather than from what was claimed.

An episode says what it saw and what it wanted. Whether a change landed shows in the settings that the next
episode saw, or, for the newest one, in the settings of today.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.situation import Situation
    from ai_ops.domain.tuning import Change


@dataclass(frozen=True, slots=True)
class Landed:
    """A change that really came to be."""

    at: datetime
    change: Change
    episode: Episode


def landed_changes(situation: Situation) -> Iterator[Landed]:
    """Changes of the past that reached the repository, oldest first."""
    seen_next = [episode.thresholds for episode in situation.past[1:]] + [situation.observation.thresholds]
    for episode, after in zip(situation.past, seen_next, strict=True):
        for change in episode.decision.changes:
            if after.values.get(change.knob) == change.after:
                yield Landed(episode.decided_at, change, episode)
