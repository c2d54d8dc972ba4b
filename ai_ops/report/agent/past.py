"""The ledger's episodes as a report counts them: each period once, and none of the future."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.clocks import AHEAD
from ai_ops.domain.cycle import PERIOD, ROLLBACK
from ai_ops.domain.metrics import aligned

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.report.gathered import Gathered


def episodes_until(gathered: Gathered, end: datetime) -> tuple[Episode, ...]:
    """Everything that was decided on windows up to `end`, oldest first; what claims to be of a later time is not."""
    return tuple(one for one in gathered.episodes if one.window.end <= end + AHEAD)


def runs_until(gathered: Gathered, end: datetime) -> tuple[Episode, ...]:
    """The same without what people took back: a rollback is no run of the agent, and has measured nothing."""
    return tuple(one for one in episodes_until(gathered, end) if one.policy != ROLLBACK)


def period_of(episode: Episode) -> datetime:
    """Beginning of the period that it is named after."""
    return aligned(episode.window.end, PERIOD)


def one_per_period(runs: Iterable[Episode]) -> tuple[Episode, ...]:
    """The last of each period, so that what was decided again counts once."""
    return tuple({period_of(one): one for one in runs}.values())
