"""Made-up services for examinations: metrics that follow one load, two weeks at ten minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from ai_ops.detect.learned.held_out_hours import Past
from ai_ops.domain.held_out import is_held_out

STEP = timedelta(minutes=10)
DAY = 144
MONDAY = datetime(2026, 11, 2, tzinfo=UTC).timestamp()
METRICS = ("cpu_percent", "latency_p95_ms", "requests_per_second")


def of_one_load(days: int = 14, noise: float = 0.05, seed: int = 1) -> np.ndarray:
    """CPU, latency and requests per second that follow one daily load, shape (n, 3)."""
    rng = np.random.default_rng(seed)
    load = 1.0 + 0.5 * np.sin(2.0 * np.pi * np.arange(days * DAY) / DAY)
    return load[:, None] * np.array([40.0, 100.0, 900.0]) * (1.0 + noise * rng.normal(size=(load.size, 3)))


def a_past(values: np.ndarray, metrics: tuple[str, ...] = METRICS, step: timedelta = STEP, **masks: np.ndarray) -> Past:
    """Rows from Monday on, of which nothing is known but what `masks` says."""
    times = MONDAY + step.total_seconds() * np.arange(len(values))
    nothing = dict.fromkeys(("is_abnormal", "is_incident", "is_refuted"), np.zeros(times.size, dtype=bool))
    return Past(values, times, metrics, step, **{"is_held_out": is_held_out(times)} | nothing | masks)


def rows(past: Past, start: int, end: int) -> np.ndarray:
    """The mask that is true from row `start` until row `end`."""
    mask = np.zeros(past.times.size, dtype=bool)
    mask[start:end] = True
    return mask
