"""How changes, times and commands read in a body."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ai_ops.domain.tuning import SCHEDULED_MINIMUM, value_in_words

if TYPE_CHECKING:
    from ai_ops.apply.pull_request_body.parts import Pen
    from ai_ops.domain.tuning import Change, Thresholds

MOST_CHANGES = 6


def moment(at: datetime) -> str:
    """When, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def day(at: datetime) -> str:
    """The day, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def moves(changes: tuple[Change, ...], pen: Pen) -> str:
    """What moves, in one line: the first few, and how many more."""
    listed = ", ".join(_move(change, pen) for change in changes[:MOST_CHANGES])
    more = len(changes) - MOST_CHANGES
    return listed + (f" and {more} more" if more > 0 else "")


def standing(thresholds: Thresholds) -> list[tuple[str, str]]:
    """Every setting as it stands, by name."""
    return [(name, value_in_words(value)) for name, value in sorted(thresholds.values.items())]


def _move(change: Change, pen: Pen) -> str:
    if isinstance(change.after, tuple) or change.knob == SCHEDULED_MINIMUM:
        return f"{pen.code(change.knob, 60)} {_entries(change.before)} → {_entries(change.after)}"
    before, after = (pen.words(value_in_words(value), 40) for value in (change.before, change.after))
    return f"{pen.code(change.knob, 60)} {before} → {after}"


def _entries(value: object) -> str:
    count = len(value) if isinstance(value, tuple) else 0
    return f"{count or 'no'} {'entry' if count == 1 else 'entries'}"
