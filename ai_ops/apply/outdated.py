"""Why an open pull request no longer holds, and should be closed rather than wait for a reader."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import ROLLBACK
from ai_ops.domain.tuning import value_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.pull_request import PullRequest
    from ai_ops.domain.tuning import Thresholds

UNCONFIRMED = timedelta(hours=48)
"""A proposal that no run has repeated for so long is dropped: after two days a policy that models the service looks
anew (`tune.learning.learned.STALE`), and repeats what still holds."""


def why_outdated(
    request: PullRequest,
    proposed: Episode | None,
    past: Iterable[Episode],
    standing: Thresholds,
    now: datetime,
    expires_after: timedelta,
) -> str | None:
    """One sentence for whoever reads the closed request; None while it holds.

    Parameters
    ----------
    proposed
        The decision that it carries; None where the ledger does not know it: then it can only expire.
    past
        Every episode of the service, oldest first, that of this run included.
    standing
        The settings on the base as they are now.
    """
    if now - request.opened_at >= expires_after:
        return f"nobody has decided on it within {expires_after.days} days"
    if proposed is None:
        return None
    by_people = _overtaken_by_people(request, proposed, standing)
    # What a person asked for needs no run that repeats it.
    return by_people or (None if proposed.policy == ROLLBACK else _unconfirmed(proposed, past, now))


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


def _unconfirmed(proposed: Episode, past: Iterable[Episode], now: datetime) -> str | None:
    later = [one for one in past if one.decided_at >= proposed.decided_at] or [proposed]
    confirmed_at = max(one.decided_at for one in [proposed, *later] if wants_the_same(one, proposed))
    if now - confirmed_at < UNCONFIRMED:
        return None
    why = later[-1].decision.reasons[-1:] or ("no reason was given",)
    return f"no run since {confirmed_at:%Y-%m-%d %H:%M} UTC wanted it any more; the newest says: {why[0]}"
