"""Whole numbers of rare events, drawn around their expectation."""

from __future__ import annotations

import numpy as np

MANY = 30.0
"""From so many expected events on, the normal distribution is as good as Poisson's."""


def drawn_counts(expected: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Turn uniform draws into Poisson counts by inverting the distribution.

    Parameters
    ----------
    expected
        Events that are to be expected, shape (n,), not negative.
    luck
        Uniform draws between 0 and 1, shape (n,): the greater, the more events.

    Returns
    -------
    numpy.ndarray
        Whole numbers as float64, shape (n,).
    """
    from scipy.special import ndtri

    many = np.maximum(0.0, np.rint(expected + np.sqrt(expected) * ndtri(luck)))
    return np.where(expected > MANY, many, _few(np.minimum(expected, MANY), luck))


def _few(expected: np.ndarray, luck: np.ndarray) -> np.ndarray:
    counts, term = np.zeros(expected.size), np.exp(-expected)
    reached = term.copy()
    missing = np.flatnonzero(reached < luck)
    number = 0
    while missing.size and number < 5 * MANY:
        number += 1
        counts[missing] = number
        term[missing] *= expected[missing] / number
        reached[missing] += term[missing]
        missing = missing[reached[missing] < luck[missing]]
    return counts
