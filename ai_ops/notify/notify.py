"""One message, every channel, at most once each.

Where a message goes, in order: the channel's rules say whether it carries it at all (`rules`), whether people sleep
(`quiet_hours`), and whether it waits for others (`digest`); then the hour must have room for it, the right to send it
is taken, a template may reword it, the channel sends it, and what became of it is noted (`send`). What does not leave
is kept (`keep`), and leaves later (`release`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ai_ops.domain.errors import StateError
from ai_ops.domain.held_message import Why
from ai_ops.domain.message import Receipt
from ai_ops.notify.keep import kept
from ai_ops.notify.rules import Way
from ai_ops.notify.send import forgone, known, send

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ai_ops.domain.message import Message
    from ai_ops.notify.channel import Books, Channel

_WAYS_TO_WAIT = {Way.WAIT: Why.QUIET, Way.GATHER: Why.DIGEST}
_CAME_THIS_FAR = {"sent", "held", "failed"}


def deliver(message: Message, channels: Iterable[Channel], books: Books, now: datetime) -> tuple[Receipt, ...]:
    """Give `message` to every channel that did not have it yet. Safe to call again with the same message.

    A channel that fails says so in its receipt; it stops no other one, and never the cycle.
    """
    return tuple(_deliver(message, channel, books, now) for channel in channels)


def _deliver(message: Message, channel: Channel, books: Books, now: datetime) -> Receipt:
    route = channel.rules.route(message, now)
    if route.way is Way.SKIP:
        return forgone(message, books, Receipt(channel.name, "skipped", route.reason))
    if route.way is Way.SEND:
        return _outdated(message, channel, books, send(message, channel, books, now))
    receipt = _waiting(message, channel, books, now, _WAYS_TO_WAIT[route.way], route.reason)
    return _outdated(message, channel, books, forgone(message, books, receipt))


def _waiting(message: Message, channel: Channel, books: Books, now: datetime, why: Why, reason: str) -> Receipt:
    """Keep what waits, unless it has left already: by itself, or in a digest."""
    try:
        if (receipt := known(message, channel, books)) is not None:
            return receipt
        if books.held.was_let_go(channel.name, message.key):
            return Receipt(channel.name, "already sent", "with others that waited")
    except StateError as err:
        return Receipt(channel.name, "failed", f"not kept, because it may have been sent: {err}")
    return kept(message, channel, books, now, why, reason)


def _outdated(message: Message, channel: Channel, books: Books, receipt: Receipt) -> Receipt:
    """Let no older message speak of an alarm after this one has: it would open what is closed, or close the next."""
    if not channel.rules.closes_alarms or not message.alarms or receipt.status not in _CAME_THIS_FAR:
        return receipt
    try:
        books.held.supersede(channel.name, {alarm.key for alarm in message.alarms}, but=message.key)
    except StateError as err:
        return replace(receipt, reason=f"{receipt.reason}; older messages may still speak of it: {err}".lstrip("; "))
    return receipt
