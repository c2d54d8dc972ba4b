"""What one cycle opens and closes, how loud it is, and its figures with their types."""

from __future__ import annotations

from dataclasses import replace

import pytest
from examples import a_finding, an_episode
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.cycle import ROLLBACK, Delivery, DeliveryStatus
from ai_ops.domain.finding import Severity
from ai_ops.domain.message import Level, MessageKind
from ai_ops.domain.metrics import Gap
from ai_ops.domain.tuning import Change, Decision, Reward
from ai_ops.notify.cycle.alarms import alarms_of
from ai_ops.notify.cycle.message import message_for

MOVE = Decision((Change("cpu_scale_in_percent", 30.0, 35.0),), ("kept within the budget",))
NOTHING = Delivery(DeliveryStatus.NOTHING_TO_DO, "nothing moves")
SLOW, BUSY = a_finding("latency_p95_ms"), a_finding("cpu_percent", severity=Severity.LOW)
LATENCY = "web/latency_p95_ms"


def keys(alarms: tuple) -> list[tuple[str, bool]]:
    """Which alarms, and whether they are over."""
    return [(alarm.key, alarm.is_over) for alarm in alarms]


def test_each_metric_has_one_alarm_as_loud_as_its_loudest_finding() -> None:
    """Several findings of one metric are one thing to whoever is called."""
    louder = replace(SLOW, reason="latency_p95_ms was 900", score=9.0)
    mild = replace(SLOW, severity=Severity.MEDIUM, score=99.0)
    slow, busy = alarms_of(an_episode(findings=(mild, SLOW, louder, BUSY)))
    assert (slow.key, slow.level, slow.summary) == (LATENCY, Level.CRITICAL, "web: latency_p95_ms was 900")
    assert (busy.key, busy.level) == ("web/cpu_percent", Level.LOW)


def test_what_is_found_no_longer_is_over_once() -> None:
    """The alert is closed in the first cycle that measures the metric and finds nothing, and not again after."""
    first, second, third = (an_episode(hours, findings=found) for hours, found in ((12, (SLOW,)), (6, ()), (0, ())))
    assert keys(alarms_of(second, (first,))) == [(LATENCY, True)]
    assert keys(alarms_of(third, (first, second))) == []


def test_what_lasts_is_not_over() -> None:
    """It is told again, under the same key."""
    first, second = an_episode(6, findings=(SLOW,)), an_episode(0, findings=(SLOW,))
    assert keys(alarms_of(second, (first,))) == [(LATENCY, False)]


def test_a_gap_closes_nothing_and_is_not_the_end_of_it() -> None:
    """Nobody knows whether the service is well while it is not measured; afterwards it is closed all the same."""
    first, third = an_episode(12, findings=(SLOW,)), an_episode(0)
    measured = {metric: mean for metric, mean in an_episode().measured.items() if metric != "latency_p95_ms"}
    for second in (an_episode(6, gaps=(Gap("latency_p95_ms", "HTTP 500"),)), an_episode(6, measured=measured)):
        assert keys(alarms_of(second, (first,))) == []
        assert keys(alarms_of(third, (first, second))) == [(LATENCY, True)]


def test_what_is_decided_again_counts_as_before() -> None:
    """The ledger holds this very episode already, and perhaps one of a later period by a wrong clock."""
    found, now = an_episode(6, findings=(SLOW,)), an_episode(0)
    assert keys(alarms_of(now, (found, now, an_episode(-6)))) == [(LATENCY, True)]


def test_a_person_who_takes_a_change_back_closes_nothing() -> None:
    """Nothing is measured then."""
    back = an_episode(6, measured={}, policy=ROLLBACK, decision=MOVE)
    found, now = an_episode(12, findings=(SLOW,)), an_episode(0)
    assert keys(alarms_of(back, (found,))) == []
    assert keys(alarms_of(now, (found, back))) == [(LATENCY, True)]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=12))
def test_opening_and_closing_leaves_open_what_is_abnormal(course: list[tuple[bool, bool]]) -> None:
    """However a metric comes and goes: an alert is open exactly while it was abnormal when it was known last."""
    past: list = []
    is_open = was_abnormal = False
    for number, (is_abnormal, is_known) in enumerate(course):
        gaps = () if is_known else (Gap("latency_p95_ms", "HTTP 500"),)
        findings = (SLOW,) if is_abnormal and is_known else ()
        episode = an_episode(100 - 6 * number, findings=findings, gaps=gaps)
        for alarm in alarms_of(episode, past):
            assert is_open or not alarm.is_over, "what is not open is not closed"
            is_open = not alarm.is_over
        past.append(episode)
        was_abnormal = is_abnormal if is_known else was_abnormal
        assert is_open is was_abnormal


@pytest.mark.parametrize("severity", Severity)
def test_a_cycle_is_as_loud_as_its_loudest_finding(severity: Severity) -> None:
    """Channels filter by it."""
    episode = an_episode(findings=(BUSY, replace(SLOW, severity=severity)))
    assert message_for(episode, NOTHING).level == Level(severity)


@pytest.mark.parametrize(
    ("status", "level"),
    [
        (DeliveryStatus.COMMITTED, Level.LOW),
        (DeliveryStatus.SHOWN, Level.LOW),
        (DeliveryStatus.RECORDED, Level.LOW),
        (DeliveryStatus.PROPOSED, Level.MEDIUM),
        (DeliveryStatus.REFUSED, Level.MEDIUM),
    ],
)
def test_a_change_is_louder_where_a_person_is_needed(status: DeliveryStatus, level: Level) -> None:
    """One that waits for a review, or that something stands in the way of."""
    assert message_for(an_episode(decision=MOVE), Delivery(status, "so it is")).level is level


def test_a_quiet_hold_is_the_quietest_of_all() -> None:
    """And what could not be measured makes itself heard."""
    quiet = an_episode()
    degraded = replace(quiet, gaps=(Gap("db_latency_ms", "HTTP 500"),))
    blind = replace(quiet, measured={})
    levels = [message_for(episode, NOTHING).level for episode in (quiet, degraded, blind)]
    assert levels == [Level.INFO, Level.LOW, Level.MEDIUM]


def test_the_figures_come_with_their_types() -> None:
    """For a channel that keeps a table; what was not measured is not 0 there."""
    episode = an_episode(findings=(SLOW,), decision=MOVE)
    message = message_for(episode, Delivery(DeliveryStatus.COMMITTED, "pushed"))
    figures = {one.name: one.value for one in message.properties}
    assert figures == {
        "Run ID": episode.id,
        "Date": episode.decided_at,
        "Kind": "cycle",
        "Level": "critical",
        "Services": ("web",),
        "Decision": "cpu_scale_in_percent 30 → 35",
        "SLO good %": 99.99,
        "Budget spent %": 20.0,
        "Cost": 0.54,
        "Reward": -0.8,
        "Findings": 1.0,
        "CPU %": 45.0,
        "p95 ms": 150.0,
        "Errors %": 0.01,
    }
    assert (message.kind, message.service, message.at) == (MessageKind.CYCLE, "web", episode.decided_at)


def test_what_was_not_measured_is_no_figure() -> None:
    """None is left out of a table, where 0 would be good news."""
    episode = an_episode(reward=Reward(None, "budget_burn", "no cost source"), measured={})
    unknown = {one.name for one in message_for(episode, NOTHING).properties if one.value is None}
    assert unknown == {"SLO good %", "Budget spent %", "Cost", "Reward", "Findings", "CPU %", "p95 ms", "Errors %"}
