"""Quiet messages wait for company, and go out as one."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from fakes.channel import FakeBudget, FakeChannel
from posting import NOON, PostOffice, a_message, a_report

from ai_ops.domain.errors import NotifyError
from ai_ops.domain.held_message import HeldMessage, Why
from ai_ops.domain.message import Level, MessageKind
from ai_ops.notify.digest import MOST_TOLD, digest_of
from ai_ops.notify.quiet_hours import QuietHours
from ai_ops.notify.release import gather
from ai_ops.notify.rules import Rules

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.domain.message import Message

LOUD_ALONE = Rules(digest_below=Level.HIGH)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHTS = Rules(quiet=QuietHours(time(22), time(7), "UTC"))
NIGHT, MORNING = NOON + timedelta(hours=11), NOON + timedelta(hours=20)


def part(number: int, **fields: object) -> HeldMessage:
    """A message that waits since so many hours after noon."""
    since = NOON + number * HOUR
    return HeldMessage("slack", a_message(f"web-{number}", **fields), Why.DIGEST, "", since, since)


def digests(office: PostOffice) -> list[Message]:
    """Those that the channel was given."""
    return [message for message in office.notifier.given if message.kind is MessageKind.DIGEST]


def test_quiet_messages_go_out_with_the_next_report_as_one(tmp_path: Path) -> None:
    """Loud ones do not wait, and nothing is told twice."""
    office = PostOffice(tmp_path, FakeChannel(), LOUD_ALONE)
    assert office.run(a_message("web-1", facts=(("CPU", "47 %"),))).status == "held"
    assert office.run(a_message("web-2", level=Level.LOW), HOUR).status == "held"
    assert office.run(a_message("web-3", level=Level.HIGH), HOUR).status == "sent"
    assert office.run(a_report(), HOUR).status == "sent"
    loud, digest, report = office.notifier.given
    assert (loud.key, digest.kind, report.key) == ("web-3", MessageKind.DIGEST, "report-1")
    assert digest.title == "2 messages since 20 Nov 12:00 UTC"
    assert digest.lines == ("20 Nov 13:00 UTC web-2: hold", "20 Nov 12:00 UTC web-1: hold (CPU 47 %)")
    assert (digest.level, digest.service) == (Level.LOW, "web")
    assert office.waiting == []
    assert office.run(a_message("web-1")).status == "already sent"
    assert office.run(a_report("report-2"), DAY).status == "sent"
    assert len(digests(office)) == 1


def test_a_digest_is_sent_though_the_report_is_not_for_the_channel(tmp_path: Path) -> None:
    """The report is the hour at which it leaves, not its company."""
    office = PostOffice(tmp_path, FakeChannel(), Rules(frozenset({MessageKind.CYCLE}), digest_below=Level.HIGH))
    office.run(a_message())
    assert office.run(a_report(), HOUR).status == "skipped"
    assert len(digests(office)) == 1


def test_a_report_made_in_quiet_hours_takes_its_digest_along_in_the_morning(tmp_path: Path) -> None:
    """A digest may wake nobody."""
    office = PostOffice(tmp_path, FakeChannel(), Rules(quiet=NIGHTS.quiet, digest_below=Level.HIGH), now=NIGHT)
    office.run(a_message())
    assert office.run(a_report(), HOUR).status == "held"
    assert office.notifier.given == []
    office.now = MORNING
    assert [status for status, _ in office.release()] == ["sent", "sent"]
    assert {message.kind for message in office.notifier.given} == {MessageKind.DIGEST, MessageKind.DAILY_REPORT}


def test_a_digest_that_fails_is_a_dead_letter_of_its_own(tmp_path: Path) -> None:
    """The next one tells what came since, and neither is lost or told twice."""
    office = PostOffice(tmp_path, FakeChannel(failure=NotifyError("down", retryable=True)), LOUD_ALONE)
    office.run(a_message("web-1"))
    office.run(a_report("report-1"), HOUR)
    office.notifier.failure = None
    office.run(a_message("web-2"), HOUR)
    office.run(a_report("report-2"), HOUR)
    assert [digest.title for digest in digests(office)][1:] == [
        "One message of 20 Nov 12:00 UTC",
        "One message of 20 Nov 14:00 UTC",
    ]
    assert office.waiting == []


def test_a_run_that_dies_after_putting_a_digest_together_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """The digest stands in the place of its parts from one moment to the next (H24)."""
    office = PostOffice(tmp_path, FakeChannel(), LOUD_ALONE)
    office.run(a_message("web-1"))
    office.run(a_message("web-2"), HOUR)
    gather([office.channel], office.books, office.now, is_report_due=True)  # and the process is killed
    (waiting,) = office.held.waiting()
    assert waiting.message.kind is MessageKind.DIGEST
    assert office.deliver(a_message("web-1")).status == "already sent"
    assert [status for status, _ in office.release()] == ["sent"]
    assert len(digests(office)) == 1


def test_many_messages_of_a_night_come_as_one_in_the_morning(tmp_path: Path) -> None:
    """Nobody is woken by thirty cards at seven; the report comes by itself."""
    office = PostOffice(tmp_path, FakeChannel(), NIGHTS, FakeBudget(10), now=NIGHT)
    for number in range(30):
        office.run(a_message(f"web-{number}"))
    office.run(a_report())
    office.now = MORNING
    office.run(a_message("web-30"))
    assert [message.kind for message in office.notifier.given] == [
        MessageKind.DAILY_REPORT,
        MessageKind.DIGEST,
        MessageKind.CYCLE,
    ]
    assert digests(office)[0].title.startswith("30 messages since")


def test_a_digest_is_known_by_its_parts() -> None:
    """In whatever order they come, at whatever moment it is made; other parts make another."""
    first = digest_of([part(1), part(2)], NOON)
    assert digest_of([part(2), part(1)], NOON + HOUR).key == first.key
    assert digest_of([part(1), part(3)], NOON).key != first.key
    assert first.key.startswith("digest-")


def test_a_long_digest_tells_the_loudest_and_counts_the_rest() -> None:
    """Five hundred services fit into one message."""
    parts = [part(n, service=f"service-{n % 25}", level=Level.LOW if n == 77 else Level.INFO) for n in range(100)]
    digest = digest_of(parts, NOON)
    assert len(digest.lines) == MOST_TOLD + 1
    assert "web-77" in digest.lines[0]
    assert digest.lines[-1].startswith("And 60 more: ")
    assert digest.lines[-1].endswith(", and of 5 other services")
    assert digest.service == ""
    assert dict(digest.facts)["From"] == "25 services"


def test_a_digest_says_what_was_made_up_and_where_to_read_more() -> None:
    """One made-up message among others marks the whole."""
    digest = digest_of([part(1, is_simulated=True), part(2, review_url="https://github.com/acme/shop/pull/7")], NOON)
    assert digest.is_simulated
    assert digest.lines[1].endswith("https://github.com/acme/shop/pull/7")
