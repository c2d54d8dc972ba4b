"""What a mixture knows: how many rows, and of each Gaussian its share of them, its mean and its covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Moments of k Gaussians over d columns, in robust units, as the rows have them: nothing is added or shrunk.

    They are the mixture's sufficient statistics in a readable form. So what two models know can be added up exactly,
    and what keeps a covariance from being too sure of itself (`steadied`) does not pile up from one day to the next.

    Parameters
    ----------
    rows
        Weight of the rows that are known, above zero.
    weights
        Shape (k,), summing to 1: the share of the rows that each Gaussian explains.
    means
        Shape (k, d).
    covariances
        Shape (k, d, d), positive semi-definite.
    """

    rows: float
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Mean of each column over all Gaussians, shape (d,)."""
        return np.asarray(self.weights @ self.means)

    @property
    def variance(self) -> np.ndarray:
        """Variance of each column over all Gaussians, the one between their means included; shape (d,)."""
        inside = np.diagonal(self.covariances, axis1=1, axis2=2)
        return np.asarray(self.weights @ (inside + (self.means - self.mean) ** 2))


def blended(old: Moments, new: Moments, share: float, rows: float) -> Moments:
    """Convex combination of the sufficient statistics of two mixtures whose Gaussians correspond to each other.

    Parameters
    ----------
    share
        Of the new ones, 0 to 1.
    rows
        What the outcome is said to rest on.
    """
    was, now = (1.0 - share) * old.weights, share * new.weights
    total = was + now
    part = np.divide(now, total, out=np.zeros_like(total), where=total > 0.0)
    apart = new.means - old.means
    means = old.means + part[:, None] * apart
    spread = (part * (1.0 - part))[:, None, None] * apart[:, :, None] * apart[:, None, :]
    covariances = old.covariances + part[:, None, None] * (new.covariances - old.covariances) + spread
    return Moments(rows, total / total.sum(), means, covariances)
