"""What a knob may hold, and one knob that moves."""

from __future__ import annotations

from dataclasses import dataclass

from ai_ops.domain.schedule import ScheduledMinimum, schedule_in_words

KnobValue = float | str | tuple[ScheduledMinimum, ...]
"""What a knob may hold: a number, one word of a few, or minimums over the week, in the order of `schedule.in_order`."""


@dataclass(frozen=True, slots=True)
class Change:
    """One knob moves from one value to another."""

    knob: str
    before: KnobValue
    after: KnobValue


def value_in_words(value: KnobValue) -> str:
    """How a value reads: 80, target, "Mon-Fri 07:00-19:00 UTC at least 6".

    >>> value_in_words(62.5), value_in_words("target"), value_in_words(())
    ('62.5', 'target', 'none')
    """
    if isinstance(value, tuple):
        return schedule_in_words(value)
    return value if isinstance(value, str) else f"{value:.10g}"


def in_brief(change: Change) -> str:
    """A knob and its new value; a schedule by its number of blocks, since its words fill a screen.

    >>> in_brief(Change("cpu_scale_in_percent", 30.0, 62.5))
    'cpu_scale_in_percent 62.5'
    """
    if isinstance(change.after, tuple) and change.after:
        return f"{change.knob} of {len(change.after)} blocks"
    return f"{change.knob} {value_in_words(change.after)}"
