"""A band that needs no history where it is used: one pair of bounds for every hour of the day.

Prometheus keeps no table of what is usual. Bands made of `offset 1d` and `offset 7d` need weeks of recorded samples
before they say anything, lose them with the disk, and repeat last week's incident as this week's band. So the agent
learns the table from its own history, and Prometheus only looks the hour up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.calibration import BLOCK, calibrated_thresholds
from ai_ops.detect.floors import RATIOS
from ai_ops.detect.quartiles import MAD_TO_SIGMA
from ai_ops.domain.warming_up import WarmingUp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ai_ops.domain.metrics import Series

NEEDED_DAYS = 7
"""A table that never saw a weekend knows nothing of weekends."""

NEEDED_WEEKEND_DAYS = 4
"""Two weekends: one alone cannot tell what weekends are like from what happened on this one."""

NEVER_VARIES = "it never varies, so there is no band around it: a rule with a limit of your own serves better"
"""Any bound around a constant is somebody's decision. A flawless share has one: how many errors are chance is known."""

WORTHWHILE = 0.9
"""A larger table is taken only when its band is a tenth narrower; a smaller one is easier to review."""

HOURS, DAY_SECONDS, WEEKDAYS = 24, 86_400, 5
_THURSDAY = 3  # 1970-01-01, counted from Monday


@dataclass(frozen=True, slots=True, eq=False)
class HourlyBand:
    """What is usual, by hour of the day in UTC.

    Parameters
    ----------
    metric
        Canonical name.
    expected, lower, upper
        In the metric's unit. Shape (1, 1) when every hour is alike, (1, 24) by hour, (2, 24) when weekends have their
        own row, the second. `lower` is -inf and `upper` +inf where that side is no alarm.
    learned_at
        End of the history that was learned from.
    days
        How many days of values that were.
    alarms
        How often this band would have alarmed in that history, each day judged by the other days.
    is_outside_now
        Whether the newest values lie outside: an incident, or a new level that the past does not know.
    """

    metric: str
    expected: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    learned_at: datetime
    days: float
    alarms: int
    is_outside_now: bool


@dataclass(frozen=True, slots=True)
class Sides:
    """What counts as an alarm.

    Parameters
    ----------
    direction
        +1 only above the band, -1 only below it, 0 both.
    budget_per_week
        False alarms that the metric may raise in a week, over both sides together.
    hold_points
        Values in a row that have to lie outside, at least 1.
    factor
        What people's labels multiply the threshold by.
    """

    direction: int
    budget_per_week: float
    hold_points: int
    factor: float = 1.0


def learn_band(series: Series, floor: np.ndarray, sides: Sides) -> HourlyBand | WarmingUp | str:
    """Learn the band of `series`, or say why there is none.

    Three tables are learned: one bound for all hours, one per hour, one per hour with weekends apart. Each is widened
    until it meets the same alarm budget, every day judged by medians that do not know it; so the narrowest sees most
    at the same price.

    Parameters
    ----------
    series
        The history; NaN is a gap.
    floor
        Smallest spread that means anything at each value, shape (n,), in the metric's unit.

    References
    ----------
    `calibrated_thresholds` for the widening. Leaving one day out is
    cross-validation by blocks, for values that resemble their neighbours: Burman, Chow and Nolan, Biometrika 81 (1994).
    """
    days = int(np.isfinite(series.values).sum() * (series.step / timedelta(days=1)) + 0.5)
    if days < NEEDED_DAYS:
        return WarmingUp(days, NEEDED_DAYS, "days")
    if series.metric not in RATIOS and _is_constant(series.values):
        return NEVER_VARIES
    best: tuple[float, HourlyBand] | None = None
    for slots, shape in _tables(series):
        fitted = _fit(series, floor, sides, slots, shape)
        if fitted is not None and (best is None or fitted[0] < WORTHWHILE * best[0]):
            best = fitted
    return NEVER_VARIES if best is None else best[1]


def _is_constant(values: np.ndarray) -> bool:
    known = values[np.isfinite(values)]
    return bool((known == known[0]).all())


def _tables(series: Series) -> Iterator[tuple[np.ndarray, tuple[int, int]]]:
    """Which cell of which table each value belongs to, the smallest table first."""
    times = series.times()
    hour = (times % DAY_SECONDS // 3600).astype(int)
    weekend = (times // DAY_SECONDS + _THURSDAY) % 7 >= WEEKDAYS
    yield np.zeros(hour.size, dtype=int), (1, 1)
    yield hour, (1, HOURS)
    known = np.isfinite(series.values)
    weekend_days = np.unique(times[weekend & known] // DAY_SECONDS).size
    if weekend_days >= NEEDED_WEEKEND_DAYS:
        yield hour + HOURS * weekend, (2, HOURS)


def _fit(
    series: Series, floor: np.ndarray, sides: Sides, slots: np.ndarray, shape: tuple[int, int]
) -> tuple[float, HourlyBand] | None:
    """The band of one table with its mean width; None when a cell knows nothing or nothing varies."""
    centre, unseen = _medians(series, slots, shape[0] * shape[1])
    if not np.isfinite(centre).all():
        return None
    residual = series.values - unseen
    spread = _spread(residual, floor, slots, shape)
    z = residual / spread[slots]
    budget = sides.budget_per_week / (2 if sides.direction == 0 else 1)
    reach, alarms, now = dict.fromkeys((+1, -1), np.inf), 0, False
    for side in (+1, -1) if sides.direction == 0 else (sides.direction,):
        held = _held(side * z, sides.hold_points)
        reach[side] = sides.factor * _threshold(held, series.step, budget)
        outside = np.nan_to_num(held, nan=-np.inf) > reach[side]
        alarms += int(outside[0]) + int((outside[1:] & ~outside[:-1]).sum())
        now |= bool(outside[-1])
    width = float(np.mean(spread)) * sum(value for value in reach.values() if np.isfinite(value))
    if width <= np.finfo(np.float32).eps * float(np.max(np.abs(centre))) or width < np.finfo(np.float32).tiny:
        return None
    band = HourlyBand(
        metric=series.metric,
        expected=centre.reshape(shape),
        lower=(centre - reach[-1] * spread).reshape(shape),
        upper=(centre + reach[+1] * spread).reshape(shape),
        learned_at=series.start + series.values.size * series.step,
        days=float(np.isfinite(series.values).sum() * (series.step / timedelta(days=1))),
        alarms=alarms,
        is_outside_now=now,
    )
    return width, band


def _medians(series: Series, slots: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Median of every cell, and for each value the median of its cell on the other days; shapes (cells,), (n,)."""
    day = series.times() // DAY_SECONDS
    known = np.isfinite(series.values)
    centre, unseen = np.full(cells, np.nan), np.full(slots.size, np.nan)
    for cell in range(cells):
        inside = np.flatnonzero((slots == cell) & known)
        if not inside.size:
            continue
        values, its_day = series.values[inside], day[inside]
        centre[cell] = np.median(values)
        for one in np.unique(its_day):
            if (its_day != one).any():
                unseen[inside[its_day == one]] = np.median(values[its_day != one])
    return centre, unseen


def _spread(residual: np.ndarray, floor: np.ndarray, slots: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Robust sigma of every cell, shape (cells,); an hour's neighbours count too, for a cell holds few days."""
    rows, hours = shape
    cells = rows * hours
    size, least = np.abs(residual), np.nan_to_num(floor)
    spread = np.zeros(cells)
    for cell in range(cells):
        row, hour = divmod(cell, hours)
        near = [row * hours + (hour + step) % hours for step in (-1, 0, 1)]
        around = size[np.isin(slots, near) & np.isfinite(size)]
        sigma = MAD_TO_SIGMA * float(np.median(around)) if around.size else 0.0
        spread[cell] = max(sigma, float(np.median(least[slots == cell])))
    return spread


def _threshold(scores: np.ndarray, step: timedelta, budget_per_week: float) -> float:
    """What the detectors would take as their threshold right after this history, in sigmas."""
    to_come = np.full(2 * max(1, round(BLOCK / step)), np.nan)
    return float(calibrated_thresholds(np.concatenate([scores, to_come]), step, budget_per_week)[-1])


def _held(z: np.ndarray, points: int) -> np.ndarray:
    """The least of each value and the `points - 1` before it, shape (n,): what has to be high for an alarm."""
    held = z.copy()
    for back in range(1, points):
        earlier = np.concatenate([np.full(back, np.nan), z[:-back]])
        held = np.minimum(held, earlier)  # a gap in between starts the count anew, as it does in Prometheus
    return held


def rounded(band: HourlyBand) -> HourlyBand:
    """Round the bounds outwards to a tenth of the way to them, or finer, so that a renewal changes few digits."""
    digits = decimals(band)
    unit = 10.0**-digits
    return replace(
        band,
        lower=np.floor(np.round(band.lower / unit, 6)) * unit,
        upper=np.ceil(np.round(band.upper / unit, 6)) * unit,
    )


def decimals(band: HourlyBand) -> int:
    """How many decimals are worth writing; negative for whole tens, hundreds and so on."""
    widths = [np.abs(side - band.expected) for side in (band.lower, band.upper) if np.isfinite(side).all()]
    return -int(np.floor(np.log10(float(np.median(np.concatenate(widths))) / 10.0)))
