"""What a body is written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.apply.commit_message import takes_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.prediction import Outcome
    from ai_ops.domain.tuning import Change, Knob

MOST_SIMILAR = 5


@dataclass(frozen=True, slots=True)
class Similar:
    """A past decision that moved some of the same knobs.

    Parameters
    ----------
    episode_id, decided_at, changes
        Which one, when, and what it moved.
    outcome
        What became of its prediction; None where it has not been judged.
    """

    episode_id: str
    decided_at: datetime
    changes: tuple[Change, ...]
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a body is written from.

    Parameters
    ----------
    episode
        The decision.
    knobs
        By name, with their bounds; a knob that is missing is shown without.
    diff
        Unified diff of the settings files.
    similar
        Past decisions that moved the same knobs, newest first.
    checks
        What was checked and passed, one sentence each.
    expires_at
        When the proposal is closed unless somebody has merged it; aware.
    chart_url
        Address of the picture; None without one.
    ledger_hash
        Hash of the ledger's line that recorded the decision; None where it is not recorded.
    currency
        Written behind amounts of money, e.g. "EUR"; empty where the settings name none.
    """

    episode: Episode
    knobs: Mapping[str, Knob]
    diff: str
    similar: tuple[Similar, ...]
    checks: tuple[str, ...]
    expires_at: datetime
    chart_url: str | None = None
    ledger_hash: str | None = None
    currency: str = ""

    @property
    def is_reversal(self) -> bool:
        """Whether it takes back what did harm."""
        return takes_back(self.episode)


def similar_to(episode: Episode, past: Iterable[Episode], most: int = MOST_SIMILAR) -> tuple[Similar, ...]:
    """Find past decisions that moved a knob that `episode` moves, newest first, with what became of them.

    Parameters
    ----------
    past
        Episodes of the same service, oldest first; `episode` itself may be among them.
    """
    earlier = [one for one in past if one.id != episode.id and one.decided_at <= episode.decided_at]
    outcomes = {outcome.made_at: outcome for one in earlier for outcome in one.outcomes}
    outcomes |= {outcome.made_at: outcome for outcome in episode.outcomes}
    return tuple(_alike(episode, reversed(earlier), outcomes))[:most]


def _alike(episode: Episode, earlier: Iterable[Episode], outcomes: Mapping[datetime, Outcome]) -> Iterator[Similar]:
    knobs = {change.knob for change in episode.decision.changes}
    for one in earlier:
        if knobs & {change.knob for change in one.decision.changes}:
            outcome = outcomes.get(one.prediction.made_at) if one.prediction else None
            yield Similar(one.id, one.decided_at, one.decision.changes, outcome)
