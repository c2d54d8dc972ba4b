"""How likely rows are under a mixture of Gaussians, whatever of them is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.learned.steadied import steadied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.detect.learned.moments import Moments

PATIENCE = 5
"""Rows a score is averaged over: a fault outlasts five rows, the noise of single rows does not (a mean of n is
sqrt(n) steadier)."""


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """Log-densities of n rows under k Gaussians, but for a constant that depends on the known columns only.

    Parameters
    ----------
    each
        Shape (k, n), the Gaussians' shares included; NaN where a row has no known column.
    peak
        Shape (n,): that of the likeliest row of the same known columns there could be.
    columns
        Shape (n,): how many are known.
    """

    each: np.ndarray
    peak: np.ndarray
    columns: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Log-density under the whole mixture, shape (n,)."""
        with np.errstate(invalid="ignore"):  # a row without known columns has no density: NaN is right
            return np.asarray(np.logaddexp.reduce(self.each, axis=0))


def density(moments: Moments, floor: np.ndarray, scaled: np.ndarray) -> Density:
    """Densities of scaled rows, shape (n, d), NaN where nothing is known; a row is judged by what it has."""
    covariances = steadied(moments, floor)
    each, peak = np.full((moments.weights.size, len(scaled)), np.nan), np.full(len(scaled), np.nan)
    for rows, known in patterns(scaled):
        heights = []
        for index, weight in enumerate(moments.weights):
            root = np.linalg.cholesky(covariances[index][np.ix_(known, known)])
            heights.append(float(np.log(max(weight, np.finfo(float).tiny)) - np.log(np.diag(root)).sum()))
            whitened = (scaled[np.ix_(rows, known)] - moments.means[index, known]) @ np.linalg.inv(root).T
            each[index, rows] = heights[-1] - 0.5 * (whitened**2).sum(axis=1)
        peak[rows] = max(heights)
    return Density(each, peak, np.isfinite(scaled).sum(axis=1).astype(float))


def patterns(scaled: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows that know the same columns: which rows, and which columns; booleans. Rows that know none are left out."""
    known = np.isfinite(scaled)
    if len(known) and known.all():
        yield known[:, 0], known[0]
        return
    kinds, which = np.unique(known, axis=0, return_inverse=True)
    for index, kind in enumerate(kinds):
        if kind.any():
            yield which.ravel() == index, kind


def surprise(moments: Moments, floor: np.ndarray, scaled: np.ndarray) -> np.ndarray:
    """How far each row lies outside, in sigmas, averaged over `PATIENCE` rows; shape (n,).

    The squared distance of k columns is about chi-squared; its cube root is about normal, for every k
    (Wilson and Hilferty, 1931). So a row with gaps is measured by the same scale as a whole one.
    """
    of = density(moments, floor, scaled)
    squared = np.maximum(2.0 * (of.peak - of.total), 0.0)
    columns = np.maximum(of.columns, 1.0)
    spread = 2.0 / (9.0 * columns)
    sigmas = (np.cbrt(squared / columns) - (1.0 - spread)) / np.sqrt(spread)
    return mean_of_last(np.where(of.columns > 0, sigmas, np.nan))


def mean_of_last(scores: np.ndarray) -> np.ndarray:
    """Mean of each score and the known ones among the four before it; NaN stays NaN."""
    padded = np.concatenate([np.full(PATIENCE, np.nan), scores])
    recent = np.lib.stride_tricks.sliding_window_view(padded, PATIENCE)[1:]
    known = np.isfinite(recent)
    mean = np.where(known, recent, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(np.isfinite(scores), mean, np.nan)
