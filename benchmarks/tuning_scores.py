"""How good a tuned run was: promise, money, calm, and whether what was said came true."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from closed_loop import Course, Expected

MINUTES_PER_DAY = 1440
TARGET_PERCENT = 99.95
SETTLED_AFTER_DAYS, WEEK_DAYS = 14, 7
CONVERGED_WITHIN = 0.07
"""A run has converged when three-day costs stay so near to the last fourteen days'; ratios to untouched."""

OUT_BOUNDS, IN_BOUNDS, LEAST_GAP = (50.0, 90.0), (20.0, 70.0), 8.0
KNOBS = (
    "cpu_scale_out_percent",
    "cpu_scale_in_percent",
    "memory_scale_out_percent",
    "latency_scale_out_ms",
    "min_instances",
    "max_instances",
    "cooldown_minutes",
)


@dataclass(frozen=True, slots=True)
class Score:
    """One run of one contender; ratios are None where there is nothing to compare with.

    Parameters
    ----------
    sla_percent, bad_days
        Share of good requests over the tuned days, and the days below the target.
    cost_to_best, cost_to_untouched
        Money against the best static setting in hindsight, and against 80/30.
    is_untouched_safe
        Whether 80/30 alone would have kept the promise.
    converged_days
        Until costs stayed where they ended; None when they never did.
    changes, direction_changes
        Merged changes, and the most turns that one knob took within seven days once settled.
    breaches
        Recommended values outside their bounds.
    cost_errors, is_covered
        |expected / real - 1| of each judgeable prediction, and whether its interval held the real cost.
    seconds_mean, seconds_most
        Processor time of one decision.
    """

    sla_percent: float
    bad_days: int
    extra_bad_days: int
    cost_to_best: float | None
    cost_to_untouched: float
    is_untouched_safe: bool
    converged_days: float | None
    changes: int
    direction_changes: int
    breaches: int
    cost_errors: tuple[float, ...]
    is_covered: tuple[bool, ...]
    seconds_mean: float
    seconds_most: float

    @property
    def is_safe(self) -> bool:
        """Whether the promise was kept over all tuned days."""
        return self.sla_percent >= TARGET_PERCENT


def score(course: Course, untouched: Course, best_cost: float | None) -> Score:
    """Score one run against 80/30 on the same days, and against the money of the best static setting."""
    cost, bad = float(course.cost.sum()), bad_days(course.good, course.total)
    judged = [pair for expected in course.expected if (pair := real_cost(expected, course)) is not None]
    return Score(
        sla_percent=sla_percent(course.good, course.total),
        bad_days=bad,
        extra_bad_days=bad - bad_days(untouched.good, untouched.total),
        cost_to_best=None if best_cost is None else cost / best_cost,
        cost_to_untouched=cost / float(untouched.cost.sum()),
        is_untouched_safe=sla_percent(untouched.good, untouched.total) >= TARGET_PERCENT,
        converged_days=converged_days(course.cost, untouched.cost),
        changes=len(course.standing) - 1,
        direction_changes=direction_changes(course.standing),
        breaches=sum(breaches(advised) for advised in course.advised),
        cost_errors=tuple(abs(expected.cost_per_hour / real - 1.0) for expected, real in judged),
        is_covered=tuple(expected.low <= real <= expected.high for expected, real in judged),
        seconds_mean=float(np.mean(course.seconds)) if course.seconds else 0.0,
        seconds_most=max(course.seconds, default=0.0),
    )


def sla_percent(good: np.ndarray, total: np.ndarray) -> float:
    """Share of good requests, 0 to 100; all of none is all."""
    requests = float(total.sum())
    return 100.0 * float(good.sum()) / requests if requests else 100.0


def bad_days(good: np.ndarray, total: np.ndarray) -> int:
    """Count whole days whose own share of good requests misses the target."""
    days = good.size // MINUTES_PER_DAY
    by_day = [part[: days * MINUTES_PER_DAY].reshape(days, -1) for part in (good, total)]
    return sum(sla_percent(day_good, day_total) < TARGET_PERCENT for day_good, day_total in zip(*by_day, strict=True))


def converged_days(cost: np.ndarray, untouched: np.ndarray) -> float | None:
    """First day from which three-day cost ratios stay, for three days, near the ratio of the last fourteen days."""
    days = cost.size // MINUTES_PER_DAY
    mine, theirs = (part[: days * MINUTES_PER_DAY].reshape(days, -1).sum(axis=1) for part in (cost, untouched))
    last = mine[-14:].sum() / theirs[-14:].sum()
    near = [abs(mine[d - 3 : d].sum() / theirs[d - 3 : d].sum() - last) <= CONVERGED_WITHIN for d in range(3, days + 1)]
    return next((float(d) for d in range(len(near) - 2) if all(near[d : d + 3])), None)


def direction_changes(standing: Sequence[tuple[int, Mapping[str, Any]]]) -> int:
    """Count the most turns that any one knob took within seven days, once the tuner has had two weeks.

    Parameters
    ----------
    standing
        Minute of the tuned days and what was live from then on, oldest first.
    """
    return max((_most_turns(standing, knob) for knob in KNOBS), default=0)


def _most_turns(standing: Sequence[tuple[int, Mapping[str, Any]]], knob: str) -> int:
    moves = [
        (minute, after[knob] > before[knob])
        for (_, before), (minute, after) in pairwise(standing)
        if after[knob] != before[knob]
    ]
    turns = [minute for (_, was_up), (minute, is_up) in pairwise(moves) if was_up != is_up]
    turns = [minute for minute in turns if minute >= SETTLED_AFTER_DAYS * MINUTES_PER_DAY]
    return max((sum(t <= other < t + WEEK_DAYS * MINUTES_PER_DAY for other in turns) for t in turns), default=0)


def breaches(thresholds: Mapping[str, Any]) -> int:
    """Count the recommended values that no operator would have allowed."""
    out, into = float(thresholds["cpu_scale_out_percent"]), float(thresholds["cpu_scale_in_percent"])
    least, most = int(thresholds["min_instances"]), int(thresholds["max_instances"])
    scheduled = [int(entry["min_instances"]) for entry in thresholds.get("scheduled_minimum") or ()]
    is_target = thresholds["scaling_mode"] == "target"
    return sum(
        (
            not OUT_BOUNDS[0] <= out <= OUT_BOUNDS[1],
            not is_target and not IN_BOUNDS[0] <= into <= IN_BOUNDS[1],
            not is_target and into > out - LEAST_GAP,
            least < 1 or least > most,
            any(not 1 <= count <= most for count in scheduled),
        )
    )


def real_cost(expected: Expected, course: Course) -> tuple[Expected, float] | None:
    """Pair a prediction with the mean cost per hour of its time; None when that was disturbed, or is not over."""
    begin, end = expected.from_minute, expected.from_minute + expected.minutes
    is_disturbed = any(begin < minute < end for minute, _ in course.standing)
    if end > course.cost.size or end <= begin or is_disturbed:
        return None
    return expected, float(course.cost[begin:end].mean() * 60.0)
