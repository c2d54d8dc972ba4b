"""What a channel carries, and when, is decided before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from posting import NOON, a_message, a_report, critical

from ai_ops.domain.message import AlarmNotice, Level, Message, MessageKind
from ai_ops.notify.quiet_hours import QuietHours
from ai_ops.notify.rules import Route, Rules, Way
from ai_ops.notify.trial import test_message as a_test

NIGHT = NOON + timedelta(hours=11)
NIGHTS = QuietHours(time(22), time(7), "UTC")
OVER = AlarmNotice("web/latency_p95_ms", "normal again", Level.INFO, is_over=True)
OPEN = AlarmNotice("web/latency_p95_ms", "slow", Level.HIGH)


def way(rules: Rules, message: Message, now=NOON) -> Way:
    """What becomes of a message."""
    return rules.route(message, now).way


def test_without_rules_everything_is_sent() -> None:
    """A channel that nobody has tuned says all there is."""
    for kind in MessageKind:
        assert Rules().route(a_message(kind=kind), NIGHT) == Route(Way.SEND)


def test_a_channel_carries_the_kinds_that_it_is_set_to() -> None:
    """A report is not for the pager; the receipt says why."""
    pager = Rules(kinds=frozenset({MessageKind.CYCLE}))
    assert way(pager, a_message()) is Way.SEND
    assert pager.route(a_report(), NOON) == Route(Way.SKIP, "it carries no message of the kind daily_report")


@pytest.mark.parametrize("level", Level)
def test_least_level_passes_what_is_as_loud_and_louder(level: Level) -> None:
    """Of cycles alone: a quiet report is a good report."""
    rules, is_loud = Rules(least_level=Level.MEDIUM), level in {Level.MEDIUM, Level.HIGH, Level.CRITICAL}
    assert way(rules, a_message(level=level)) is (Way.SEND if is_loud else Way.SKIP)
    assert way(rules, a_report(level=level)) is Way.SEND


def test_the_end_of_an_alarm_passes_where_alarms_are_closed() -> None:
    """What was opened is closed, however quiet the news; and never late, or it would close the next one."""
    over = a_message(alarms=(OVER,))
    pager = Rules(frozenset({MessageKind.CYCLE}), Level.CRITICAL, NIGHTS, Level.HIGH, closes_alarms=True)
    assert way(pager, over, NIGHT) is Way.SEND
    assert way(pager, a_message(alarms=(OPEN,))) is Way.SKIP
    chat = replace(pager, closes_alarms=False)
    assert way(chat, over) is Way.SKIP
    assert way(replace(pager, kinds=frozenset({MessageKind.DAILY_REPORT})), over) is Way.SKIP


def test_only_what_is_critical_is_sent_in_quiet_hours() -> None:
    """The rest waits, and the receipt says until when."""
    rules = Rules(quiet=NIGHTS)
    assert rules.route(a_message(level=Level.HIGH), NIGHT) == Route(
        Way.WAIT, "until quiet hours end at 2026-11-21 07:00 UTC"
    )
    assert way(rules, a_report(), NIGHT) is Way.WAIT
    assert way(rules, a_message(kind=MessageKind.DIGEST), NIGHT) is Way.WAIT
    assert way(rules, critical(), NIGHT) is Way.SEND
    assert way(rules, a_message(), NOON) is Way.SEND


def test_what_is_quieter_than_the_digest_wants_is_gathered() -> None:
    """Cycles wait for the next report; reports and digests do not wait for themselves."""
    rules = Rules(digest_below=Level.HIGH)
    assert way(rules, a_message(level=Level.MEDIUM)) is Way.GATHER
    assert way(rules, a_message(level=Level.HIGH)) is Way.SEND
    assert way(rules, a_report()) is Way.SEND
    assert way(rules, a_message(kind=MessageKind.DIGEST)) is Way.SEND
    assert way(replace(rules, closes_alarms=True), a_message(level=Level.MEDIUM)) is Way.SEND


@given(
    st.sets(st.sampled_from(MessageKind)),
    st.sampled_from(Level),
    st.sampled_from(Level),
    st.booleans(),
    st.timedeltas(timedelta(0), timedelta(days=2)),
)
def test_a_test_always_passes(kinds, least: Level, digest_below: Level, closes: bool, after: timedelta) -> None:  # noqa: FBT001
    """Whoever tries a channel wants to see it now, whatever its rules are."""
    rules = Rules(frozenset(kinds), least, NIGHTS, digest_below, closes_alarms=closes)
    assert way(rules, a_test(NOON, "n"), NOON + after) is Way.SEND


@given(st.sampled_from(MessageKind), st.sampled_from(Level), st.timedeltas(timedelta(0), timedelta(days=2)))
def test_a_critical_message_never_waits(kind: MessageKind, digest_below: Level, after: timedelta) -> None:
    """Neither for the morning nor for company."""
    rules = Rules(quiet=NIGHTS, digest_below=digest_below)
    assert way(rules, critical(kind=kind), NOON + after) is Way.SEND
