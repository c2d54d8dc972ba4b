"""Made-up metrics as operations know them, and incidents put into them; all from a seed.

Web services: a day and a week, drift, noise that grows with the level, bursts that mean nothing, jobs at the same hour.
Cloud: CPU and network with jobs, memory as a saw. Sizes are ordinary ones, written down before anything was measured,
and no parameter of a detector was chosen with these series.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from event_scoring import Case
from timestamps import step_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DAY, HOUR, MINUTE = 86_400.0, 3_600.0, 60.0
WARM_UP_DAYS = 7.0
"""Before the first incident: what any detector may learn from."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A clean series and what may befall it.

    Parameters
    ----------
    kind
        What it measures.
    timestamps
        Shape (n,), datetime64.
    values
        Shape (n,), float64.
    unit
        What the sizes of incidents count in, at each row, in the metric's own unit, shape (n,): the standard deviation
        of the noise, or where jobs are far larger than noise, a share of the level or of the headroom.
    incidents
        Names of what may befall it; see `INCIDENTS`.
    highest
        No value can be above it.
    """

    kind: str
    timestamps: np.ndarray
    values: np.ndarray
    unit: np.ndarray
    incidents: tuple[str, ...]
    highest: float = np.inf


BOTH_WAYS = ("spike", "surge", "dip", "outage", "ramp", "noisy", "stuck")
ONLY_UP = ("spike", "surge", "ramp")
CLOUD = ("spike", "surge", "outage", "ramp", "level shift", "stuck")


def web_metric(rng: np.random.Generator, kind: str, step: float, days: float) -> Metric:
    """Requests, latency or errors of a service, one row every `step` seconds."""
    seconds = np.arange(round(days * DAY / step)) * step
    load = _load(rng, seconds)
    if kind == "requests":
        relative = rng.uniform(0.01, 0.05)
        level = (
            rng.lognormal(5.0, 1.2) * load * _jobs(rng, seconds, rng.integers(0, 2), 0.3, 1.0) * _bursts(rng, seconds)
        )
        noise = relative * level
        return _metric(kind, seconds, level + noise * _heavy(rng, seconds.size), noise, BOTH_WAYS)
    if kind == "latency":
        level = rng.uniform(20.0, 300.0) * (1 + 0.3 * load**2) * _bursts(rng, seconds)
        noise = rng.uniform(0.02, 0.08) * level
        return _metric(kind, seconds, level + noise * _heavy(rng, seconds.size), noise, ONLY_UP)
    expected = rng.uniform(0.5, 10.0) * load * step / MINUTE
    return _metric(kind, seconds, rng.poisson(expected).astype(float), np.sqrt(expected) + 1.0, ONLY_UP)


def cloud_metric(rng: np.random.Generator, kind: str, step: float, days: float) -> Metric:
    """CPU, network or memory of an instance, one row every `step` seconds."""
    seconds = np.arange(round(days * DAY / step)) * step
    if kind == "cpu":
        level = rng.uniform(5.0, 40.0) * (1 + 0.3 * (_load(rng, seconds) - 1))
        level = level * _jobs(rng, seconds, rng.integers(1, 4), 0.5, 1.5)
        noise = np.full(seconds.size, rng.uniform(0.5, 2.0))
        values = np.minimum(level + noise * _heavy(rng, seconds.size), 100.0)
        unit = np.maximum(noise, 0.06 * (100.0 - level))
        return replace(_metric(kind, seconds, values, unit, CLOUD), highest=100.0)
    if kind == "network":
        level = rng.lognormal(14.0, 1.5) * _load(rng, seconds) * _jobs(rng, seconds, rng.integers(1, 4), 1.0, 5.0)
        noise = rng.uniform(0.05, 0.2) * level
        values = level * np.exp(rng.normal(0.0, noise / level))
        return _metric(kind, seconds, values, 0.25 * level, CLOUD)
    period = rng.uniform(8.0, 60.0) * HOUR
    saw = ((seconds + rng.uniform(0.0, period)) % period) / period
    noise = np.full(seconds.size, rng.uniform(0.3, 1.0))
    level = rng.uniform(30.0, 50.0) + rng.uniform(5.0, 25.0) * saw
    values = level + noise * _heavy(rng, seconds.size)
    metric = _metric(kind, seconds, values, 0.04 * (100.0 - level), ("spike", "surge", "level shift"))
    return replace(metric, highest=100.0)


def _metric(kind: str, seconds: np.ndarray, values: np.ndarray, unit: np.ndarray, incidents: tuple[str, ...]) -> Metric:
    start = np.datetime64("2026-03-02T00:00:00", "ns")  # a Monday
    times = start + (seconds * 1e9).astype("timedelta64[ns]")
    return Metric(kind, times, np.maximum(values, 0.0), unit, incidents)


def _load(rng: np.random.Generator, seconds: np.ndarray) -> np.ndarray:
    """Around 1: a day with two harmonics, a quieter (or busier) weekend, growth, slow wandering, unequal days."""
    phase = rng.uniform(0.0, 2 * np.pi)
    turn = 2 * np.pi * seconds / DAY
    day = rng.uniform(0.25, 0.6) * np.sin(turn + phase) + rng.uniform(0.03, 0.15) * np.sin(2 * turn + 2 * phase)
    is_weekend = (seconds // DAY).astype(int) % 7 >= 5  # noqa: PLR2004  # Saturday and Sunday
    week = 1 + (rng.uniform(0.6, 1.1) - 1) * _smooth(is_weekend.astype(float), seconds, 3 * HOUR)
    growth = 1 + rng.uniform(-0.2, 0.3) * seconds / seconds[-1]
    days = 1 + 0.03 * rng.normal(size=int(seconds[-1] // DAY) + 2)
    unequal = np.interp(seconds / DAY, np.arange(days.size), days)
    return (1 + day) * week * growth * unequal * np.exp(_wander(rng, seconds))


def _wander(rng: np.random.Generator, seconds: np.ndarray, sd: float = 0.02) -> np.ndarray:
    """Slow noise with a memory of three hours."""
    from scipy.signal import lfilter

    memory = np.exp(-(seconds[1] - seconds[0]) / (3 * HOUR))
    return sd * np.sqrt(1 - memory**2) * lfilter([1.0], [1.0, -memory], rng.normal(size=seconds.size))


def _heavy(rng: np.random.Generator, size: int) -> np.ndarray:
    """Noise of unit variance whose tails are heavier than a Gaussian's: Student's t with 6 degrees of freedom."""
    return rng.standard_t(6, size) / np.sqrt(6 / 4)


def _bursts(rng: np.random.Generator, seconds: np.ndarray) -> np.ndarray:
    """A factor: short bursts of a few per cent, one every two days, that nobody calls an incident."""
    factor = np.ones(seconds.size)
    for begin in rng.uniform(0.0, seconds[-1], rng.poisson(seconds[-1] / DAY / 2)):
        inside = (seconds >= begin) & (seconds < begin + rng.uniform(5.0, 20.0) * MINUTE)
        factor[inside] += rng.uniform(0.03, 0.10)
    return factor


def _jobs(rng: np.random.Generator, seconds: np.ndarray, count: int, low: float, high: float) -> np.ndarray:
    """A factor: `count` jobs that run daily or every few hours, some minutes late or early, and add `low` to `high`."""
    factor = np.ones(seconds.size)
    for _ in range(count):
        every = rng.choice([1, 4, 6, 24]) * HOUR
        length, size = rng.uniform(0.1, 0.4) * min(every, 6 * HOUR), rng.uniform(low, high)
        for begin in np.arange(rng.uniform(0.0, every), seconds[-1], every):
            since = seconds - begin - rng.normal(0.0, 2 * MINUTE)
            factor[(since >= 0) & (since < length * rng.uniform(0.9, 1.1))] += size * rng.uniform(0.9, 1.1)
    return factor


def _smooth(values: np.ndarray, seconds: np.ndarray, span: float) -> np.ndarray:
    rows = max(1, round(span / (seconds[1] - seconds[0])))
    return np.convolve(np.pad(values, rows, mode="edge"), np.ones(rows) / rows, mode="same")[rows:-rows]


# -- incidents: (values, unit, rng) -> what the rows become ---------------------------------------------------


def _surge(values: np.ndarray, unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return values + rng.uniform(5.0, 12.0) * unit * _edges(rng, values.size)


def _dip(values: np.ndarray, unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return values - rng.uniform(5.0, 12.0) * unit * _edges(rng, values.size)


def _edges(rng: np.random.Generator, rows: int) -> np.ndarray:
    """From 0 to 1 and back; trouble comes at once or over as much as half of its time."""
    slope = max(1.0, rng.uniform(0.0, 0.5) * rows)
    at = np.arange(rows) + 1.0
    return np.minimum(1.0, np.minimum(at, at[::-1]) / slope)


def _shift(values: np.ndarray, unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return values + rng.uniform(5.0, 12.0) * unit


def _spike(values: np.ndarray, unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return values + rng.uniform(8.0, 20.0) * unit


def _outage(values: np.ndarray, unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    return values * rng.uniform(0.0, 0.2)


def _ramp(values: np.ndarray, unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return values + np.linspace(0.0, rng.uniform(8.0, 16.0), values.size) * unit


def _noisy(values: np.ndarray, unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return values + rng.uniform(4.0, 6.0) * unit * rng.normal(size=values.size)


def _stuck(values: np.ndarray, unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    return np.full(values.size, values[0])


INCIDENTS: dict[str, tuple[Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray], float, float]] = {
    "spike": (_spike, 5 * MINUTE, 15 * MINUTE),
    "surge": (_surge, 20 * MINUTE, 3 * HOUR),
    "dip": (_dip, 20 * MINUTE, 3 * HOUR),
    "outage": (_outage, 10 * MINUTE, HOUR),
    "ramp": (_ramp, HOUR, 4 * HOUR),
    "noisy": (_noisy, HOUR, 3 * HOUR),
    "stuck": (_stuck, 3 * HOUR, 8 * HOUR),
    "level shift": (_shift, 2 * HOUR, 2 * HOUR),
}
"""What it does, and the shortest and longest it lasts; a level shift stays, and its first hours are the event."""


def with_incidents(name: str, metric: Metric, rng: np.random.Generator) -> Case:
    """The metric with an incident every two to five days after the warm-up, or as it is when none befall it."""
    values = metric.values.copy()
    step = step_seconds(metric.timestamps)
    events, labels = [], []
    for first in _beginnings(values.size, step, rng) if metric.incidents else ():
        kind = str(rng.choice(metric.incidents))
        change, shortest, longest = INCIDENTS[kind]
        rows = max(2, round(rng.uniform(shortest, longest) / step))
        span = slice(first, values.size if kind == "level shift" else first + rows)
        values[span] = np.clip(change(values[span], metric.unit[span], rng), 0.0, metric.highest)
        events.append((first, first + rows - 1))
        labels.append(kind)
    warm_up = round(WARM_UP_DAYS * DAY / step)
    return Case(name, metric.kind, metric.timestamps, values, tuple(events), warm_up, tuple(labels))


def _beginnings(rows: int, step: float, rng: np.random.Generator) -> Iterator[int]:
    """Rows at which incidents begin, the last a day before the end."""
    at = WARM_UP_DAYS * DAY + rng.uniform(0.2, 2.0) * DAY
    while at < rows * step - DAY:
        yield round(at / step)
        at += rng.uniform(2.0, 5.0) * DAY


def carriers(name: str, timestamps: np.ndarray, values: np.ndarray, days: float) -> Iterator[Metric]:
    """Cut a real series into stretches to put incidents into; its noise is what an hour's median leaves."""
    import pandas as pd

    step = step_seconds(timestamps)
    rows, hour = round(days * DAY / step), max(3, round(HOUR / step))
    for begin in range(0, values.size - rows + 1, rows):
        part = values[begin : begin + rows]
        level = pd.Series(part).rolling(hour, center=True, min_periods=1).median().to_numpy()
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = 1.4826 * np.nanmedian(np.abs(part / level - 1))
        yield Metric(name, timestamps[begin : begin + rows], part, relative * level, BOTH_WAYS)


def generated(
    make: Callable[[np.random.Generator, str, float, float], Metric],
    kinds: Sequence[str],
    size: tuple[int, float, float],
    seed: int,
) -> list[Case]:
    """`size` is: how many of each kind, seconds between rows, days."""
    each, step, days = size
    cases = []
    for number, kind in enumerate(kind for kind in kinds for _ in range(each)):
        rng = np.random.default_rng([seed, number, round(step)])
        cases.append(with_incidents(f"{kind} {number}", make(rng, kind, step, days), rng))
    return cases
