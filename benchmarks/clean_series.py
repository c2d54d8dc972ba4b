"""Made-up series in which nothing is wrong: whoever alarms on them, alarms falsely.

Each kind is what some healthy service looks like. All randomness comes from the generator that is given. Amplitudes
vary from row to row, so that no detector can be right by luck on one shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.metrics import Panel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MONDAY = datetime(2026, 8, 3, tzinfo=UTC)
WORKING_DAYS = 5
HOURS_OF_DAY = 24.0
SHARE_OF_FAILED_SCRAPES = 0.02

WORSE: Mapping[str, int] = {"error_percent": +1, "latency_p95_ms": +1, "db_latency_ms": +1}
"""The direction in which a metric gets worse; the others may alarm both ways."""


@dataclass(frozen=True, slots=True)
class Clean:
    """Healthy series of one kind.

    Parameters
    ----------
    panel
        The series.
    requests_per_second
        The traffic behind them, shape (rows, n), for shares of requests; None for the other kinds.
    """

    panel: Panel
    requests_per_second: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """The grid of a panel, and what time it is there; every array has the shape (n,)."""

    step: timedelta
    points: int

    @property
    def minutes(self) -> float:
        """Length of a step."""
        return self.step / timedelta(minutes=1)

    @property
    def hour(self) -> np.ndarray:
        """Hours since midnight, 0 to 24."""
        return np.arange(self.points) * self.minutes / 60.0 % HOURS_OF_DAY

    @property
    def day(self) -> np.ndarray:
        """Days since the first Monday."""
        return np.arange(self.points) * self.minutes / 1440.0

    @property
    def weekend(self) -> np.ndarray:
        """1 on Saturdays and Sundays, else 0, with a quarter of a day between the two."""
        since_saturday = (self.day - WORKING_DAYS + 3.5) % 7 - 3.5
        return np.clip(4.0 * since_saturday + 0.5, 0.0, 1.0) - np.clip(4.0 * (since_saturday - 2.0) + 0.5, 0.0, 1.0)


Values = tuple[str, np.ndarray, np.ndarray | None]
"""Name of the metric, its values and the traffic behind them, both (rows, n)."""


def make(kind: str, rng: np.random.Generator, *, rows: int, days: int, step: timedelta) -> Clean:
    """Make `rows` healthy series of a `kind`, one of `KINDS`."""
    clock = Clock(step, round(timedelta(days=days) / step))
    metric, values, traffic = KINDS[kind](rng, rows, clock)
    names = tuple(f"{kind} {number}" for number in range(rows))
    return Clean(Panel(metric, names, MONDAY, step, values), traffic)


def seasonal(rng: np.random.Generator, rows: int, clock: Clock) -> Values:
    """Demand with a daily and a weekly rhythm, and noise that lasts about half an hour."""
    level = rng.uniform(20.0, 2000.0, (rows, 1))
    noise = _lasting_noise(rng, rows, clock) * rng.uniform(0.02, 0.08, (rows, 1))
    return "requests_per_second", level * _rhythm(rng, rows, clock) * np.exp(noise), None


def spiky(rng: np.random.Generator, rows: int, clock: Clock) -> Values:
    """CPU of a host with jobs: one every night for twenty minutes, a small one every hour, a long one on Sundays."""
    level = rng.uniform(15.0, 35.0, (rows, 1)) + rng.normal(0.0, 1.5, (rows, clock.points))
    nightly = _jobs(clock, rng.integers(0, 24, rows), every_hours=24, minutes=20, late=rng)
    hourly = _jobs(clock, np.zeros(rows, int), every_hours=1, minutes=clock.minutes, late=None)
    weekly = _jobs(clock, 24 * 6 + rng.integers(0, 6, rows), every_hours=168, minutes=90, late=rng)
    height = rng.uniform(0.8, 1.2, (rows, clock.points))
    return "cpu_percent", np.clip(level + height * (35.0 * nightly + 6.0 * hourly + 30.0 * weekly), 0.0, 100.0), None


def sparse(rng: np.random.Generator, rows: int, clock: Clock) -> Values:
    """Requests to a page that is opened a few times a day, each time for a few minutes."""
    opened = rng.random((rows, clock.points)) < rng.uniform(2.0, 8.0, (rows, 1)) * clock.minutes / 1440.0
    return "requests_per_second", np.where(opened, rng.gamma(3.0, 0.1, opened.shape), 0.0), None


def counter_reset(rng: np.random.Generator, rows: int, clock: Clock) -> Values:
    """A raw counter that grows with demand and starts again at zero with every deploy, one on most days."""
    growth = rng.uniform(1.0, 50.0, (rows, 1)) * _rhythm(rng, rows, clock) * clock.minutes * 60.0
    total = np.cumsum(growth * rng.gamma(100.0, 0.01, growth.shape), axis=1)
    deploys = rng.random(total.shape) < 0.8 * clock.minutes / 1440.0
    before = np.maximum.accumulate(np.where(deploys, total, 0.0), axis=1)
    return "requests_total", total - before, None


def low_count(rng: np.random.Generator, rows: int, clock: Clock) -> Values:
    """Failed requests of each step, counted: a few on a busy hour, none at night."""
    mean = rng.uniform(0.1, 3.0, (rows, 1)) * _rhythm(rng, rows, clock) * clock.minutes / 10.0
    return "errors_per_step", rng.poisson(mean).astype(float), None


def error_share(rng: np.random.Generator, rows: int, clock: Clock) -> Values:
    """Share of failed requests of a small service, where one failure at night is a large share."""
    traffic = rng.uniform(0.02, 1.0, (rows, 1)) * _rhythm(rng, rows, clock)
    requests = rng.poisson(traffic * clock.minutes * 60.0)
    failed = rng.binomial(requests, rng.uniform(0.001, 0.01, (rows, 1)))
    share = np.divide(100.0 * failed, requests, out=np.full(requests.shape, np.nan), where=requests > 0)
    return "error_percent", share, requests / (clock.minutes * 60.0)


def flat(rng: np.random.Generator, rows: int, clock: Clock) -> Values:
    """Memory that does not move, half of the rows with the jitter of a rounded gauge."""
    level = rng.uniform(5.0, 90.0, (rows, 1)).round(1)
    jitter = 0.1 * rng.choice([-1.0, 0.0, 0.0, 0.0, 1.0], (rows, clock.points))
    return "memory_percent", level + jitter * (np.arange(rows)[:, None] % 2), None


def drifting(rng: np.random.Generator, rows: int, clock: Clock) -> Values:
    """A growing service: a few percent more every week, on a level that wanders slowly."""
    growth = rng.uniform(-0.03, 0.08, (rows, 1)) * clock.day / 7.0
    wander = np.cumsum(rng.normal(0.0, 0.02 * np.sqrt(clock.minutes / 1440.0), (rows, clock.points)), axis=1)
    noise = rng.normal(0.0, 0.02, wander.shape)
    level = rng.uniform(20.0, 200.0, (rows, 1))
    return "db_latency_ms", level * np.exp(growth + wander + noise) * _rhythm(rng, rows, clock) ** 0.2, None


def heavy_tailed(rng: np.random.Generator, rows: int, clock: Clock) -> Values:
    """A latency whose noise has the tails of Student's t with three degrees of freedom."""
    noise = rng.standard_t(3.0, (rows, clock.points)) * rng.uniform(0.02, 0.06, (rows, 1))
    level = rng.uniform(50.0, 300.0, (rows, 1))
    return "latency_p95_ms", level * _rhythm(rng, rows, clock) ** 0.3 * np.exp(np.clip(noise, -1.0, 1.5)), None


def gappy(rng: np.random.Generator, rows: int, clock: Clock) -> Values:
    """A seasonal metric whose scrapes fail: single values every day, and an outage of hours about once a week."""
    metric, values, _ = seasonal(rng, rows, clock)
    lost = rng.random(values.shape) < SHARE_OF_FAILED_SCRAPES
    for row in lost:
        for start in np.flatnonzero(rng.random(clock.points) < clock.minutes / (7.0 * 1440.0)):
            row[start : start + round(rng.uniform(1.0, 8.0) * 60.0 / clock.minutes)] = True
    return metric, np.where(lost, np.nan, values), None


KINDS: Mapping[str, Callable[[np.random.Generator, int, Clock], Values]] = {
    "seasonal": seasonal,
    "spiky": spiky,
    "sparse": sparse,
    "counter_reset": counter_reset,
    "low_count": low_count,
    "error_share": error_share,
    "flat": flat,
    "drifting": drifting,
    "heavy_tailed": heavy_tailed,
    "gappy": gappy,
}


def _rhythm(rng: np.random.Generator, rows: int, clock: Clock) -> np.ndarray:
    """Positive, about 1 by day, less by night and at weekends; every row has its own hours and depth."""
    angle = 2.0 * np.pi * (clock.hour - rng.uniform(12.0, 20.0, (rows, 1))) / HOURS_OF_DAY
    shape = rng.uniform(0.3, 1.0, (rows, 1)) * np.cos(angle) + rng.uniform(0.0, 0.3, (rows, 1)) * np.cos(2.0 * angle)
    weekend = 1.0 - rng.uniform(0.1, 0.5, (rows, 1)) * clock.weekend
    noons = np.arange(int(clock.day[-1]) + 2) + 0.5
    days = rng.normal(0.0, 0.03, (rows, noons.size))
    every_day_differs = np.stack([np.interp(clock.day, noons, row) for row in days])
    return np.exp(shape + every_day_differs) * weekend / np.e**0.5


def _lasting_noise(rng: np.random.Generator, rows: int, clock: Clock) -> np.ndarray:
    """Unit normal noise of the first order whose memory fades to 1/e within half an hour."""
    from scipy.signal import lfilter

    kept = np.exp(-clock.minutes / 30.0)
    return lfilter([np.sqrt(1.0 - kept**2)], [1.0, -kept], rng.normal(size=(rows, clock.points)), axis=1)


def _jobs(
    clock: Clock, first_hour: np.ndarray, *, every_hours: int, minutes: float, late: np.random.Generator | None
) -> np.ndarray:
    """1 while a recurring job runs, shape (rows, n); with `late`, each run begins up to a step late."""
    minute = np.arange(clock.points) * clock.minutes - 60.0 * first_hour[:, None]
    run = np.floor(minute / (60.0 * every_hours)).astype(int)
    delay = 0.0
    if late is not None:
        delays = late.uniform(0.0, clock.minutes, (first_hour.size, run.max() - run.min() + 1))
        delay = np.take_along_axis(delays, run - run.min(), axis=1)
    into = minute - 60.0 * every_hours * run - delay
    return ((into >= 0.0) & (into < minutes)).astype(float)
