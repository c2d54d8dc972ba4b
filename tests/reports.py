"""Reports as they are said, worked out by hand: a quiet day, a bad one, the first one, and those of many services."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ai_ops.domain.document import Evidence, Tone
from ai_ops.domain.message import MessageKind
from ai_ops.domain.prediction import Interval, Verdict
from ai_ops.domain.report_span import ReportSpan
from ai_ops.report.agent.said import (
    Checklist,
    ChecklistItem,
    JudgedPrediction,
    LearningStanding,
    Need,
    OwnRecord,
    Recommendation,
)
from ai_ops.report.service.said import (
    AlarmSeen,
    CostStanding,
    Direction,
    Forecast,
    Health,
    KnobMove,
    Scaling,
    SloStanding,
    Trend,
)
from ai_ops.report.service_report import Report, ServiceReport

if TYPE_CHECKING:
    from collections.abc import Iterator

END = datetime(2026, 11, 20, 9, 10, tzinfo=UTC)
REQUEST = "https://github.com/acme/shop/pull/12"

MERGE = Need(
    urgency=60,
    what="Pull request 12 waits for a review, for 20 h",
    why="it would save 15.60 EUR a month, and keeps the promise",
    action=REQUEST,
    since=END - timedelta(hours=20),
    service="web",
)
BURNING = Need(
    urgency=95,
    what="The promise is being broken",
    why="the error budget of 30 days is spent, and 11 % more",
    action="neuropilot explain web-20261120T06Z",
    since=END - timedelta(hours=5),
    service="web",
)
PAUSED = Need(
    urgency=40,
    what="The agent is paused",
    why="release day, says ana",
    action="neuropilot resume",
    since=None,
    service="web",
)


def evidence(service: str, name: str, says: str = "") -> Evidence:
    """What a figure rests on, by hand."""
    return Evidence(
        id=f"{service}-{name}",
        says=says or f"{name} of {service}",
        formula="0.3 latency + 0.3 errors + 0.2 cpu + 0.2 memory",
        inputs=(("latency_p95_ms", "160.0 ms"), ("error_percent", "0.20 %"), ("cpu_percent", "55.0 %")),
        source="prometheus, 2026-11-19 09:10 to 2026-11-20 09:10 UTC, every 10 min",
        command=f"neuropilot explain {service}-20261120T06Z",
    )


def quiet(service: str = "web") -> ServiceReport:
    """A service on a day on which nothing is wrong, and a pull request waits."""
    return ServiceReport(
        service=service,
        source="prometheus",
        is_simulated=False,
        tone=Tone.GOOD,
        headline=f"{service} kept its promise: 99.98 % of requests were good.",
        why="Health 66 of 100, and 78 % of the error budget of 30 days is left.",
        action="Review pull request 12: it would save 15.60 EUR a month.",
        health=_health(service),
        slo=_slo(service),
        trends=_trends(service),
        scaling=_scaling(service),
        cost=_cost(service),
        alarms=(),
        learning=_learning(service),
        recommendations=(
            Recommendation(
                rule="S001-114",
                text="Scale down to save costs",
                because="CPU was 24.0 % on average, below 30 %",
                evidence=evidence(service, "health"),
            ),
        ),
        forecast=_forecast(service),
        record=_record(service),
        checklist=_checklist(service),
        needs=(replace(MERGE, service=service),),
        times_needed=1,
        needed_for=("pull request 12 was opened",),
        unknown=(),
    )


def bad(service: str = "web") -> ServiceReport:
    """The same service on a day on which users felt it."""
    usual = quiet(service)
    return replace(
        usual,
        tone=Tone.BAD,
        headline=f"{service} broke its promise: 11 % more than its error budget is spent.",
        why="Errors rose to 4.1 % at 03:20 and stayed there for two hours.",
        action="Look at the deployment of 03:10: neuropilot explain web-20261120T06Z",
        health=replace(
            usual.health,
            score=31.4,
            band=44.0,
            components={"latency": 12.5, "errors": 18.0, "cpu": 14.0, "memory": 97.25},
            costs_most="latency",
            points_lost=26.25,
        ),
        slo=replace(
            usual.slo,
            good_percent=97.31,
            burn=53.8,
            good_percent_30d=99.944,
            budget_left_ratio=-0.11,
            budget_hours_left=0.0,
            words="97.31 % of requests were good where 99.95 % is promised: the budget of 30 days is spent.",
        ),
        cost=replace(
            usual.cost,
            to_date=38.2,
            projected=Interval(57.9, 51.2, 64.0),
            variance_percent=15.8,
            variance_literal_percent=22.4,
        ),
        alarms=(
            AlarmSeen(
                metrics=("error_percent", "latency_p95_ms"),
                since=END - timedelta(hours=6),
                until=END - timedelta(hours=4),
                severity="critical",
                score=4.2,
                reason="4.1 % of requests failed where 0.2 % is usual at this hour",
                findings=("f3a9b21c0", "f11c2d3e4"),
                is_going_on=False,
                evidence=evidence(service, "alarm-1"),
            ),
            AlarmSeen(
                metrics=("cpu_percent",),
                since=END - timedelta(hours=1),
                until=END,
                severity="medium",
                score=1.6,
                reason="CPU 92 % where 55 % is usual at this hour",
                findings=("f5a5a5a5a",),
                is_going_on=True,
                evidence=evidence(service, "alarm-2"),
            ),
        ),
        needs=(replace(BURNING, service=service), replace(MERGE, service=service), replace(PAUSED, service=service)),
        times_needed=4,
        unknown=("db_latency_ms: Prometheus answered with no series",),
    )


def first(service: str = "web") -> ServiceReport:
    """A service of which nothing is known yet."""
    usual = quiet(service)
    return replace(
        usual,
        tone=Tone.PLAIN,
        headline=f"{service} was looked at for the first time.",
        why="There is no history yet to compare with.",
        action="Nothing: come back tomorrow.",
        health=Health(None, None, {}, {}, {}, None, 0.0, evidence(service, "health")),
        slo=SloStanding(
            99.95, None, None, None, None, 0.0, None, "The promise was not measured yet.", evidence(service, "slo")
        ),
        trends=tuple(_trend(service, metric, None) for metric in ("latency_p95_ms", "error_percent", "cpu_percent")),
        scaling=Scaling(None, None, None, None, None, (), 0, evidence(service, "scaling")),
        cost=CostStanding(
            "EUR", None, None, 0.0, 465.2, None, None, None, None, None, 50.0, None, evidence(service, "cost")
        ),
        learning=LearningStanding(
            "no model",
            "No model yet: 3 of 14 days are there.",
            None,
            None,
            None,
            None,
            "none",
            None,
            evidence(service, "learning"),
        ),
        recommendations=(),
        forecast=Forecast(
            24, None, None, None, None, None, "No forecast: it needs 14 days of history.", evidence(service, "forecast")
        ),
        record=OwnRecord((), 0, 0, 0, None, None, 0.0, evidence(service, "record")),
        needs=(),
        times_needed=0,
        needed_for=(),
        unknown=("latency_p95_ms: no series", "cost_per_hour: no cost source is set"),
    )


def report(*services: ServiceReport, kind: MessageKind = MessageKind.DAILY_REPORT, zone: str = "UTC") -> Report:
    """A report of these services; what it says first is what its worst service says."""
    loudest = max(services, key=lambda one: list(Tone).index(one.tone))
    needs = sorted((need for one in services for need in one.needs), key=lambda need: -need.urgency)
    return Report(
        kind=kind,
        span=ReportSpan(END, zone, days=7 if kind is MessageKind.WEEKLY_BRIEF else 1),
        made_at=END + timedelta(minutes=7),
        services=services,
        tone=loudest.tone,
        headline=loudest.headline,
        why=loudest.why,
        action=loudest.action,
        needs=tuple(needs[:3]),
        more_needs=max(0, len(needs) - 3),
        times_needed=sum(one.times_needed for one in services),
    )


def several(count: int) -> Report:
    """So many services, one of them in trouble, one unknown, the others quiet."""
    names = ["web", "api", "jobs", "search", "mail"] + [f"shard-{number:03}" for number in range(5, count)]
    makers = {"api": bad, "jobs": first}
    return report(*(makers.get(name, quiet)(name) for name in names[:count]))


def _health(service: str) -> Health:
    return Health(
        score=66.2,
        band=88.0,
        components={"latency": 60.0, "errors": 96.0, "cpu": 45.0, "memory": 52.0},
        band_components={"latency": 60.0, "errors": 96.0, "cpu": 100.0, "memory": 100.0},
        measured={"latency_p95_ms": 160.0, "error_percent": 0.2, "cpu_percent": 55.0, "memory_percent": 48.0},
        costs_most="latency",
        points_lost=12.0,
        evidence=evidence(service, "health", f"health score of {service}"),
    )


def _slo(service: str) -> SloStanding:
    return SloStanding(
        target_percent=99.95,
        good_percent=99.98,
        burn=0.4,
        good_percent_30d=99.989,
        budget_left_ratio=0.78,
        hours_known=712.0,
        budget_hours_left=None,
        words="99.98 % of requests were good where 99.95 % is promised; 78 % of the error budget is left.",
        evidence=evidence(service, "slo"),
    )


def _trend(service: str, metric: str, value: float | None, ago: float = 0.0) -> Trend:
    """A mean that was `ago` percent lower a week ago, and the same on all other days."""
    name = metric.replace("_", "-")
    if value is None:
        nothing = (None,) * 7
        return Trend(metric, *nothing, Direction.UNKNOWN, Direction.UNKNOWN, evidence(service, f"trend-{name}"))
    direction = Direction.INCREASING if ago > 10 else Direction.DECREASING if ago < -10 else Direction.STABLE
    return Trend(
        metric=metric,
        value=value,
        before=value,
        baseline=value,
        week_ago=value / (1 + ago / 100),
        change_percent=0.0,
        baseline_change_percent=0.0,
        week_ago_change_percent=ago,
        direction=Direction.STABLE,
        week_ago_direction=direction,
        evidence=evidence(service, f"trend-{name}"),
    )


def _trends(service: str) -> tuple[Trend, ...]:
    figures = {
        "latency_p95_ms": (160.0, 12.4),
        "error_percent": (0.2, -3.1),
        "cpu_percent": (55.0, 1.8),
        "memory_percent": (48.0, 0.4),
        "requests_per_second": (412.0, 14.9),
        "instances": (4.2, 2.0),
        "cost_per_hour": (0.061, -15.2),
    }
    return tuple(_trend(service, metric, value, ago) for metric, (value, ago) in figures.items())


def _scaling(service: str) -> Scaling:
    move = KnobMove(
        f"{service}-20261119T18Z", END - timedelta(hours=14), "cpu_scale_in_percent", "30", "50", is_live=True
    )
    return Scaling(9, 8, 3.0, 7.0, 4.2, (move,), 3, evidence(service, "scaling"))


def _cost(service: str) -> CostStanding:
    return CostStanding(
        currency="EUR",
        span_cost=1.46,
        to_date=28.4,
        hours_known=460.0,
        hours_elapsed=465.2,
        daily_average=1.465,
        projected_literal=43.95,
        variance_literal_percent=-12.1,
        projected=Interval(44.1, 42.0, 46.9),
        variance_percent=-11.8,
        budget=50.0,
        last_month=47.3,
        evidence=evidence(service, "cost"),
    )


def _learning(service: str) -> LearningStanding:
    return LearningStanding(
        status="converging",
        words="Model v7 is in use since 14 Nov and converging: its loss is 0.031, below 0.05.",
        version="v7",
        loss=0.031,
        auc=0.94,
        trained_at=END - timedelta(days=6),
        health="fresh",
        drift_score=0.4,
        evidence=evidence(service, "learning"),
    )


def _forecast(service: str) -> Forecast:
    return Forecast(
        hours=24,
        peak_requests_per_second=Interval(540.0, 470.0, 620.0),
        peak_at=END + timedelta(hours=9),
        instances_needed=6,
        instances_needed_at_most=7,
        instances_now=4.0,
        words="The busiest hour will be at 18:10 UTC: 540 requests/s (470 to 620), for which 6 instances are enough.",
        evidence=evidence(service, "forecast"),
    )


def _record(service: str) -> OwnRecord:
    judged = JudgedPrediction(
        made_at=END - timedelta(hours=33),
        verdict=Verdict.HIT,
        is_live_change=True,
        reason="cost and burn stayed within their intervals",
        predicted_cost_per_hour=Interval(0.062, 0.055, 0.07),
        cost_per_hour=0.061,
        predicted_burn=Interval(0.4, 0.2, 0.9),
        burn=0.4,
    )
    miss = replace(judged, verdict=Verdict.MISS, is_live_change=False, reason="burn 1.2, above 0.9", burn=1.2)
    return OwnRecord((judged, miss), 24, 2, 3, Interval(0.923, 0.759, 0.979), 4.1, 312.0, evidence(service, "record"))


def _checklist(service: str) -> Checklist:
    return Checklist(
        day=9,
        items=(
            ChecklistItem(1, "a run every 6 hours", "28 of 28", is_met=True),
            ChecklistItem(2, "1 to 3 adjustments", "5", is_met=False),
            ChecklistItem(4, "SLO of 99.95 % or more", "not due before day 22", is_met=None),
        ),
        advice="Stay in mode propose until the second week is over.",
        evidence=evidence(service, "checklist"),
    )


FOREIGN = frozenset(
    {
        *("headline", "why", "what", "words", "because", "text", "reason", "says", "formula", "source", "command"),
        *("advice", "expectation", "measured", "knob", "before", "after", "episode", "needed_for", "unknown"),
        *("incidents", "runbooks", "inputs", "version", "status", "health"),
    }
)
"""Fields of a report that may hold words of somebody else; where one holds a number, it keeps it."""


def infested(said: Any, texts: Iterator[str], is_foreign: bool = False) -> Any:  # noqa: FBT001, FBT002 - it goes down with it
    """The same report with the next of `texts` in the place of every foreign one."""
    if isinstance(said, str) and not isinstance(said, StrEnum):
        return next(texts) if is_foreign else said
    if isinstance(said, tuple):
        return tuple(infested(one, texts, is_foreign) for one in said)
    if is_dataclass(said):
        names = (one.name for one in fields(said))
        return replace(said, **{name: infested(getattr(said, name), texts, name in FOREIGN) for name in names})
    return said
