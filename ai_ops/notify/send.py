"""One message to one channel, now: its budget, the claim, the words, the sending, and what is noted of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ai_ops.domain.errors import BudgetSpent, NotifyError, StateError
from ai_ops.domain.held_message import Why
from ai_ops.domain.message import Receipt
from ai_ops.notify.keep import kept, kept_as_letter, kept_in_doubt, must_arrive

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.message import Message, Sent
    from ai_ops.notify.channel import Books, Channel

_PERHAPS = "an earlier run ended while it was sending this: it may have arrived"


def send(message: Message, channel: Channel, books: Books, now: datetime) -> Receipt:
    """Send `message` at most once, whoever else tries; the claim is given back only when nothing can have arrived."""
    try:
        if (receipt := known(message, channel, books)) is not None:
            return receipt if receipt.status == "already sent" else kept_in_doubt(message, channel, books, now, receipt)
        channel.budget.spend(message.service)
        if not books.sent.claim(channel.name, message.key):
            return Receipt(channel.name, "skipped", "another run sends it just now")
    except BudgetSpent as err:
        return _without_budget(message, channel, books, now, str(err))
    except StateError as err:
        return forgone(message, books, Receipt(channel.name, "failed", f"not sent, because it may have been: {err}"))
    return _sent(message, channel, books, now)


def known(message: Message, channel: Channel, books: Books) -> Receipt | None:
    """What is to be said of a message that was sent, or may have been; None of any other."""
    match books.sent.state(channel.name, message.key):
        case "sent":
            return Receipt(channel.name, "already sent")
        case "unknown":
            return Receipt(channel.name, "skipped", _PERHAPS)
    return None


def forgone(message: Message, books: Books, receipt: Receipt) -> Receipt:
    """Give the right to send back, where it was taken ahead; when even that cannot be noted, the receipt says so."""
    try:
        books.sent.forgo(receipt.channel, message.key)
    except StateError as err:
        return replace(receipt, reason=f"{receipt.reason}; it will not be tried again: {err}")
    return receipt


def _without_budget(message: Message, channel: Channel, books: Books, now: datetime, reason: str) -> Receipt:
    if must_arrive(message, channel):
        receipt = kept(message, channel, books, now, Why.BUDGET, reason)
    else:
        receipt = Receipt(channel.name, "skipped", reason)
    return forgone(message, books, receipt)


def _sent(message: Message, channel: Channel, books: Books, now: datetime) -> Receipt:
    """Send what was claimed and paid for."""
    written = channel.write(message)
    try:
        said = channel.notifier.send(written.message)
    except NotifyError as err:
        receipt = kept_as_letter(message, channel, books, now, err)
        return receipt if err.may_have_arrived else _released(message, books, receipt, str(err))
    return _noted(message, channel, books, said, written.problem)


def _released(message: Message, books: Books, receipt: Receipt, reason: str) -> Receipt:
    """Allow another try later."""
    try:
        books.sent.release(receipt.channel, message.key, reason)
    except StateError as err:
        return replace(receipt, reason=f"{receipt.reason}; it will not be tried again: {err}")
    return receipt


def _noted(message: Message, channel: Channel, books: Books, said: Sent, problem: str) -> Receipt:
    notes = [note for note in (problem, said.note) if note]
    try:
        books.sent.confirm(channel.name, message.key, replace(said, note="; ".join(notes)), message.kind)
        books.held.let_go(channel.name, message.key)
    except StateError as err:
        notes.append(f"but that could not be noted: {err}")
    return Receipt(channel.name, "sent", "; ".join(notes))
