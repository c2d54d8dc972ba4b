"""How much may wait for one channel, and what goes when there is more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ai_ops.domain.message import Level, MessageKind
from ai_ops.store.held_form import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.store.held_form import Place


@dataclass(frozen=True, slots=True)
class Room:
    """How much may wait for one channel.

    Parameters
    ----------
    messages
        One for each service of a large fleet.
    size_bytes
        Of all of them; they travel with every run.
    """

    messages: int = 500
    size_bytes: int = 1_000_000


_REPORTS = {MessageKind.DAILY_REPORT, MessageKind.WEEKLY_BRIEF}


def surplus(waiting: Mapping[Place, dict[str, Any]], channel: str, room: Room) -> list[Place]:
    """What has to go so that the rest of a channel has room: the quietest first, of these the oldest; reports last.

    Parameters
    ----------
    waiting
        The forms of all that wait.
    """
    sizes = {place: len(line_of(form).encode()) for place, form in waiting.items() if place[0] == channel}
    count, total = len(sizes), sum(sizes.values())
    if count <= room.messages and total <= room.size_bytes:
        return []
    going: list[Place] = []
    for place in sorted(sizes, key=lambda place: _importance(waiting[place])):
        if count <= room.messages and total <= room.size_bytes:
            break
        going.append(place)
        count, total = count - 1, total - sizes[place]
    return going


def _importance(form: dict[str, Any]) -> tuple[bool, int, datetime]:
    message = form["message"]
    level = tuple(Level).index(Level(message["level"]))
    return message["kind"] in _REPORTS, level, datetime.fromisoformat(form["since"])
