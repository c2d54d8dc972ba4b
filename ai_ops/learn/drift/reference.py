"""What the rows of the training looked like: kept beside the model, and all that drift is measured against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ai_ops.learn.drift.autocorrelation import autocorrelation_time
from ai_ops.learn.drift.features import DAY_SECONDS, HOUR_OF_DAY, SCORE, Features
from ai_ops.learn.drift.profile import SLOTS, profile_of, slots

LEAST_ROWS = 100
"""Ten rows in each of the ten bins of the population stability index: fewer say nothing of a distribution."""

LEVELS = np.linspace(0.0, 1.0, 101)
"""Shares at which the distribution is kept."""

BIN_LEVELS = np.linspace(0.1, 0.9, 9)
"""Edges of ten bins that hold a tenth of the training each."""

DECIMALS = 4
"""Of residuals in sigmas: what differs by less is equal, and a constant stays one however it was computed."""

LEAST_TIMES = 50
"""Independent rows below which an autocorrelation time is itself a guess, and mostly too small (Foreman-Mackey et al.,
emcee, PASP 125 (2013), and its documentation): of a slow walk two weeks are a single observation."""

SPREAD_OF_A_CONSTANT = 0.1
"""What never moved has no spread: a tenth of its level is taken for one, as the model does."""

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class FeatureReference:
    """One feature as it was in training.

    Parameters
    ----------
    name
        See `Features`.
    rows
        Rows in which it was known.
    mean, std
        In its own unit (S004-12); the standard deviation divides by n.
    autocorrelation_rows
        Rows that are worth one independent row.
    profile
        What is usual at each of the 48 hours, in sigmas from the mean.
    quantiles
        Of the residual, 101 of them, in sigmas.
    edges, shares
        Bins of the residual for the population stability index, upper edges included, and the share of rows in each.
    """

    name: str
    rows: int
    mean: float
    std: float
    autocorrelation_rows: float
    profile: tuple[float, ...]
    quantiles: tuple[float, ...]
    edges: tuple[float, ...]
    shares: tuple[float, ...]

    @property
    def sigma(self) -> float:
        """One standard deviation; of what never moved, a tenth of its level, or a tenth where that is below 1."""
        return sigma_of(self.mean, self.std)

    @property
    def can_be_compared(self) -> bool:
        """Whether it is known how much its rows resemble each other; of the hour of day it is by nature."""
        return self.name == HOUR_OF_DAY or self.rows >= LEAST_TIMES * self.autocorrelation_rows

    def residual(self, times: np.ndarray, values: np.ndarray) -> np.ndarray:
        """How far values lie from what is usual at their hour, in sigmas of the training; their shape."""
        usual = np.asarray(self.profile)[slots(times)]
        return np.asarray(np.round((values - self.mean) / self.sigma - usual, DECIMALS))


@dataclass(frozen=True, slots=True)
class Reference:
    """The rows of a training.

    Parameters
    ----------
    rows
        How many.
    threshold
        The model's own, in the unit of the score.
    alarm_share
        Share of the scored rows above it.
    features
        Every feature that was known often enough.
    """

    rows: int
    threshold: float
    alarm_share: float
    features: tuple[FeatureReference, ...]


def reference_of(features: Features, threshold: float = 1.0) -> Reference:
    """What is to be remembered of the rows of a training.

    Parameters
    ----------
    features
        Of all rows of the training window that were normal life, those that were held out included.
    threshold
        The model's own, in the unit of the score.
    """
    known = np.isfinite(features.values).sum(axis=0)
    parts = (_feature(features, name) for name, rows in zip(features.names, known, strict=True) if rows >= LEAST_ROWS)
    return Reference(
        rows=features.times.size,
        threshold=threshold,
        alarm_share=share_above(features.column(SCORE), threshold),
        features=tuple(parts),
    )


def share_above(scores: np.ndarray, threshold: float) -> float:
    """Share of the known scores above the threshold; 0 where none is known."""
    known = scores[np.isfinite(scores)]
    return float((known > threshold).mean()) if known.size else 0.0


def sigma_of(mean: float, std: float) -> float:
    """One standard deviation, of a constant an assumed one."""
    return std if std > ROUNDING * abs(mean) else SPREAD_OF_A_CONSTANT * max(abs(mean), 1.0)


def _feature(features: Features, name: str) -> FeatureReference:
    known = np.isfinite(features.column(name))
    times, values = features.times[known], features.column(name)[known]
    mean, std = float(values.mean()), float(values.std())
    sigmas = (values - mean) / sigma_of(mean, std)
    # The profile of the hour of day would be the hour of day.
    profile = np.zeros(SLOTS) if name == HOUR_OF_DAY else np.round(profile_of(times, sigmas), DECIMALS)
    residual = np.round(sigmas - profile[slots(times)], DECIMALS)
    edges = _edges(residual)
    return FeatureReference(
        name=name,
        rows=values.size,
        mean=mean,
        std=std,
        autocorrelation_rows=_rows_a_day(times) if name == HOUR_OF_DAY else autocorrelation_time(times, residual),
        profile=tuple(profile.tolist()),
        quantiles=tuple(quantiles(residual).tolist()),
        edges=tuple(edges.tolist()),
        shares=tuple(np.round(bin_shares(edges, residual), DECIMALS).tolist()),
    )


def quantiles(residual: np.ndarray) -> np.ndarray:
    """The smallest value that at least a share of the rows does not exceed, for each of `LEVELS`."""
    return np.asarray(np.quantile(residual, LEVELS, method="inverted_cdf"))


def bin_shares(edges: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Share of the rows in each bin, shape (edges + 1,)."""
    return np.bincount(np.searchsorted(edges, residual), minlength=edges.size + 1) / residual.size


def _edges(residual: np.ndarray) -> np.ndarray:
    """Deciles; a value that holds more than one of them has a bin to itself."""
    deciles = np.quantile(residual, BIN_LEVELS, method="inverted_cdf")
    often = deciles[1:][np.diff(deciles) == 0.0]
    return np.unique(np.round(np.concatenate([deciles, often - 10.0**-DECIMALS]), DECIMALS))


def _rows_a_day(times: np.ndarray) -> float:
    """A day is followed by a day like it: all of its rows together say once at which hours rows come."""
    return float(max(times.size / np.unique(times // DAY_SECONDS).size, 1.0))
