"""Whether a change stays where it may, and whether the knobs fit together once it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.tuning import MAX_INSTANCES, MIN_INSTANCES, SCHEDULED_MINIMUM, Thresholds, value_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.domain.tuning import Change, Knob

_COUNTS = frozenset({MIN_INSTANCES, MAX_INSTANCES, SCHEDULED_MINIMUM})


def too_far(change: Change, knob: Knob, *, is_urgent: bool) -> str | None:
    """Say that a change leaves the bounds of its kind, or its step, or None.

    Only numbers have steps; where safety is bought in an emergency, only the bounds count.
    """
    is_rescue = is_urgent and knob.is_safer(change.before, change.after)
    if knob.allows(change.after) and (is_rescue or _is_one_step(change, knob)):
        return None
    moved = f"{value_in_words(change.before)} -> {value_in_words(change.after)}"
    return f"{change.knob}: {moved} leaves its bounds or its step"


def contradiction(standing: Thresholds, changes: Iterable[Change]) -> str | None:
    """Say which minimum would lie above `max_instances` once `changes` are made, or None.

    Where no change touches a count of instances, a contradiction is somebody else's, and not looked for.
    """
    moved = {change.knob: change.after for change in changes}
    if not moved.keys() & _COUNTS:
        return None
    after = Thresholds({**standing.values, **moved})
    most, least = after.numbers.get(MAX_INSTANCES), after.numbers.get(MIN_INSTANCES)
    if most is None:
        return None
    if least is not None and not least <= most:
        return f"{MIN_INSTANCES} would be {least:g}, above {MAX_INSTANCES} ({most:g})"
    above = [one.min_instances for one in after.scheduled_minimum if not one.min_instances <= most]
    return f"{SCHEDULED_MINIMUM} would ask for {max(above)}, above {MAX_INSTANCES} ({most:g})" if above else None


def _is_one_step(change: Change, knob: Knob) -> bool:
    if isinstance(change.before, int | float) and isinstance(change.after, int | float):
        return abs(change.after - change.before) <= knob.max_step  # a comparison with NaN is never true
    return type(change.before) is type(change.after)
