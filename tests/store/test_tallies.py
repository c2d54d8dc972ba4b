"""How the channels did, counted from what is remembered of messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from posting import a_message

from ai_ops.domain.delivery_record import DeliveryRecord, Tally
from ai_ops.domain.held_message import HeldMessage, Why
from ai_ops.domain.message import Heard, MessageKind, Sent
from ai_ops.store.outbox import Outbox
from ai_ops.store.tallies import delivery_record

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class World:
    """An outbox with a clock that tests turn."""

    def __init__(self, folder: Path) -> None:
        self.now = NOON - 40 * DAY
        self.outbox = Outbox(folder / "sent.json", lambda: self.now)

    def tell(self, key: str, days_ago: int, *, failures: int = 0, channel: str = "slack", **said: object) -> None:
        """Send a message so many days before noon, after so many failures."""
        self.now = NOON - days_ago * DAY
        for _ in range(failures):
            self.outbox.claim(channel, key)
            self.outbox.release(channel, key, "it is down")
        self.outbox.claim(channel, key)
        kind = said.pop("kind", "cycle")
        self.outbox.confirm(channel, key, Sent(**said), kind)

    def records(self) -> dict[str, DeliveryRecord]:
        """By channel, at noon."""
        return {one.channel: one for one in delivery_record(self.outbox.passages(), (), {}, {}, NOON)}


def test_sent_failed_and_retried_are_counted_over_a_week_and_a_month(tmp_path: Path) -> None:
    """Each message once, by what became of it in the end (S004-46)."""
    world = World(tmp_path)
    world.tell("old", 30)
    world.tell("web-1", 20, failures=2)
    world.tell("web-2", 6)
    world.tell("web-3", 5, attempts=3)
    world.tell("web-4", 5, channel="email")
    world.now = NOON - DAY
    world.outbox.claim("slack", "web-5")
    world.outbox.release("slack", "web-5", "no_service")
    world.outbox.claim("slack", "web-6")
    record = world.records()["slack"]
    assert record.week == Tally(sent=2, failed=2, retried=1)
    assert record.month == Tally(sent=3, failed=2, retried=2)
    assert record.problem == "it was about to be sent"
    assert world.records()["email"] == DeliveryRecord("email", Tally(sent=1), Tally(sent=1))


def test_the_newest_problem_is_told_until_a_message_goes_through(tmp_path: Path) -> None:
    """What is over is no problem any more."""
    world = World(tmp_path)
    world.now = NOON - 2 * DAY
    world.outbox.claim("slack", "web-1")
    world.outbox.release("slack", "web-1", "no_service")
    assert world.records()["slack"].problem == "no_service"
    world.tell("web-2", 1)
    assert world.records()["slack"].problem == ""


def test_the_newest_report_is_found_with_its_reference_and_what_was_heard(tmp_path: Path) -> None:
    """So that the next one can say how it was taken."""
    world = World(tmp_path)
    world.tell("report-1", 2, kind=MessageKind.DAILY_REPORT, reference="1700.1")
    world.tell("report-2", 1, kind=MessageKind.WEEKLY_BRIEF, reference="1700.2", url="https://acme.slack.com/p2")
    world.tell("web-1", 0)
    world.outbox.note_heard("slack", "report-2", Heard(replies=3, reactions=1))
    report = world.records()["slack"].report
    assert report is not None
    assert (report.key, report.reference, report.url) == ("report-2", "1700.2", "https://acme.slack.com/p2")
    assert report.heard == Heard(replies=3, reactions=1)
    assert report.at == NOON - DAY


def test_what_waits_what_waited_and_what_was_dropped_is_counted(tmp_path: Path) -> None:
    """Also of a channel that was never sent anything."""
    waiting = [HeldMessage(name, a_message(), Why.QUIET, "", NOON, NOON) for name in ("slack", "slack", "email")]
    held = {"slack": {"2026-11-20": 4, "2026-11-01": 3, "2026-10-01": 9}}
    dropped = {"slack": {"2026-11-19": 2, "2026-10-01": 5}}
    email, slack = delivery_record((), waiting, held, dropped, NOON)
    assert (slack.week.held, slack.month.held, slack.dropped, slack.waiting) == (4, 7, 2, 2)
    assert email == DeliveryRecord("email", Tally(), Tally(), waiting=1)
