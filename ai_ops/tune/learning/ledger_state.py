"""What the tuner remembers, worked out from the ledger: nothing of it is stored anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.domain.tuning import SCHEDULED_MINIMUM
from ai_ops.tune.learning.records import KEPT, Record, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import KnobValue, Thresholds
    from ai_ops.tune.search.limits import Settings


def state_from(past: Iterable[Episode]) -> dict[str, Any]:
    """The state that `recommend` would have returned after these episodes, oldest first."""
    return state_of(records_from(past))


def records_from(past: Iterable[Episode]) -> tuple[Record, ...]:
    """One record for each episode that says something new, oldest first.

    Episodes of other policies predicted nothing, but tell which settings ran when.
    """
    records: list[Record] = []
    for episode in past:
        record = _record(episode)
        if record.says_more_than(records[-1] if records else None):
            records.append(record)
    return tuple(one for one in records if records[-1].at - one.at <= KEPT)


def settings_of(thresholds: Thresholds) -> Settings:
    """Write thresholds as plain as `recommend` takes them."""
    return {name: _plain(name, value) for name, value in thresholds.values.items()}


def _record(episode: Episode) -> Record:
    standing = settings_of(episode.thresholds)
    moved = {change.knob: _plain(change.knob, change.after) for change in episode.decision.changes}
    return Record(
        at=episode.decided_at,
        thresholds=standing,
        proposed={**standing, **moved} if moved else None,
        is_urgent=episode.decision.is_urgent,
        prediction=episode.prediction,
        outcomes=episode.outcomes,
        looked=episode.looked,
        if_unchanged=episode.if_unchanged,
    )


def _plain(name: str, value: KnobValue) -> Any:  # noqa: ANN401  # a word, a number or a list
    if name != SCHEDULED_MINIMUM or not isinstance(value, tuple):
        return value
    fields = ("from_minute_of_week", "to_minute_of_week", "min_instances")
    return [{field: getattr(one, field) for field in fields} for one in value]
