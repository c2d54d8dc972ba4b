"""One channel with its rules and limits, and what is remembered of the messages on all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ai_ops.notify.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from ai_ops.domain.held_message import HeldMessage
    from ai_ops.domain.message import Message, Sent
    from ai_ops.domain.ports import Notifier


class Budget(Protocol):
    """How many messages an hour has room for."""

    @property
    def limit(self) -> int:
        """Of the channel, in an hour."""

    def spend(self, service: str) -> None:
        """Take one for a message about `service`; raises `BudgetSpent` when the hour's share is used up."""

    def left(self, service: str) -> int:
        """How many there are left; "" asks for the channel alone."""


class SentMessages(Protocol):
    """Remembers, across runs and crashes, which channel was given which message; raises `StateError`."""

    def claim(self, channel: str, key: str) -> bool:
        """Take the right to send; False when it was sent, or may have been."""

    def confirm(self, channel: str, key: str, said: Sent, kind: str) -> None:
        """Note that the channel took it, and what it said."""

    def release(self, channel: str, key: str, reason: str) -> None:
        """Note that the channel surely did not take it."""

    def forgo(self, channel: str, key: str) -> None:
        """Take back the right to send, where it was taken ahead; nothing is done where it was not."""

    def state(self, channel: str, key: str) -> str:
        """How far it came: "sent", "unknown" when it may have arrived, or anything else when it did not."""


class Waiting(Protocol):
    """Remembers messages that have not left yet; raises `StateError`."""

    def put(self, held: HeldMessage) -> int:
        """Keep a message, and say how many others had to go for it."""

    def exchange(self, keys: Iterable[str], digest: HeldMessage) -> None:
        """Put one message in the place of several."""

    def let_go(self, channel: str, key: str) -> None:
        """It needs not wait any more."""

    def supersede(self, channel: str, alarms: Collection[str], but: str) -> None:
        """Take these alarms out of all that waits, but for the message `but`."""

    def prune(self) -> Mapping[str, int]:
        """Drop what has waited too long, and say how many of which channel."""

    def waiting(self, channel: str | None = None) -> tuple[HeldMessage, ...]:
        """What waits, oldest first."""

    def was_let_go(self, channel: str, key: str) -> bool:
        """Whether it has waited, and does no more."""


@dataclass(frozen=True, slots=True)
class Books:
    """What is remembered of messages: those that were sent, and those that wait."""

    sent: SentMessages
    held: Waiting


@dataclass(frozen=True, slots=True)
class Written:
    """A message as a channel shall send it, and what is wrong with its template; "" when nothing is."""

    message: Message
    problem: str = ""


def as_it_is(message: Message) -> Written:
    """Let a message be sent in the words that it has."""
    return Written(message)


@dataclass(frozen=True, slots=True)
class Channel:
    """A notifier, and what surrounds it.

    Parameters
    ----------
    notifier
        Delivers.
    budget
        Of this channel.
    rules
        What it carries, and when.
    write
        Puts a message in the team's own words.
    """

    notifier: Notifier
    budget: Budget
    rules: Rules = field(default_factory=Rules)
    write: Callable[[Message], Written] = as_it_is

    @property
    def name(self) -> str:
        """That of the notifier."""
        return self.notifier.name
