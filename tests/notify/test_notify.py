"""Every channel is tried, at most once per message, and none stops another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.channel import FakeBudget, FakeChannel
from posting import NOON, PostOffice, a_message, a_report, critical

from ai_ops.domain.errors import NotifyError, StateError
from ai_ops.domain.message import Message, Receipt, Sent
from ai_ops.notify.channel import Books, Channel, Written
from ai_ops.notify.notify import deliver
from ai_ops.store.held_messages import HeldMessages

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = a_message()


class FakeOutbox:
    """Remembers in a dictionary; fails in the methods named."""

    def __init__(self, *broken: str) -> None:
        self.states: dict[tuple[str, str], str] = {}
        self.said: dict[tuple[str, str], tuple[Sent, str]] = {}
        self.broken = broken

    def claim(self, channel: str, key: str) -> bool:
        """Claim once."""
        self._may("claim")
        if self.states.get((channel, key)) in {"sent", "unknown"}:
            return False
        self.states[channel, key] = "unknown"
        return True

    def confirm(self, channel: str, key: str, said: Sent, kind: str) -> None:
        """Note success."""
        self._may("confirm")
        self.states[channel, key] = "sent"
        self.said[channel, key] = said, kind

    def release(self, channel: str, key: str, reason: str) -> None:
        """Note failure."""
        self._may("release")
        self.states[channel, key] = "failed"

    def forgo(self, channel: str, key: str) -> None:
        """Nothing is claimed ahead here."""
        self._may("forgo")

    def state(self, channel: str, key: str) -> str:
        """Say how far it came."""
        self._may("state")
        return self.states.get((channel, key), "not tried")

    def _may(self, method: str) -> None:
        if method in self.broken:
            raise StateError("the disk is full")


class BrokenBudget(FakeBudget):
    """Its file cannot be trusted."""

    def spend(self, service: str) -> None:
        """Refuse."""
        raise StateError("budgets.json: it is no JSON")


@pytest.fixture
def held(tmp_path: Path) -> HeldMessages:
    """What waits, in an empty folder."""
    return HeldMessages(tmp_path / "undelivered.json", lambda: NOON, redact=str)


@pytest.fixture
def damaged(tmp_path: Path) -> HeldMessages:
    """What waits, where that cannot be read."""
    (tmp_path / "undelivered.json").write_text("{")
    return HeldMessages(tmp_path / "undelivered.json", lambda: NOON, redact=str)


def a_channel(notifier: FakeChannel, budget: FakeBudget | None = None) -> Channel:
    """A channel without rules."""
    return Channel(notifier, budget or FakeBudget())


def test_a_message_is_sent_once_however_often_it_is_delivered(held: HeldMessages) -> None:
    """A run that is repeated for the same window wakes nobody twice, and spends nothing twice (H18)."""
    notifier, budget, books = FakeChannel(), FakeBudget(), Books(FakeOutbox(), held)
    first = deliver(MESSAGE, [a_channel(notifier, budget)], books, NOON)
    second = deliver(MESSAGE, [a_channel(notifier, budget)], books, NOON)
    assert first == (Receipt("slack", "sent"),)
    assert second == (Receipt("slack", "already sent"),)
    assert notifier.given == [MESSAGE]
    assert budget.spent == 1


def test_what_the_channel_says_is_noted_and_what_was_left_out_is_told(held: HeldMessages) -> None:
    """By its reference a message is found again; a picture that is missing is no secret."""
    said, outbox = Sent("1700.1", "https://acme.slack.com/p1", 2, "its picture is missing"), FakeOutbox()
    (receipt,) = deliver(a_report(), [a_channel(FakeChannel(said=said))], Books(outbox, held), NOON)
    assert receipt == Receipt("slack", "sent", "its picture is missing")
    assert outbox.said["slack", "report-1"] == (said, "daily_report")


def test_one_failing_channel_stops_no_other(held: HeldMessages) -> None:
    """The report reaches those who can be reached; the failure is in the receipt."""
    channels = [a_channel(FakeChannel("slack", NotifyError("no_service"))), a_channel(FakeChannel("email"))]
    receipts = deliver(MESSAGE, channels, Books(FakeOutbox(), held), NOON)
    assert receipts == (Receipt("slack", "failed", "no_service"), Receipt("email", "sent"))
    assert [receipt.is_degraded for receipt in receipts] == [True, False]


def test_a_refused_message_is_tried_again_by_the_next_run(tmp_path: Path) -> None:
    """Nothing arrived, so sending again cannot send twice; and then it waits no more."""
    office = PostOffice(tmp_path, FakeChannel(failure=NotifyError("rollup_error", retryable=True)))
    office.deliver(MESSAGE)
    assert office.waiting == ["web-1"]
    office.notifier.failure = None
    assert office.deliver(MESSAGE) == Receipt("slack", "sent")
    assert office.waiting == []


def test_a_message_that_may_have_arrived_is_not_sent_again(tmp_path: Path) -> None:
    """At most once: when nobody knows, a person looks, not the agent."""
    office = PostOffice(tmp_path, FakeChannel(failure=NotifyError("no answer", may_have_arrived=True)))
    office.deliver(MESSAGE)
    office.notifier.failure = None
    receipt = office.deliver(MESSAGE)
    assert receipt.status == "skipped"
    assert "may have arrived" in receipt.reason
    assert len(office.notifier.given) == 1


def test_a_spent_budget_skips_and_the_message_may_be_sent_later(tmp_path: Path) -> None:
    """The limit per hour is hard; an hour later the message may go out, but nothing piles up (S001-131, H31)."""
    office = PostOffice(tmp_path, FakeChannel(), budget=FakeBudget(0))
    assert office.deliver(MESSAGE) == Receipt("slack", "skipped", "all 0 of this hour are spent")
    assert not office.notifier.given
    assert office.waiting == []
    office.budget = FakeBudget()
    assert office.deliver(MESSAGE) == Receipt("slack", "sent")


@pytest.mark.parametrize("message", [critical(), a_report()], ids=["critical", "report"])
def test_what_must_arrive_waits_for_an_hour_with_room(tmp_path: Path, message: Message) -> None:
    """A spent budget delays what somebody has to know, and never loses it (H31)."""
    office = PostOffice(tmp_path, FakeChannel(), budget=FakeBudget(0))
    assert office.deliver(message) == Receipt("slack", "held", "all 0 of this hour are spent")
    assert office.waiting == [message.key]


def test_without_a_trusted_memory_nothing_is_sent(held: HeldMessages) -> None:
    """A memory that cannot be read could hide that the message was sent already (H32)."""
    for broken in ("claim", "state"):
        notifier = FakeChannel()
        (receipt,) = deliver(MESSAGE, [a_channel(notifier)], Books(FakeOutbox(broken), held), NOON)
        assert (receipt.status, notifier.given) == ("failed", [])
        assert "the disk is full" in receipt.reason


def test_a_sent_message_stays_sent_when_it_cannot_be_noted(held: HeldMessages) -> None:
    """The claim is still there, so a later run will not send it again (H24)."""
    notifier, books = FakeChannel(), Books(FakeOutbox("confirm"), held)
    (receipt,) = deliver(MESSAGE, [a_channel(notifier)], books, NOON)
    assert receipt.status == "sent"
    assert "could not be noted" in receipt.reason
    deliver(MESSAGE, [a_channel(notifier)], books, NOON)
    assert len(notifier.given) == 1


def test_a_failure_that_cannot_be_noted_says_both(held: HeldMessages) -> None:
    """A person learns that this message will stay unsent."""
    channel = a_channel(FakeChannel(failure=NotifyError("no_service")))
    (receipt,) = deliver(MESSAGE, [channel], Books(FakeOutbox("release"), held), NOON)
    assert receipt.status == "failed"
    assert "no_service" in receipt.reason
    assert "the disk is full" in receipt.reason


def test_a_broken_budget_file_fails_the_channel_only(held: HeldMessages) -> None:
    """A budget that cannot be trusted allows nothing (H32)."""
    broken, fine = FakeChannel("slack"), FakeChannel("email")
    channels = [a_channel(broken, BrokenBudget()), a_channel(fine)]
    receipts = deliver(MESSAGE, channels, Books(FakeOutbox(), held), NOON)
    assert [receipt.status for receipt in receipts] == ["failed", "sent"]
    assert not broken.given


def test_damaged_books_of_what_waits_stop_no_message(damaged: HeldMessages) -> None:
    """What leaves now leaves; what has to wait cannot, and says so (H32)."""
    fine, broken = FakeChannel("email"), FakeChannel("slack", NotifyError("no_service"))
    receipts = deliver(MESSAGE, [a_channel(fine), a_channel(broken)], Books(FakeOutbox(), damaged), NOON)
    assert [receipt.status for receipt in receipts] == ["sent", "failed"]
    assert "could not be noted" in receipts[0].reason
    assert "no_service; it could not be kept for later" in receipts[1].reason


def test_a_template_speaks_in_place_of_the_message_and_its_fault_is_told(held: HeldMessages) -> None:
    """The team's words go out; what is wrong with them stands in the receipt."""
    notifier, worded = FakeChannel(), a_message(title="Ours")
    channel = Channel(notifier, FakeBudget(), write=lambda _: Written(worded, "line 3 is odd"))
    assert deliver(MESSAGE, [channel], Books(FakeOutbox(), held), NOON) == (Receipt("slack", "sent", "line 3 is odd"),)
    assert notifier.given == [worded]


def test_a_defect_is_not_hidden(held: HeldMessages) -> None:
    """Only expected failures become receipts; a bug ends the run with its traceback."""
    channel = a_channel(FakeChannel(failure=ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        deliver(MESSAGE, [channel], Books(FakeOutbox(), held), NOON)
