"""Several quiet messages in one, so that people are interrupted once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from hashlib import sha256
from typing import TYPE_CHECKING

from ai_ops.domain.message import Level, Message, MessageKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ai_ops.domain.held_message import HeldMessage

MOST_TOLD = 40
"""Messages that are told one by one; of the others only how many there were, and whose."""
MOST_FACTS = 4
MOST_NAMED = 20


def digest_of(parts: Sequence[HeldMessage], now: datetime) -> Message:
    """Tell several messages of one channel in one, the loudest first; its key says which they were.

    Parameters
    ----------
    parts
        Oldest first; at least one.
    """
    loudest = sorted(parts, key=lambda part: -tuple(Level).index(part.message.level))
    told, rest = loudest[:MOST_TOLD], loudest[MOST_TOLD:]
    services = {part.message.service for part in parts}
    level = loudest[0].message.level
    return Message(
        key=f"digest-{sha256(chr(10).join(sorted(part.key for part in parts)).encode()).hexdigest()[:16]}",
        title=_title(parts),
        facts=(("Messages", str(len(parts))), ("Loudest", str(level)), ("From", _whose(services))),
        lines=(*map(_line, told), *([_others(rest)] if rest else [])),
        is_simulated=any(part.message.is_simulated for part in parts),
        kind=MessageKind.DIGEST,
        level=level,
        service=services.pop() if len(services) == 1 else "",
        at=now,
    )


def _title(parts: Sequence[HeldMessage]) -> str:
    first = _when(parts[0])
    return f"{len(parts)} messages since {first}" if len(parts) > 1 else f"One message of {first}"


def _line(part: HeldMessage) -> str:
    message = part.message
    facts = ", ".join(f"{label} {value}" for label, value in message.facts[:MOST_FACTS])
    link = message.review_url or message.link
    return f"{_when(part)} {message.title}{f' ({facts})' if facts else ''}{f' {link}' if link else ''}"


def _others(rest: Sequence[HeldMessage]) -> str:
    counts = Counter(part.message.service or "several services" for part in rest)
    named = ", ".join(f"{count} of {service}" for service, count in counts.most_common(MOST_NAMED))
    more = len(counts) - MOST_NAMED
    return f"And {len(rest)} more: {named}{f', and of {more} other services' if more > 0 else ''}"


def _whose(services: set[str]) -> str:
    return f"{len(services)} services" if len(services) > 1 else next(iter(services)) or "several services"


def _when(part: HeldMessage) -> str:
    return f"{(part.message.at or part.since).astimezone(UTC):%d %b %H:%M} UTC"
