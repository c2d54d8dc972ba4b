"""Made-up demand for tests of detection: a daily rhythm with seeded noise, one value every ten minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from examples import NOON, STEP, a_series

from ai_ops.detect.alerts import alarms
from ai_ops.detect.judge import judge
from ai_ops.domain.metrics import Panel

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

DAY = 144
"""Values in a day."""


def demand(days: float, seed: int = 0, *, depth: float = 0.4, noise: float = 0.02, late: int = 0) -> np.ndarray:
    """About 100 requests per second, highest a quarter into the day, shape (144 * days,).

    Parameters
    ----------
    depth
        How far the day swings about its mean, as a share of it.
    noise
        Standard deviation as a share of the value.
    late
        By how many values the whole day comes late.
    """
    points = np.arange(round(days * DAY))
    rhythm = 1.0 + depth * np.sin(2 * np.pi * (points - late) / DAY)
    return 100.0 * rhythm * (1.0 + noise * np.random.default_rng(seed).normal(size=points.size))


def level(days: float, seed: int = 0, *, sigma: float = 10.0) -> np.ndarray:
    """A level of 100 without a rhythm, with normal noise."""
    return 100.0 + sigma * np.random.default_rng(seed).normal(size=round(days * DAY))


def a_panel(rows: list[np.ndarray] | np.ndarray) -> Panel:
    """One row for each service."""
    values = np.asarray(rows, dtype=np.float64)
    return Panel("requests_per_second", tuple(f"service {n}" for n in range(len(values))), NOON, STEP, values)


def many(make: Callable[[int], np.ndarray], rows: int = 12) -> Panel:
    """`make(seed)` for as many seeds as there are rows, so that no test hangs on one lucky draw."""
    return a_panel([make(seed) for seed in range(rows)])


def paged_days(panel: Panel, **how: Any) -> list[np.ndarray]:
    """By row, the days since the beginning at which the judgement raises an alarm."""
    scores = judge(panel, **how).score
    return [np.array([span.since / DAY for span in alarms(row, panel.step)]) for row in scores]


def pages(panel: Panel, since: float, until: float = np.inf, **how: Any) -> list[int]:
    """By row, how many alarms begin between two days."""
    return [int(((days >= since) & (days < until)).sum()) for days in paged_days(panel, **how)]


def judged(values: np.ndarray, **how: Any) -> Any:
    """Judge one row of requests per second."""
    return judge(a_series("requests_per_second", values), **how)
