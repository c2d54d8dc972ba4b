"""Why an open pull request no longer holds, and should be closed rather than wait for a reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import ROLLBACK
from ai_ops.domain.tuning import value_in_words

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.pull_request import PullRequest
    from ai_ops.domain.tuning import Thresholds

UNCONFIRMED = timedelta(hours=48)
"""A proposal that no run has repeated for so long is dropped: after two days a policy that models the service looks
anew (`tune.learning.learned.STALE`), and repeats what still holds."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What an open request carries.

    Parameters
    ----------
    episode
        The decision; None where the ledger does not know it: then the request can only expire.
    repeated
        Episodes since that wanted the same, or nearly the same.
    newest
        The newest episode of the service; None where there is none.
    """

    episode: Episode | None
    repeated: tuple[Episode, ...] = ()
    newest: Episode | None = None


def why_outdated(
    request: PullRequest, proposed: Proposed, standing: Thresholds, now: datetime, expires_after: timedelta
) -> str | None:
    """One sentence for whoever reads the closed request; None while it holds.

    Parameters
    ----------
    standing
        The settings on the base as they are now.
    """
    if now - request.opened_at >= expires_after:
        return f"nobody has decided on it within {expires_after.days} days"
    if proposed.episode is None:
        return None
    by_people = _overtaken_by_people(request, proposed.episode, standing)
    # What a person asked for needs no run that repeats it.
    is_by_person = proposed.episode.policy == ROLLBACK
    return by_people or (None if is_by_person else _unconfirmed(proposed.episode, proposed, now))


def wants_the_same(one: Episode, other: Episode) -> bool:
    """Whether two decisions would leave their knobs at the same values, and move the same ones."""
    return _wanted(one) == _wanted(other)


def _wanted(episode: Episode) -> dict[str, object]:
    return {change.knob: change.after for change in episode.decision.changes}


def _overtaken_by_people(request: PullRequest, proposed: Episode, standing: Thresholds) -> str | None:
    changes = proposed.decision.changes
    if all(standing.values.get(change.knob) == change.after for change in changes):
        return f"{request.base} holds these values already"
    for change in changes:
        value = standing.values.get(change.knob)
        if value not in (change.before, change.after):
            moved = "was taken out" if value is None else f"was moved to {value_in_words(value)}"
            return (
                f"{change.knob} {moved} on {request.base}, and this was worked out on {value_in_words(change.before)}"
            )
    return None


def _unconfirmed(episode: Episode, proposed: Proposed, now: datetime) -> str | None:
    confirmed_at = max(one.decided_at for one in (episode, *proposed.repeated))
    if now - confirmed_at < UNCONFIRMED:
        return None
    newest = proposed.newest or episode
    why = newest.decision.reasons[-1:] or ("no reason was given",)
    return f"no run since {confirmed_at:%Y-%m-%d %H:%M} UTC wanted it any more; the newest says: {why[0]}"
