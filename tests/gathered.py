"""What a report is made from, for tests: a quiet service on a Wednesday at noon, and days on which it is not quiet.

Every builder takes only what the test is about: `gathered(series=levels(cpu_percent=91.0))` is a service that is well
but for its CPU, and `levels(cpu_percent=None)` one whose CPU nobody measured.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from examples import NOON, SLO, STANDING, STEP, a_finding, a_knob, a_reward, an_episode, the_knobs
from model_vitals import no_model_vitals, some_model_vitals

from ai_ops.domain.autonomy import ActionClass, Mode
from ai_ops.domain.cycle import PERIOD, Episode, episode_id
from ai_ops.domain.finding import Severity
from ai_ops.domain.metrics import Gap, Series, Window, aligned
from ai_ops.domain.report_span import ReportSpan
from ai_ops.domain.tuning import Change, Decision, Knob, Thresholds
from ai_ops.domain.warming_up import WarmingUp
from ai_ops.report.gathered import Frame, Gathered, OpenRequest, Told

END = NOON
"""Up to when the report looks: Wednesday, 18 November 2026, 12:00 UTC."""

PER_HOUR = 6
PER_DAY = 144
"""Values of a series in an hour and in a day."""

USUAL = {
    "cpu_percent": 45.0,
    "memory_percent": 55.0,
    "latency_p95_ms": 150.0,
    "error_percent": 0.01,
    "requests_per_second": 200.0,
    "db_latency_ms": 12.0,
    "slo_good_ratio": 0.9999,
    "instances": 3.0,
    "instances_desired": 3.0,
    "cost_per_hour": 0.09,
}
"""How the service stands on a quiet day."""

MONTHLY_BUDGET = 70.0

MOVE = Change("cpu_scale_in_percent", 30.0, 35.0)


def span(end: datetime = END, zone: str = "UTC", days: int = 1) -> ReportSpan:
    """The day up to noon."""
    return ReportSpan(end, zone, days)


def series_of(metric: str, values: np.ndarray | list[float], end: datetime = END, step: timedelta = STEP) -> Series:
    """A series whose last value lies one step before `end`."""
    array = np.asarray(values, dtype=np.float64)
    return Series(metric, end - array.size * step, step, array)


def flat(metric: str, level: float, days: float = 14, end: datetime = END, step: timedelta = STEP) -> Series:
    """A series that never moves."""
    return series_of(metric, np.full(round(timedelta(days=days) / step), level), end, step)


def levels(
    days: float = 14, end: datetime = END, **other: float | np.ndarray | list[float] | None
) -> dict[str, Series]:
    """Every metric, flat at its usual level or at yours; an array is the end of a series, None leaves one out."""
    series: dict[str, Series] = {}
    for metric, level in (USUAL | other).items():
        if level is None:
            continue
        series[metric] = flat(metric, level if isinstance(level, float | int) else USUAL[metric], days, end)
        if not isinstance(level, float | int):
            series[metric] = ending_in(series[metric], level)
    return series


def ending_in(series: Series, last: np.ndarray | list[float]) -> Series:
    """The same series with other last values."""
    values = series.values.copy()
    values[values.size - len(last) :] = last
    return replace(series, values=values)


def rhythm(level: float, swing_ratio: float, days: float = 14, end: datetime = END) -> np.ndarray:
    """A smooth day, busiest at 14:00 UTC, whose mean over whole days is exactly `level`; shape (144 * days,)."""
    times = Window(end - timedelta(days=days), end, STEP).times()
    return level * (1.0 + swing_ratio * np.cos((times / 3600.0 - 14.0) * 2 * np.pi / 24.0))


def lively(days: float = 14, end: datetime = END) -> dict[str, Series]:
    """Fourteen quiet days with a rhythm: what a chart should show."""
    series = levels(days, end)
    for metric, swing_ratio in {"cpu_percent": 0.3, "requests_per_second": 0.5, "latency_p95_ms": 0.1}.items():
        series[metric] = series_of(metric, rhythm(USUAL[metric], swing_ratio, days, end), end)
    counted = np.round(rhythm(3.0, 0.4, days, end))
    for metric, factor in {"instances": 1.0, "instances_desired": 1.0, "cost_per_hour": 0.03}.items():
        series[metric] = series_of(metric, factor * counted, end)
    return series


def with_gap(
    series: dict[str, Series], hours: float, hours_ago: float = 0.0, metrics: tuple[str, ...] = ()
) -> dict[str, Series]:
    """The same series without `hours` of values that end so many hours before the end; of all metrics, or of some."""
    return {
        metric: _cut(one, hours, hours_ago) if not metrics or metric in metrics else one
        for metric, one in series.items()
    }


def _cut(series: Series, hours: float, hours_ago: float) -> Series:
    stop = series.values.size - round(timedelta(hours=hours_ago) / series.step)
    values = series.values.copy()
    values[max(0, stop - round(timedelta(hours=hours) / series.step)) : stop] = np.nan
    return replace(series, values=values)


def episode(hours_ago: float = 0.0, hours: float = 6.0, again: int = 1, **changes: Any) -> Episode:
    """An episode whose window of so many hours ended so long before noon; `again=2` decided its period once more.

    What begins with `reward_` goes to its reward: `episode(6, reward_cost=None, reward_requests=1e6)`.
    """
    end = END - timedelta(hours=hours_ago)
    window = Window(end - timedelta(hours=hours), end, STEP)
    rewards = {name.removeprefix("reward_"): changes.pop(name) for name in [*changes] if name.startswith("reward_")}
    name = episode_id("web", window) + (f".{again}" if again > 1 else "")
    quiet = {"cost": 0.09 * hours, "budget": 0.096 * hours, "requests": 200.0 * 3600 * hours, "burn": 0.2}
    reward = a_reward(**(quiet | rewards))
    return replace(an_episode(hours_ago), **({"id": name, "window": window, "reward": reward} | changes))


def episodes(days: float = 3, end_hours_ago: float = 0.0, **changes: Any) -> tuple[Episode, ...]:
    """One quiet episode for every six hours, oldest first; the last one ended so many hours before noon."""
    count = round(timedelta(days=days) / PERIOD)
    return tuple(episode(end_hours_ago + 6.0 * (count - 1 - place), **changes) for place in range(count))


def moving(hours_ago: float = 6.0, *moves: Change, **changes: Any) -> Episode:
    """An episode that moved something."""
    return episode(hours_ago, decision=Decision(moves or (MOVE,), ("the promise was kept with room",)), **changes)


def all_knobs() -> dict[str, Knob]:
    """Those of `the_knobs`, and the memory's."""
    return the_knobs() | {"memory_scale_out_percent": a_knob("memory_scale_out_percent", minimum=50, maximum=95)}


def gathered(**changes: Any) -> Gathered:
    """A quiet service after two weeks with the agent."""
    usual = Gathered(
        service="web",
        source="prometheus",
        is_simulated=False,
        slo=SLO,
        monthly_budget=MONTHLY_BUDGET,
        vitals=some_model_vitals(),
        mode="propose",
        policy="model_predictive",
        knobs=all_knobs(),
        thresholds=Thresholds(STANDING | {"memory_scale_out_percent": 85.0}),
        learning="The model learns a little more every night.",
        outlook=WarmingUp(60, 168, "hours"),
        autonomy={ActionClass.SAVE: Mode.OBSERVE, ActionClass.SAFETY: Mode.COMMIT},
        rollout_advice="Stay with `mode: propose` for another week.",
    )
    if "series" not in changes:
        changes["series"] = levels()
    if "episodes" not in changes:
        changes["episodes"] = episodes()
    return replace(usual, **changes)


def nothing_gathered(**changes: Any) -> Gathered:
    """The first run of all, and nothing could be measured."""
    reasons = tuple(Gap(metric, "connection refused") for metric in USUAL)
    nothing: dict[str, Any] = {
        "series": {},
        "gaps": reasons,
        "episodes": (),
        "knobs": {},
        "thresholds": None,
        "vitals": no_model_vitals(),
        "learning": "",
        "outlook": "no history",
        "autonomy": {},
        "rollout_advice": "",
    }
    return gathered(**(nothing | changes))


def quiet_day(**changes: Any) -> Gathered:
    """All is well, the day has a rhythm, and a saving went live yesterday."""
    moved = moving(18.0)
    past = tuple(moved if one.id == moved.id else one for one in episodes(14))
    usual = {"series": lively(), "episodes": past, "delivered": {moved.id: END - timedelta(hours=17)}}
    return gathered(**(usual | changes))


def bad_day(**changes: Any) -> Gathered:
    """Two hours of harm in the last six: latency, errors and CPU at once, and a pull request that waits."""
    series, harm = lively(), slice(-4 * PER_HOUR, -2 * PER_HOUR)
    worst = {"cpu_percent": 96.0, "latency_p95_ms": 920.0, "error_percent": 7.5, "slo_good_ratio": 0.91}
    for metric, level in worst.items():
        values = series[metric].values.copy()
        values[harm] = level
        series[metric] = replace(series[metric], values=values)
    findings = tuple(
        a_finding(metric, since=END - timedelta(hours=4), at=END - timedelta(hours=3), value=level, score=4.0 + level)
        for metric, level in worst.items()
        if metric != "slo_good_ratio"
    )
    spent = {"reward_slo_good_percent": 97.0, "reward_burn": 60.0}
    urgent = Decision((Change("min_instances", 2.0, 3.0),), ("users felt it",), is_urgent=True)
    last = episode(findings=findings, decision=urgent, **spent)
    waiting = OpenRequest(7, "https://github.com/acme/shop/pull/7", "web: more instances", END - timedelta(hours=1))
    usual = {
        "series": series,
        "episodes": (*episodes(14)[:-1], last),
        "newest_findings": (a_finding(severity=Severity.HIGH),),
        "request": waiting,
    }
    return gathered(**(usual | changes))


def first_day(**changes: Any) -> Gathered:
    """Three hours of history, one episode, no model."""
    usual = {
        "series": levels(days=3 / 24),
        "episodes": (episode(1.0),),
        "vitals": no_model_vitals(),
        "learning": "",
        "outlook": WarmingUp(3, 168, "hours"),
    }
    return gathered(**(usual | changes))


def day_with_gaps(**changes: Any) -> Gathered:
    """Five hours of nothing this morning, no memory and no database at all, and a source that warned."""
    series = with_gap(lively(), hours=5, hours_ago=3)
    for metric in ("memory_percent", "db_latency_ms"):
        del series[metric]
    usual = {
        "series": series,
        "gaps": (Gap("memory_percent", "no data"), Gap("db_latency_ms", "no query is configured")),
        "warnings": ("PromQL warning: the result is partial",),
        "episodes": episodes(14)[:-1],
    }
    return gathered(**(usual | changes))


def frame(**changes: Any) -> Frame:
    """What all services share on a quiet day."""
    told = (Told("slack", sent=12, failed=0), Told("e-mail", sent=7, failed=1, problem="timed out"))
    return replace(Frame(made_at=aligned(END, STEP) + timedelta(minutes=7), currency="USD", told=told), **changes)
