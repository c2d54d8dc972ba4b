"""What live changes have saved against what was expected without them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import isfinite
from typing import TYPE_CHECKING

from ai_ops.domain.prediction import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.prediction import Outcome
    from ai_ops.report.gathered import Gathered

HOUR = timedelta(hours=1)

LONGEST_HOURS = 24.0 * 365.0
"""No prediction looks farther ahead; what claims to is no figure to add up."""


@dataclass(frozen=True, slots=True)
class Savings:
    """What was saved; `total` is None where no live change could be held against an expectation.

    Parameters
    ----------
    hours
        That `total` is about.
    inputs
        One line for each change that went in, for the evidence.
    """

    total: float | None
    hours: float
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Saving:
    """One live change: when its horizon began, how long it is, and the two costs of an hour."""

    episode: str
    start: datetime
    hours: float
    expected: float
    measured: float


def savings_of(
    outcomes: Iterable[Outcome], predicted: Mapping[datetime, Episode], gathered: Gathered, past: Sequence[Episode]
) -> Savings:
    """Add up what the judged live changes have saved, each hour once: an hour belongs to the change that came first.

    Parameters
    ----------
    outcomes
        One of each prediction.
    predicted
        By the moment of its prediction, the episode that made it.
    past
        Every episode, oldest first.
    """
    total, hours, inputs = 0.0, 0.0, []
    until: datetime | None = None
    for one in sorted(_savings(outcomes, predicted, gathered, past), key=lambda saving: saving.start):
        end = one.start + one.hours * HOUR
        begin = one.start if until is None else max(one.start, until)
        counted = max(0.0, (end - begin) / HOUR)
        until = end if until is None else max(until, end)
        total += (one.expected - one.measured) * counted
        hours += counted
        inputs.append((one.episode, f"({one.expected:.4g} - {one.measured:.4g}) per hour * {counted:g} h"))
    return Savings(total if inputs else None, hours, tuple(inputs))


def _savings(
    outcomes: Iterable[Outcome], predicted: Mapping[datetime, Episode], gathered: Gathered, past: Sequence[Episode]
) -> Iterator[_Saving]:
    for outcome in outcomes:
        episode, measured = predicted.get(outcome.made_at), outcome.cost_per_hour
        if not outcome.is_live_change or outcome.verdict is Verdict.NOT_JUDGEABLE:
            continue
        if episode is None or episode.prediction is None or episode.if_unchanged is None or measured is None:
            continue
        expected, hours = episode.if_unchanged.cost_per_hour.expected, episode.prediction.horizon_hours
        if isfinite(expected) and isfinite(measured) and 0.0 < hours <= LONGEST_HOURS:
            yield _Saving(episode.id, _live_since(episode, gathered, past), hours, expected, measured)


def _live_since(episode: Episode, gathered: Gathered, past: Sequence[Episode]) -> datetime:
    """When a run first saw the change live, as its prediction was judged from then; else when it came to the branch."""
    wanted = {change.knob: change.after for change in episode.decision.changes}
    for later in past:
        standing = later.thresholds.values
        if later.decided_at > episode.decided_at and all(standing.get(knob) == to for knob, to in wanted.items()):
            return later.decided_at
    return gathered.delivered.get(episode.id, episode.decided_at)
