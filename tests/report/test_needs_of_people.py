"""What needs a person, most urgent first, and how often a person was needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from examples import a_finding
from gathered import (
    END,
    bad_day,
    day_with_gaps,
    episode,
    episodes,
    gathered,
    levels,
    moving,
    nothing_gathered,
    quiet_day,
    span,
    with_gap,
)
from model_vitals import a_decision, a_record, some_model_vitals

from ai_ops.domain.autonomy import ActionClass, Mode
from ai_ops.domain.cycle import ROLLBACK
from ai_ops.domain.episode_judgement import EpisodeJudgement
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.metrics import Gap
from ai_ops.domain.model_version import Gate, TrainingKind, Verdict
from ai_ops.domain.open_question import PAUSE
from ai_ops.domain.tuning import Change
from ai_ops.report.agent.needs import by_urgency, needs_of
from ai_ops.report.agent.times_needed import times_needed
from ai_ops.report.gathered import OpenRequest, Told
from ai_ops.report.service.slo_standing import slo_standing

if TYPE_CHECKING:
    from ai_ops.report.agent.said import Need
    from ai_ops.report.gathered import Gathered

AT = END + timedelta(minutes=7)
URL = "https://github.com/acme/shop/pull/7"
BURNING = {"reward_burn": 3.0, "reward_slo_good_percent": 99.85}


def needs(one: Gathered, *told: Told, at: datetime = AT) -> tuple[Need, ...]:
    """As a report asks for them."""
    return needs_of(one, told, at, slo_standing(one, span()))


def a_request(hours: float) -> OpenRequest:
    """A pull request that was opened so long before the report was made."""
    return OpenRequest(7, URL, "web: more instances", AT - timedelta(hours=hours))


def test_a_quiet_day_needs_nobody():
    """S001-02, S001-03."""
    assert needs(quiet_day(), Told("slack", 12, 0)) == ()


def test_a_broken_promise_that_nobody_may_mend_comes_first():
    """Mode observe, and 99.85 % where 99.95 % is promised."""
    broken = gathered(episodes=(episode(**BURNING),), mode="observe")
    first = needs(broken, Told("slack", 1, 1, problem="no such channel"))[0]
    assert first.what == "The promise is broken, and the agent may not act"
    assert first.why == (
        "99.850 % of requests were good in the last 6 h where 99.95 % is promised; mode observe changes nothing"
    )
    assert first.action == "neuropilot history --service web --last 4"


def test_a_broken_promise_that_the_agent_mends_needs_nobody():
    """It may commit what buys safety."""
    acting = gathered(episodes=(episode(**BURNING),), mode="commit")
    assert not [one for one in needs(acting) if one.urgency == 90]
    unearned = replace(acting, autonomy={ActionClass.SAFETY: Mode.OBSERVE})
    assert needs(unearned)[0].action == "neuropilot autonomy --service web"


def test_what_an_old_run_saw_is_not_how_it_stands_now():
    """Half a day ago the promise was broken; since then nobody has looked."""
    old = gathered(episodes=(episode(18, **BURNING),), mode="observe")
    assert not [one for one in needs(old) if one.urgency == 90]
    burning = a_finding("slo_good_ratio", alarm=Alarm.BURN_RATE, reason="the budget burns 9 times too fast")
    assert needs(replace(old, newest_findings=(burning,)))[0].why.startswith("the budget burns 9 times too fast")


@pytest.mark.parametrize(
    ("changes", "what", "action"),
    [
        ({"doubt": "line 4 was altered"}, "The ledger cannot be trusted", "neuropilot ledger verify"),
        ({"pause": "release day (by ana)"}, "The agent is paused", "neuropilot resume"),
        ({"request": a_request(5)}, "Pull request 7 waits for a review", URL),
    ],
)
def test_what_stops_the_agent_has_the_command_that_ends_it(changes: dict[str, Any], what: str, action: str):
    """One line, one reason, one command."""
    (need,) = needs(gathered(**changes))
    assert (need.what, need.action) == (what, action)


@pytest.mark.parametrize(
    ("hours", "words"), [(0.5, "for less than an hour"), (5, "for 5 h"), (47, "for 47 h"), (72, "for 3 days")]
)
def test_a_request_says_how_long_it_has_waited(hours: float, words: str):
    """Its title is foreign text, and stays as it is (H20)."""
    (need,) = needs(gathered(request=a_request(hours)))
    assert need.why == f"open {words}: web: more instances"
    assert need.since == AT - timedelta(hours=hours)


def test_a_request_or_a_pause_in_the_way_of_a_broken_promise_is_most_urgent():
    """One need, not two."""
    first, *others = needs(bad_day())
    assert (first.urgency, first.action) == (90, URL)
    assert first.why.startswith("the promise is broken: 97.000 % of requests were good in the last 6 h")
    assert URL not in {one.action for one in others}
    paused = needs(gathered(episodes=(episode(**BURNING),), pause="release day (by ana)"))
    assert [one.action for one in paused if "resume" in one.action] == ["neuropilot resume"]
    assert paused[0].urgency == 90


def test_a_model_that_waits_is_asked_about():
    """By the version that `neuropilot model card` takes; once answered, no more."""
    asked = a_decision(
        Verdict.WAITING, version="20261117T0300Z-aa00bb11", kind=TrainingKind.REBUILD, reason="CPU moved"
    )
    (need,) = needs(gathered(vitals=some_model_vitals(decisions=(asked,))))
    assert need.action == "neuropilot model card 20261117T0300Z-aa00bb11"
    assert need.why == "CPU moved"
    answered = a_decision(Verdict.PROMOTED, version=asked.version, kind=TrainingKind.REBUILD, by="ana")
    assert needs(gathered(vitals=some_model_vitals(decisions=(asked, answered)))) == ()


def test_metrics_that_are_gone_are_named_with_the_first_reason():
    """What was measured before and could not be had just now; what nobody ever measured is no loss."""
    gaps = (Gap("cpu_percent", "no data"), Gap("slo_good_ratio", "timed out"), Gap("db_latency_ms", "no query"))
    series = levels(db_latency_ms=None)
    (need,) = needs(gathered(series=series, gaps=gaps))
    assert need.what == "cpu_percent, slo_good_ratio could not be had"
    assert need.why == "cpu_percent: no data"
    assert need.action == "neuropilot doctor"


def test_optional_metrics_that_never_were_need_nobody():
    """No memory and no database query is a choice."""
    assert not [one for one in needs(day_with_gaps()) if one.action == "neuropilot doctor"]


def test_metrics_that_stopped_coming_are_gone_though_no_query_failed():
    """The report rests on what earlier runs have kept; three hours are late, four are gone."""
    stale = with_gap(levels(), hours=4)
    (need,) = needs(gathered(series=stale))
    assert "its newest value is of 2026-11-18 07:50 UTC" in need.why
    assert needs(gathered(series=with_gap(levels(), hours=2))) == ()


def test_no_metric_at_all_says_so_in_the_known_words():
    """S001-121."""
    (need,) = needs(nothing_gathered())
    assert need.what == "No metrics history was found"
    assert need.why == "connection refused"


def test_runs_that_stopped_coming_need_somebody():
    """S001-123: the last one was 24 hours before the report, less the five minutes that it took."""
    (need,) = needs(gathered(episodes=episodes(3, end_hours_ago=24)))
    assert need.what == "The agent has not decided for 24 h"
    assert need.action == "gh run list --workflow ai-ops-daily.yml"
    assert need.since == END - timedelta(hours=24) + timedelta(minutes=5)


def test_a_silent_channel_is_told_on_the_others():
    """Its own words are why."""
    (need,) = needs(gathered(), Told("slack", 4, 0), Told("notion", 3, 2, problem="token expired"))
    assert need.what == "notion did not take the newest message"
    assert (need.why, need.action) == ("token expired", "neuropilot notify test")


def test_a_clock_that_is_ahead_is_named():
    """Nothing is learned from tomorrow."""
    tomorrow = episode(-24)
    (need,) = needs(gathered(episodes=(*episodes(3), tomorrow)))
    assert need.what == f"A clock is ahead: {tomorrow.id} is of a time to come"
    assert need.action == "date -u"


@pytest.mark.parametrize(
    ("left", "hours", "what"),
    [
        (-0.2, 0.0, "The error budget is used up: hold risky releases back"),
        (0.3, 40.0, "The error budget is gone in 40 hours: hold risky releases back"),
        (0.3, 73.0, None),
        (0.3, None, None),
        (None, None, None),
    ],
)
def test_a_budget_that_is_soon_gone_asks_to_hold_releases_back(
    left: float | None, hours: float | None, what: str | None
):
    """Three days ahead of it."""
    one = gathered()
    slo = replace(slo_standing(one, span()), budget_left_ratio=left, budget_hours_left=hours)
    assert [need.what for need in needs_of(one, (), AT, slo)] == ([what] if what else [])


def test_needs_come_in_their_order():
    """Of equal ones, what has waited longest."""
    waiting = a_decision(Verdict.WAITING, kind=TrainingKind.REBUILD)
    everything = gathered(
        doubt="line 4 was altered",
        pause="release day",
        request=a_request(2),
        vitals=some_model_vitals(decisions=(waiting,)),
        gaps=(Gap("cpu_percent", "no data"),),
        episodes=(*episodes(3), episode(-24)),
    )
    urgencies = [one.urgency for one in needs(everything, Told("slack", 0, 1, problem="gone"))]
    assert urgencies == [80, 70, 60, 50, 40, 30, 20]
    first, second = (replace(needs(gathered(request=a_request(hours)))[0]) for hours in (1, 9))
    assert by_urgency([first, second]) == (second, first)


def test_what_is_about_no_single_service_is_said_once():
    """Fifty services share one pause and one Slack."""
    told = Told("slack", 0, 1, problem="gone")
    every = [need for name in ("web", "api") for need in needs(gathered(service=name, pause="release day"), told)]
    assert [one.urgency for one in by_urgency(every)] == [70, 30]


def test_a_quiet_week_needed_nobody():
    """S001-02: nothing to review is nothing to count."""
    assert times_needed(quiet_day(), span()) == (0, ())


def test_every_kind_of_interruption_is_counted_once():
    """A merged request, one that waits, a judgement, a decision taken back, a model, a pause."""
    merged, before, back = moving(30.0), moving(24.0 * 9), episode(6, policy=ROLLBACK)
    judged = EpisodeJudgement(
        merged.id, "web", None, is_good=False, at=END - timedelta(days=2), by="ana", because="bit"
    )
    one = gathered(
        episodes=(before, merged, back),
        delivered={merged.id: END - timedelta(hours=20), before.id: END - timedelta(days=8)},
        request=a_request(3),
        judgements=(replace(judged, at=END - timedelta(days=9)), judged),
        vitals=some_model_vitals(
            decisions=(
                a_decision(Verdict.WAITING, 2, "v1"),
                a_decision(Verdict.PROMOTED, 1, "v1", by="ana"),
                a_decision(Verdict.PROMOTED, 0, "v2"),
            )
        ),
        pause="release day",
    )
    one = replace(one, episodes=tuple(replace(each, mode="propose") for each in one.episodes))
    count, needed_for = times_needed(one, span())
    assert needed_for == (
        "2 changes to say yes or no to",
        "1 decision to judge",
        "1 decision to take back",
        "1 model to say yes or no to",
        "1 pause to end",
    )
    assert count == 6


def test_a_model_of_a_paused_night_asked_nobody():
    """The first night behind the pause goes on by itself."""
    version = "20261117T0300Z-aa00bb11"
    gates = (Gate("better", is_passed=True, reason=""), Gate(PAUSE, is_passed=False, reason="paused"))
    vitals = some_model_vitals(
        decisions=(a_decision(Verdict.WAITING, 1, version),), records=(a_record(1, version=version, gates=gates),)
    )
    assert times_needed(gathered(vitals=vitals), span())[0] == 0


def test_in_mode_commit_what_did_not_come_to_the_branch_by_itself_needed_somebody():
    """The same change again and again is one question; what came by itself is none."""
    other = Change("min_instances", 2.0, 3.0)
    past = (moving(48.0), moving(42.0), moving(36.0, other), moving(30.0, other, decided_at=END - timedelta(hours=29)))
    delivered = {past[0].id: END - timedelta(hours=47)}
    one = gathered(episodes=past, delivered=delivered, mode="commit")
    assert times_needed(one, span()) == (2, ("2 changes to say yes or no to",))
    assert times_needed(replace(one, request=a_request(10)), span())[0] == 2  # one of the two is that request
    assert times_needed(replace(one, delivered={}), span())[0] == 0  # perhaps nobody could look


def test_a_source_that_does_not_answer_needs_a_person():
    """What earlier runs have kept looks well, and nobody knows how it stands now (S001-25)."""
    (need,) = needs_of(quiet_day(silence="HTTP 503"), (), END)
    assert (need.what, need.why, need.action) == ("The metric source did not answer", "HTTP 503", "neuropilot doctor")
