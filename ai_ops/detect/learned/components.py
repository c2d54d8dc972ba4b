"""How many Gaussians, and which: more than one have to earn their place on rows that they have not seen."""

from __future__ import annotations

import warnings
from functools import partial

import numpy as np

from ai_ops.detect.learned.density import density
from ai_ops.detect.learned.expectation import expected, settle
from ai_ops.detect.learned.moments import Moments
from ai_ops.detect.learned.scaling import LEAST_VARIANCE

HELD_OUT = 0.25
"""Share of the training rows, the last ones, on which more components must prove themselves."""

BLOCKS = 20
"""Neighbouring rows resemble each other, so the noise of a likelihood is taken between blocks of rows."""

WHOLE_SHARE = 0.5
"""Moments come from whole rows alone where these are half of all: they cannot contradict each other."""


def best_mixture(scaled: np.ndarray, weights: np.ndarray, floor: np.ndarray, most: int) -> Moments:
    """One Gaussian, or as many of at most `most` as explain unseen rows best.

    Parameters
    ----------
    scaled
        Shape (n, d), in the order of time; NaN where nothing was measured.
    weights
        Shape (n,), 0 to 1.
    floor
        Shape (d,), see `Scaling`.
    """
    count = _best_count(scaled, weights, floor, most) if most > 1 else 1
    several = _several(scaled, weights, floor, count) if count > 1 else None
    return several or single(scaled, weights)


def single(scaled: np.ndarray, weights: np.ndarray) -> Moments:
    """One Gaussian, from whole rows where they are the rule, else from the pairs that are known."""
    measured = np.isfinite(scaled).any(axis=0)
    whole = np.isfinite(scaled[:, measured]).all(axis=1) & (weights > 0.0)
    if weights[whole].sum() >= WHOLE_SHARE * weights.sum():
        part, heavy = np.where(measured, scaled[whole], 0.0), weights[whole]
        mean = heavy @ part / heavy.sum()
        centred = part - mean
        covariance = (centred * heavy[:, None]).T @ centred / heavy.sum()
    else:
        mean, covariance = _from_pairs(scaled, weights)
    return Moments(float(weights.sum()), np.ones(1), mean[None], covariance[None])


def _from_pairs(scaled: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = np.isfinite(scaled).astype(float)
    heavy = known * weights[:, None]
    mean = (weights @ np.nan_to_num(scaled)) / _at_least_something(heavy.sum(axis=0))
    centred = np.nan_to_num(scaled - mean)
    covariance = (centred * weights[:, None]).T @ centred / _at_least_something(heavy.T @ known)
    # Pairs known at different times may contradict each other: what is no covariance is brought back to one.
    size, axes = np.linalg.eigh(covariance)
    return mean, (axes * np.maximum(size, 0.0)) @ axes.T


def _at_least_something(weight: np.ndarray) -> np.ndarray:
    return np.where(weight > 0.0, weight, 1.0)


def _best_count(scaled: np.ndarray, weights: np.ndarray, floor: np.ndarray, most: int) -> int:
    """How many components explain the last quarter best, after the first three were seen; 1 unless clearly better."""
    until = round(len(scaled) * (1.0 - HELD_OUT))
    seen, taught, unseen = scaled[:until], weights[:until], scaled[until:][weights[until:] > 0.0]
    if not taught.any() or not len(unseen):
        return 1
    alone = density(single(seen, taught), floor, unseen).total
    best, record = 1, 0.0
    for count in range(2, most + 1):
        if (mixture := _several(seen, taught, floor, count)) is None:
            continue
        gain = density(mixture, floor, unseen).total - alone
        blocks = np.array([np.nanmean(block) for block in np.array_split(gain, BLOCKS) if np.isfinite(block).any()])
        noise = 2.0 * blocks.std(ddof=1) / np.sqrt(blocks.size) if blocks.size > 1 else np.inf
        if blocks.mean() > max(noise, record):
            best, record = count, float(blocks.mean())
    return best


def _several(scaled: np.ndarray, weights: np.ndarray, floor: np.ndarray, count: int) -> Moments | None:
    """Several Gaussians; None where there are too few rows, or the fit does not converge.

    scikit-learn finds them on rows whose gaps are filled with what is usual, each counting fully; from there on rows
    have their weights, and gaps are gaps.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    counts = weights > 0.0
    if counts.sum() <= count:
        return None
    model = GaussianMixture(count, covariance_type="full", reg_covar=LEAST_VARIANCE, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # asked for below, as `converged_`
        model.fit(np.nan_to_num(scaled[counts]))
    if not model.converged_:
        return None
    bare = model.covariances_ - LEAST_VARIANCE * np.eye(scaled.shape[1])
    start = Moments(float(weights.sum()), model.weights_, model.means_, bare)
    return settle(start, partial(_refined, scaled=scaled, weights=weights, floor=floor))


def _refined(moments: Moments, *, scaled: np.ndarray, weights: np.ndarray, floor: np.ndarray) -> Moments:
    return expected(moments, floor, scaled, weights) or moments
