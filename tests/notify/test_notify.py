"""Every channel is tried, at most once per message, and none stops another."""

from __future__ import annotations

import pytest

from ai_ops.domain.errors import BudgetSpent, NotifyError, StateError
from ai_ops.domain.message import Message, Receipt
from ai_ops.notify.notify import Channel, deliver

MESSAGE = Message("web-1", "web: hold", (), ())


class FakeChannel:
    """A notifier that remembers what it was given, or fails as told."""

    def __init__(self, name: str, failure: Exception | None = None) -> None:
        self.name = name
        self.failure = failure
        self.given: list[Message] = []

    def send(self, message: Message) -> None:
        """Take the message, or raise."""
        self.given.append(message)
        if self.failure:
            raise self.failure


class FakeOutbox:
    """Remembers in a dictionary; fails in the methods named."""

    def __init__(self, *broken: str) -> None:
        self.states: dict[tuple[str, str], str] = {}
        self.broken = broken

    def claim(self, channel: str, key: str) -> bool:
        """Claim once."""
        self._may("claim")
        if self.states.get((channel, key)) in {"sent", "unknown"}:
            return False
        self.states[channel, key] = "unknown"
        return True

    def confirm(self, channel: str, key: str) -> None:
        """Note success."""
        self._may("confirm")
        self.states[channel, key] = "sent"

    def release(self, channel: str, key: str, reason: str) -> None:
        """Note failure."""
        self._may("release")
        self.states[channel, key] = "failed"

    def state(self, channel: str, key: str) -> str:
        """Say how far it came."""
        return self.states.get((channel, key), "not tried")

    def _may(self, method: str) -> None:
        if method in self.broken:
            raise StateError("the disk is full")


def free() -> None:
    """Spend from a budget without end."""


def spent() -> None:
    """Refuse, as a used-up budget does."""
    raise BudgetSpent("all 10 of this hour are spent")


def test_a_message_is_sent_once_however_often_it_is_delivered() -> None:
    """A run that is repeated for the same window wakes nobody twice (H18)."""
    channel, outbox = FakeChannel("slack"), FakeOutbox()
    first = deliver(MESSAGE, [Channel(channel, free)], outbox)
    second = deliver(MESSAGE, [Channel(channel, free)], outbox)
    assert first == (Receipt("slack", "sent"),)
    assert second == (Receipt("slack", "already sent"),)
    assert channel.given == [MESSAGE]


def test_one_failing_channel_stops_no_other() -> None:
    """The report reaches those who can be reached; the failure is in the receipt."""
    broken, fine = FakeChannel("slack", NotifyError("no_service")), FakeChannel("email")
    receipts = deliver(MESSAGE, [Channel(broken, free), Channel(fine, free)], FakeOutbox())
    assert receipts == (Receipt("slack", "failed", "no_service"), Receipt("email", "sent"))
    assert [receipt.is_degraded for receipt in receipts] == [True, False]


def test_a_refused_message_is_tried_again_by_the_next_run() -> None:
    """Nothing arrived, so sending again cannot send twice."""
    channel, outbox = FakeChannel("slack", NotifyError("rollup_error", retryable=True)), FakeOutbox()
    deliver(MESSAGE, [Channel(channel, free)], outbox)
    channel.failure = None
    assert deliver(MESSAGE, [Channel(channel, free)], outbox) == (Receipt("slack", "sent"),)


def test_a_message_that_may_have_arrived_is_not_sent_again() -> None:
    """At most once: when nobody knows, a person looks, not the agent."""
    channel, outbox = FakeChannel("slack", NotifyError("no answer", may_have_arrived=True)), FakeOutbox()
    deliver(MESSAGE, [Channel(channel, free)], outbox)
    channel.failure = None
    (receipt,) = deliver(MESSAGE, [Channel(channel, free)], outbox)
    assert receipt.status == "skipped"
    assert "may have arrived" in receipt.reason
    assert len(channel.given) == 1


def test_a_spent_budget_skips_and_gives_the_message_back() -> None:
    """The limit per hour is hard; an hour later the message may go out (S001-131, H31)."""
    channel, outbox = FakeChannel("slack"), FakeOutbox()
    (receipt,) = deliver(MESSAGE, [Channel(channel, spent)], outbox)
    assert receipt == Receipt("slack", "skipped", "all 10 of this hour are spent")
    assert not channel.given
    assert deliver(MESSAGE, [Channel(channel, free)], outbox) == (Receipt("slack", "sent"),)


def test_without_a_trusted_memory_nothing_is_sent() -> None:
    """A memory that cannot be read could hide that the message was sent already (H32)."""
    channel = FakeChannel("slack")
    (receipt,) = deliver(MESSAGE, [Channel(channel, free)], FakeOutbox("claim"))
    assert (receipt.status, channel.given) == ("failed", [])
    assert "the disk is full" in receipt.reason


def test_a_sent_message_stays_sent_when_it_cannot_be_noted() -> None:
    """The claim is still there, so a later run will not send it again (H24)."""
    channel, outbox = FakeChannel("slack"), FakeOutbox("confirm")
    (receipt,) = deliver(MESSAGE, [Channel(channel, free)], outbox)
    assert receipt.status == "sent"
    assert "could not be noted" in receipt.reason
    deliver(MESSAGE, [Channel(channel, free)], outbox)
    assert len(channel.given) == 1


def test_a_failure_that_cannot_be_noted_says_both() -> None:
    """A person learns that this message will stay unsent."""
    channel = FakeChannel("slack", NotifyError("no_service"))
    (receipt,) = deliver(MESSAGE, [Channel(channel, free)], FakeOutbox("release"))
    assert receipt.status == "failed"
    assert "no_service" in receipt.reason
    assert "the disk is full" in receipt.reason


def test_a_broken_budget_file_fails_the_channel_only() -> None:
    """A budget that cannot be trusted allows nothing (H32)."""

    def corrupt() -> None:
        raise StateError("budgets.json: it is no JSON")

    broken, fine = FakeChannel("slack"), FakeChannel("email")
    receipts = deliver(MESSAGE, [Channel(broken, corrupt), Channel(fine, free)], FakeOutbox())
    assert [receipt.status for receipt in receipts] == ["failed", "sent"]
    assert not broken.given


def test_a_defect_is_not_hidden() -> None:
    """Only expected failures become receipts; a bug ends the run with its traceback."""
    with pytest.raises(ZeroDivisionError):
        deliver(MESSAGE, [Channel(FakeChannel("slack", ZeroDivisionError()), free)], FakeOutbox())
