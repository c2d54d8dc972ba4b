"""Made-up rows of metrics that belong together, with faults whose place is known; the first half is for training.

Ten metrics follow two hidden causes, the load and the pressure of something shared, each with an inertia of its own,
and some noise that is heavier than a Gaussian's. A regime says what normal life looks like and what a fault is. All
randomness comes from the generator that is given. Sizes are round numbers: two to four standard deviations where a
metric is moved, none at all where only a relation is broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Fault = Callable[["Rows", slice, np.random.Generator], None]

STEP_SECONDS = 600
DAY_ROWS = 144
DAYS = 28
METRICS = 10
FAULTS = 12
SHORTEST, LONGEST = 3, 24
"""Rows of a fault: half an hour to four hours."""

CLEAR = 12
"""Rows between two faults, at least."""

BURN_IN = 500
"""Rows until an autoregressive series has forgotten where it began."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Metrics, and where they are faulty.

    Parameters
    ----------
    values
        Shape (n, d).
    is_fault
        Shape (n,), bool.
    """

    values: np.ndarray
    is_fault: np.ndarray

    @property
    def seconds(self) -> np.ndarray:
        """Times of the rows, shape (n,)."""
        return np.arange(len(self.values)) * float(STEP_SECONDS)

    @property
    def training(self) -> int:
        """So many of the first rows are for training."""
        return len(self.values) // 2


@dataclass(frozen=True, slots=True)
class Regime:
    """A kind of life and of faults.

    Parameters
    ----------
    season
        Amplitude of the load's day, in standard deviations of its noise.
    faults
        What may happen, one of them at a time.
    is_contaminated
        Whether it happens as often in the training half, where nobody has labelled it.
    """

    season: float
    faults: tuple[Fault, ...]
    is_contaminated: bool = False


def moved_together(rows: Rows, where: slice, rng: np.random.Generator) -> None:
    """Three metrics go up or down, by two to four standard deviations each."""
    for column in rng.choice(rows.values.shape[1], 3, replace=False):
        _shift(rows, where, column, rng)


def moved_alone(rows: Rows, where: slice, rng: np.random.Generator) -> None:
    """One metric does."""
    _shift(rows, where, int(rng.integers(rows.values.shape[1])), rng)


def broken_relation(rows: Rows, where: slice, rng: np.random.Generator) -> None:
    """Two metrics show what they showed at another time: each value is usual, and they fit nothing else."""
    length = where.stop - where.start
    for column in rng.choice(rows.values.shape[1], 2, replace=False):
        other = int(rng.integers(0, rows.training - length))
        rows.values[where, column] = rows.values[other : other + length, column]


REGIMES: Mapping[str, Regime] = {
    "coupled": Regime(0.0, (moved_together,)),
    "daily season": Regime(2.0, (moved_together,)),
    "broken relation": Regime(2.0, (broken_relation,)),
    "one metric": Regime(2.0, (moved_alone,)),
    "contaminated": Regime(2.0, (moved_together, broken_relation, moved_alone), is_contaminated=True),
}


def make_rows(regime: Regime, rng: np.random.Generator, days: int = DAYS) -> Rows:
    """Four weeks of a service, or as many days; faults in the second half, and in the first if it is contaminated."""
    n = days * DAY_ROWS
    load = _inert(rng, n, 0.9) + regime.season * _day(n, rng)
    causes = np.stack([load, _inert(rng, n, 0.97)], axis=1)
    follows = rng.normal(size=(2, METRICS)) * np.array([[1.0], [0.5]])
    noise = np.stack([_inert(rng, n, 0.5) for _ in range(METRICS)], axis=1) * rng.uniform(0.3, 0.8, METRICS)
    scales = np.exp(rng.uniform(-3.0, 5.0, METRICS))
    rows = Rows((causes @ follows + noise) * scales, np.zeros(n, dtype=bool))
    for begin in (0, rows.training) if regime.is_contaminated else (rows.training,):
        for where in _places(begin, begin + n - rows.training, rng, max(1, FAULTS * days // DAYS)):
            regime.faults[int(rng.integers(len(regime.faults)))](rows, where, rng)
            rows.is_fault[where] = True
    return rows


def _day(n: int, rng: np.random.Generator) -> np.ndarray:
    """A day's rhythm around zero, with a second harmonic."""
    angle = 2.0 * np.pi * np.arange(n) / DAY_ROWS
    return np.sin(angle) + 0.4 * np.sin(2.0 * angle + rng.uniform(0.0, 2.0 * np.pi))


def _inert(rng: np.random.Generator, n: int, phi: float) -> np.ndarray:
    """Autoregressive noise of unit variance, driven by Student's t with five degrees of freedom."""
    from scipy.signal import lfilter

    drive = rng.standard_t(5, n + BURN_IN) / np.sqrt(5.0 / 3.0)
    return np.asarray(lfilter([np.sqrt(1.0 - phi**2)], [1.0, -phi], drive))[BURN_IN:]


def _shift(rows: Rows, where: slice, column: int, rng: np.random.Generator) -> None:
    size = rng.uniform(2.0, 4.0) * rng.choice((-1.0, 1.0))
    rows.values[where, column] += size * rows.values[: rows.training, column].std()


def _places(begin: int, end: int, rng: np.random.Generator, count: int) -> Iterator[slice]:
    """So many spans, one in each of as many equal parts, clear of each other."""
    edges = np.linspace(begin, end, count + 1).astype(int)
    for first, last in pairwise(edges):
        length = int(rng.integers(SHORTEST, LONGEST + 1))
        start = int(rng.integers(first, last - length - CLEAR))
        yield slice(start, start + length)
