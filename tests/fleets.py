"""Made-up fleets: one gauge per service, a sample every ten minutes up to `NOW`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from backfill import END, lines

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = END
STEP = timedelta(minutes=10)
DAYS = 4
POINTS = round(timedelta(days=DAYS) / STEP)


def steady(seed: int, level: float = 100.0) -> np.ndarray:
    """Some days around a level, shape (POINTS,)."""
    return level * (1 + 0.02 * np.random.default_rng(seed).standard_normal(POINTS))


def a_fleet(count: int = 12) -> dict[str, np.ndarray]:
    """Quiet services, and one of each kind that a scan tells apart."""
    services = {f"svc-{number:03d}": steady(number) for number in range(count)}
    services["jumped"] = np.concatenate([steady(901)[:-3], [400.0, 500.0, 450.0]])
    services["newborn"] = np.where(np.arange(POINTS) < POINTS - 4, np.nan, 100.0)
    services["silent"] = np.where(np.arange(POINTS) < POINTS - 60, steady(902), np.nan)
    return services


def openmetrics(services: Mapping[str, np.ndarray], extra: str = "") -> str:
    """The gauge `load` of the `services`; `extra` labels begin with a comma."""
    times = (NOW - DAYS * timedelta(days=1)).timestamp() + STEP.total_seconds() * np.arange(POINTS)
    named = {f'load{{service="{_escaped(name)}"{extra}}}': values for name, values in services.items()}
    return "".join(["# TYPE load gauge\n", *lines(named, times), "# EOF\n"])


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
