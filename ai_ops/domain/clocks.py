"""What to make of a past that was written by a machine whose clock was ahead of this one's.

A ledger grows at its end only, so its order is certain even where its times are not: what claims to be of the future
was decided before the next episode saw what it left, and before now.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ai_ops.domain.cycle import Episode

AHEAD = timedelta(minutes=5)
"""How far another machine's clock may be ahead of this one's."""


def is_ahead(episode: Episode, now: datetime) -> bool:
    """Whether an episode says that it is of a time which is still to come."""
    return max(episode.decided_at, episode.window.end) > now + AHEAD


def not_ahead(past: Sequence[Episode], now: datetime) -> tuple[Episode, ...]:
    """The episodes whose times can be true, in the same order."""
    return tuple(one for one in past if not is_ahead(one, now))


def times_of(past: Sequence[Episode], now: datetime) -> tuple[datetime, ...]:
    """When each episode was decided, oldest first, as far as that can be true.

    One of the future counts as made when the next one saw what it left, which is now as long as there is none. So
    what waits for it, safety included, waits once for as long as after any change, whose effect must show first; it
    neither waits for ever nor acts at once on top of a change of which nobody knows the age.
    """
    times, seen = [], now
    for episode in reversed(past):
        if episode.decided_at <= now + AHEAD:
            seen = episode.decided_at
        times.append(seen)
    return tuple(reversed(times))


def clocks_in_words(past: Sequence[Episode], now: datetime) -> str | None:
    """Name the episodes of the future and say what to do about them; None where there are none."""
    ahead = [one for one in past if is_ahead(one, now)]
    if not ahead:
        return None
    more = f" (and {len(ahead) - 1} more)" if len(ahead) > 1 else ""
    return (
        f"{ahead[-1].id}{more} says it was decided at {ahead[-1].decided_at:%Y-%m-%d %H:%M} UTC, and here it is "
        f"{now:%Y-%m-%d %H:%M} UTC: set the clock of the machine that is wrong (`date -u` shows it). The episode may "
        "stay where it is: nothing is learned from it, and what it changed counts as made when the next run saw it"
    )
