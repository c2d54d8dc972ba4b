"""What stands under a merged pull request: when it will be judged, and then what was predicted and what came."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.apply.outdated import wants_the_same
from ai_ops.apply.pull_request_body.comments import live_comment, verdict_comment
from ai_ops.apply.pull_request_body.markers import outcome_marker
from ai_ops.domain.pull_request import PullRequestState
from ai_ops.tune.learning.outcome import needs_way_back

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ai_ops.apply.pull_request import RollingRequest
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.prediction import Outcome

LATE = timedelta(days=3)
"""How long after its judgement was due a merged request is still looked after: runs may be missed over a weekend."""


def follow_merged(
    request: RollingRequest,
    past: Sequence[Episode],
    now: datetime,
    proposed_in: Callable[[str], Episode | None],
    redact: Callable[[str], str],
) -> None:
    """Keep the one comment below each request that was merged a short while ago.

    Parameters
    ----------
    past
        Every episode of the service, oldest first.
    proposed_in
        The decision that a request of that body carries.
    redact
        Takes secrets out of a text.
    """
    for one in request.seen():
        if one.state is not PullRequestState.MERGED or one.closed_at is None:
            continue
        episode = proposed_in(one.body)
        if episode is not None and episode.prediction is not None:
            due_at = one.closed_at + timedelta(hours=episode.prediction.horizon_hours)
            if now < due_at + LATE:
                text = _comment(episode, one.closed_at, due_at, outcome_of(episode, past, one.closed_at), redact)
                request.say(one, outcome_marker(episode.id), text)


def _comment(
    episode: Episode, since: datetime, due_at: datetime, outcome: Outcome | None, redact: Callable[[str], str]
) -> str:
    if outcome is None:
        return live_comment(episode, since, due_at, redact)
    return verdict_comment(episode, since, outcome, is_taken_back=needs_way_back(outcome), redact=redact)


def outcome_of(episode: Episode, past: Sequence[Episode], since: datetime) -> Outcome | None:
    """What became of a decision that went live at `since`; None as long as that is not known.

    A decision that waited for its merge was repeated meanwhile, and it is the newest prediction of the same values
    that was judged.
    """
    made_at = {one.prediction.made_at for one in past if one.prediction and wants_the_same(one, episode)}
    judged = [outcome for one in past for outcome in one.outcomes]
    ours = [one for one in judged if one.made_at in made_at and one.is_live_change and one.judged_at > since]
    return ours[-1] if ours else None
