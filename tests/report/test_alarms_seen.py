"""Findings as a report tells them: one thing that lasts, or shows in several metrics, is one alarm."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from examples import a_finding
from gathered import END, episode, gathered, levels, span, with_gap
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.finding import Finding, Severity
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.label import finding_id
from ai_ops.report.service.alarms import alarms_of

if TYPE_CHECKING:
    from ai_ops.report.gathered import Gathered


def ago(hours: float) -> datetime:
    """So long before the report's end."""
    return END - timedelta(hours=hours)


def found(metric: str, since_hours: float, worst_hours: float, score: float = 3.0, **changes: object) -> Finding:
    """A finding that began and was at its worst so many hours before the end."""
    return a_finding(metric, since=ago(since_hours), at=ago(worst_hours), score=score, **changes)


def of(*findings: Finding, hours_ago: float = 0.0) -> Gathered:
    """A service whose run of that time found these."""
    return gathered(episodes=(episode(hours_ago, findings=findings),))


def test_a_quiet_day_has_no_alarm():
    """Nothing found is nothing told."""
    assert alarms_of(gathered(), span()) == ()


def test_what_goes_on_over_several_windows_is_one_alarm():
    """Three windows saw the same metric; from its first onset to the last time that it was there."""
    episodes = (
        episode(12, findings=(found("latency_p95_ms", 14, 13, 2.0),)),
        episode(6, findings=(found("latency_p95_ms", 11, 10, 3.5),)),
        episode(0, findings=(found("latency_p95_ms", 5, 4, 3.0),)),
    )
    (alarm,) = alarms_of(gathered(episodes=episodes), span())
    assert (alarm.since, alarm.until) == (ago(14), ago(4))
    assert alarm.metrics == ("latency_p95_ms",)
    assert alarm.score == 3.5
    assert len(alarm.findings) == 3


def test_what_is_seen_again_more_quietly_lasts_until_then():
    """The loudest sight gives the score, the latest the end; cut short, it would not join what follows it."""
    loud = episode(12, findings=(found("cpu_percent", 14, 13, 5.0),))
    again = episode(6, findings=(found("cpu_percent", 14, 8, 2.0),))
    (alarm,) = alarms_of(gathered(episodes=(loud, again)), span())
    assert (alarm.since, alarm.until, alarm.score) == (ago(14), ago(8), 5.0)
    assert len(alarm.findings) == 1
    later = found("error_percent", 7.6, 7.5)
    assert len(alarms_of(gathered(episodes=(loud, again, episode(6, findings=(later,)))), span())) == 1


def test_the_same_metric_after_a_shift_of_rest_is_another_alarm():
    """Eight hours are one alarm, a minute more are two."""
    first = episode(18, findings=(found("cpu_percent", 20, 19),))
    for since, alarms in ((11, 1), (11 - 1 / 60, 2)):
        second = episode(6, findings=(found("cpu_percent", since, 10),))
        assert len(alarms_of(gathered(episodes=(first, second)), span())) == alarms


def test_metrics_that_overlap_in_time_are_one_alarm_with_the_loudest_first():
    """A person is told of one incident, and of all that it showed in."""
    findings = (
        found("cpu_percent", 4, 2, 2.0),
        found("latency_p95_ms", 3, 2.5, 5.0),
        found("error_percent", 1.6, 1, 4.0),
    )
    (alarm,) = alarms_of(of(*findings), span())
    assert alarm.metrics == ("latency_p95_ms", "error_percent", "cpu_percent")
    assert alarm.score == 5.0
    assert alarm.reason == findings[1].reason
    assert (alarm.since, alarm.until) == (ago(4), ago(1))


def test_metrics_at_different_times_are_different_alarms_loudest_first():
    """Severity before score, as people read it."""
    quiet = found("cpu_percent", 5, 5, 9.0, severity=Severity.HIGH)
    loud = found("error_percent", 2, 2, 3.0, severity=Severity.CRITICAL)
    alarms = alarms_of(of(quiet, loud), span())
    assert [alarm.metrics for alarm in alarms] == [("error_percent",), ("cpu_percent",)]
    assert [alarm.severity for alarm in alarms] == ["critical", "high"]


def test_a_forecast_is_no_alarm():
    """S001-134: what has not happened is told with the forecast."""
    assert alarms_of(of(found("cpu_percent", 1, 1, alarm=Alarm.FORECAST)), span()) == ()


def test_findings_have_the_ids_that_labels_take():
    """`neuropilot label` finds them by the same name, and each is counted once however often it was seen."""
    one = found("cpu_percent", 4, 3)
    again = found("cpu_percent", 4, 3)
    (alarm,) = alarms_of(
        gathered(episodes=(episode(0, findings=(one,)), episode(0, again=2, findings=(again,)))), span()
    )
    assert alarm.findings == (finding_id("web", "cpu_percent", ago(4)),)
    assert alarm.evidence.inputs[0][0] == alarm.findings[0]
    assert alarm.evidence.command == "neuropilot explain web-20261118T12Z.2"


def test_an_alarm_goes_on_while_the_newest_window_has_it():
    """The newest window is what detection looked at behind the newest episode."""
    past = (episode(6, findings=(found("cpu_percent", 8, 7),)),)
    behind = gathered(episodes=past, newest_findings=(found("cpu_percent", 8, 2),))
    (alarm,) = alarms_of(behind, span())
    assert alarm.is_going_on
    assert alarm.until == ago(2)
    (alarm,) = alarms_of(gathered(episodes=past), span())
    assert not alarm.is_going_on


def test_what_the_newest_episode_saw_goes_on_where_nothing_was_measured_since():
    """Metrics that are gone do not end an alarm."""
    past = (episode(3, findings=(found("cpu_percent", 5, 4), found("error_percent", 5, 4))),)
    series = with_gap(levels(), hours=3, metrics=("cpu_percent",))
    (alarm,) = alarms_of(gathered(episodes=past, series=series), span())
    assert alarm.is_going_on
    (alarm,) = alarms_of(gathered(episodes=past, series=levels()), span())
    assert not alarm.is_going_on


def test_after_missed_runs_only_what_the_last_period_has_goes_on():
    """Twenty hours behind the newest episode are looked at in four windows, of which three are over."""
    missed = gathered(
        episodes=(episode(20),), newest_findings=(found("cpu_percent", 18, 17), found("error_percent", 3, 2))
    )
    going_on = {alarm.metrics: alarm.is_going_on for alarm in alarms_of(missed, span())}
    assert going_on == {("cpu_percent",): False, ("error_percent",): True}


def test_of_a_long_window_too_only_the_last_period_goes_on():
    """A run after a day without one looks at it in one window; report and brief agree on what is over."""
    findings = (found("cpu_percent", 23, 22), found("error_percent", 3, 2))
    late = gathered(episodes=(episode(0, hours=28, findings=findings),))
    going_on = {alarm.metrics: alarm.is_going_on for alarm in alarms_of(late, span())}
    assert going_on == {("cpu_percent",): False, ("error_percent",): True}


def test_an_alarm_that_was_over_before_the_span_is_left_out():
    """It was in yesterday's report; one that reaches into the span keeps its onset."""
    assert alarms_of(of(found("cpu_percent", 28, 27), hours_ago=22), span()) == ()
    (alarm,) = alarms_of(of(found("cpu_percent", 28, 23), hours_ago=22), span())
    assert alarm.since == ago(28)


def test_episodes_of_a_clock_that_is_ahead_say_nothing():
    """What claims to be of tomorrow is not in today's report."""
    assert alarms_of(of(found("cpu_percent", -20, -21), hours_ago=-24), span()) == ()


METRICS = ("cpu_percent", "latency_p95_ms", "error_percent")
FINDINGS = st.lists(
    st.builds(
        lambda metric, since, lasts, score, severity: found(metric, since, since - lasts, score, severity=severity),
        st.sampled_from(METRICS),
        st.integers(0, 24 * 60).map(lambda minutes: minutes / 60),  # a finding is known by its second
        st.floats(0, 5),
        st.floats(0.1, 50),
        st.sampled_from(Severity),
    ),
    max_size=8,
)


@given(FINDINGS)
def test_every_finding_of_the_span_is_in_exactly_one_alarm(findings: list[Finding]):
    """However they overlap: none is lost, none counted twice, and the order of the ledger does not matter."""
    alarms = alarms_of(of(*findings), span())
    told = [one for alarm in alarms for one in alarm.findings]
    assert sorted(told) == sorted({finding_id("web", one.metric, one.since) for one in findings})
    assert all(alarm.since <= alarm.until for alarm in alarms)
    backwards = alarms_of(of(*reversed(findings)), span())
    assert [alarm.since for alarm in alarms] == [alarm.since for alarm in backwards]
