"""Judge a series: every detector's scores in units of its own threshold, joined into two alarms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import calibrated_thresholds
from ai_ops.detect.counters import by_increase
from ai_ops.detect.deviation import AT_MOST, deviate
from ai_ops.detect.floors import plain_floor
from ai_ops.detect.novelty import beyond_envelope
from ai_ops.detect.recurring import habitual
from ai_ops.detect.rest import rests
from ai_ops.domain.judgement import Judgement

if TYPE_CHECKING:
    from datetime import timedelta

    from ai_ops.domain.metrics import Panel, Series

CACHED_VALUES = 65_536
"""Rows are judged a few at a time, so that all that is derived from them stays in the processor's cache."""


def judge(
    grid: Series | Panel,
    *,
    budget_per_week: float = 1.0,
    floor: np.ndarray | None = None,
    direction: int = 0,
    with_band: bool = True,
) -> Judgement:
    """Judge every value against the values before it; later points never change a score.

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
    with_band
        Whether `lower` and `upper` are wanted; they cost a tenth of the time, and are NaN without.
    """
    values = by_increase(grid.values, grid.step)
    return judge_measured(values, grid.step, floor, Terms(budget_per_week, direction, with_band))


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms rows are judged.

    Parameters
    ----------
    budget_per_week, direction, with_band
        See `judge`.
    deviation_factor, novelty_factor
        What each alarm's threshold is multiplied by; the band is drawn where the multiplied one lies.
    """

    budget_per_week: float = 1.0
    direction: int = 0
    with_band: bool = True
    deviation_factor: float = 1.0
    novelty_factor: float = 1.0


def judge_measured(values: np.ndarray, step: timedelta, floor: np.ndarray | None, terms: Terms) -> Judgement:
    """Judge values that are what was measured or, of a raw counter, its increases already; see `judge`.

    Parameters
    ----------
    values
        Shape (n,) or (rows, n).
    """
    judged = partial(_judged, terms, step)
    if not values.size:
        return Judgement(*[values] * 5)
    if values.ndim == 1:
        return judged(values, floor)
    at_once = max(1, CACHED_VALUES // max(1, values.shape[-1]))
    floors = None if floor is None else np.broadcast_to(floor, values.shape)
    whole = Judgement(*(np.empty(values.shape) for _ in range(5)))
    for first in range(0, len(values), at_once):
        rows = slice(first, first + at_once)
        part = judged(values[rows], None if floors is None else floors[rows])
        for name in ("deviation", "novelty", "expected", "lower", "upper"):
            getattr(whole, name)[rows] = getattr(part, name)
    return whole


def _judged(terms: Terms, step: timedelta, values: np.ndarray, floor: np.ndarray | None) -> Judgement:
    direction = terms.direction
    spread = plain_floor(values, step) if floor is None else floor
    found = deviate(values, step, spread)
    habit = habitual(found.sigmas, step)
    # The threshold is learned from what no habit explains, or a nightly job would make the whole day deaf.
    surprising = np.where((habit > 0.0) & (found.sigmas <= habit), 0.0, found.sigmas)
    learned = np.maximum(calibrated_thresholds(surprising, step, terms.budget_per_week), habit)
    threshold = terms.deviation_factor * learned
    deviation = found.sigmas / threshold
    resting = rests(values, step)
    beyond, edge = beyond_envelope(values, step, spread, resting)
    novelty = beyond / terms.novelty_factor
    if direction:
        deviation = np.where(found.direction == direction, deviation, 0.0 * deviation)
        novelty = np.where(direction * (values - edge) > 0.0, novelty, 0.0 * novelty)
    deviation[resting] = np.nan
    expected = np.minimum(np.maximum(found.recent, found.low), found.high)
    if not terms.with_band:
        unknown = np.broadcast_to(np.nan, values.shape)
        return Judgement(deviation, novelty, expected, unknown, unknown)
    reach = (threshold * found.sigma) ** 2
    lower, upper = _edge(found.recent, found.low, -reach), _edge(found.recent, found.high, reach)
    return Judgement(deviation, novelty, expected, lower, upper)


def _edge(recent: np.ndarray, usual_edge: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """The edge of what raises no alarm: where the measure of `deviate` equals the threshold.

    There ``(x - recent) (x - usual)`` equals its square, or, where one of them is `AT_MOST` times as far away as the
    other, the nearer one times the root of `AT_MOST` equals it.
    """
    middle, half = (recent + usual_edge) / 2.0, np.abs(recent - usual_edge) / 2.0
    far = np.maximum(np.sqrt(half**2 + np.abs(reach)), half + np.sqrt(np.abs(reach) / AT_MOST))
    return np.asarray(middle + np.sign(reach) * far)
