"""Distances from 101 quantiles agree with those between whole samples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp, wasserstein_distance

from ai_ops.learn.drift.distances import farthest, p_value, population_stability, wasserstein
from ai_ops.learn.drift.reference import bin_shares, quantiles

DECILES = np.linspace(0.1, 0.9, 9)


@pytest.mark.parametrize("shift", [0.0, 0.5, -2.0])
@pytest.mark.parametrize("spread", [0.5, 1.0, 3.0])
def test_the_kolmogorov_smirnov_distance_is_that_of_scipy_to_a_hundredth(shift, spread):
    """It is taken at 101 places, so it may be smaller, by a hundredth at most, and is never larger."""
    rng = np.random.default_rng(1)
    before, after = rng.normal(size=2016), shift + spread * rng.normal(size=1000)
    exact = ks_2samp(before, after).statistic
    assert exact - 0.01 - 1e-9 <= farthest(quantiles(before), after).distance <= exact + 1e-9


def test_repeated_values_are_no_distance():
    """Most rows of an error rate are zero: the same share of zeros is the same distribution."""
    rng = np.random.default_rng(1)
    before, after = (rng.poisson(0.3, size) / 10.0 for size in (2016, 1000))
    exact = ks_2samp(before, after).statistic
    assert farthest(quantiles(before), after).distance <= exact + 1e-9
    assert farthest(np.zeros(101), np.zeros(50)).distance == 0.0
    assert farthest(np.zeros(101), np.full(50, -1.0)).distance == 1.0
    assert farthest(np.zeros(101), np.ones(50)).distance == 1.0


def test_it_is_said_where_two_distributions_are_farthest_apart():
    """And which share of the training lies there: a shift by one is farthest in the middle of the two."""
    rng = np.random.default_rng(2)
    apart = farthest(quantiles(rng.normal(size=5000)), 1.0 + rng.normal(size=5000))
    assert apart.level == pytest.approx(0.5, abs=0.15)
    assert apart.share - apart.counts(np.array([-9.0, 0.0, 1.0, 9.0])).mean() == pytest.approx(0.19, abs=0.06)


def test_the_p_value_of_independent_rows_is_that_of_scipy():
    """Two samples of m and n rows are worth one of m n / (m + n)."""
    rng = np.random.default_rng(3)
    exact = ks_2samp(rng.normal(size=2000), 0.06 + rng.normal(size=1000), method="asymp")
    assert p_value(exact.statistic, 1000, 2000) == pytest.approx(exact.pvalue, rel=0.02)


def test_fewer_effective_rows_say_less():
    """The same distance means less of rows that resemble their neighbours, and nothing of hardly any."""
    assert p_value(0.2, 1000, 2000) < 1e-6
    assert p_value(0.2, 50, 100) > 0.1
    assert p_value(1.0, 1.5, 1.5) == 1.0


def test_the_wasserstein_distance_is_how_far_a_shift_goes():
    """In sigmas; and for other changes what scipy says of the whole samples, but for the outermost rows."""
    rng = np.random.default_rng(4)
    before = rng.normal(size=2016)
    assert wasserstein(quantiles(before), before[:] + 0.5) == pytest.approx(0.5)
    after = 1.5 * rng.normal(size=1000)
    assert wasserstein(quantiles(before), after) == pytest.approx(wasserstein_distance(before, after), abs=0.03)


def test_one_wild_value_is_no_distance():
    """A heavy tail has an extreme value in every window."""
    before = np.random.default_rng(4).normal(size=2016)
    after = before[:1000].copy()
    after[17] = 1e6
    assert wasserstein(quantiles(before), after) < 0.05


def test_the_population_stability_index_of_a_normal_shift_is_what_theory_says():
    """The symmetric Kullback-Leibler divergence of a shift by d is d squared, less in ten bins; empty bins count."""
    rng = np.random.default_rng(5)
    before = rng.normal(size=100_000)
    edges = np.quantile(before, DECILES)
    shares = bin_shares(edges, before)
    assert population_stability(edges, shares, rng.normal(size=100_000)) < 0.001
    assert population_stability(edges, shares, 0.5 + rng.normal(size=100_000)) == pytest.approx(0.25, abs=0.02)
    assert 5.0 < population_stability(edges, shares, np.full(1000, 9.0)) < 20.0
