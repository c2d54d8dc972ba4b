"""Counts of slow and failed requests are Poisson's."""

from __future__ import annotations

import numpy as np
from scipy.stats import poisson

from ai_ops.simulator.counts import drawn_counts


def test_few_events_are_the_quantiles_of_the_poisson_distribution():
    """Against the library's own inverse, which is far slower."""
    rng = np.random.default_rng(1)
    expected, luck = rng.uniform(0.0, 29.0, 5000), rng.uniform(size=5000)
    expected[:50] = 0.0
    assert np.array_equal(drawn_counts(expected, luck), poisson.ppf(luck, expected).clip(0))


def test_many_events_have_the_right_mean_and_spread():
    """The normal approximation takes over where it is good."""
    counts = drawn_counts(np.full(20_000, 400.0), np.random.default_rng(2).uniform(size=20_000))
    assert abs(counts.mean() - 400.0) < 1.0
    assert abs(counts.std() - 20.0) < 0.5
    assert np.array_equal(counts, np.rint(counts))
