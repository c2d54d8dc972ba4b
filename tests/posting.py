"""A post office with a clock of the test's choice: real books on the disk, made-up channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fakes.channel import FakeBudget

from ai_ops.domain.message import Level, Message, MessageKind
from ai_ops.notify.channel import Books, Channel
from ai_ops.notify.notify import deliver
from ai_ops.notify.release import gather, release_due, replay
from ai_ops.notify.rules import REPORTS, Rules
from ai_ops.store.held_messages import HeldMessages
from ai_ops.store.outbox import Outbox
from ai_ops.wiring.telling.claimed import ClaimedHere

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from fakes.channel import FakeChannel

    from ai_ops.domain.message import Receipt

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def a_message(key: str = "web-1", **fields: object) -> Message:
    """A message of a cycle."""
    return Message(**{"key": key, "title": f"{key}: hold", "facts": (), "lines": (), "service": "web", **fields})


def a_report(key: str = "report-1", **fields: object) -> Message:
    """A message of a daily report."""
    return a_message(key, kind=MessageKind.DAILY_REPORT, service="", **fields)


def critical(key: str = "web-9", **fields: object) -> Message:
    """A message that nobody may sleep through."""
    return a_message(key, level=Level.CRITICAL, **fields)


@dataclass
class PostOffice:
    """What runs do one after the other, each with books of its own from the same folder.

    Parameters
    ----------
    folder
        Where the books lie.
    notifier
        The one channel.
    rules
        Its rules.
    """

    folder: Path
    notifier: FakeChannel
    rules: Rules = field(default_factory=Rules)
    budget: FakeBudget = field(default_factory=FakeBudget)
    now: datetime = NOON

    @property
    def channel(self) -> Channel:
        """The channel, as a run of this moment wires it."""
        return Channel(self.notifier, self.budget, self.rules)

    @property
    def outbox(self) -> Outbox:
        """What was sent."""
        return Outbox(self.folder / "sent.json", lambda: self.now)

    @property
    def held(self) -> HeldMessages:
        """What waits."""
        return HeldMessages(self.folder / "undelivered.json", lambda: self.now, redact=str)

    @property
    def books(self) -> Books:
        """Both, opened anew."""
        return Books(ClaimedHere(self.outbox), self.held)

    def deliver(self, message: Message) -> Receipt:
        """Deliver one message, without looking at what waits."""
        (receipt,) = deliver(message, [self.channel], self.books, self.now)
        return receipt

    def release(self) -> list[tuple[str, str]]:
        """Release what is due; status and reason of each receipt."""
        return [(one.status, one.reason) for one in release_due([self.channel], self.books, self.now)]

    def run(self, message: Message, after: timedelta | None = None) -> Receipt:
        """Tell a message as a run does: what waits first."""
        self.now += after if after is not None else self.now - self.now
        gather([self.channel], self.books, self.now, is_report_due=message.kind in REPORTS)
        release_due([self.channel], self.books, self.now, but={message.key})
        return self.deliver(message)

    def replay(self, *, even_if_it_may_have_arrived: bool = False) -> list[str]:
        """Let a person send dead letters again; the statuses."""
        receipts = replay([self.channel], self.books, self.now, even_if_it_may_have_arrived=even_if_it_may_have_arrived)
        return [one.status for one in receipts]

    @property
    def waiting(self) -> list[str]:
        """Keys of what waits."""
        return [one.key for one in self.held.waiting()]
