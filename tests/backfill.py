"""A made-up service's weeks of metrics, as OpenMetrics text that promtool turns into Prometheus blocks.

The service has a daily and a weekly rhythm, noise, an autoscaler that follows the load, latency that rises with
utilisation, and counters that only grow. Everything is seeded: the same `Service` gives the same text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

END = datetime(2026, 11, 2, tzinfo=UTC)
STEP_SECONDS = 60
BUCKETS_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
INSTANCES_MAX = 4
_CAPACITY = 50.0  # requests per second that saturate one instance
_TARGET_UTILISATION = 0.55
_CORES = 2
_MEMORY_BYTES = 4 * 1024**3
_PRICE_PER_INSTANCE_HOUR = 0.0168

Samples = dict[str, np.ndarray]
"""Values by name and labels, each of shape (steps,); NaN where there is no sample."""


@dataclass(frozen=True, slots=True)
class Service:
    """What the made-up service went through; every field is a knob for a test.

    Parameters
    ----------
    name
        Value of the label `job`.
    end
        The newest sample is one step before this.
    days
        How much history there is.
    load, errors, latency
        Factors on the number of requests, on the share that fails, and on the time they take.
    last_hours
        When above 0, the three factors hold only in so many hours before `end`.
    stale_minutes
        The samples stop so long before `end`.
    without
        Metric families that are missing altogether.
    seed
        Seed of the noise.
    """

    name: str = "web"
    end: datetime = END
    days: float = 15.0
    load: float = 1.0
    errors: float = 1.0
    latency: float = 1.0
    last_hours: float = 0.0
    stale_minutes: float = 0.0
    without: frozenset[str] = frozenset()
    seed: int = 7


def openmetrics(*services: Service) -> str:
    """Every sample of the `services`, families together, ended by `# EOF`."""
    families: dict[tuple[str, str], list[str]] = {}
    for service in services:
        times = np.arange(
            (service.end - timedelta(days=service.days)).timestamp(),
            (service.end - timedelta(minutes=service.stale_minutes)).timestamp(),
            STEP_SECONDS,
        )
        for name, kind, samples in _families(service.name, _live(service, times)):
            if name not in service.without:
                families.setdefault((name, kind), []).extend(lines(samples, times))
    blocks = ("".join([f"# TYPE {name} {kind}\n", *rows]) for (name, kind), rows in families.items())
    return "".join([*blocks, "# EOF\n"])


def lines(samples: Samples, times: np.ndarray) -> Iterator[str]:
    """One line of OpenMetrics text per sample at `times` (epoch seconds); NaN is no sample."""
    for name, values in samples.items():
        present = ~np.isnan(values)
        for value, time in zip(values[present].tolist(), times[present].tolist(), strict=True):
            yield f"{name} {value:.10g} {time:.10g}\n"


@dataclass(frozen=True, slots=True)
class _Life:
    """What happened in each step; every array has shape (steps,)."""

    good: np.ndarray  # requests
    failed: np.ndarray  # requests
    latency: np.ndarray  # mean seconds
    wanted: np.ndarray  # instances
    ready: np.ndarray  # instances
    utilisation: np.ndarray  # 0 to 1
    noise: np.ndarray  # standard normal


def _live(service: Service, times: np.ndarray) -> _Life:
    """Let the service live through `times`."""
    rng = np.random.default_rng(service.seed)
    begin = service.end - timedelta(hours=service.last_hours or 24 * service.days)
    load, errors, slower = (
        np.where(times >= begin.timestamp(), factor, 1.0) for factor in (service.load, service.errors, service.latency)
    )
    daily = 1 + 0.55 * np.sin(2 * np.pi * (times / 3600 - 8) / 24)
    weekly = np.where((times // 86400 + 3) % 7 < 5, 1.0, 0.7)  # 1970-01-01 was a Thursday; Monday is 0
    per_second = 60 * daily * weekly * load * np.exp(0.05 * rng.standard_normal(times.size))
    requests = rng.poisson(per_second * STEP_SECONDS)
    wanted = np.clip(np.ceil(per_second / (_CAPACITY * _TARGET_UTILISATION)), 2, INSTANCES_MAX)
    ready = np.concatenate([np.full(3, 2.0), wanted])[: times.size]  # three minutes to start or stop
    utilisation = np.minimum(requests / STEP_SECONDS / (ready * _CAPACITY), 1.0)
    risk = np.minimum((0.0002 + 0.02 * np.maximum(utilisation - 0.9, 0)) * errors, 1.0)
    failed = rng.binomial(requests, risk)
    latency = slower * 0.02 / (1.05 - utilisation)
    return _Life(requests - failed, failed, latency, wanted, ready, utilisation, rng.standard_normal(times.size))


def _families(job: str, life: _Life) -> Iterator[tuple[str, str, Samples]]:
    """Name, kind and samples of every metric family of the service `job`."""
    yield from _host_families(job, life)
    yield from _request_families(job, life)
    gauge = f'{{job="{job}"}}'
    yield "autoscaler_instances_desired", "gauge", {f"autoscaler_instances_desired{gauge}": life.wanted}
    yield "cloud_cost_per_hour", "gauge", {f"cloud_cost_per_hour{gauge}": life.ready * _PRICE_PER_INSTANCE_HOUR}


def _host_families(job: str, life: _Life) -> Iterator[tuple[str, str, Samples]]:
    """What node_exporter would say on every instance; one that is not ready is down and silent."""
    hosts = {
        f'job="{job}",instance="10.0.0.{number + 1}:9100"': np.where(life.ready > number, 1.0, np.nan)
        for number in range(INSTANCES_MAX)
    }
    seconds = {"idle": 1 - life.utilisation, "user": life.utilisation}
    cpu = {mode: np.cumsum(_CORES * STEP_SECONDS * share) for mode, share in seconds.items()}
    available = _MEMORY_BYTES * (0.6 - 0.25 * life.utilisation + 0.01 * life.noise)
    yield "up", "gauge", {f"up{{{host}}}": np.nan_to_num(here) for host, here in hosts.items()}
    yield (
        "node_cpu_seconds",
        "counter",
        {
            f'node_cpu_seconds_total{{{host},cpu="0",mode="{mode}"}}': total * here
            for host, here in hosts.items()
            for mode, total in cpu.items()
        },
    )
    for name, value in (("MemAvailable", available), ("MemTotal", np.full_like(available, _MEMORY_BYTES))):
        metric = f"node_memory_{name}_bytes"
        yield metric, "gauge", {f"{metric}{{{host}}}": value * here for host, here in hosts.items()}


def _request_families(job: str, life: _Life) -> Iterator[tuple[str, str, Samples]]:
    """What the service itself would say about its requests and its database."""
    codes = {"200": life.good, "500": life.failed}
    yield (
        "http_requests",
        "counter",
        {f'http_requests_total{{job="{job}",code="{code}"}}': np.cumsum(count) for code, count in codes.items()},
    )
    histogram: Samples = {}
    for code, count in codes.items():
        labels = f'job="{job}",code="{code}"'
        for bucket in BUCKETS_SECONDS:  # the tail of an exponential distribution with the step's mean
            below = np.floor(count * -np.expm1(-bucket / life.latency))
            histogram[f'http_request_duration_seconds_bucket{{{labels},le="{bucket}"}}'] = np.cumsum(below)
        histogram[f'http_request_duration_seconds_bucket{{{labels},le="+Inf"}}'] = np.cumsum(count)
        histogram[f"http_request_duration_seconds_sum{{{labels}}}"] = np.cumsum(count * life.latency)
        histogram[f"http_request_duration_seconds_count{{{labels}}}"] = np.cumsum(count)
    yield "http_request_duration_seconds", "histogram", histogram
    queries = 3.0 * (life.good + life.failed)
    yield (
        "db_query_duration_seconds",
        "summary",
        {
            f'db_query_duration_seconds_sum{{job="{job}"}}': np.cumsum(queries * 0.1 * life.latency),
            f'db_query_duration_seconds_count{{job="{job}"}}': np.cumsum(queries),
        },
    )
