"""One message, every channel, at most once each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ai_ops.domain.errors import BudgetSpent, NotifyError, StateError
from ai_ops.domain.message import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ai_ops.domain.message import Message
    from ai_ops.domain.ports import Notifier


class SentMessages(Protocol):
    """Remembers, across runs and crashes, which channel was given which message."""

    def claim(self, channel: str, key: str) -> bool:
        """Take the right to send; False when it was sent, or may have been."""

    def confirm(self, channel: str, key: str) -> None:
        """Note that the channel took it."""

    def release(self, channel: str, key: str, reason: str) -> None:
        """Note that the channel surely did not take it."""

    def state(self, channel: str, key: str) -> str:
        """How far it came: "sent" when the channel took it."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A notifier, and what one message on it takes from its hourly budget.

    Parameters
    ----------
    notifier
        Delivers.
    spend
        Called once per message, before it is sent; raises `BudgetSpent` when the hour's share is used up.
    """

    notifier: Notifier
    spend: Callable[[], None]


def deliver(message: Message, channels: Iterable[Channel], sent: SentMessages) -> tuple[Receipt, ...]:
    """Give `message` to every channel that did not have it yet. Safe to call again with the same message.

    A channel that fails says so in its receipt; it stops no other one, and never the cycle.
    """
    return tuple(_deliver(message, channel, sent) for channel in channels)


def _deliver(message: Message, channel: Channel, sent: SentMessages) -> Receipt:
    name = channel.notifier.name
    try:
        is_ours = sent.claim(name, message.key)
        return _send(message, channel, sent) if is_ours else _not_again(message, name, sent)
    except StateError as err:
        return Receipt(name, "failed", f"not sent, because it may have been before: {err}")


def _send(message: Message, channel: Channel, sent: SentMessages) -> Receipt:
    """Send what was claimed; the claim is given back only when nothing can have arrived."""
    name = channel.notifier.name
    try:
        channel.spend()
        channel.notifier.send(message)
    except BudgetSpent as err:
        return _give_back(message, Receipt(name, "skipped", str(err)), sent)
    except NotifyError as err:
        failed = Receipt(name, "failed", str(err))
        return failed if err.may_have_arrived else _give_back(message, failed, sent)
    except StateError as err:
        return _give_back(message, Receipt(name, "failed", str(err)), sent)
    return _note_sent(message, name, sent)


def _note_sent(message: Message, name: str, sent: SentMessages) -> Receipt:
    try:
        sent.confirm(name, message.key)
    except StateError as err:
        return Receipt(name, "sent", f"but that could not be noted: {err}")
    return Receipt(name, "sent")


def _not_again(message: Message, name: str, sent: SentMessages) -> Receipt:
    if sent.state(name, message.key) == "sent":
        return Receipt(name, "already sent")
    return Receipt(name, "skipped", "an earlier run ended while it was sending this: it may have arrived")


def _give_back(message: Message, receipt: Receipt, sent: SentMessages) -> Receipt:
    """Allow another try later; when even that cannot be noted, the receipt says so."""
    try:
        sent.release(receipt.channel, message.key, receipt.reason)
    except StateError as err:
        return Receipt(receipt.channel, "failed", f"{receipt.reason}; it will not be tried again: {err}")
    return receipt
