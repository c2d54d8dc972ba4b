"""Settings as `recommend` speaks of them, in the words of the domain: thresholds, and the changes between two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.schedule import schedule_of
from ai_ops.domain.tuning import SCHEDULED_MINIMUM, Change, KnobValue, Thresholds

if TYPE_CHECKING:
    from ai_ops.tune.limits import Settings


def thresholds_of(settings: Settings) -> Thresholds:
    """Read settings: numbers as floats, the schedule in the order of the week.

    >>> thresholds_of({"min_instances": 2, "scaling_mode": "target", "scheduled_minimum": []}).values
    {'min_instances': 2.0, 'scaling_mode': 'target', 'scheduled_minimum': ()}
    """
    return Thresholds({name: _value(name, value) for name, value in settings.items()})


def changes_between(before: Thresholds, after: Thresholds) -> tuple[Change, ...]:
    """Every knob of `before` that `after` sets otherwise."""
    return tuple(
        Change(name, value, after.values[name])
        for name, value in before.values.items()
        if name in after.values and after.values[name] != value
    )


def _value(name: str, value: object) -> KnobValue:
    if name == SCHEDULED_MINIMUM:
        return schedule_of(value or ())  # type: ignore[arg-type]  # a list of blocks, as `recommend` checks
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]  # and a number
