"""What the past has taught: a fold over the records, worked out anew at every look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.prediction import Verdict
from ai_ops.tune.learning.outcome import needs_way_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ai_ops.domain.prediction import Prediction
    from ai_ops.tune.learning.records import Record
    from ai_ops.tune.search.limits import Settings

STALE = timedelta(hours=48)
"""A proposal that nobody took for this long rests on old days: it is taken back, and worked out again."""

SWING = timedelta(days=7)
"""A saving does not send a knob back the way it came within this (H28); safety may."""

CORRECTION_WEIGHT = 0.25
"""Of the newest day in the moving average: a week decides."""

SAME_DAY = timedelta(hours=20)
"""Looks closer than this see mostly the same hours."""

CORRECTION_FLOOR = 0.1
"""Share of the budget added to both burns: below it one bad request more or less would be a factor."""

LEAST_CORRECTION, MOST_CORRECTION = 0.8, 4.0
"""Reality may make the agent much more careful, and only a little bolder."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A prediction that was not judged yet, and since when what it speaks of has been live."""

    prediction: Prediction
    live_since: datetime
    settings: Settings
    is_live_change: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """What the records say.

    Parameters
    ----------
    first_at
        When the twin was first replayed; None before it.
    last_look
        When the twin was last replayed.
    correction
        How many times more of the budget reality spends than replays do.
    cost_errors
        Measured cost by predicted cost, less 1, oldest first: what intervals are made of.
    hits
        Whether each judged prediction came true, oldest first.
    live_since
        Since when today's settings have been seen.
    open_proposal
        What waits for a person; None when nothing does.
    pending
        Predictions about what runs now that were not judged yet, oldest first.
    recent_moves
        By knob, which way it went last within `SWING`: 1 up, -1 down.
    is_taking_back
        Whether the last change did harm beyond tolerance and nothing has been proposed since.
    """

    first_at: datetime | None
    last_look: datetime | None
    correction: float
    cost_errors: tuple[float, ...]
    hits: tuple[bool, ...]
    live_since: datetime | None
    open_proposal: Record | None
    pending: tuple[Pending, ...]
    recent_moves: Mapping[str, int]
    is_taking_back: bool


def learned(records: Sequence[Record], thresholds: Settings, now: datetime) -> Learned:
    """Fold the records, oldest first, in the light of what runs now."""
    looks = [one.at for one in records if one.looked is not None]
    return Learned(
        first_at=looks[0] if looks else None,
        last_look=looks[-1] if looks else None,
        correction=_correction(records),
        cost_errors=_cost_errors(records),
        hits=tuple(
            one.verdict is Verdict.HIT for record in records for one in record.outcomes if one.verdict in _JUDGED
        ),
        live_since=_live_since(records, thresholds, now),
        open_proposal=_open_proposal(records, thresholds, now),
        pending=tuple(_pending(records, thresholds, now)),
        recent_moves=_recent_moves(records, thresholds, now),
        is_taking_back=_is_taking_back(records, thresholds),
    )


def spans(records: Sequence[Record], thresholds: Settings, now: datetime) -> list[tuple[datetime | None, Settings]]:
    """Which settings ran since when, oldest first; None stands for "ever since anybody knows"."""
    seen: list[tuple[datetime | None, Settings]] = []
    for at, settings in [*((one.at, one.thresholds) for one in records), (now, thresholds)]:
        if not seen:
            seen.append((None, settings))
        elif settings != seen[-1][1]:
            seen.append((at, settings))
    return seen


def _correction(records: Sequence[Record]) -> float:
    """Moving average of the log ratio, day by day, of the burn observed to the burn replayed."""
    days: list[tuple[datetime, float]] = []
    for record in records:
        looked = record.looked
        if looked is None or looked.observed_burn is None or looked.replayed_burn is None:
            continue
        ratio = (looked.observed_burn + CORRECTION_FLOOR) / (looked.replayed_burn + CORRECTION_FLOOR)
        # A bad day is looked at every few hours; it is one day all the same, and its last look knows most.
        if days and record.at - days[-1][0] < SAME_DAY:
            days[-1] = (days[-1][0], ratio)
        else:
            days.append((record.at, ratio))
    level = 0.0
    for _, ratio in days:
        level += CORRECTION_WEIGHT * (float(np.log(ratio)) - level)
    return float(np.clip(np.exp(level), LEAST_CORRECTION, MOST_CORRECTION))


def _cost_errors(records: Sequence[Record]) -> tuple[float, ...]:
    expected = dict(cost for record in records for cost in _expected_costs(record))
    judged = [outcome for record in records for outcome in record.outcomes if outcome.verdict in _JUDGED]
    return tuple(
        outcome.cost_per_hour / cost - 1.0
        for outcome in judged
        if outcome.cost_per_hour is not None
        and (cost := expected.get((outcome.made_at, outcome.is_live_change), 0.0)) > 0.0
    )


def _expected_costs(record: Record) -> Iterator[tuple[tuple[datetime, bool], float]]:
    """What a look expected of its change, and of today's settings, by its moment and whether it speaks of a change."""
    for one, is_change in ((record.prediction, record.proposed is not None), (record.if_unchanged, False)):
        if one is not None:
            yield (one.made_at, is_change), one.cost_per_hour.expected


_JUDGED = frozenset({Verdict.HIT, Verdict.MISS})


def _recent_moves(records: Sequence[Record], thresholds: Settings, now: datetime) -> dict[str, int]:
    """Follow every number through the settings that ran, and keep the last turn of each that is not long ago."""
    moves: dict[str, int] = {}
    ran = spans(records, thresholds, now)
    for (_, before), (since, after) in pairwise(ran):
        if since is not None and now - since < SWING:
            moves |= directions(before, after)
    return moves


def directions(before: Settings, after: Settings) -> dict[str, int]:
    """Which way each number goes: 1 up, -1 down; what stays is left out."""
    return {
        name: 1 if after[name] > value else -1
        for name, value in before.items()
        if isinstance(value, int | float) and name in after and after[name] != value
    }


def _live_since(records: Sequence[Record], thresholds: Settings, now: datetime) -> datetime | None:
    """First of the unbroken row of records that saw today's settings; now when none did; None without records."""
    since = now if records else None
    for record in reversed(records):
        if record.thresholds != thresholds:
            break
        since = record.at
    return since


def _open_proposal(records: Sequence[Record], thresholds: Settings, now: datetime) -> Record | None:
    proposals = [one for one in records if one.proposed is not None]
    if not proposals:
        return None
    newest = proposals[-1]
    is_waiting = newest.thresholds == thresholds and newest.proposed != thresholds and now - newest.at < STALE
    was_moved = any(one.at > newest.at and one.thresholds != newest.thresholds for one in records)
    return newest if is_waiting and not was_moved else None


def _pending(records: Sequence[Record], thresholds: Settings, now: datetime) -> Iterator[Pending]:
    """A change that was taken is judged from when it was seen live, unchanged settings from when they were looked at.

    Settings that went and came back are not what was predicted.
    """
    judged = {outcome.made_at for record in records for outcome in record.outcomes}
    since = _live_since(records, thresholds, now) or now
    for record in records:
        if record.at in judged:
            continue
        if (
            record.proposed == thresholds
            and record.prediction is not None
            and timedelta(0) <= since - record.at < STALE
        ):
            yield Pending(record.prediction, since, thresholds, is_live_change=True)
        elif record.thresholds == thresholds and record.at >= since:
            expected = record.prediction if record.proposed is None else record.if_unchanged
            if expected is not None:
                yield Pending(expected, record.at, thresholds, is_live_change=False)


def _is_taking_back(records: Sequence[Record], thresholds: Settings) -> bool:
    """Whether a change of ours that did harm still runs, and nothing was proposed since that was seen."""
    proposed = {one.at: one.proposed for one in records}
    for record in reversed(records):
        if record.proposed is not None:
            return False
        harm = [one for one in record.outcomes if one.is_live_change and needs_way_back(one)]
        if any(proposed.get(one.made_at) == thresholds for one in harm):
            return True
    return False
