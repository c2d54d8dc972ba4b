"""The one thing that matters most, of one service and of many."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from examples import a_finding
from gathered import (
    MOVE,
    bad_day,
    episode,
    episodes,
    first_day,
    frame,
    gathered,
    levels,
    moving,
    nothing_gathered,
    quiet_day,
    span,
)

from ai_ops.domain.document import Tone
from ai_ops.domain.finding import Severity
from ai_ops.domain.message import MessageKind
from ai_ops.domain.prediction import Interval
from ai_ops.domain.tuning import Change
from ai_ops.report.fleet_headline import fleet_headline
from ai_ops.report.gathered import Told
from ai_ops.report.headline import Morning, headline_of
from ai_ops.report.report import make_report, service_report

if TYPE_CHECKING:
    from ai_ops.report.gathered import Gathered
    from ai_ops.report.service_report import Report, ServiceReport

CALM = frame(told=(Told("slack", 12, 0),))


def said(one: Gathered, days: int = 1) -> ServiceReport:
    """What is said of one service on a morning on which every channel works."""
    return service_report(one, span(days=days), CALM)


def of(*services: Gathered) -> Report:
    """A report of these."""
    return make_report(MessageKind.DAILY_REPORT, services, span(), CALM)


def named(service: str, one: Gathered) -> Gathered:
    """The same by another name."""
    return replace(one, service=service)


def test_a_quiet_day_asks_for_nothing():
    """S001-03."""
    quiet = said(gathered())
    assert (quiet.tone, quiet.action) == (Tone.GOOD, "Nothing.")
    assert quiet.headline == "A quiet day: 99.990 % of requests were good where 99.95 % is promised."
    assert quiet.why == quiet.slo.words


def test_a_day_that_was_measured_in_part_is_called_quiet_as_far_as_it_was():
    """Seven of 24 hours, four of them by the ledger: what is missing may have been the worst."""
    first = said(first_day())
    assert first.headline.startswith("A quiet day as far as it was measured, 29 % of it: 99.990 % of requests")
    assert first.tone is Tone.PLAIN


def test_a_quiet_week_is_called_one():
    """The weekly brief is made of the same parts."""
    assert said(gathered(), days=7).headline.startswith("A quiet week: ")


def test_a_broken_promise_comes_before_all_else():
    """A pull request waits, an alarm goes on, and this is what users felt."""
    bad = said(bad_day())
    assert bad.tone is Tone.BAD
    assert bad.headline.startswith("The promise was broken: 99.15")
    assert bad.action == "Pull request 7 waits for a review: https://github.com/acme/shop/pull/7"


def test_without_a_person_to_ask_a_broken_promise_says_where_to_look():
    """The loudest alarm is explained by the episode that saw it."""
    broken = bad_day(request=None, mode="commit")
    assert said(broken).action == f"See what happened: neuropilot explain {broken.episodes[-1].id}"


def test_a_promise_that_is_hardly_broken_does_not_read_as_kept():
    """99.9499 % rounds to 99.950 %, which would be the promise itself."""
    hardly = said(gathered(series=levels(slo_good_ratio=0.999499)))
    assert (
        hardly.headline
        == "The promise was broken: 99.94990 % of requests were good where 99.95 % is promised in the last day."
    )


def test_a_promise_that_is_broken_just_now_is_no_quiet_day():
    """Kept over the day, and broken in its last six hours, while the agent may only look on."""
    last = episode(reward_burn=3.0, reward_slo_good_percent=99.85)
    watched = said(gathered(episodes=(*episodes(3)[:-1], last), mode="observe"))
    assert (watched.tone, watched.headline) == (Tone.BAD, "The promise is being broken.")
    assert watched.why.startswith("99.850 % of requests were good in the last 6 h where 99.95 % is promised")
    assert watched.action.startswith("The promise is broken, and the agent may not act: neuropilot history")


def test_a_budget_that_burns_comes_before_alarms():
    """Yesterday was well, the days before were not: 30 days of budget are spent."""
    episodes_before = episodes(20, 24, reward_burn=3.0, reward_slo_good_percent=99.85)
    spent = said(gathered(series=levels(days=1), episodes=(*episodes_before, *episodes(1))))
    assert spent.headline == "The error budget of 30 days is used up."
    assert spent.tone is Tone.BAD


def alarming(severity: Severity, **changes: Any) -> Gathered:
    """An alarm in the last window."""
    finding = a_finding(severity=severity, reason="latency_p95_ms was 420 where 150 is usual")
    return gathered(episodes=(*episodes(3)[:-1], episode(findings=(finding,))), **changes)


def test_a_critical_alarm_that_goes_on_is_the_headline():
    """Its own reason is why, and its evidence what to look at."""
    loud = said(alarming(Severity.CRITICAL, series=levels(latency_p95_ms=None)))
    assert loud.headline == "A critical alarm goes on: p95 latency."
    assert loud.why == "latency_p95_ms was 420 where 150 is usual."
    assert loud.action == "See what happened: neuropilot explain web-20261118T12Z"


@pytest.mark.parametrize(
    ("severity", "headline"),
    [
        (Severity.MEDIUM, "One alarm was raised in the last day: p95 latency, medium; it goes on."),
        (Severity.LOW, "A quiet day: 99.990 % of requests were good where 99.95 % is promised."),
    ],
)
def test_quieter_alarms_are_told_but_a_low_one_is_no_headline(severity: Severity, headline: str):
    """Nobody should be woken over coffee."""
    assert said(alarming(severity, series=levels(latency_p95_ms=None))).headline == headline


def test_an_agent_that_stands_still_says_so():
    """What it says may be old, and nothing would be mended."""
    paused = said(gathered(pause="release day (by ana)"))
    assert (paused.headline, paused.why) == ("The agent is paused.", "Release day (by ana).")
    assert paused.action == "neuropilot resume"


def test_missing_metrics_come_before_money():
    """S001-121."""
    blind = said(nothing_gathered())
    assert (blind.tone, blind.headline) == (Tone.WATCH, "No metrics history was found.")
    assert blind.action == "neuropilot doctor"


def test_a_month_that_is_too_dear_says_by_how_much():
    """0.09 an hour is 64.80 in November's 720 hours: 62 % over a budget of 40."""
    dear = said(gathered(series=levels(days=18), monthly_budget=40.0))
    assert dear.headline == "This month will cost 64.80 USD, 62 % over its budget."
    assert dear.why.startswith("The budget is 40.00 USD, and what the whole month will cost is 64.80 USD (")
    assert dear.action == "Review the scaling thresholds."


@pytest.mark.parametrize(
    ("variance", "low", "headline"),
    [
        (9.0, 60.0, "A quiet day"),
        (11.0, 60.0, "This month will probably cost 77.70 USD, 11 % over its budget."),
        (9.0, 71.0, "This month will cost 76.30 USD, 9 % over its budget."),
        (-20.0, 50.0, "A quiet day"),
    ],
)
def test_an_overrun_is_a_headline_where_it_is_certain_or_far(variance: float, low: float, headline: str):
    """A budget of 70, and bounds that hold it or do not."""
    quiet = said(gathered())
    projected = Interval(70.0 * (1.0 + variance / 100.0), low, 90.0)
    cost = replace(quiet.cost, projected=projected, variance_percent=variance)
    morning = Morning("web", "day", "", {}, quiet.slo, cost, (), quiet.scaling, ())
    assert headline_of(morning).headline.startswith(headline)


def test_a_change_that_is_live_is_the_news_of_a_quiet_day():
    """With the first of its reasons."""
    changed = said(quiet_day())
    assert (changed.tone, changed.headline) == (Tone.GOOD, "A setting was changed: cpu_scale_in_percent from 30 to 35.")
    assert changed.why == "The promise was kept with room."
    assert changed.action == "Nothing."


def test_a_change_that_waits_asks_for_its_review():
    """The address stands at the end, where nothing can be taken for a part of it."""
    other = Change("min_instances", 3.0, 2.0)
    waiting = said(gathered(episodes=(*episodes(3)[:-1], moving(0.5, MOVE, other)), request=bad_day().request))
    assert waiting.headline == "A change waits for a review: cpu_scale_in_percent from 30 to 35 and 1 more."
    assert waiting.action.endswith(": https://github.com/acme/shop/pull/7")
    watching = said(gathered(episodes=(*episodes(3)[:-1], moving(0.5)), mode="observe"))
    assert watching.headline == "A change was decided and not made: cpu_scale_in_percent from 30 to 35."


def test_what_is_not_known_is_not_called_quiet():
    """No SLI, no word on the promise."""
    unknown = said(gathered(series=levels(slo_good_ratio=None), episodes=episodes(3, reward_slo_good_percent=None)))
    assert unknown.headline == "Nothing abnormal was found; whether the promise was kept is not known."
    assert unknown.tone is Tone.PLAIN


def test_one_service_is_not_named():
    """Whose report it is stands in the title."""
    report = of(gathered())
    assert (report.headline, report.why, report.action, report.tone) == (
        report.services[0].headline,
        report.services[0].why,
        report.services[0].action,
        Tone.GOOD,
    )


def test_of_many_the_one_that_burns_is_named_with_its_pace():
    """Two of four kept their promise, one did not, of one nobody knows."""
    unknown = gathered(series=levels(slo_good_ratio=None), episodes=episodes(3, reward_slo_good_percent=None))
    worse = gathered(series=levels(slo_good_ratio=0.9985))
    report = of(gathered(), named("api", unknown), named("checkout", worse), named("jobs", gathered()))
    assert report.headline == (
        "2 of 4 services kept their promise, of 1 it is not known; checkout spends its error budget 3.0 times as fast "
        "as it may."
    )
    assert report.tone is Tone.BAD
    assert report.why.startswith("checkout: ")
    assert report.action.startswith("checkout: ")


def test_the_worst_of_several_that_burn_is_named():
    """Three times comes before twice, whatever the order."""
    services = [
        named(name, gathered(series=levels(slo_good_ratio=good))) for name, good in (("a", 0.999), ("b", 0.9985))
    ]
    for order in (services, services[::-1]):
        assert of(*order).headline.startswith("0 of 2 services kept their promise; b spends its error budget 3.0 times")


def test_where_all_kept_their_promise_the_least_budget_is_why():
    """Nobody has to do anything."""
    low = named("api", gathered(series=levels(slo_good_ratio=0.9996)))
    report = of(gathered(), low, named("jobs", gathered()))
    assert report.headline == "All 3 services kept their promise."
    assert report.why == "Least of its 30-day error budget is left in api: 20 %."
    assert (report.tone, report.action) == (Tone.GOOD, "Nothing.")


def test_a_watchful_one_among_quiet_ones_is_named():
    """Its own headline follows the count."""
    alarm = named("api", alarming(Severity.HIGH, series=levels(latency_p95_ms=None)))
    report = of(gathered(), alarm)
    assert report.headline == (
        "Both services kept their promise; api: One alarm was raised in the last day: p95 latency, high; it goes on."
    )
    assert report.tone is Tone.WATCH


def test_on_the_first_day_of_all_nothing_is_claimed():
    """Three hours of history."""
    first = fleet_headline([said(first_day()), said(named("api", nothing_gathered()))])
    assert (
        first.headline == "1 of 2 services kept their promise, of 1 it is not known; api: No metrics history was found."
    )
