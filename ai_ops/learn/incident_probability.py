"""How likely an incident begins soon, by how unusual the metrics are now: learned from what followed (R34).

Each past hour has a level, the highest score in it, and something followed or not. A higher level can only mean a
higher probability, so an isotonic regression draws the curve, in steps, over groups of hours of like level.
Neighbouring hours look at almost the same future: n hours are worth n / ahead windows, no more. Few incidents give
cautious numbers, and none gives no zero: Jeffreys' prior, half an incident, is spread evenly over all hours, and each
group is drawn towards the rate of all by one window. Without any incident every level has the same, small probability.

The interval knows less than the curve: from above, a level is bounded only by what followed that level and higher ones,
from below only by what followed it and lower ones. So where high levels are rare, it is wide there.

References
----------
Zadrozny and Elkan (2002), Transforming classifier scores into accurate multiclass probability estimates.
Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.domain.self_test import Estimate
from ai_ops.domain.warming_up import WarmingUp

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1

AHEAD_HOURS = 6
"""The distance between two runs of the agent: what it says must hold until it looks again."""

WINDOWS_PER_GROUP = 4
"""So many windows hold the highest levels, so that the one window of its prior is a fifth of that group."""

GROWTH = 1.5
"""The next group is so much greater: high levels are rare and matter most, and a year makes a dozen steps."""

LEAST_WINDOWS = 8
"""Two days: below, the prior would say more than the history."""

TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Knot:
    """One step of the curve.

    Parameters
    ----------
    level
        Where it begins, in units of the model's threshold.
    probability
        That an incident begins in the next window, 0 to 1.
    low, high
        Its 95 % interval.
    """

    level: float
    probability: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class IncidentProbability:
    """The probability that an incident begins in the next window, by the level of the score.

    Parameters
    ----------
    ahead_hours
        Length of the window.
    hours, incidents
        What it was learned from: hours with a level and a known future, and incidents that began in that time.
    usual
        Whatever the level.
    knots
        By rising level, at least one; each holds up to the next, the first also below, the last also above.
    """

    ahead_hours: int
    hours: int
    incidents: int
    usual: Estimate
    knots: tuple[Knot, ...]

    def estimate(self, level: float) -> Estimate:
        """Give the probability at `level` with its 95 % interval; without a level (NaN), what is usual."""
        if math.isnan(level):
            return self.usual
        place = bisect_right(self.knots, level, key=lambda knot: knot.level)
        knot = self.knots[max(place - 1, 0)]
        return Estimate(knot.probability, knot.low, knot.high)

    def probability(self, level: float) -> float:
        """Give the probability at `level`, 0 to 1."""
        return self.estimate(level).value

    def to_json(self) -> dict[str, Any]:
        """Readable form."""
        return {**asdict(self), "knots": [asdict(knot) for knot in self.knots], "version": VERSION}

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> IncidentProbability:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            When it was written by another version, or is no rising curve of probabilities.
        """
        try:
            if form["version"] != VERSION:
                raise ValueError(f"it has version {form['version']!r}, this program reads {VERSION}")
            read = cls(
                int(form["ahead_hours"]),
                int(form["hours"]),
                int(form["incidents"]),
                Estimate(**{key: float(value) for key, value in form["usual"].items()}),
                tuple(Knot(**{key: float(value) for key, value in knot.items()}) for knot in form["knots"]),
            )
        except (AttributeError, KeyError, TypeError) as err:
            raise ValueError(f"it is no curve of probabilities: {err}") from err
        _check(read)
        return read


def learn_probability(
    levels: np.ndarray, begins: np.ndarray, ahead_hours: int = AHEAD_HOURS
) -> IncidentProbability | WarmingUp:
    """Learn what follows a level.

    Parameters
    ----------
    levels
        Highest score in each hour, shape (n,), hour after hour; NaN where none is known.
    begins
        Whether an incident began in the hour, boolean, shape (n,).
    ahead_hours
        Length of the window, which begins when the hour ends.
    """
    known = np.isfinite(levels) & (np.arange(levels.size) < levels.size - ahead_hours)
    if known.sum() < (need := LEAST_WINDOWS * ahead_hours):
        return WarmingUp(int(known.sum()), need, "hours")
    follows, found = _follows(begins, ahead_hours)[known], levels[known]
    groups = _groups(found, WINDOWS_PER_GROUP * ahead_hours)
    windows = np.array([group.size for group in groups]) / ahead_hours
    hits = np.array([follows[group].sum() for group in groups]) / ahead_hours
    usual = _estimate(hits.sum(), windows.sum())
    knots = _knots([float(found[group].min()) for group in groups], hits, windows, usual.value)
    return IncidentProbability(ahead_hours, found.size, int(begins.sum()), usual, knots)


def _follows(begins: np.ndarray, ahead_hours: int) -> np.ndarray:
    """Whether an incident begins in the `ahead_hours` after each hour; shape (n,)."""
    before = np.concatenate([[0], np.cumsum(begins.astype(int))])
    here = np.arange(1, begins.size + 1)
    return np.asarray(before[np.minimum(here + ahead_hours, begins.size)] > before[here])


def _groups(levels: np.ndarray, least: int) -> list[np.ndarray]:
    """Places of hours of like level, by rising level; `least` in the highest, more in each lower, equal ones in one."""
    order = np.argsort(-levels, kind="stable")
    is_new = np.append(np.diff(levels[order]) < 0.0, values=False)
    cuts: list[int] = []
    size, end = float(least), least
    while order.size - end >= size:
        end += int(np.argmax(is_new[end - 1 :]))  # not between two hours of one level
        if not is_new[end - 1] or order.size - end < size:
            break
        cuts.append(end)
        size *= GROWTH
        end += round(size)
    return np.split(order, cuts)[::-1]


def _knots(levels: list[float], hits: np.ndarray, windows: np.ndarray, usual: float) -> tuple[Knot, ...]:
    """Steps of the rising curve through the groups, which begin at `levels`."""
    from sklearn.isotonic import IsotonicRegression

    spread = windows / windows.sum()
    weight = windows + spread + 1.0
    rate = (hits + 0.5 * spread + usual) / weight
    rising = IsotonicRegression().fit_transform(np.arange(rate.size), rate, sample_weight=weight)
    upwards = [_estimate(hits[place:].sum(), windows[place:].sum()).high for place in range(rate.size)]
    downwards = [_estimate(hits[: place + 1].sum(), windows[: place + 1].sum()).low for place in range(rate.size)]
    # What is sure of a lower level is sure of a higher one, and the other way round.
    low = np.maximum.accumulate(np.minimum(rising, downwards))
    high = np.minimum.accumulate(np.maximum(rising, upwards)[::-1])[::-1]
    return tuple(map(Knot, levels, rising.tolist(), low.tolist(), high.tolist()))


def _estimate(hits: float, windows: float) -> Estimate:
    """Mean and 95 % interval of a rate, with Jeffreys' prior."""
    from scipy.special import betaincinv

    yes, no = hits + 0.5, windows - hits + 0.5
    low, high = (float(betaincinv(yes, no, tail)) for tail in (TAIL, 1.0 - TAIL))
    return Estimate(float(yes / (yes + no)), low, high)


def _check(read: IncidentProbability) -> None:
    """Raise ValueError unless it is a rising curve of probabilities."""
    curve = np.array([(knot.level, knot.low, knot.probability, knot.high) for knot in read.knots])
    usual = np.array([read.usual.low, read.usual.value, read.usual.high])
    if not curve.size or read.ahead_hours < 1 or read.hours < 0 or read.incidents < 0:
        raise ValueError("it is no curve of probabilities: it has no knots, or counts nothing")
    if not (np.isfinite(curve).all() and np.isfinite(usual).all()):
        raise ValueError("it is no curve of probabilities: a number is missing")
    if (np.diff(curve[:, 0]) <= 0.0).any() or (np.diff(curve[:, 1:], axis=0) < 0.0).any():
        raise ValueError("it is no curve of probabilities: it falls")
    inside = np.vstack([curve[:, 1:], usual])
    if (inside < 0.0).any() or (inside > 1.0).any() or (np.diff(inside, axis=1) < 0.0).any():
        raise ValueError("it is no curve of probabilities: one lies outside of 0 to 1, or of its own interval")
