"""A channel that remembers what it was given, or fails as told, and a budget to go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import BudgetSpent
from ai_ops.domain.message import Sent

if TYPE_CHECKING:
    from ai_ops.domain.message import Message


class FakeChannel:
    """A notifier.

    Parameters
    ----------
    failure
        What it raises instead of taking a message; may be set and taken away at any time.
    said
        What it says of a message that it took.
    """

    def __init__(self, name: str = "slack", failure: Exception | None = None, said: Sent | None = None) -> None:
        self.name = name
        self.failure = failure
        self.said = said or Sent()
        self.given: list[Message] = []

    def send(self, message: Message) -> Sent:
        """Take the message, or raise."""
        self.given.append(message)
        if self.failure:
            raise self.failure
        return self.said

    @property
    def keys(self) -> list[str]:
        """Of what it was given, in order."""
        return [message.key for message in self.given]


class FakeBudget:
    """Room for so many messages, whosever they are; what is spent never comes back."""

    def __init__(self, limit: int = 1_000) -> None:
        self.limit = limit
        self.spent = 0

    def spend(self, service: str) -> None:
        """Take one."""
        if self.spent >= self.limit:
            raise BudgetSpent(f"all {self.limit} of this hour are spent")
        self.spent += 1

    def left(self, service: str) -> int:
        """How many there are left."""
        return self.limit - self.spent
