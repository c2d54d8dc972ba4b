"""What the platform makes of a demand by itself, and when that comes too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.twin.calibration import Calibration
from ai_ops.twin.conditions import Conditions
from ai_ops.twin.curves import DECADES_PER_POINT, Curve
from ai_ops.twin.replay import Twin
from ai_ops.twin.settings_batch import settings_batch

if TYPE_CHECKING:
    from ai_ops.twin.outlook.capacity import Capacity


APART_MINUTES = 60
"""Times of lateness that are nearer than this belong to one spike."""


def hurts_percent(capacity: Capacity) -> float:
    """CPU at which half of the reserve is gone that a scale-out threshold keeps for the time of a boot."""
    return (capacity.full_percent + 100.0) / 2.0


def late_minutes(
    capacity: Capacity, demand: np.ndarray, minute_of_week: np.ndarray, start_instances: float
) -> np.ndarray:
    """Minutes in which the platform, left alone, has not yet enough instances ready; boolean, shape (minutes,).

    Parameters
    ----------
    demand
        Requests per second of each minute.
    start_instances
        How many are ready at the first one.
    """
    nothing = np.zeros(demand.size)
    same = np.ones(demand.size)
    conditions = Conditions(demand, same, same, nothing, same, nothing)
    batch = settings_batch([capacity.settings], minute_of_week)
    replayed = Twin(_calibration(capacity), capacity.platform).replay(
        [conditions], batch, start_instances=start_instances, traced=(0,)
    )
    if replayed.trace is None:
        raise RuntimeError("a replay that was asked for a trace gave none")
    ready = replayed.trace.ready[:, 0, 0]
    return np.asarray(capacity.utilisation.cpu(demand / ready) > hurts_percent(capacity))


def beginnings(late: np.ndarray) -> list[int]:
    """First minute of each spike that the platform is late for."""
    minutes = np.flatnonzero(late)
    is_new = np.diff(minutes, prepend=-APART_MINUTES - 1) > APART_MINUTES
    return [int(minute) for minute in minutes[is_new]]


def _calibration(capacity: Capacity) -> Calibration:
    """As much of one as the scaling rule asks for: nobody looks at what requests or memory would do."""
    harmless = Curve(np.array([0.0, 100.0]), np.array([-6.0, -6.0]), DECADES_PER_POINT, 100.0)
    return Calibration(
        utilisation=capacity.utilisation,
        bad_ratio=harmless,
        latency_ms=None,
        memory_idle_percent=0.0,
        memory_per_load=0.0,
        steps=capacity.steps,
        price_per_instance_hour=capacity.platform.price_per_instance_hour,
        abnormal=np.zeros(0, dtype=bool),
        used_minutes=0,
        notes=(),
    )
