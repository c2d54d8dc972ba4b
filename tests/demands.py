"""Demand of your choice for tests: a rhythm, a nightly job, growth, with as little noise as the test wants."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from ai_ops.domain.platform import Platform
from ai_ops.twin.outlook.capacity import Capacity
from ai_ops.twin.outlook.demand import SLOT, Demand
from ai_ops.twin.scaling_steps import Steps
from ai_ops.twin.utilisation import Utilisation

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
PER_DAY = 144

PLATFORM = Platform(
    boot_minutes=5.0,
    out_periods=3,
    in_periods=10,
    out_step_ratio=0.25,
    in_step_ratio=0.1,
    price_per_instance_hour=0.1,
    slo_ms=400.0,
    sla_target_percent=99.95,
)
SETTINGS = {
    "scaling_mode": "threshold",
    "cpu_scale_out_percent": 80.0,
    "cpu_scale_in_percent": 30.0,
    "min_instances": 2.0,
    "max_instances": 40.0,
    "cooldown_minutes": 5.0,
}


def slots(days: float) -> np.ndarray:
    """Index of each ten minutes."""
    return np.arange(round(days * PER_DAY))


def daily(days: float, level: float = 100.0) -> np.ndarray:
    """A smooth day between half and one and a half of the level."""
    return level * (1.0 + 0.5 * np.sin(slots(days) * 2 * np.pi / PER_DAY))


def nightly_job(
    days: float, level: float = 40.0, job: float = 400.0, at_hour: int = 2, hours: float = 1.5
) -> np.ndarray:
    """A flat demand with a job each night that takes so many requests per second more."""
    hour = slots(days) % PER_DAY / 6.0
    return level + job * ((hour >= at_hour) & (hour < at_hour + hours))


def a_demand(values: np.ndarray, noise: float = 0.0, seed: int = 1) -> Demand:
    """Ten minutes by ten minutes from a Monday on, with relative noise."""
    return Demand(MONDAY, SLOT, values * np.exp(noise * np.random.default_rng(seed).normal(size=values.size)))


def a_capacity(per_instance: float = 40.0, boot_minutes: int = 5, **settings: Any) -> Capacity:
    """Instances that carry `per_instance` requests per second at 80 % CPU; a setting of None is left out."""
    line = np.array([0.0, 2.0 * per_instance])
    curve = Utilisation(0.0, 80.0 / per_instance, line, line * 80.0 / per_instance, 0.0)
    steps = Steps(PLATFORM.out_step_ratio, PLATFORM.in_step_ratio, boot_minutes=boot_minutes)
    chosen = {name: value for name, value in (SETTINGS | settings).items() if value is not None}
    return Capacity(curve, steps, PLATFORM, chosen)
