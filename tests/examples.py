"""Small, plain domain values for tests: each builder takes only what the test is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.domain.cycle import Episode
from ai_ops.domain.finding import Finding, Severity
from ai_ops.domain.metrics import Observation, Series, Window
from ai_ops.domain.situation import Situation
from ai_ops.domain.slo import Slo
from ai_ops.domain.tuning import CostDirection, Decision, Exploration, Knob, KnobKind, Reward, Thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
STEP = timedelta(minutes=10)
SLO = Slo(target_percent=99.95, latency_ms=400, minimum_requests=1000)
STANDING = {
    "cpu_scale_out_percent": 80.0,
    "cpu_scale_in_percent": 30.0,
    "latency_scale_out_ms": 300.0,
    "min_instances": 2.0,
}


def a_window(hours: float = 6, end: datetime = NOON) -> Window:
    """The period that ends at noon."""
    return Window(end - timedelta(hours=hours), end, STEP)


def a_series(metric: str, values: np.ndarray | list[float], end: datetime = NOON) -> Series:
    """A series whose last value lies one step before `end`."""
    array = np.asarray(values, dtype=np.float64)
    return Series(metric, end - array.size * STEP, STEP, array)


def steady(metric: str, level: float, days: float = 14, noise: float = 0.01, end: datetime = NOON) -> Series:
    """A flat series with a little seeded noise."""
    rng = np.random.default_rng(sum(metric.encode()))
    size = round(timedelta(days=days) / STEP)
    return a_series(metric, level * (1.0 + noise * rng.normal(size=size)), end)


def healthy_series(end: datetime = NOON, **levels: float) -> dict[str, Series]:
    """Fourteen quiet days of every metric a decision needs."""
    usual = {
        "cpu_percent": 45.0,
        "latency_p95_ms": 150.0,
        "error_percent": 0.01,
        "requests_per_second": 200.0,
        "cost_per_hour": 0.09,
    }
    series = {metric: steady(metric, level, end=end) for metric, level in (usual | levels).items()}
    good = levels.get("slo_good_ratio", 0.9999)
    series["slo_good_ratio"] = a_series("slo_good_ratio", np.full(2016, good), end)
    return series


def an_observation(
    series: Mapping[str, Series] | None = None, thresholds: Mapping[str, float] | None = None, **changes: Any
) -> Observation:
    """What a quiet cycle sees."""
    observation = Observation(
        service="web",
        window=a_window(),
        source="prometheus",
        is_simulated=False,
        series=healthy_series() if series is None else series,
        thresholds=Thresholds(dict(STANDING if thresholds is None else thresholds)),
    )
    return replace(observation, **changes)


def a_knob(name: str = "cpu_scale_in_percent", **changes: Any) -> Knob:
    """A percentage between 20 and 70 that moves five points at most and is dearer when lower."""
    knob = Knob(
        name=name,
        file="infrastructure/terraform/terraform.tfvars",
        path=(name,),
        unit="percent",
        minimum=20,
        maximum=70,
        max_step=5,
        costs_money=CostDirection.DOWN,
    )
    return replace(knob, **changes)


def a_choice(**changes: Any) -> Knob:
    """The scaling mode."""
    words = ("threshold", "target")
    choice = {"unit": "", "minimum": 0, "maximum": 0, "max_step": 0, "kind": KnobKind.CHOICE, "words": words}
    return a_knob("scaling_mode", **(choice | changes))


def a_schedule(**changes: Any) -> Knob:
    """Minimums over the week, each between 1 and 20."""
    bounds = {"unit": "instances", "minimum": 1, "maximum": 20, "max_step": 0, "costs_money": CostDirection.UP}
    schedule = bounds | {"kind": KnobKind.SCHEDULE, "most_entries": 28}
    return a_knob("scheduled_minimum", **(schedule | changes))


def the_knobs() -> dict[str, Knob]:
    """The knobs that the rules move, and one of each kind that they do not."""
    knobs = (
        a_knob("cpu_scale_out_percent", minimum=50, maximum=90),
        a_knob("cpu_scale_in_percent"),
        a_knob("latency_scale_out_ms", unit="ms", minimum=100, maximum=2000, max_step=50),
        a_knob("min_instances", unit="instances", minimum=1, maximum=20, max_step=1, costs_money=CostDirection.UP),
        a_choice(),
        a_schedule(),
    )
    return {knob.name: knob for knob in knobs}


def a_finding(metric: str = "latency_p95_ms", **changes: Any) -> Finding:
    """Something that users felt half an hour before noon."""
    at = NOON - timedelta(minutes=30)
    finding = Finding(
        metric=metric,
        since=at,
        at=at,
        value=420.0,
        expected=150.0,
        score=3.0,
        severity=Severity.CRITICAL,
        detectors=("z-score", "EWMA"),
        reason=f"{metric} was 420 where z-score expected 150",
    )
    return replace(finding, **changes)


def a_reward(**changes: Any) -> Reward:
    """A kept promise."""
    reward = Reward(
        value=-0.8,
        formula="budget_burn",
        reason="baseline: no earlier decision",
        terms={"cost": -0.8},
        beside={"literal": 0.9},
        slo_good_percent=99.99,
        burn=0.2,
        requests=4_000_000.0,
        cost=0.54,
        budget=0.41,
    )
    return replace(reward, **changes)


def a_situation(**changes: Any) -> Situation:
    """A quiet, dear service on the first day."""
    situation = Situation(
        now=NOON + timedelta(minutes=5),
        observation=an_observation(),
        findings=(),
        reward=a_reward(),
        past=(),
        knobs=the_knobs(),
        slo=SLO,
        exploration=Exploration("high", 1, 0.45),
    )
    return replace(situation, **changes)


def an_episode(hours_ago: float = 0.0, **changes: Any) -> Episode:
    """A quiet episode that held."""
    end = NOON - timedelta(hours=hours_ago)
    episode = Episode(
        id=f"web-{end:%Y%m%dT%H}Z",
        service="web",
        window=a_window(end=end),
        decided_at=end + timedelta(minutes=5),
        source="prometheus",
        is_simulated=False,
        policy="rules",
        mode="commit",
        thresholds=Thresholds(dict(STANDING)),
        measured={"cpu_percent": 45.0, "latency_p95_ms": 150.0, "error_percent": 0.01},
        findings=(),
        reward=a_reward(),
        exploration=Exploration("high", 1, 0.45),
        decision=Decision.hold("the promise was kept within the budget"),
    )
    return replace(episode, **changes)
