"""The services that tuners are compared on: recorded and made-up traffic, each on a service of another kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from ai_ops.simulator.profiles import PROFILES, ServiceProfile, default_thresholds
from ai_ops.simulator.traffic import MINUTES_PER_DAY, MINUTES_PER_WEEK, SHAPES, recorded

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday, as the traffic is counted from one."""

HISTORY_DAYS = 14

MADE_UP = (
    ("flat", "web", 12),
    ("daily", "jvm", 20),
    ("weekly", "web", 30),
    ("growing", "slowboot", 20),
    ("level shift", "edge", 16),
    ("flash crowds", "web", 20),
    ("request spikes", "edge", 14),
    ("daily batch", "batch", 12),
)
"""Shape, profile, and the instances that its regular peak keeps at six tenths."""

RECORDED = (
    ("web_service_kpi", "web", 24),
    ("web_service_kpi_5min", "slowboot", 20),
    ("twitter_stream_2021", "edge", 24),
    ("twitter_volume_amzn", "jvm", 16),
)
"""File, profile and instances; what is not in the folder is left out."""

QUICK = frozenset({"daily", "weekly", "level shift"})


@dataclass(frozen=True, slots=True)
class Case:
    """One service under one kind of traffic.

    Parameters
    ----------
    name
        Of the shape, or of the recorded file.
    profile
        What the service is like.
    instances
        Needed at the regular peak, at six tenths of what they can serve.
    file
        Recorded traffic; None where it is made up.
    """

    name: str
    profile: ServiceProfile
    instances: int
    file: Path | None = None

    def demand(self, days: int, seed: int) -> np.ndarray:
        """Requests per second of each minute, shape (days * 1440,), from a Monday on."""
        rng, peak = np.random.default_rng([seed, crc32(self.name.encode())]), self.profile.peak_for(self.instances)
        if self.file is None:
            return SHAPES[self.name](peak, days, rng)
        return repeated(recorded(self.file, peak, rng), days * MINUTES_PER_DAY, seed)

    def thresholds(self, run: int) -> dict[str, Any]:
        """Where a run starts: 80/30, then 60/30, then anywhere within the bounds."""
        standing = default_thresholds(self.profile, 4 * self.instances)
        if run == 0:
            return standing
        if run == 1:
            return standing | {"cpu_scale_out_percent": 60.0}
        rng = np.random.default_rng([run, crc32(self.name.encode()), 1])
        out = float(rng.integers(55, 89))
        return standing | {
            "cpu_scale_out_percent": out,
            "cpu_scale_in_percent": float(rng.integers(20, min(70, out - 12) + 1)),
            "min_instances": int(rng.integers(2, max(3, self.instances // 2))),
        }


def cases(data: Path | None, *, is_quick: bool) -> list[Case]:
    """Every case; recorded ones where `data` holds their files."""
    found = [
        Case(name, PROFILES[profile], instances, data / f"{name}.csv")
        for name, profile, instances in (RECORDED if data else ())
        if data and (data / f"{name}.csv").exists()
    ]
    made_up = [Case(name, PROFILES[profile], instances) for name, profile, instances in MADE_UP]
    return [case for case in found + made_up if not is_quick or case.name in QUICK]


def repeated(demand: np.ndarray, minutes: int, seed: int) -> np.ndarray:
    """Give `minutes` of `demand`, starting some whole weeks into it by `seed`; where it ends, its weeks come again."""
    spare_weeks = max(0, demand.size - minutes) // MINUTES_PER_WEEK
    later = demand[seed % (spare_weeks + 1) * MINUTES_PER_WEEK :]
    whole = later[: later.size // MINUTES_PER_WEEK * MINUTES_PER_WEEK] if later.size < minutes else later
    return np.asarray(np.resize(whole, minutes))
