"""What did not leave leaves later: after quiet hours, in an hour with room, or when trying again helps."""

from __future__ import annotations

import json
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.channel import FakeBudget, FakeChannel
from posting import NOON, PostOffice, a_message, a_report, critical

from ai_ops.domain.errors import NotifyError
from ai_ops.domain.held_message import Why
from ai_ops.domain.message import AlarmNotice, Level
from ai_ops.notify.quiet_hours import QuietHours
from ai_ops.notify.release import STORE, release_due
from ai_ops.notify.rules import Rules

if TYPE_CHECKING:
    from pathlib import Path

NIGHTS = Rules(quiet=QuietHours(time(22), time(7), "UTC"))
NIGHT, MORNING = NOON + timedelta(hours=11), NOON + timedelta(hours=20)
DOWN = NotifyError("it is down", retryable=True)
REFUSED = NotifyError("it is refused")
LOST = NotifyError("no answer", may_have_arrived=True)
HOUR, TEN_MINUTES = timedelta(hours=1), timedelta(minutes=10)


def an_office(folder: Path, failure: Exception | None = None, **fields: object) -> PostOffice:
    """A post office with one channel."""
    return PostOffice(folder, FakeChannel(failure=failure), **fields)


# -- quiet hours --------------------------------------------------------------------------------------------------


def test_what_waits_for_the_morning_goes_out_with_the_first_run_after_it(tmp_path: Path) -> None:
    """The night is quiet, but for what is critical; nothing of it is lost, and nothing comes twice."""
    office = an_office(tmp_path, rules=NIGHTS, now=NIGHT)
    assert office.run(a_message("web-1")).reason == "until quiet hours end at 2026-11-21 07:00 UTC"
    assert office.run(a_report("report-1"), TEN_MINUTES).status == "held"
    assert office.run(critical("web-2")).status == "sent"
    assert office.run(a_message("web-1"), HOUR).status == "held"
    assert office.notifier.keys == ["web-2"]
    office.now = MORNING
    assert office.run(a_message("web-3")).status == "sent"
    assert office.notifier.keys == ["web-2", "web-1", "report-1", "web-3"]
    assert office.waiting == []
    assert office.run(a_message("web-1")).status == "already sent"


def test_the_receipts_of_what_waited_name_it(tmp_path: Path) -> None:
    """Somebody who reads the run's output sees which message it was."""
    office = an_office(tmp_path, rules=NIGHTS, now=NIGHT)
    office.run(a_message("web-1"))
    office.now = MORNING
    assert office.release() == [("sent", "web-1, which waited")]
    assert office.release() == []


def test_a_report_that_waited_is_sent_as_it_was(tmp_path: Path) -> None:
    """The words of the evening, not those of the morning."""
    office, report = an_office(tmp_path, rules=NIGHTS, now=NIGHT), a_report(lines=("as it was",), text="whole")
    office.run(report)
    office.now = MORNING
    office.release()
    assert office.notifier.given == [report]


def test_what_waits_is_not_claimed(tmp_path: Path) -> None:
    """Any run may send it in the morning."""
    office = an_office(tmp_path, rules=NIGHTS, now=NIGHT)
    office.run(a_message())
    assert office.outbox.state("slack", "web-1") == "not tried"


def test_rules_that_changed_let_go_what_is_not_for_the_channel_any_more(tmp_path: Path) -> None:
    """Whoever raises the least level overnight is not told in the morning; the receipt says so."""
    office = an_office(tmp_path, rules=NIGHTS, now=NIGHT)
    office.run(a_message())
    office.now, office.rules = MORNING, Rules(least_level=Level.HIGH)
    assert office.release() == [("skipped", "web-1, which waited: info is below high, its least level")]
    assert office.waiting == office.notifier.keys == []


# -- dead letters -------------------------------------------------------------------------------------------------


def test_a_dead_letter_is_tried_once_a_run_for_a_day_and_then_by_a_person(tmp_path: Path) -> None:
    """An outage of an afternoon costs no message; one of a week is for a person."""
    office = an_office(tmp_path, DOWN)
    assert office.run(a_message("web-1")).status == "failed"
    assert office.release() == []  # the same run, a moment later
    office.now += TEN_MINUTES
    assert office.release() == [("failed", "web-1, which waited: it is down")]
    assert office.release() == []
    (letter,) = office.held.waiting()
    assert (letter.why, letter.attempts, letter.since, letter.at) == (Why.FAILED, 2, NOON, office.now)
    office.now = NOON + timedelta(hours=24)
    assert office.release() == []
    office.notifier.failure = None
    assert office.replay() == ["sent"]
    assert office.replay() == []
    assert len(office.notifier.given) == 3


def test_a_dead_letter_arrives_once_the_channel_is_back(tmp_path: Path) -> None:
    """Before what is new, so that messages come in order."""
    office = an_office(tmp_path, DOWN)
    office.run(a_message("web-1"))
    office.notifier.failure = None
    office.run(a_message("web-2"), HOUR)
    assert office.notifier.keys == ["web-1", "web-1", "web-2"]
    assert office.waiting == []


def test_the_same_message_told_anew_takes_the_place_of_its_letter(tmp_path: Path) -> None:
    """A run that is repeated sends what it knows now, once."""
    office = an_office(tmp_path, DOWN)
    office.run(a_message("web-1"))
    office.notifier.failure = None
    office.run(a_message("web-1", title="fresh"), HOUR)
    assert [message.title for message in office.notifier.given] == ["web-1: hold", "fresh"]
    assert office.waiting == []


def test_what_was_refused_for_good_is_left_to_a_person(tmp_path: Path) -> None:
    """A key that was revoked is not tried every six hours."""
    office = an_office(tmp_path, REFUSED)
    office.run(a_message())
    office.now += HOUR
    assert office.release() == []
    assert office.replay() == ["failed"]
    assert office.held.waiting()[0].attempts == 2


def test_what_may_have_arrived_is_sent_again_only_if_a_person_says_so(tmp_path: Path) -> None:
    """At most once, until somebody has looked."""
    office = an_office(tmp_path, LOST)
    office.run(a_message())
    office.notifier.failure = None
    office.now += HOUR
    assert office.release() == []
    assert office.replay() == []
    assert office.run(a_message()).status == "skipped"
    assert office.replay(even_if_it_may_have_arrived=True) == ["sent"]
    assert office.replay(even_if_it_may_have_arrived=True) == []
    assert len(office.notifier.given) == 2


def test_what_is_known_to_have_arrived_is_not_sent_again_even_if_a_person_asks(tmp_path: Path) -> None:
    """Another run has noted meanwhile that the channel took it (H31)."""
    office = PostOffice(tmp_path, FakeChannel(failure=LOST))
    assert office.run(critical()).status == "failed"
    office.outbox.confirm("slack", "web-9")
    office.notifier.failure = None
    assert office.replay(even_if_it_may_have_arrived=True) == ["already sent"]
    assert office.notifier.keys == ["web-9"]
    assert office.waiting == []


def test_what_a_run_that_ended_may_have_sent_waits_for_a_person(tmp_path: Path) -> None:
    """A machine that goes between claim and answer loses no report: whoever looked and missed it sends it (H18)."""
    office = PostOffice(tmp_path, FakeChannel())
    office.outbox.claim("slack", "report-1")
    assert office.run(a_report()).status == "skipped"
    assert office.replay() == []
    assert office.waiting == ["report-1"]
    assert office.replay(even_if_it_may_have_arrived=True) == ["sent"]
    assert (office.notifier.keys, office.waiting) == (["report-1"], [])


def test_a_letter_that_got_lost_on_the_second_try_is_not_tried_a_third_time(tmp_path: Path) -> None:
    """What was sure becomes unsure: then a person looks."""
    office = an_office(tmp_path, DOWN)
    office.run(a_message())
    office.notifier.failure = LOST
    office.now += HOUR
    office.release()
    office.now += HOUR
    assert office.release() == []
    assert [one.why for one in office.held.waiting()] == [Why.UNKNOWN]


def test_a_run_that_dies_while_it_sends_what_waited_leaves_it_to_a_person(tmp_path: Path) -> None:
    """The claim is on the disk, the message as well: nobody sends it twice, and nobody loses it (H24)."""
    office = an_office(tmp_path, rules=NIGHTS, now=NIGHT)
    office.run(a_message())
    office.now = MORNING
    office.outbox.claim("slack", "web-1")  # and the process is killed
    ((status, reason),) = office.release()
    assert status == "skipped"
    assert "may have arrived" in reason
    assert office.release() == []
    assert office.notifier.given == []
    assert office.replay(even_if_it_may_have_arrived=True) == ["sent"]


def test_a_run_that_dies_after_it_sent_what_waited_sends_it_once(tmp_path: Path) -> None:
    """What the outbox knows as sent needs not wait."""
    office = an_office(tmp_path, rules=NIGHTS, now=NIGHT)
    office.run(a_message())
    office.now = MORNING
    office.outbox.claim("slack", "web-1")
    office.outbox.confirm("slack", "web-1")
    assert office.release() == [("already sent", "web-1, which waited")]
    assert office.waiting == office.notifier.given == []


def test_what_another_run_has_sent_meanwhile_waits_no_more(tmp_path: Path) -> None:
    """It looked lost while that run was on its way; a person is not asked about it."""
    office = an_office(tmp_path, rules=NIGHTS, now=NIGHT)
    office.run(a_message())
    office.now = MORNING
    office.outbox.claim("slack", "web-1")
    office.release()
    assert [one.why for one in office.held.waiting()] == [Why.UNKNOWN]
    office.outbox.confirm("slack", "web-1")
    assert office.release() == []
    assert office.waiting == []


def test_a_test_is_no_dead_letter(tmp_path: Path) -> None:
    """Who tries a channel sees what happens, and does not want it again tomorrow."""
    from ai_ops.notify import trial

    office = an_office(tmp_path, DOWN)
    assert office.deliver(trial.test_message(NOON, "n")).status == "failed"
    assert office.waiting == []


# -- hours without room ---------------------------------------------------------------------------------------------


def test_what_waits_takes_at_most_half_of_an_hour(tmp_path: Path) -> None:
    """An outage that ends must not use up the hour in which something critical happens."""
    office = an_office(tmp_path, DOWN, budget=FakeBudget(100))
    for number in range(8):
        office.run(a_message(f"web-{number}"))
    office.notifier.failure, office.budget, office.now = None, FakeBudget(10), NOON + HOUR
    assert len(office.release()) == 5
    assert office.run(critical()).status == "sent"
    office.budget, office.now = FakeBudget(10), NOON + 2 * HOUR
    assert len(office.release()) == 3


def test_a_spent_hour_delays_what_must_arrive(tmp_path: Path) -> None:
    """And the next hour sends it (H31)."""
    office = an_office(tmp_path, budget=FakeBudget(0))
    office.run(critical())
    office.budget = FakeBudget(10)
    assert office.release() == []  # the same moment
    office.now += TEN_MINUTES
    assert office.release() == [("sent", "web-9, which waited")]


def test_a_person_who_replays_keeps_to_the_limits(tmp_path: Path) -> None:
    """The limit is hard, whoever asks (H31)."""
    office = an_office(tmp_path, DOWN)
    for number in range(3):
        office.run(a_message(f"web-{number}"))
    office.notifier.failure, office.budget = None, FakeBudget(2)
    assert office.replay() == ["sent", "sent", "skipped"]
    assert office.waiting == ["web-2"]


# -- alarms -------------------------------------------------------------------------------------------------------

PAGER = Rules(closes_alarms=True)
SLOW, SLOW_NO_MORE = AlarmNotice("web/p95", "slow", Level.CRITICAL), AlarmNotice("web/p95", "fine", Level.INFO, True)  # noqa: FBT003
FULL = AlarmNotice("web/memory", "full", Level.CRITICAL)


def told(office: PostOffice) -> list[list[tuple[str, bool]]]:
    """Alarms of each message that the channel was given: key, and whether it is over."""
    return [[(alarm.key, alarm.is_over) for alarm in message.alarms] for message in office.notifier.given]


def test_an_alarm_that_could_not_be_opened_is_not_opened_after_it_is_over(tmp_path: Path) -> None:
    """Else it would stand open for ever, as nothing would close it again."""
    office = an_office(tmp_path, REFUSED, rules=PAGER)
    office.run(critical("web-1", alarms=(SLOW, FULL)))
    office.notifier.failure = None
    office.run(a_message("web-2", alarms=(SLOW_NO_MORE,)), HOUR)
    assert office.replay() == ["sent"]
    assert told(office)[1:] == [[("web/p95", True)], [("web/memory", False)]]


def test_a_letter_all_of_whose_alarms_are_outdated_goes(tmp_path: Path) -> None:
    """There is nothing left in it to say."""
    office = an_office(tmp_path, REFUSED, rules=PAGER)
    office.run(critical("web-1", alarms=(SLOW,)))
    office.run(critical("web-2", alarms=(SLOW,)), HOUR)
    assert office.waiting == ["web-2"]


def test_letters_are_released_in_the_order_in_which_alarms_came(tmp_path: Path) -> None:
    """What opens comes before what closes, also when both come late."""
    office = an_office(tmp_path, DOWN, rules=PAGER)
    office.run(critical("web-1", alarms=(SLOW,)))
    office.run(critical("web-2", alarms=(FULL,)), HOUR)
    office.notifier.failure = None
    office.now += HOUR
    office.release()
    assert office.notifier.keys[-2:] == ["web-1", "web-2"]


def test_other_channels_keep_what_they_have_to_say(tmp_path: Path) -> None:
    """A chat is a story: that there was an alarm stays worth telling."""
    office = an_office(tmp_path, REFUSED)
    office.run(critical("web-1", alarms=(SLOW,)))
    office.run(critical("web-2", alarms=(SLOW,)), HOUR)
    assert office.waiting == ["web-1", "web-2"]


# -- what cannot be kept or read ------------------------------------------------------------------------------------


def test_what_waited_too_long_is_dropped_and_that_is_told(tmp_path: Path) -> None:
    """Never in silence: the receipt says how many, and the file counts them."""
    office = an_office(tmp_path, REFUSED)
    office.run(a_message("web-1"))
    office.run(a_message("web-2"))
    office.now += timedelta(days=7, seconds=1)
    assert office.release() == [("skipped", "2 of its messages waited for more than 7 days and were dropped, unsent")]
    assert office.waiting == []
    assert office.held.counts()[1] == {"slack": {"2026-11-27": 2}}


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": 2}', '{"version": 1, "waiting": [3]}'])
def test_books_that_cannot_be_read_are_told_once_and_stop_nothing(tmp_path: Path, damage: str) -> None:
    """What waits stays where it is until a person has looked (H32)."""
    office = an_office(tmp_path)
    (tmp_path / "undelivered.json").write_text(damage)
    (receipt,) = release_due([office.channel, office.channel], office.books, NOON)
    assert (receipt.channel, receipt.status) == (STORE, "failed")
    assert "undelivered.json" in receipt.reason
    assert office.deliver(a_message()).status == "sent"
    assert (tmp_path / "undelivered.json").read_text() == damage


def test_a_channel_that_is_not_configured_any_more_keeps_its_letters(tmp_path: Path) -> None:
    """They may be sent when its key is back, for as long as letters are kept."""
    office = an_office(tmp_path, DOWN)
    office.run(a_message())
    other = PostOffice(tmp_path, FakeChannel("email"), now=NOON + HOUR)
    assert other.release() == []
    assert other.waiting == ["web-1"]


def test_no_secret_waits_on_the_disk(tmp_path: Path) -> None:
    """What is kept is redacted like what is sent (H09)."""
    from ai_ops.domain.held_message import HeldMessage
    from ai_ops.redact import Redactor
    from ai_ops.store.held_messages import HeldMessages

    held = HeldMessages(tmp_path / "undelivered.json", lambda: NOON, Redactor(["hunter2!"]))
    message = a_report(lines=("log in with hunter2!",), text="hunter2!", facts=(("hunter2!", "hunter2!"),))
    held.put(HeldMessage("slack", message, Why.FAILED, "hunter2! was refused", NOON, NOON))
    assert "hunter2" not in (tmp_path / "undelivered.json").read_text()
    assert json.loads((tmp_path / "undelivered.json").read_text())["waiting"][0]["reason"] == "*** was refused"
