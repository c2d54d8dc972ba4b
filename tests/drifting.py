"""Made-up rows for tests of drift: ten minutes apart, with neighbours that resemble each other as much as is wanted."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from ai_ops.learn.drift.features import Features, features_of

STEP_SECONDS = 600.0
DAY = 144
TRAINING = 14 * DAY
METRICS = ("cpu_percent", "latency_p95_ms", "requests_per_second")
MONDAY = 1_772_409_600.0
"""2026-03-02 00:00 UTC, a Monday."""


def noise(rows: int, columns: int = 1, *, phi: float = 0.0, seed: int = 0) -> np.ndarray:
    """Stationary Gaussian processes of first order with variance 1, shape (rows, columns)."""
    shocks = np.random.default_rng(seed).normal(size=(rows + 1000, columns)) * np.sqrt(1.0 - phi**2)
    return np.asarray(lfilter([1.0], [1.0, -phi], shocks, axis=0)[1000:])


def times(rows: int, step_seconds: float = STEP_SECONDS) -> np.ndarray:
    """Epoch seconds from a Monday on."""
    return MONDAY + step_seconds * np.arange(rows)


def day_shape(moments: np.ndarray, *, weekend: float = 1.0) -> np.ndarray:
    """A day that swings between 0 and 2; weekends by so much less."""
    shape = 1.0 + np.sin(2.0 * np.pi * moments / 86_400.0)
    is_weekend = (moments - MONDAY) // 86_400.0 % 7.0 >= 5.0
    return np.where(is_weekend, weekend * shape, shape)


def rows_of(values: np.ndarray, step_seconds: float = STEP_SECONDS) -> Features:
    """The features of metrics, with the mean absolute value of a row for a score, near 1 at three sigmas each."""
    scores = np.abs(np.nan_to_num(values)).mean(axis=1) / 3.0
    metrics = METRICS[: values.shape[1]]
    return features_of(times(len(values), step_seconds), metrics, values, scores)


def split(features: Features, training: int = TRAINING) -> tuple[Features, Features]:
    """The rows of the training, and those that came after it."""
    first = Features(features.names, features.times[:training], features.values[:training])
    return first, features.newest(features.times.size - training)
