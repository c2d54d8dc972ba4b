"""Learned: how unlikely a row of metrics is under the mixture of Gaussians that its own past suggests.

Fitting and scoring are apart. What is fitted is a few arrays that can be written as JSON.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.detect.calibration import calibrated_threshold
from ai_ops.detect.learned.scaling import Scaling, fit_scaling
from ai_ops.domain.warming_up import WarmingUp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

REGULARISATION = 1e-2
"""Added to every variance, in robust units: no direction counts as steadier than a tenth of a column's spread."""

ROWS_PER_COLUMN = 10
"""With ten rows per column the variances in every direction are right to a factor of two (Marchenko, Pastur 1967)."""

LEAST_ROWS = 100

PATIENCE = 5
"""Rows a score is averaged over: a fault outlasts five rows, the noise of single rows does not (a mean of n is
sqrt(n) steadier)."""

HELD_OUT = 0.25
"""Share of the training rows, the last ones, on which more components must prove themselves."""

BLOCKS = 20
"""Neighbouring rows resemble each other, so the noise of a likelihood is taken between blocks of rows."""

VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A fitted mixture of k Gaussians over d columns; with k = 1 the score is the Mahalanobis distance.

    Parameters
    ----------
    scaling
        Brings the columns to a common, robust scale.
    weights
        Shape (k,), summing to 1.
    means
        Shape (k, d), in robust units.
    covariances
        Shape (k, d, d), in robust units.
    threshold
        The surprise, in sigmas, that a normal week exceeds as often as the false-alarm budget allows.
    """

    scaling: Scaling
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    threshold: float

    def score(self, values: np.ndarray) -> np.ndarray:
        """Score rows in the order of time, in units of the model's own threshold: above 1 is abnormal.

        Causal: a score rests on its row and the four before it. A row with gaps is judged by the columns it has.

        Parameters
        ----------
        values
            Shape (n, d), in the metrics' own units; NaN where nothing was measured.

        Returns
        -------
        np.ndarray
            Shape (n,), never negative; NaN where a row has no known column.

        Raises
        ------
        ValueError
            When the number of columns is not the fitted one.
        """
        return np.asarray(np.maximum(_surprise(self, self.scaling.apply(values)), 0.0) / self.threshold)

    def to_json(self) -> dict[str, Any]:
        """Readable form: nested lists and numbers."""
        return {
            "version": VERSION,
            "scaling": self.scaling.to_json(),
            "weights": self.weights.tolist(),
            "means": self.means.tolist(),
            "covariances": self.covariances.tolist(),
            "threshold": self.threshold,
        }

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> Mixture:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            When it was written by another version, or its arrays do not fit together.
        """
        if form["version"] != VERSION:
            raise ValueError(f"the model has version {form['version']}, this program reads {VERSION}")
        weights, means, covariances = (np.array(form[name], float) for name in ("weights", "means", "covariances"))
        k, d = means.shape
        scaling = Scaling.from_json(form["scaling"])
        if weights.shape != (k,) or covariances.shape != (k, d, d) or scaling.centre.shape != (d,):
            raise ValueError(f"the model's arrays do not fit {k} components over {d} columns")
        return cls(scaling, weights, means, covariances, float(form["threshold"]))


def fit(
    values: np.ndarray, step: timedelta, *, budget_per_week: float = 1.0, most_components: int = 1
) -> Mixture | WarmingUp:
    """Fit one full-covariance Gaussian, or a mixture where that explains unseen rows better.

    One Gaussian beat mixtures on both server data sets it was tried on, so a mixture has to show on the last
    quarter of the training rows, which it has not seen, that its log-likelihood is higher by more than noise.
    Unusual training rows are kept: the nightly backup is a part of normal life.

    Parameters
    ----------
    values
        Shape (n, d), in the order of time; NaN where nothing was measured.
    step
        Distance between two rows; the budget is one of time.
    budget_per_week
        False alarms that a normal week may raise.
    most_components
        At most so many Gaussians; 1 tries no mixture.
    """
    known = int(np.isfinite(values).any(axis=1).sum())
    if known < (need := _rows_needed(values.shape[1])):
        return WarmingUp(known, need, "rows")
    scaling = fit_scaling(values)
    scaled = scaling.apply(values)
    count = _best_count(scaling, scaled, most_components)
    draft = (_several(scaling, scaled, count) if count > 1 else None) or _single(scaling, scaled)
    threshold = calibrated_threshold(_surprise(draft, scaled), step, budget_per_week)
    return Mixture(scaling, draft.weights, draft.means, draft.covariances, threshold)


def _rows_needed(columns: int) -> int:
    return max(LEAST_ROWS, ROWS_PER_COLUMN * columns)


def _best_count(scaling: Scaling, scaled: np.ndarray, most: int) -> int:
    """How many components explain the last quarter best, after the first three were seen; 1 unless clearly better."""
    seen, unseen = np.split(scaled, [round(len(scaled) * (1.0 - HELD_OUT))])
    single = _log_density(_single(scaling, seen), unseen)[0]
    best, record = 1, 0.0
    for count in range(2, most + 1):
        if (mixture := _several(scaling, seen, count)) is None:
            continue
        gain = _log_density(mixture, unseen)[0] - single
        blocks = np.array([np.nanmean(block) for block in np.array_split(gain, BLOCKS) if np.isfinite(block).any()])
        noise = 2.0 * blocks.std(ddof=1) / np.sqrt(blocks.size) if blocks.size > 1 else np.inf
        if blocks.mean() > max(noise, record):
            best, record = count, float(blocks.mean())
    return best


def _single(scaling: Scaling, scaled: np.ndarray) -> Mixture:
    """One Gaussian, as yet without a threshold."""
    mean, covariance = _moments(scaled)
    return Mixture(scaling, np.ones(1), mean[None], covariance[None], np.nan)


def _several(scaling: Scaling, scaled: np.ndarray, count: int) -> Mixture | None:
    """Several Gaussians, as yet without a threshold; None where the fit does not converge."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(count, covariance_type="full", reg_covar=REGULARISATION, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # asked for below, as `converged_`
        model.fit(np.nan_to_num(scaled))
    if not model.converged_:
        return None
    return Mixture(scaling, model.weights_, model.means_, model.covariances_, np.nan)


def _moments(scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and regularised covariance, from whole rows where there are enough, else from the pairs that are known."""
    whole = np.isfinite(scaled).sum(axis=1) == np.isfinite(scaled).any(axis=0).sum()
    scaled = scaled[whole] if whole.sum() >= _rows_needed(scaled.shape[1]) else scaled
    known = np.isfinite(scaled).astype(float)
    mean = np.nan_to_num(scaled).sum(axis=0) / np.maximum(known.sum(axis=0), 1.0)
    centred = np.nan_to_num(scaled - mean)
    covariance = centred.T @ centred / np.maximum(known.T @ known, 1.0)
    # Pairs known at different times may contradict each other: what is no covariance is brought back to one.
    size, axes = np.linalg.eigh(covariance)
    covariance = (axes * np.maximum(size, 0.0)) @ axes.T
    # A column that never moved is given the spread that the scaling assumes for it.
    return mean, covariance + np.diag(np.where(np.diag(covariance) > 0.0, REGULARISATION, 1.0))


def _surprise(mixture: Mixture, scaled: np.ndarray) -> np.ndarray:
    """How far each row lies outside, in sigmas, averaged over `PATIENCE` rows; shape (n,).

    The squared distance of k columns is about chi-squared; its cube root is about normal, for every k
    (Wilson and Hilferty, 1931). So a row with gaps is measured by the same scale as a whole one.
    """
    density, peak, columns = _log_density(mixture, scaled)
    squared = np.maximum(2.0 * (peak - density), 0.0)
    spread = 2.0 / (9.0 * np.maximum(columns, 1.0))
    sigmas = (np.cbrt(squared / np.maximum(columns, 1.0)) - (1.0 - spread)) / np.sqrt(spread)
    return _mean_of_last(np.where(columns > 0, sigmas, np.nan))


def _log_density(mixture: Mixture, scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-density of each row but for a constant, that of the likeliest row, and the columns known; shapes (n,)."""
    known = np.isfinite(scaled)
    density, peak = np.full(len(scaled), np.nan), np.full(len(scaled), np.nan)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    for index, pattern in enumerate(patterns):
        if pattern.any():
            rows = which.ravel() == index
            density[rows], peak[rows] = _marginal(mixture, scaled[np.ix_(rows, pattern)], pattern)
    return density, peak, known.sum(axis=1).astype(float)


def _marginal(mixture: Mixture, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, float]:
    """Log-density of rows of which only `columns` are known, and that of the likeliest row there could be."""
    densities, heights = [], []
    for weight, mean, covariance in zip(mixture.weights, mixture.means, mixture.covariances, strict=True):
        root = np.linalg.cholesky(covariance[np.ix_(columns, columns)])
        height = float(np.log(weight) - np.log(np.diag(root)).sum())
        whitened = (rows - mean[columns]) @ np.linalg.inv(root).T
        heights.append(height)
        densities.append(height - 0.5 * (whitened**2).sum(axis=1))
    return np.logaddexp.reduce(np.stack(densities), axis=0), max(heights)


def _mean_of_last(scores: np.ndarray) -> np.ndarray:
    """Mean of each score and the known ones among the four before it; NaN stays NaN."""
    padded = np.concatenate([np.full(PATIENCE - 1, np.nan), scores])
    recent = np.lib.stride_tricks.sliding_window_view(padded, PATIENCE)
    known = np.isfinite(recent)
    mean = np.where(known, recent, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(np.isfinite(scores), mean, np.nan)
