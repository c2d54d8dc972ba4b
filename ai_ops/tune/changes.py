"""Settings as `recommend` speaks of them, in the words of the domain: thresholds, and the changes between two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.schedule import schedule_of
from ai_ops.domain.tuning import (
    MAX_INSTANCES,
    MIN_INSTANCES,
    SCALE_IN,
    SCALE_OUT,
    SCALING_MODE,
    SCHEDULED_MINIMUM,
    Change,
    KnobValue,
    Thresholds,
)

if TYPE_CHECKING:
    from ai_ops.tune.search.limits import Settings

_ORDER = (SCALING_MODE, SCALE_OUT, SCALE_IN, MIN_INSTANCES, MAX_INSTANCES, SCHEDULED_MINIMUM)


def thresholds_of(settings: Settings) -> Thresholds:
    """Read settings: numbers as floats, the schedule in the order of the week.

    >>> thresholds_of({"min_instances": 2, "scaling_mode": "target", "scheduled_minimum": []}).values
    {'min_instances': 2.0, 'scaling_mode': 'target', 'scheduled_minimum': ()}
    """
    return Thresholds({name: _value(name, value) for name, value in settings.items()})


def changes_between(before: Thresholds, after: Thresholds) -> tuple[Change, ...]:
    """Every knob of `before` that `after` sets otherwise, in an order that does not depend on how they are written."""
    return tuple(
        Change(name, before.values[name], after.values[name])
        for name in sorted(before.values.keys() & after.values.keys(), key=_place)
        if after.values[name] != before.values[name]
    )


def _place(name: str) -> tuple[int, str]:
    """What decides most comes first; what is not named here follows by its name."""
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def _value(name: str, value: object) -> KnobValue:
    if name == SCHEDULED_MINIMUM:
        return schedule_of(value or ())  # type: ignore[arg-type]  # a list of blocks, as `recommend` checks
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]  # and a number
