"""A made-up autoscaled service in closed loop: demand in, truth and metrics out, thresholds changed on the way."""

from __future__ import annotations

from datetime import UTC, timedelta
from math import ceil, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.simulator.autoscaler import Autoscaler, Measured
from ai_ops.simulator.counts import drawn_counts
from ai_ops.simulator.fleet import MEMORY_RESTART_PERCENT, Fleet
from ai_ops.simulator.latency_table import latency_table
from ai_ops.simulator.profiles import platform
from ai_ops.simulator.serving import Serving
from ai_ops.simulator.weather import MINUTES_PER_WEEK, draw_weather

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pandas as pd

    from ai_ops.domain.platform import Platform
    from ai_ops.simulator.profiles import ServiceProfile

MINUTES_PER_DAY = 1440
RECORDED = ("cpu_percent", "memory_percent", "latency_p95_ms", "good_share", "failed_share", "instances", "desired")


class SimulatedService:
    """One service under one demand.

    Parameters
    ----------
    profile
        What the service is like.
    demand
        Requests per second of each minute, shape (minutes,), finite and not negative.
    start
        The first minute, aware UTC.
    thresholds
        What the autoscaler follows at first; see `Autoscaler`.
    seed
        Chooses bursts, deploys, incidents, boots and noise.
    constants
        The platform, when it differs from what `profiles.platform` tells.

    Attributes
    ----------
    minute
        Minutes simulated so far.
    """

    def __init__(
        self,
        profile: ServiceProfile,
        demand: np.ndarray,
        start: datetime,
        thresholds: Mapping[str, Any],
        seed: int,
        *,
        constants: Platform | None = None,
    ) -> None:
        self.profile = profile
        self.minute = 0
        self._start = start.astimezone(UTC)
        self._platform = constants or platform(profile)
        self._weather = draw_weather(profile, np.asarray(demand, dtype=np.float64), self._start, seed)
        self._arriving = self._weather.arriving
        self._serving = Serving(profile, latency_table(profile))
        self._autoscaler = Autoscaler(thresholds, self._platform)
        self._fleet = Fleet(profile, self._first_count(thresholds))
        self._records = np.full((demand.size, len(RECORDED)), nan)
        self._slow, self._failed = np.zeros(demand.size), np.zeros(demand.size)
        self._counted = 0
        self._first_minute_of_week = (self._start.weekday() * 24 + self._start.hour) * 60 + self._start.minute

    @property
    def now(self) -> datetime:
        """The end of the last simulated minute."""
        return self._start + timedelta(minutes=self.minute)

    def apply(self, thresholds: Mapping[str, Any]) -> None:
        """Let `thresholds` be live from the next minute on."""
        self._autoscaler.apply(thresholds)

    def advance(self, minutes: int) -> None:
        """Simulate the next `minutes`, at most to the end of the demand."""
        for minute in range(self.minute, min(self.minute + minutes, self._arriving.size)):
            self._one_minute(minute)
            self.minute = minute + 1

    @property
    def total(self) -> np.ndarray:
        """Requests of each simulated minute; shape (minute,)."""
        return np.asarray(np.rint(self._arriving[: self.minute] * 60.0))

    @property
    def good(self) -> np.ndarray:
        """Requests of each simulated minute that succeeded in time; shape (minute,)."""
        self._count()
        return np.asarray(self.total - self._slow[: self.minute] - self._failed[: self.minute])

    @property
    def cost(self) -> np.ndarray:
        """Money spent in each simulated minute, booting instances included; shape (minute,)."""
        desired = self._records[: self.minute, RECORDED.index("desired")]
        return np.asarray(desired * self._platform.price_per_instance_hour / 60.0)

    def history(self, days: float) -> pd.DataFrame:
        """What monitoring knows of the last `days`: canonical metrics by UTC minute, lost scrapes as NaN."""
        import pandas as pd

        begin = max(0, self.minute - round(days * MINUTES_PER_DAY))
        part = slice(begin, self.minute)
        cpu, memory, latency, _, _, instances, desired = self._records[part].T
        total, all_good = self.total[part], self.good[part]
        requests = self._arriving[part] * (1.0 + 0.003 * self._weather.noise[part, 3])
        with np.errstate(divide="ignore", invalid="ignore"):
            error, good = 100.0 * self._failed[part] / total, all_good / total
        columns = {
            "cpu_percent": cpu,
            "memory_percent": memory,
            "latency_p95_ms": latency,
            "error_percent": error,
            "requests_per_second": requests,
            "slo_good_ratio": good,
            "instances": instances,
            "instances_desired": desired,
            "cost_per_hour": self.cost[part] * 60.0,
        }
        index = pd.date_range(self._start + timedelta(minutes=begin), periods=self.minute - begin, freq="min")
        frame = pd.DataFrame(columns, index=index)
        frame[self._weather.is_lost[part]] = nan
        return frame

    def _first_count(self, thresholds: Mapping[str, Any]) -> int:
        needed = ceil(float(self._arriving[0]) / self.profile.peak_for(1))
        least, most = int(thresholds["min_instances"]), int(thresholds["max_instances"])
        return max(least, min(most, needed))

    def _one_minute(self, minute: int) -> None:
        weather, fleet = self._weather, self._fleet
        if weather.is_deploy[minute]:
            fleet.restart_all()
        fleet.begin(minute)
        served = self._serving.serve(fleet.serving, fleet.cold, weather, minute)
        noise = weather.noise[minute].tolist()
        cpu = served.cpu_percent + self.profile.cpu_noise_percent * noise[0]
        memory = self._memory(served.busy_share) + 0.5 * noise[1]
        if memory > MEMORY_RESTART_PERCENT:
            fleet.restart_all()
        latency = served.latency_p95_ms * (1.0 + self.profile.latency_noise_ratio * noise[2])
        measured = Measured(min(100.0, max(0.0, cpu)), min(100.0, max(0.0, memory)), latency)
        self._records[minute] = (
            measured.cpu_percent,
            measured.memory_percent,
            measured.latency_p95_ms,
            served.good_share,
            served.failed_share,
            fleet.serving,
            fleet.desired,
        )
        if weather.is_lost[minute]:
            measured = Measured(nan, nan, nan)
        minute_of_week = (self._first_minute_of_week + minute) % MINUTES_PER_WEEK
        wanted = self._autoscaler.decide(measured, fleet.serving, fleet.desired, minute, minute_of_week)
        if wanted != fleet.desired:
            fleet.resize(wanted, minute, int(weather.boot_delay[minute]))

    def _memory(self, busy_share: float) -> float:
        profile = self.profile
        load = profile.memory_per_load_percent * busy_share
        return profile.memory_base_percent + load + self._fleet.leaked_percent

    def _count(self) -> None:
        """Draw slow and failed requests of the minutes since the last time, around their expectation."""
        part = slice(self._counted, self.minute)
        records, luck = self._records[part], self._weather.luck[part]
        total = np.rint(self._arriving[part] * 60.0)
        good, failed = records[:, RECORDED.index("good_share")], records[:, RECORDED.index("failed_share")]
        self._failed[part] = np.minimum(drawn_counts(total * failed, luck[:, 1]), total)
        slow = drawn_counts(total * np.maximum(0.0, 1.0 - good - failed), luck[:, 0])
        self._slow[part] = np.minimum(slow, total - self._failed[part])
        self._counted = self.minute
