"""Services as models, and what befell them, laid out by hand: small enough to follow with a pencil."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.domain.platform import Platform
from ai_ops.twin.calibration import Calibration
from ai_ops.twin.conditions import Conditions
from ai_ops.twin.curves import Curve
from ai_ops.twin.replay import Twin
from ai_ops.twin.scaling_steps import Steps
from ai_ops.twin.telemetry import Telemetry
from ai_ops.twin.utilisation import Utilisation

if TYPE_CHECKING:
    import pandas as pd

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY, WEEK = 1440, 10_080

A_PLATFORM = Platform(
    boot_minutes=3,
    out_periods=3,
    in_periods=10,
    out_step_ratio=0.2,
    in_step_ratio=0.1,
    price_per_instance_hour=0.1,
    slo_ms=500.0,
    sla_target_percent=99.9,
)
"""Three minutes to boot, a fifth more or a tenth less at a time."""

STRAIGHT = Utilisation(5.0, 1.0, np.array([0.0, 95.0]), np.array([5.0, 100.0]), 0.5)
"""5 % without load, and one point more for each request per second."""

STEPPED: dict[str, Any] = {
    "scaling_mode": "threshold",
    "cpu_scale_out_percent": 70.0,
    "cpu_scale_in_percent": 40.0,
    "memory_scale_out_percent": 95.0,
    "latency_scale_out_ms": 60_000,
    "min_instances": 2,
    "max_instances": 40,
    "cooldown_minutes": 5,
    "scheduled_minimum": [],
}


def a_calibration(**changes: Any) -> Calibration:
    """A service whose CPU follows its load straight, and whose requests go wrong above 60 %."""
    usual = Calibration(
        utilisation=STRAIGHT,
        bad_ratio=Curve(np.array([10.0, 60.0, 90.0]), np.array([-6.0, -5.0, -2.0]), 0.2, 90.0),
        latency_ms=Curve(np.array([10.0, 60.0, 90.0]), np.log10([80.0, 120.0, 400.0]), 0.03, 90.0),
        memory_idle_percent=40.0,
        memory_per_load=0.2,
        steps=Steps(0.2, 0.1, boot_minutes=3),
        price_per_instance_hour=0.1,
        abnormal=np.zeros(0, dtype=bool),
        used_minutes=DAY,
        notes=(),
    )
    return replace(usual, **changes)


def a_twin(platform: Platform = A_PLATFORM, **changes: Any) -> Twin:
    """A twin of that service."""
    return Twin(a_calibration(**changes), platform)


def calm(demand: np.ndarray, **changes: Any) -> Conditions:
    """Nothing befalls the service but its demand, in requests per second, shape (minutes,)."""
    ones, zeros = np.ones(demand.size), np.zeros(demand.size)
    return replace(Conditions(demand, ones, ones, zeros, ones, zeros), **changes)


def minutes_of(frame: pd.DataFrame) -> Telemetry:
    """A frame as telemetry, without any check."""
    columns = {name: frame[name].to_numpy(dtype=np.float64) for name in frame}
    return Telemetry(frame.index[0].to_pydatetime(), columns)


def measured(minutes: int, **columns: Any) -> Telemetry:
    """Telemetry from Monday on, with these columns; a number stands for all minutes."""
    spread = {name: np.broadcast_to(np.asarray(values, dtype=np.float64), minutes) for name, values in columns.items()}
    return Telemetry(MONDAY, {name: values.copy() for name, values in spread.items()})


def a_week_of_work(minutes: int = 4 * DAY, seed: int = 0, **columns: Any) -> Telemetry:
    """A healthy service on eight instances: a daily rhythm, a CPU of 5 + load, and all else rising with it."""
    rng = np.random.default_rng(seed)
    rate = 8.0 * (35.0 + 25.0 * np.sin(2 * np.pi * np.arange(minutes) / DAY)) * rng.normal(1.0, 0.03, minutes)
    cpu = 5.0 + rate / 8.0 + rng.normal(0.0, 0.5, minutes)
    usual = {
        "requests_per_second": rate,
        "cpu_percent": cpu,
        "memory_percent": 40.0 + 0.2 * rate / 8.0 + rng.normal(0.0, 0.3, minutes),
        "latency_p95_ms": 80.0 * 10 ** (cpu / 200.0) * rng.normal(1.0, 0.02, minutes),
        "slo_good_ratio": 1.0 - 1e-5 * 10 ** (cpu / 40.0),
        "instances": 8.0,
        "instances_desired": 8.0,
        "cost_per_hour": 0.8,
    }
    return measured(minutes, **(usual | columns))
