"""The embedded default: a made-up autoscaled service, for a first look without any monitoring.

Everything it answers is labelled "simulated". Demand has a daily and a weekly rhythm, noise and a few
incidents; a fluid queue per minute turns demand and ready instances into CPU, latency and failures; a
step autoscaler with cooldown and boot delay follows the thresholds. All randomness is seeded by the
calendar day, so that the same minute looks the same in every run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.errors import SourceError
from ai_ops.domain.metrics import Answer, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_ops.domain.metrics import Query, Window
    from ai_ops.domain.tuning import Thresholds

MINUTES_PER_DAY = 1440
WARM_UP = timedelta(hours=6)
"""Simulated before the first answer, so that the fleet size does not start from nothing."""

SAFE_DEFAULTS: dict[str, float] = {
    "cpu_scale_out_percent": 80,
    "cpu_scale_in_percent": 30,
    "memory_scale_out_percent": 85,
    "latency_scale_out_ms": 350,
    "min_instances": 2,
    "max_instances": 12,
    "cooldown_minutes": 5,
}
"""What the simulated platform runs where a threshold is not in the repository."""


@dataclass(frozen=True, slots=True)
class MadeUpService:
    """What the simulated service is like.

    Parameters
    ----------
    seed
        Chooses the noise and the incidents.
    peak_requests_per_second
        Demand at the busiest hour of a weekday.
    instance_requests_per_second
        What one instance can serve.
    median_ms, spread
        Median request time without waiting, and its log-normal sigma.
    boot_minutes
        From the decision to scale out until the instance is ready.
    price_per_instance_hour
        Booting instances cost as well.
    good_ms
        A request is good when it succeeds within this time.
    """

    seed: int = 17
    peak_requests_per_second: float = 420.0
    instance_requests_per_second: float = 100.0
    median_ms: float = 70.0
    spread: float = 0.42
    boot_minutes: int = 3
    price_per_instance_hour: float = 0.0208
    good_ms: float = 400.0


class SimulatedSource:
    """A metric source that asks nobody: it answers every query from one simulation.

    Parameters
    ----------
    thresholds
        Read at the moment of the simulation, so that the made-up service obeys the repository.
    service
        What the service is like.
    """

    name = "simulated"
    is_simulated = True

    def __init__(self, thresholds: Callable[[], Thresholds], service: MadeUpService | None = None) -> None:
        self._thresholds = thresholds
        self._service = service or MadeUpService()
        self._runs: dict[Window, Mapping[str, np.ndarray]] = {}

    def fetch(self, query: Query, window: Window) -> Answer:
        """Answer `query` by its canonical metric; the expression is not looked at.

        Raises
        ------
        SourceError
            When the simulated service has no such metric.
        """
        if window not in self._runs:
            self._runs[window] = self._simulate(window)
        values = self._runs[window].get(query.metric)
        if values is None:
            raise SourceError(f"the simulated service has no metric {query.metric!r}")
        return Answer(Series(query.metric, window.start, window.step, values))

    def probe(self) -> str:
        """Say what this source is, for `neuropilot doctor`."""
        return "embedded simulated service; set PROMETHEUS_URL to watch a real one"

    def _simulate(self, window: Window) -> Mapping[str, np.ndarray]:
        settings = SAFE_DEFAULTS | self._thresholds().numbers
        start = window.start - WARM_UP
        minutes = round((window.end - start) / timedelta(minutes=1))
        weather = _weather(self._service, start, minutes)
        fleet = _scale(self._service, settings, weather)
        by_minute = _measure(self._service, weather, fleet)
        per_point = max(1, round(window.step / timedelta(minutes=1)))
        skipped = round(WARM_UP / timedelta(minutes=1))
        # A grid point shows the minutes before it, as a rate over a range does; the first looks into the warm-up.
        return {
            metric: values[skipped - per_point : -per_point].reshape(window.points, per_point).mean(axis=1)
            for metric, values in by_minute.items()
        }


@dataclass(frozen=True, slots=True)
class _Weather:
    """What happens to the service, minute by minute; each shape (minutes,)."""

    demand: np.ndarray
    slowdown: np.ndarray
    failures: np.ndarray
    noise: np.ndarray


@dataclass(frozen=True, slots=True)
class _Fleet:
    """What the autoscaler made of it, minute by minute; each shape (minutes,)."""

    ready: np.ndarray
    desired: np.ndarray
    backlog: np.ndarray


def _weather(service: MadeUpService, start: datetime, minutes: int) -> _Weather:
    """Demand, slow-downs and failures from `start` on, cut from whole seeded days."""
    first_day = int(start.timestamp()) // 86_400
    offset = int(start.timestamp()) % 86_400 // 60
    days = [_day(service, first_day + k) for k in range(ceil((offset + minutes) / MINUTES_PER_DAY))]
    return _Weather(*(np.concatenate(part)[offset : offset + minutes] for part in zip(*days, strict=True)))


def _day(service: MadeUpService, day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One UTC day: demand (requests/s), slowdown (factor), failures (share), noise (unit normal)."""
    rng = np.random.default_rng([service.seed, day])
    minute = np.arange(MINUTES_PER_DAY)
    hour = minute / 60.0
    is_weekend = datetime.fromtimestamp(day * 86_400, UTC).weekday() >= 5  # noqa: PLR2004  # Saturday, Sunday
    rhythm = 0.30 + 0.50 * np.exp(-(((hour - 11.5) / 3.2) ** 2)) + 0.62 * np.exp(-(((hour - 19.0) / 2.6) ** 2))
    level = service.peak_requests_per_second * (0.62 if is_weekend else 1.0) * rng.normal(1.0, 0.03)
    smooth = np.convolve(rng.normal(0.0, 1.0, MINUTES_PER_DAY + 14), np.ones(15) / 15, mode="valid")
    demand = level * rhythm * (1.0 + 0.10 * smooth + 0.02 * rng.normal(size=MINUTES_PER_DAY))
    slowdown, failures = np.ones(MINUTES_PER_DAY), np.full(MINUTES_PER_DAY, 0.0001)
    if rng.random() < 1 / 7:  # a dependency is slow for a while
        begin = int(rng.integers(0, MINUTES_PER_DAY - 40))
        slowdown[begin : begin + int(rng.integers(8, 20))] = rng.uniform(1.5, 2.2)
    if rng.random() < 1 / 7:  # a flash crowd comes and fades
        begin = int(rng.integers(0, MINUTES_PER_DAY - 60))
        demand[begin : begin + 45] *= 1.0 + rng.uniform(0.3, 0.7) * np.exp(-np.arange(45) / 18.0)
    if rng.random() < 1 / 10:  # a bad deploy is rolled back
        begin = int(rng.integers(0, MINUTES_PER_DAY - 30))
        failures[begin : begin + int(rng.integers(4, 12))] = rng.uniform(0.02, 0.08)
    return demand, slowdown, failures, rng.normal(size=MINUTES_PER_DAY)


def _scale(service: MadeUpService, settings: Mapping[str, float], weather: _Weather) -> _Fleet:
    """Run queue and autoscaler minute by minute."""
    low, high = int(settings["min_instances"]), int(settings["max_instances"])
    ready = max(low, min(high, ceil(weather.demand[0] / service.instance_requests_per_second / 0.6)))
    booting: list[int] = []  # minutes at which an instance becomes ready
    backlog, quiet_until = 0.0, 0
    recent: list[float] = []
    rows: list[tuple[int, int, float]] = []
    for minute, (demand, slowdown) in enumerate(zip(weather.demand.tolist(), weather.slowdown.tolist(), strict=True)):
        ready += sum(due <= minute for due in booting)
        booting = [due for due in booting if due > minute]
        capacity = ready * service.instance_requests_per_second / slowdown
        backlog = min(max(0.0, backlog + (demand - capacity) * 60.0), capacity * 20.0)
        recent = [*recent[-9:], 100.0 * min(1.0, demand / capacity)]
        if minute >= quiet_until:
            wanted = _wanted(service, settings, recent, ready + len(booting), 1000.0 * backlog / capacity)
            wanted = max(low, min(high, wanted))
            if wanted != ready + len(booting):
                quiet_until = minute + int(settings["cooldown_minutes"])
            booting += [minute + service.boot_minutes] * max(0, wanted - ready - len(booting))
            ready -= max(0, ready + len(booting) - wanted)
        rows.append((ready, ready + len(booting), backlog))
    ready_column, desired, backlogs = np.array(rows, dtype=np.float64).T
    return _Fleet(ready_column, desired, backlogs)


def _wanted(
    service: MadeUpService, settings: Mapping[str, float], recent: list[float], count: int, wait_ms: float
) -> int:
    """How many instances the step rule asks for: a quarter more when hot, one less when cold."""
    hot = sum(recent[-3:]) / len(recent[-3:])
    memory = _memory_percent(sum(recent) / len(recent))
    slow_ms = service.median_ms * 2.0 + wait_ms
    if (
        hot > settings["cpu_scale_out_percent"]
        or memory > settings["memory_scale_out_percent"]
        or slow_ms > settings["latency_scale_out_ms"]
    ):
        return count + ceil(count / 4)
    cold = sum(recent) / len(recent) < settings["cpu_scale_in_percent"]
    return count - 1 if cold else count


def _memory_percent(cpu_percent: float) -> float:
    return 38.0 + 0.28 * cpu_percent


def _measure(service: MadeUpService, weather: _Weather, fleet: _Fleet) -> Mapping[str, np.ndarray]:
    """What monitoring would have seen; each shape (minutes,)."""
    capacity = fleet.ready * service.instance_requests_per_second / weather.slowdown
    load = np.minimum(weather.demand / capacity, 1.0)
    # Short bursts inside a minute queue long before the minute as a whole is full.
    crowding = 1.0 + 0.9 * load**8 / (1.04 - load)
    median_ms = service.median_ms * weather.slowdown * crowding
    wait_ms = 1000.0 * fleet.backlog / capacity
    fast = _log_normal_share((service.good_ms - wait_ms) / median_ms, service.spread)
    cpu = np.clip(100.0 * load + 1.5 * weather.noise, 1.0, 100.0)
    overhead = np.exp(1.6449 * service.spread)  # 95th percentile of the unit log-normal
    return {
        "cpu_percent": cpu,
        "memory_percent": np.clip(_memory_percent(1.0) + 0.28 * cpu, 0.0, 100.0),
        "latency_p95_ms": median_ms * overhead * (1.0 + 0.02 * weather.noise) + wait_ms,
        "error_percent": 100.0 * weather.failures,
        "requests_per_second": weather.demand,
        "db_latency_ms": 6.0 * weather.slowdown * (1.0 + 0.4 * load + 0.03 * weather.noise),
        "slo_good_ratio": fast * (1.0 - weather.failures),
        "instances": fleet.ready,
        "instances_desired": fleet.desired,
        "cost_per_hour": fleet.desired * service.price_per_instance_hour,
    }


def _log_normal_share(ratio: np.ndarray, spread: float) -> np.ndarray:
    """Share of a unit-median log-normal below `ratio`; nothing is below zero."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        share = ndtr(np.log(np.maximum(ratio, 0.0)) / spread)
    return np.asarray(np.where(ratio > 0, share, 0.0), dtype=np.float64)
