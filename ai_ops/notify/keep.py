"""A message that does not leave now is kept, or its receipt says that it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ai_ops.domain.errors import StateError
from ai_ops.domain.held_message import HeldMessage, Why
from ai_ops.domain.message import Level, MessageKind, Receipt
from ai_ops.notify.rules import REPORTS

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.errors import NotifyError
    from ai_ops.domain.message import Message
    from ai_ops.notify.channel import Books, Channel


def kept(message: Message, channel: Channel, books: Books, now: datetime, why: Why, reason: str) -> Receipt:
    """Keep `message` until it may leave."""
    held = HeldMessage(channel.name, message, why, reason, now, now)
    return _kept(held, books, Receipt(channel.name, "held", reason))


def kept_as_letter(message: Message, channel: Channel, books: Books, now: datetime, error: NotifyError) -> Receipt:
    """Keep what a channel did not take, or may have taken, as a dead letter. Tests are not: a person watches those."""
    receipt = Receipt(channel.name, "failed", str(error))
    if message.kind is MessageKind.TEST:
        return receipt
    why = Why.UNKNOWN if error.may_have_arrived else Why.FAILED
    return _kept(HeldMessage(channel.name, message, why, str(error), now, now, 1, error.retryable), books, receipt)


def kept_in_doubt(message: Message, channel: Channel, books: Books, now: datetime, receipt: Receipt) -> Receipt:
    """Keep what a run that ended may have sent, for a person who has looked; what arrived is let go later."""
    if message.kind is MessageKind.TEST:
        return receipt
    return _kept(HeldMessage(channel.name, message, Why.UNKNOWN, receipt.reason, now, now), books, receipt)


def must_arrive(message: Message, channel: Channel) -> bool:
    """Whether a message is kept when the hour has no room for it; others are skipped, or they would pile up."""
    is_loud = message.level is Level.CRITICAL or message.kind in REPORTS | {MessageKind.DIGEST}
    return is_loud or channel.rules.closes(message)


def _kept(held: HeldMessage, books: Books, receipt: Receipt) -> Receipt:
    try:
        dropped = books.held.put(held)
    except StateError as err:
        return replace(receipt, status="failed", reason=f"{receipt.reason}; it could not be kept for later: {err}")
    if dropped:
        return replace(receipt, reason=f"{receipt.reason}; {dropped} that waited had to go, unsent: too many wait")
    return receipt
