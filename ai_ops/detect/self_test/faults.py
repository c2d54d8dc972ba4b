"""Put known faults into a copy of a series, so that whoever claims to find them can be tested.

A spike jumps by the full size and fades until the fault ends. A level shift stays there until it ends. A ramp grows
evenly and reaches the size with its last value. A variance fault goes up and down by the size in turns. A dropout is
zero for as long: the metric is still reported. (A value that is missing altogether is no fault of the metric but a
gap, whose defined result is "no data", never a score.) In a period break the values of half a day ago return: night
comes at noon. In a flat line the last value is repeated: the exporter is stuck.

The size of the first four is chosen. That of the others is what the series makes of it; where they would change less
than was asked for, as a flat line does to a flat metric, there is no fault to be found and none is injected.

A size is measured in robust sigmas of what remains of the series when one expects it, by the better of two simple
ways, from its own past; see `robust_sigmas`. It is the size at any reading: as large against what is usual at that time
of day as against what is usual at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.quartiles import MAD_TO_SIGMA
from ai_ops.domain.self_test import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.metrics import Series

LASTING = {Fault.PERIOD_BREAK, Fault.FLAT_LINE}
LASTING_HOURS = 6.0
"""Faults that show only when the day has moved on, and how long they last: until the next scheduled look."""

CHOSEN = {Fault.SPIKE, Fault.LEVEL_SHIFT, Fault.RAMP, Fault.VARIANCE}
"""Faults whose size is chosen."""

DAY = timedelta(days=1)
MEAN_DEVIATION_OF_NORMAL = 1.2533
"""Mean absolute deviation to standard deviation, for normal noise: sqrt(pi / 2)."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Dose:
    """How much of a fault.

    Parameters
    ----------
    sigmas
        One robust sigma at each value of the series, shape (n,), in the metric's unit, positive.
    size
        Sigmas by which the values change, at least.
    minutes
        How long the fault lasts.
    direction
        +1 when only a rise is harmful, -1 when only a fall is, 0 when both are.
    """

    sigmas: np.ndarray
    size: float
    minutes: float = 30.0
    direction: int = 0


@dataclass(frozen=True, slots=True)
class Injected:
    """A series with a fault in it, and where it is.

    Parameters
    ----------
    values
        The whole series, shape (n,).
    start, end
        Rows of the fault, half-open.
    since
        First row at which its size can be seen: the start, but for faults that need time to show.
    """

    values: np.ndarray
    start: int
    since: int
    end: int


def robust_sigmas(series: Series) -> np.ndarray:
    """Robust standard deviation of what remains of `series` when one expects it, at each value: (n,), positive.

    Two simple expectations are tried, both from the past alone: the median of the hour before, and the median of the
    same time on up to seven days before. The residual of the one that leaves less is taken. Sigma is 1.4826 times its
    median absolute deviation from its median: of all values, or of those within about an hour of the same time of
    day, whichever is more.

    Where more than half of the residuals are zero, as in a sparse metric, the mean absolute deviation takes the place
    of the median one; where all are, 1 % of the level; for a metric that was always zero, 1 % of its range, or 1
    where it has none.
    """
    remains = [series.values - _hour_before(series), series.values - _days_before(series)]
    known = series.values[np.isfinite(series.values)]
    level = float(np.median(np.abs(known))) if known.size else 0.0
    for spread in (_median_spread, _mean_spread):
        sizes = [(size, number) for number, one in enumerate(remains) if (size := spread(one)) > ROUNDING * level]
        if sizes:
            least, chosen = min(sizes)
            return np.asarray(np.maximum(least, _by_hour(series, remains[chosen], spread)))
    _, high = bounds(series)
    return np.full(series.values.size, 0.01 * (level or (high if np.isfinite(high) else 100.0)))


def bounds(series: Series) -> tuple[float, float]:
    """Least and greatest value that the metric can have: a share has both, and what was never negative never is."""
    if series.metric.endswith("_percent"):
        return 0.0, 100.0
    if series.metric.endswith("_ratio"):
        return 0.0, 1.0
    known = series.values[np.isfinite(series.values)]
    return (-np.inf if known.size and known.min() < 0.0 else 0.0), np.inf


def points_of(fault: Fault, minutes: float, step: timedelta) -> int:
    """How many values a fault lasts, at least one."""
    hours = max(LASTING_HOURS, minutes / 60.0) if fault in LASTING else minutes / 60.0
    return max(1, round(timedelta(hours=hours) / step))


def inject(series: Series, fault: Fault, start: int, dose: Dose, rng: np.random.Generator) -> Injected | None:
    """Let `fault` begin at row `start` of a copy of `series`.

    Returns
    -------
    The series with the fault; None where it would change too little: at the edge of the metric's range, where the
    series does not move, where values are missing, or where the change would harm nobody.
    """
    end = start + points_of(fault, dose.minutes, series.step)
    if start < 1 or end > series.values.size:
        return None
    before = series.values[start:end]
    sigma = dose.sigmas[start:end].max()
    sign = dose.direction or int(rng.choice((-1, 1)))
    for one in (sign,) if dose.direction else (sign, -sign):
        wrong = np.clip(_wrong(series, fault, (start, end), one * dose.size * sigma), *bounds(series))
        change = (wrong - before) / (sigma if fault in CHOSEN else dose.sigmas[start:end])
        since = _visible_since(change, fault, dose, points_of(Fault.SPIKE, dose.minutes, series.step))
        if since is not None:
            values = series.values.copy()
            values[start:end] = wrong
            return Injected(values, start, start + since, end)
    return None


def _wrong(series: Series, fault: Fault, rows: tuple[int, int], size: float) -> np.ndarray:
    """What stands in the rows of the fault, before the metric's range cuts it."""
    start, end = rows
    before, points = series.values[start:end], end - start
    shape = np.arange(points)
    match fault:
        case Fault.SPIKE:
            wrong = before + size * (1.0 - shape / points)
        case Fault.LEVEL_SHIFT:
            wrong = before + size
        case Fault.RAMP:
            wrong = before + size * (shape + 1) / points
        case Fault.VARIANCE:
            wrong = before + size * (-1.0) ** shape
        case Fault.DROPOUT:
            wrong = np.zeros(points)
        case Fault.PERIOD_BREAK:
            half = round(DAY / series.step / 2)
            wrong = series.values[start - half : end - half] if start >= half else np.full(points, np.nan)
        case Fault.FLAT_LINE:
            wrong = np.full(points, series.values[start - 1])
    return np.asarray(wrong)


def _visible_since(change: np.ndarray, fault: Fault, dose: Dose, points: int) -> int | None:
    """Row of the fault from which its change, in sigmas, is large enough, or None when it never is.

    A chosen change only has to reach the size within the metric's range. Of the others the mean over as long as a
    short fault lasts must, since two noisy values may differ by as much without any fault.
    """
    if not np.isfinite(change).all():
        return None
    least = dose.size * (1.0 - ROUNDING)
    if fault in CHOSEN:
        return 0 if _harm(change, dose.direction).max() >= least else None
    sums = np.cumsum(np.concatenate(([0.0], change)))
    reached = _harm((sums[points:] - sums[:-points]) / points, dose.direction) >= least
    return int(np.argmax(reached)) if reached.any() else None


def _harm(change: np.ndarray, direction: int) -> np.ndarray:
    return np.asarray(direction * change if direction else np.abs(change))


def _hour_before(series: Series) -> np.ndarray:
    import pandas as pd

    points = max(3, round(timedelta(hours=1) / series.step))
    median = pd.Series(series.values).rolling(points, min_periods=points // 2 + 1).median().shift(1)
    return np.asarray(median.to_numpy())


def _days_before(series: Series) -> np.ndarray:
    """Median of the same time on up to seven days before, where at least three are known."""
    import pandas as pd

    day = max(1, round(DAY / series.step))
    past = pd.DataFrame({k: pd.Series(series.values).shift(k * day) for k in range(1, 8)})
    known = past.notna().sum(axis=1) >= 3  # noqa: PLR2004  # a median of two is their mean
    return np.asarray(past.median(axis=1).where(known).to_numpy())


def _by_hour(series: Series, remains: np.ndarray, spread: Callable[[np.ndarray], float]) -> np.ndarray:
    """Spread of the residuals at about the same time of day as each value, shape (n,)."""
    hour = (series.times() // 3600 % 24).astype(int)
    spreads = [spread(remains[(hour - one + 1) % 24 <= 2]) for one in range(24)]  # noqa: PLR2004  # an hour around it
    return np.asarray(np.array(spreads)[hour])


def _median_spread(remains: np.ndarray) -> float:
    return MAD_TO_SIGMA * float(np.median(away)) if (away := _away(remains)).size else 0.0


def _mean_spread(remains: np.ndarray) -> float:
    return MEAN_DEVIATION_OF_NORMAL * float(away.mean()) if (away := _away(remains)).size else 0.0


def _away(remains: np.ndarray) -> np.ndarray:
    known = remains[np.isfinite(remains)]
    return np.asarray(np.abs(known - np.median(known)) if known.size else known)
