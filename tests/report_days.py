"""Whole mornings for a report: what was gathered, of which span of time, as it comes in a team's life.

Each is made of the builders in `gathered`, and moved to the date and the clock that it is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

import gathered as days
import numpy as np
from demands import a_capacity
from examples import a_finding
from gathered import END, PER_HOUR, episode, episodes, frame, moving
from model_vitals import STATUS, a_record, some_model_vitals

from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.finding import Severity
from ai_ops.domain.message import MessageKind
from ai_ops.domain.metrics import Window
from ai_ops.domain.prediction import Interval, Outcome, Prediction, Verdict
from ai_ops.domain.report_span import ReportSpan
from ai_ops.domain.training_record import Learning
from ai_ops.domain.tuning import Change, Decision
from ai_ops.domain.warming_up import WarmingUp
from ai_ops.report.gathered import OpenRequest, Told
from ai_ops.report.report import make_report
from ai_ops.twin.outlook.ahead import Ahead
from ai_ops.twin.outlook.demand import SLOT, Demand
from ai_ops.twin.outlook.outlook import Outlook

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Series
    from ai_ops.report.gathered import Frame, Gathered
    from ai_ops.report.service_report import Report

DAY = timedelta(days=1)
MONTH_DAYS = 28
"""How long the agent has been at work on all days but the first."""

_PERIOD = re.compile(r"\b(\d{8}T\d{2})(\d{2})?Z")


@dataclass(frozen=True)
class Morning:
    """What a report is made from, and of which time."""

    services: tuple[Gathered, ...]
    span: ReportSpan
    frame: Frame
    kind: MessageKind = MessageKind.DAILY_REPORT

    @property
    def report(self) -> Report:
        """What is said."""
        return make_report(self.kind, self.services, self.span, self.frame)


def a_morning(*services: Gathered, end: datetime = END, zone: str = "UTC", days: int = 1, **changes: Any) -> Morning:
    """These services as they stood at noon of the 18th, moved to another end."""
    kind = MessageKind.WEEKLY_BRIEF if days > 1 else MessageKind.DAILY_REPORT
    usual = {"told": (Told("slack", sent=12, failed=0), Told("notion", sent=7, failed=0))}
    told = moved((services, frame(**(usual | changes))), end - END)
    return Morning(told[0], ReportSpan(end, zone, days), told[1], kind)


def quiet() -> Morning:
    """All is well: a saving went live five days ago, and yesterday's prediction came true."""
    return a_morning(quiet_service())


def bad() -> Morning:
    """Two hours of harm in the night, a prediction that failed, a pull request that waits, and a dear month."""
    return a_morning(
        bad_service(),
        told=(Told("slack", sent=12, failed=0), Told("e-mail", sent=7, failed=1, problem="timed out")),
        incidents=("web: latency and errors, 01:00 to 03:00 UTC, mitigated by a rollback of the release",),
        runbooks=("restart-pods ran on web at 02:40 UTC and helped",),
    )


def first() -> Morning:
    """Three hours of a made-up service, as a newcomer sees it: one decision, no model, and nobody was told before."""
    return a_morning(replace(first_service(), source="simulated", is_simulated=True), told=())


def with_gaps() -> Morning:
    """Five hours without any metric, two metrics that are never there, and a run that was left out."""
    holes, usual = days.day_with_gaps(), quiet_service()
    last = usual.episodes[-1]
    episodes = (*usual.episodes[:-2], replace(last, gaps=holes.gaps))
    outlook = WarmingUp(160, 168, "hours")
    return a_morning(
        replace(
            usual, series=holes.series, gaps=holes.gaps, warnings=holes.warnings, episodes=episodes, outlook=outlook
        )
    )


def month_boundary() -> Morning:
    """The first hour of December on the clock of New York."""
    return a_morning(quiet_service(), end=datetime(2026, 12, 1, 6, 0, tzinfo=UTC), zone="America/New_York")


def turned_clock() -> Morning:
    """The day of 25 hours in Berlin; an alarm began at 02:30 before the clock was turned and ended 02:10 behind it."""
    turn = END - timedelta(hours=11)
    finding = a_finding(
        since=turn - timedelta(minutes=30),
        at=turn + timedelta(minutes=10),
        severity=Severity.MEDIUM,
        score=1.7,
        value=310.0,
        reason="p95 latency was 310 ms where 150 ms is usual at this hour",
    )
    usual = quiet_service()
    at_night = replace(usual.episodes[-1], findings=(finding,))
    end = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)
    return a_morning(replace(usual, episodes=(*usual.episodes[:-1], at_night)), end=end, zone="Europe/Berlin")


def week() -> Morning:
    """A brief on three services: one is well, one in trouble, and one was looked at for the first time."""
    services = (quiet_service(), renamed(bad_service(), "api"), renamed(first_service(), "jobs"))
    return a_morning(*services, end=datetime(2026, 11, 23, 6, 0, tzinfo=UTC), days=7)


MORNINGS: dict[str, Callable[[], Morning]] = {
    "quiet-day": quiet,
    "bad-day": bad,
    "first-day": first,
    "day-with-gaps": with_gaps,
    "month-boundary": month_boundary,
    "turned-clock": turned_clock,
    "weekly-brief": week,
}
"""By the name of their folder below `report/golden`."""


def quiet_service(**changes: Any) -> Gathered:
    """Four weeks with the agent, which predicts every day, and saves since five days ago."""
    usual = days.quiet_day(**a_past(), outlook=an_outlook(), vitals=a_grown_model())
    return replace(usual, **({"series": _faster(usual)} | changes))


def bad_service() -> Gathered:
    """Users felt two hours of the night, the CPU is busy now, and for three weeks it has cost half as much again."""
    usual = quiet_service()
    series = {
        metric: with_level(one, 11, 2, _HARM[metric]) if metric in _HARM else one
        for metric, one in usual.series.items()
    }
    series["cpu_percent"] = with_level(series["cpu_percent"], 1, 1, 91.0)
    series["cost_per_hour"] = replace(series["cost_per_hour"], values=1.5 * series["cost_per_hour"].values)
    past = [dearer(one) if one.window.end > END - 21 * DAY else one for one in usual.episodes]
    miss = replace(past[-1].outcomes[0], verdict=Verdict.MISS, reason="burn 2.40, above 0.60", burn=2.4)
    urgent = Decision((Change("min_instances", 2.0, 3.0),), ("users felt it",), is_urgent=True)
    spent = {"slo_good_percent": 97.0, "burn": 60.0}
    reward = replace(past[-1].reward, **spent)
    past[-1] = replace(past[-1], findings=_harm(), decision=urgent, reward=reward, outcomes=(miss,))
    busy = {"value": 91.0, "expected": 58.0, "score": 1.6, "severity": Severity.MEDIUM}
    hour = timedelta(hours=1)
    now = a_finding(
        "cpu_percent", since=END - hour, at=END - hour / 2, reason="CPU was 91 % where 58 % is usual", **busy
    )
    request = OpenRequest(7, "https://github.com/acme/shop/pull/7", "web: at least 3 instances", END - 5.5 * hour)
    return replace(usual, series=series, episodes=tuple(past), newest_findings=(now,), request=request)


MEASURED = dict(days.USUAL)
"""What every run has measured."""

_HARM = {"cpu_percent": 96.0, "latency_p95_ms": 920.0, "error_percent": 7.5, "slo_good_ratio": 0.91}


def _harm() -> tuple[Finding, ...]:
    """What was found of it."""
    since, at = END - timedelta(hours=11), END - timedelta(hours=10)
    said = {
        "latency_p95_ms": (920.0, 150.0, 4.2, "p95 latency was 920 ms where 150 ms is usual at this hour"),
        "error_percent": (7.5, 0.01, 3.9, "7.5 % of requests failed where 0.01 % is usual"),
        "cpu_percent": (96.0, 33.0, 2.1, "CPU was 96 % where 33 % is usual at this hour"),
    }
    return tuple(
        a_finding(metric, since=since, at=at, value=value, expected=expected, score=score, reason=reason)
        for metric, (value, expected, score, reason) in said.items()
    )


def dearer(episode: Episode) -> Episode:
    """The same window at one and a half times the cost."""
    return replace(episode, reward=replace(episode.reward, cost=1.5 * (episode.reward.cost or 0.0)))


def first_service() -> Gathered:
    """Three hours of history, and one decision on them."""
    known = {"reward_cost": 0.27, "reward_requests": 200.0 * 3 * 3600}
    only = episode(0.5, hours=3, measured=MEASURED, **known)
    only = replace(only, window=Window(END - timedelta(hours=3), END - timedelta(minutes=30)))
    first = days.first_day(episodes=(replace(only, decided_at=only.window.end + timedelta(minutes=5)),))
    return replace(first, series=_faster(first))


def _faster(gathered: Gathered) -> dict[str, Series]:
    """The same series at 147 ms: at 150 ms the score is lost by 11.25 points, which may be written as 11.2 or 11.3."""
    latency = gathered.series["latency_p95_ms"]
    return {**gathered.series, latency.metric: replace(latency, values=0.98 * latency.values)}


def a_past() -> dict[str, Any]:
    """Four weeks of decisions, the last at 06:00 UTC; of one a day the prediction was judged a day later."""
    past = {one.id: one for one in episodes(MONTH_DAYS, 6.0, measured=MEASURED)}
    slow = MEASURED | {"latency_p95_ms": 260.0, "cpu_percent": 58.0}
    for one in [*past.values()][:28]:
        past[one.id] = replace(one, measured=slow)
    change = replace(moving(5 * 24 + 6), measured=MEASURED)
    past[change.id] = change
    for number in range(1, 26):
        made = past[_at(number, past)]
        unchanged = a_prediction(number, 0.096)
        prediction = a_prediction(number, 0.09)
        past[made.id] = replace(made, prediction=prediction, if_unchanged=unchanged if made is change else None)
        judged = past[_at(number - 1, past)]
        verdict = Verdict.MISS if number in {9, 17} else Verdict.NOT_JUDGEABLE if number == 12 else Verdict.HIT
        outcome = an_outcome(number, verdict, is_live_change=made is change)
        past[judged.id] = replace(judged, outcomes=(outcome,))
    return {"episodes": tuple(past.values()), "delivered": {change.id: change.decided_at + timedelta(hours=1)}}


def _at(days_ago: int, past: dict[str, Episode]) -> str:
    """Id of the run of 06:00 UTC so long ago."""
    return next(one.id for one in past.values() if one.window.end == END - days_ago * DAY - PERIOD)


def a_prediction(days_ago: float, cost: float) -> Prediction:
    """A calm day of the service."""
    return Prediction(
        made_at=END - days_ago * DAY - PERIOD + timedelta(minutes=5),
        horizon_hours=24.0,
        cost_per_hour=Interval(cost, 0.9 * cost, 1.1 * cost),
        burn=Interval(0.2, 0.05, 0.6),
        slo_good_percent=Interval(99.99, 99.97, 99.998),
        scale_events_per_day=Interval(6.0, 2.0, 12.0),
        requests_per_second=Interval(200.0, 160.0, 240.0),
    )


def an_outcome(days_ago: float, verdict: Verdict, **changes: Any) -> Outcome:
    """What became of that day's prediction, judged a day later."""
    said = {
        Verdict.HIT: ("cost and burn stayed within their bounds", 0.0912, 0.2),
        Verdict.MISS: ("burn 2.40, above 0.60", 0.0931, 2.4),
        Verdict.NOT_JUDGEABLE: ("demand was far from what was assumed", None, None),
    }
    reason, cost, burn = said[verdict]
    made_at = END - days_ago * DAY - PERIOD + timedelta(minutes=5)
    outcome = Outcome(made_at, made_at + DAY, verdict, reason, False, cost, burn, 0.6)  # noqa: FBT003
    return replace(outcome, **changes)


def an_outlook() -> Outlook:
    """Two days like those before, the busiest hour at 14:00 UTC."""
    hours = np.arange(48)
    expected = 210.0 * (1.0 + 0.5 * np.cos((hours + 12 - 14) * 2 * np.pi / 24))
    values = days.rhythm(200.0, 0.5, days=7)
    start = END - 7 * DAY
    return Outlook(
        demand=Demand(start, SLOT, values),
        ready=Demand(start, SLOT, np.full(values.size, 4.0)),
        hours=Ahead(expected, 0.85 * expected, 1.2 * expected, 0.08, 0.12),
        weeks=WarmingUp(1, 3, "weeks"),
        capacity=a_capacity(per_instance=90.0, max_instances=12.0),
        advised=(),
        hindsight=None,
    )


def a_grown_model() -> Any:
    """A model that was trained last night, whose loss has fallen for three weeks."""
    version = "20261118T0300Z-3f9c1a2b"
    losses = {21: 0.13, 14: 0.08, 7: 0.041, 0: 0.031}
    records = tuple(
        a_record(ago, version=version if not ago else "", loss=loss, loss_rows=1512, learning=_learning(loss))
        for ago, loss in losses.items()
    )
    return some_model_vitals(status=replace(STATUS, version=version), records=records)


def _learning(loss: float) -> Learning:
    return Learning.CONVERGING if loss < 0.05 else Learning.TRAINING


def with_level(series: Series, hours_ago: float, hours: float, level: float) -> Series:
    """The same series with a level of its own for so many hours, from so long before the end on."""
    first = series.values.size - round(PER_HOUR * hours_ago)
    values = series.values.copy()
    values[first : first + round(PER_HOUR * hours)] = level
    return replace(series, values=values)


def renamed(gathered: Gathered, name: str) -> Gathered:
    """The same service under another name, in the ids of its episodes as well."""
    return _mapped(gathered, lambda value: value, lambda text: re.sub(r"\bweb\b", name, text))


def moved(value: Any, by: timedelta) -> Any:
    """The same at another time: every moment, and every id that is made of one."""

    def later(text: str) -> str:
        return _PERIOD.sub(lambda found: _later(found, by), text)

    return _mapped(value, lambda moment: moment + by, later)


def _later(found: re.Match[str], by: timedelta) -> str:
    minutes = found[2]
    shape = "%Y%m%dT%H%M" if minutes else "%Y%m%dT%H"
    moment = datetime.strptime(found[1] + (minutes or ""), shape).replace(tzinfo=UTC) + by
    return f"{moment:{shape}}Z"


def _mapped(value: Any, of_moment: Callable[[datetime], datetime], of_text: Callable[[str], str]) -> Any:
    """The same value with other moments and texts, however deep; numbers, words of ours and arrays stay."""

    def again(one: Any) -> Any:
        return _mapped(one, of_moment, of_text)

    match value:
        case datetime():
            other = of_moment(value)
        case str() if not isinstance(value, Enum):
            other = of_text(value)
        case tuple() | list():
            other = type(value)(map(again, value))
        case dict():
            other = {again(key): again(one) for key, one in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            other = replace(value, **{one.name: again(getattr(value, one.name)) for one in fields(value)})
        case _:
            other = value
    return other
