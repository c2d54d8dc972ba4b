"""How much may wait for one channel, and what goes when there is more."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ai_ops.domain.message import Level, MessageKind
from ai_ops.store.held_form import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.store.held_form import Place

MOST = 500
"""Messages of one channel: one for each service of a large fleet."""
MOST_BYTES = 1_000_000
"""Of one channel; they travel with every run."""

_REPORTS = {MessageKind.DAILY_REPORT, MessageKind.WEEKLY_BRIEF}


def surplus(waiting: Mapping[Place, dict[str, Any]], channel: str) -> list[Place]:
    """What has to go so that the rest of a channel has room: the quietest first, of these the oldest; reports last.

    Parameters
    ----------
    waiting
        The forms of all that wait.
    """
    sizes = {place: len(line_of(form).encode()) for place, form in waiting.items() if place[0] == channel}
    going: list[Place] = []
    count, total = len(sizes), sum(sizes.values())
    if count <= MOST and total <= MOST_BYTES:
        return going
    for place in sorted(sizes, key=lambda place: _importance(waiting[place])):
        if count <= MOST and total <= MOST_BYTES:
            break
        going.append(place)
        count, total = count - 1, total - sizes[place]
    return going


def _importance(form: dict[str, Any]) -> tuple[bool, int, datetime]:
    message = form["message"]
    level = tuple(Level).index(Level(message["level"]))
    return message["kind"] in _REPORTS, level, datetime.fromisoformat(form["since"])
