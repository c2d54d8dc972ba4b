"""What a person reads about one cycle."""

from __future__ import annotations

from dataclasses import replace

import pytest
from examples import a_finding, a_reward, an_episode
from predictions import a_prediction, an_outcome

from ai_ops.domain.cycle import Delivery, DeliveryStatus
from ai_ops.domain.finding import Severity
from ai_ops.domain.metrics import Gap
from ai_ops.domain.tuning import Change, Decision, Reward, ScheduledMinimum
from ai_ops.notify.cycle.message import message_for
from ai_ops.notify.slack.card import FIELDS_MAX

NOTHING = Delivery(DeliveryStatus.NOTHING_TO_DO, "nothing moves")
COMMITTED = Delivery(DeliveryStatus.COMMITTED, "pushed to main", commit="0123456789abcdef0123")
MOVE = Decision((Change("cpu_scale_in_percent", 30.0, 35.0),), ("kept within the budget",))


def test_the_title_is_the_verdict() -> None:
    """One line says which knob moves from where to where, or that none does."""
    assert message_for(an_episode(decision=MOVE), COMMITTED).title == "web: cpu_scale_in_percent 30 → 35"
    assert message_for(an_episode(), NOTHING).title == "web: hold"


@pytest.mark.parametrize("status", [DeliveryStatus.SHOWN, DeliveryStatus.RECORDED, DeliveryStatus.REFUSED])
def test_a_title_never_promises_what_did_not_happen(status: DeliveryStatus) -> None:
    """A change that was only shown or refused must not read as if it were live."""
    title = message_for(an_episode(decision=MOVE), Delivery(status, "mode observe")).title
    assert title == f"web: cpu_scale_in_percent 30 → 35 ({status})"


def test_a_title_counts_the_entries_of_a_schedule_and_the_lines_tell_them() -> None:
    """A title has no room for a week (S001-129)."""
    week = tuple(ScheduledMinimum(day * 1440 + 420, day * 1440 + 1140, 6) for day in range(5))
    changes = (Change("scaling_mode", "threshold", "target"), Change("scheduled_minimum", (), week))
    message = message_for(an_episode(decision=Decision(changes, ("busy mornings",))), COMMITTED)
    assert message.title == "web: scaling_mode threshold → target, scheduled_minimum 0 → 5 entries"
    assert message.lines[0] == "scheduled_minimum: Mon-Fri 07:00-19:00 UTC at least 6 (was: none)"


def test_the_facts_carry_their_units() -> None:
    """The figures a person needs to judge the verdict, each with its unit."""
    reward = a_reward(slo_good_percent=99.98765, burn=0.2468, cost=0.5432, budget=0.41, value=-0.8123)
    measured = {"cpu_percent": 47.123, "latency_p95_ms": 1234.5, "error_percent": 0.00456}
    episode = an_episode(reward=reward, measured=measured, findings=(a_finding(), a_finding(severity=Severity.LOW)))
    assert message_for(episode, NOTHING, currency="EUR").facts == (
        ("SLO", "99.9877 % good"),
        ("Error budget spent", "24.7 %"),
        ("Cost", "0.54 of 0.41 EUR"),
        ("Reward", "-0.812 (budget_burn)"),
        ("Findings", "2 (1 critical, 1 low)"),
        ("CPU", "47.1 %"),
        ("p95 latency", "1230 ms"),
        ("Errors", "0.00456 %"),
    )


def test_what_is_expected_and_what_came_true_is_told() -> None:
    """Cost, burn and SLO with their ranges, what unchanged settings would do, and the verdict on the last."""
    episode = an_episode(prediction=a_prediction(), if_unchanged=a_prediction(), outcomes=(an_outcome(1),))
    message = message_for(episode, NOTHING)
    headline = "cost 2 (1.6 to 2.4) per hour, burn 0.30 (0.10 to 0.60), 99.980 (99.970 to 99.990) % good over 24 h"
    assert message.facts[-2:] == (("Expected", headline), ("Otherwise", headline))
    assert len(message.facts) <= FIELDS_MAX
    assert message.lines[1] == "Outcome: hit of 2026-11-17 12:00 UTC, unchanged settings: as the test wants it"


def test_what_was_not_measured_never_reads_as_zero() -> None:
    """A missing figure is no good news."""
    episode = an_episode(reward=Reward(None, "budget_burn", "no cost source"), measured={})
    assert {value for _, value in message_for(episode, NOTHING).facts} == {"not measured"}


def test_a_quiet_cycle_has_no_findings() -> None:
    """Nothing found is said in a word."""
    assert dict(message_for(an_episode(), NOTHING).facts)["Findings"] == "none"


def test_the_lines_tell_why_and_where_to_read_on() -> None:
    """Reasons first, then what was done, what was seen, what was missing, and the command for more."""
    episode = an_episode(
        decision=MOVE,
        findings=(a_finding(),),
        gaps=(Gap("db_latency_ms", "HTTP 500"),),
        warnings=("prometheus: partial response",),
    )
    assert message_for(episode, COMMITTED).lines == (
        "kept within the budget",
        "pushed to main",
        "Commit 0123456789ab",
        "CRITICAL latency_p95_ms: latency_p95_ms was 420 where z-score expected 150",
        "Degraded: no db_latency_ms: HTTP 500",
        "Degraded: prometheus: partial response",
        "prometheus, 2026-11-18 06:00 to 2026-11-18 12:00 UTC, mode commit",
        "neuropilot explain web-20261118T12Z",
    )


def test_only_the_three_loudest_findings_are_told() -> None:
    """A storm of findings does not bury the verdict."""
    quiet = [a_finding(severity=Severity.LOW, score=float(n), reason=f"low {n}") for n in range(4)]
    loud = a_finding(severity=Severity.HIGH, score=0.5, reason="loud")
    lines = message_for(an_episode(findings=(*quiet, loud)), NOTHING).lines
    told = [line.split(": ")[-1] for line in lines if "latency_p95_ms" in line]
    assert told == ["loud", "low 3", "low 2"]
    assert "and 2 more finding(s)" in lines


def test_a_reason_is_told_once() -> None:
    """A delivery that only repeats the decision's reason adds no line."""
    episode = an_episode(decision=Decision.hold("cooldown"))
    lines = message_for(episode, Delivery(DeliveryStatus.NOTHING_TO_DO, "cooldown")).lines
    assert lines.count("cooldown") == 1


def test_the_key_is_the_episode_and_simulation_is_marked() -> None:
    """One cycle is one message, and simulated figures stay marked (H18)."""
    message = message_for(replace(an_episode(), is_simulated=True), NOTHING)
    assert (message.key, message.is_simulated) == ("web-20261118T12Z", True)
