"""What became of earlier decisions, read from the evidence rather than from what was claimed.

An episode says what it saw and what it wanted. Whether a change landed shows in the settings that the next episode
saw (for the newest one: in the settings of today) and in the commits on the branch; where both are silent, it did not.
What differs from all of that, a person moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.clocks import times_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.situation import Situation
    from ai_ops.domain.tuning import Change, KnobValue, Thresholds


@dataclass(frozen=True, slots=True)
class Landed:
    """A change that really came to be; `at` is when it was decided, or first seen (see `domain.clocks`)."""

    at: datetime
    change: Change
    episode: Episode


@dataclass(frozen=True, slots=True)
class MovedByPerson:
    """A knob that changed although no decision said so; `since` is when that was seen first."""

    since: datetime
    knob: str
    before: KnobValue
    after: KnobValue


def landed_changes(situation: Situation) -> Iterator[Landed]:
    """Changes of the past that reached the repository, oldest first."""
    times = times_of(situation.past, situation.now)
    for at, (episode, seen_next, _since) in zip(times, _with_next(situation), strict=True):
        for change in episode.decision.changes:
            if seen_next.values.get(change.knob) == change.after or episode.id in situation.delivered:
                yield Landed(at, change, episode)


def moved_by_people(situation: Situation) -> Iterator[MovedByPerson]:
    """Knobs that a person moved between two episodes, oldest first."""
    for episode, seen_next, since in _with_next(situation):
        wanted = {change.knob: change.after for change in episode.decision.changes}
        is_delivered = episode.id in situation.delivered
        for knob, before in episode.thresholds.values.items():
            ours, after = wanted.get(knob, before), seen_next.values.get(knob, before)
            if after != ours and (is_delivered or after != before):
                yield MovedByPerson(since, knob, ours if is_delivered else before, after)


def _with_next(situation: Situation) -> Iterator[tuple[Episode, Thresholds, datetime]]:
    """Each past episode, with the settings that were seen next, and when."""
    seen = [*(episode.thresholds for episode in situation.past), situation.observation.thresholds]
    times = [*times_of(situation.past, situation.now), situation.now]
    return zip(situation.past, seen[1:], times[1:], strict=True)
