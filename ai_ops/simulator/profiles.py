"""What the made-up services are like: five that differ where autoscaling hurts."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from ai_ops.domain.platform import Platform


@dataclass(frozen=True, slots=True)
class ServiceProfile:
    """One kind of service: how it works, starts, fails and is measured.

    Parameters
    ----------
    name
        What it is called in tables.
    workers
        Requests that one instance works on at the same time; more wait.
    service_ms, spread
        Mean time of one request without waiting, and the sigma of its log-normal distribution.
    contention_ratio
        How much longer a request takes when all workers are busy (locks, caches, garbage collection);
        it grows with the square of how busy they are.
    imbalance_ratio
        Standard deviation of the load between instances, as a share of the mean.
    burst_ratio
        Standard deviation of the ten-second rate within a minute, as a share of the minute's rate.
    idle_cpu_percent
        CPU of an instance without requests, 0 to 100.
    boot_minutes, boot_jitter_minutes
        From the decision to add an instance until it serves; the jitter is the mean of what may come on top.
    cold_minutes, cold_factor
        How long a fresh instance is slow, and how many times slower.
    memory_base_percent, memory_per_load_percent, leak_percent_per_day
        Memory of an empty fresh instance, what full load adds, and what each day since its start adds.
    deploys_per_week, incidents_per_week
        Rolling restarts, and dependencies that become slow while the CPU stays low.
    cpu_noise_percent, latency_noise_ratio, lost_scrapes_ratio
        What monitoring adds to the truth, and the share of minutes it misses.
    failing_ratio
        Share of requests that fail whatever the load.
    timeout_seconds
        A request that waits longer in the queue fails.
    out_periods, in_periods, out_step_ratio, in_step_ratio, price_per_instance_hour, slo_ms
        See `Platform`.
    """

    name: str
    workers: int
    service_ms: float
    spread: float
    slo_ms: float
    boot_minutes: int
    contention_ratio: float = 0.12
    imbalance_ratio: float = 0.06
    burst_ratio: float = 0.08
    idle_cpu_percent: float = 4.0
    boot_jitter_minutes: float = 0.5
    cold_minutes: int = 2
    cold_factor: float = 1.4
    memory_base_percent: float = 38.0
    memory_per_load_percent: float = 22.0
    leak_percent_per_day: float = 0.0
    deploys_per_week: float = 3.0
    incidents_per_week: float = 0.7
    cpu_noise_percent: float = 1.0
    latency_noise_ratio: float = 0.03
    lost_scrapes_ratio: float = 0.003
    failing_ratio: float = 0.00002
    timeout_seconds: float = 15.0
    out_periods: int = 3
    in_periods: int = 10
    out_step_ratio: float = 0.2
    in_step_ratio: float = 0.1
    price_per_instance_hour: float = 0.10

    @property
    def median_ms(self) -> float:
        """Median time of one request without waiting."""
        return self.service_ms * exp(-(self.spread**2) / 2)

    @property
    def instance_requests_per_second(self) -> float:
        """What one warm instance can serve at most."""
        return self.workers * 1000.0 / (self.service_ms * (1.0 + self.contention_ratio))

    def peak_for(self, instances: float) -> float:
        """Requests per second that keep so many instances at six tenths of what they can serve."""
        return 0.6 * instances * self.instance_requests_per_second


WEB = ServiceProfile("web", workers=8, service_ms=60.0, spread=0.5, slo_ms=500.0, boot_minutes=3)
JVM = ServiceProfile(
    "jvm",
    workers=16,
    service_ms=90.0,
    spread=0.6,
    slo_ms=1000.0,
    boot_minutes=5,
    contention_ratio=0.35,
    burst_ratio=0.05,
    cold_minutes=5,
    cold_factor=1.9,
    memory_base_percent=48.0,
    leak_percent_per_day=1.2,
    in_periods=15,
    price_per_instance_hour=0.20,
)
SLOWBOOT = ServiceProfile(
    "slowboot",
    workers=12,
    service_ms=120.0,
    spread=0.5,
    slo_ms=1000.0,
    boot_minutes=10,
    boot_jitter_minutes=1.5,
    burst_ratio=0.05,
    deploys_per_week=1.0,
    out_step_ratio=0.25,
    price_per_instance_hour=0.40,
)
EDGE = ServiceProfile(
    "edge",
    workers=4,
    service_ms=12.0,
    spread=0.5,
    slo_ms=100.0,
    boot_minutes=1,
    boot_jitter_minutes=0.2,
    burst_ratio=0.14,
    cold_minutes=1,
    idle_cpu_percent=8.0,
    timeout_seconds=5.0,
    out_periods=2,
    in_periods=5,
    price_per_instance_hour=0.05,
)
BATCH = ServiceProfile(
    "batch",
    workers=6,
    service_ms=800.0,
    spread=0.6,
    slo_ms=10_000.0,
    boot_minutes=4,
    contention_ratio=0.2,
    burst_ratio=0.18,
    memory_per_load_percent=30.0,
    timeout_seconds=60.0,
    price_per_instance_hour=0.30,
)

PROFILES: dict[str, ServiceProfile] = {profile.name: profile for profile in (WEB, JVM, SLOWBOOT, EDGE, BATCH)}
"""The made-up services by name."""


def platform(profile: ServiceProfile, sla_target_percent: float = 99.95) -> Platform:
    """Tell what an operator would write down about `profile`: the nominal constants, no physics."""
    return Platform(
        boot_minutes=float(profile.boot_minutes),
        out_periods=profile.out_periods,
        in_periods=profile.in_periods,
        out_step_ratio=profile.out_step_ratio,
        in_step_ratio=profile.in_step_ratio,
        price_per_instance_hour=profile.price_per_instance_hour,
        slo_ms=profile.slo_ms,
        sla_target_percent=sla_target_percent,
    )


def default_thresholds(profile: ServiceProfile, max_instances: int) -> dict[str, object]:
    """Give the settings nobody has looked at yet: 80/30, at least two instances."""
    return {
        "scaling_mode": "threshold",
        "cpu_scale_out_percent": 80.0,
        "cpu_scale_in_percent": 30.0,
        "memory_scale_out_percent": 85.0,
        "latency_scale_out_ms": round(0.9 * profile.slo_ms),
        "min_instances": 2,
        "max_instances": max_instances,
        "cooldown_minutes": 5,
        "scheduled_minimum": [],
    }
