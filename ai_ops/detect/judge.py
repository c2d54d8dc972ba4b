"""Judge a series: every detector's scores in units of its own threshold, joined into two alarms."""

from __future__ import annotations

from dataclasses import astuple
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import calibrated_thresholds
from ai_ops.detect.counters import by_increase
from ai_ops.detect.ewma import recent_level
from ai_ops.detect.floors import plain_floor
from ai_ops.detect.novelty import beyond_envelope
from ai_ops.detect.recurring import habitual
from ai_ops.detect.running import in_sigmas
from ai_ops.detect.seasonal import usual
from ai_ops.domain.judgement import Judgement

if TYPE_CHECKING:
    from datetime import timedelta

    from ai_ops.domain.metrics import Panel, Series

CACHED_VALUES = 32_768
"""Rows are judged a few at a time, so that all that is derived from them stays in the processor's cache."""


def judge(
    grid: Series | Panel, *, budget_per_week: float = 1.0, floor: np.ndarray | None = None, direction: int = 0
) -> Judgement:
    """Judge every value against the values before it; later points never change a score.

    A value deviates when it is far both from the values just before it and from what this time usually brings, on
    the same side: the geometric mean of the two residuals, each in its own sigmas. The steep hours of a regular day
    are far from the values before them only, and a service that has grown is far from last week only.

    Parameters
    ----------
    grid
        One series, or many on one grid; each row is judged alone.
    budget_per_week
        False alarms that one row may raise in a week, over all alarms together.
    floor
        Smallest spread that means anything at each value, in the metric's unit, broadcastable to the values;
        None derives it from the values.
    direction
        +1 or -1 where only a rise or only a fall is harm; 0 for both.
    """
    values = by_increase(grid.values, grid.step)
    judged = partial(_judged, grid.step, budget_per_week, direction)
    if values.ndim == 1:
        return judged(values, floor) if values.size else Judgement(*[values] * 5)
    at_once = max(1, CACHED_VALUES // max(1, values.shape[-1]))
    floors = None if floor is None else np.broadcast_to(floor, values.shape)
    parts = [
        astuple(judged(values[row : row + at_once], None if floors is None else floors[row : row + at_once]))
        for row in range(0, len(values), at_once)
    ]
    return Judgement(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _judged(
    step: timedelta, budget_per_week: float, direction: int, values: np.ndarray, floor: np.ndarray | None
) -> Judgement:
    spread = plain_floor(values, step) if floor is None else floor
    recent, (low, high) = recent_level(values), usual(values, step)
    near, near_sigma = in_sigmas(np.abs(values - recent), step, spread)
    far, far_sigma = in_sigmas(np.maximum(np.maximum(values - high, low - values), 0.0), step, spread)
    above, below = values > np.maximum(recent, high), values < np.minimum(recent, low)
    both = near * far
    deviation = np.where(above | below, np.sqrt(both), 0.0 * both)
    threshold = np.maximum(calibrated_thresholds(deviation, step, budget_per_week), habitual(deviation, step))
    novelty = beyond_envelope(values, step, spread)
    if direction:
        harm = above if direction > 0 else below
        deviation, novelty = (np.where(harm, score, 0.0 * score) for score in (deviation, novelty))
    reach = threshold**2 * near_sigma * far_sigma
    return Judgement(
        deviation=deviation / threshold,
        novelty=novelty,
        expected=np.clip(recent, low, high),
        lower=_edge(recent, low, -reach),
        upper=_edge(recent, high, reach),
    )


def _edge(recent: np.ndarray, usual_edge: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Where ``(x - recent) (x - usual)`` equals the square of the threshold: the edge of what raises no alarm."""
    middle, half = (recent + usual_edge) / 2.0, (recent - usual_edge) / 2.0
    return np.asarray(middle + np.sign(reach) * np.sqrt(half**2 + np.abs(reach)))
