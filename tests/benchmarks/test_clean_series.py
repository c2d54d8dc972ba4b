"""What is called healthy must be healthy, or the count of false alarms means nothing."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from clean_series import KINDS, make

STEP = timedelta(minutes=10)


def healthy(kind, seed=1, days=14):
    """Four series of a kind."""
    return make(kind, np.random.default_rng(seed), rows=4, days=days, step=STEP)


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_names_a_series(kind):
    """Everybody judges the same series, and another seed gives others."""
    one, same, other = healthy(kind), healthy(kind), healthy(kind, seed=2)
    np.testing.assert_array_equal(one.panel.values, same.panel.values)
    assert one.panel.values.shape == (4, 2016)
    assert not np.array_equal(one.panel.values, other.panel.values, equal_nan=True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_values_are_possible(kind):
    """Nothing is negative, and no share exceeds its whole."""
    panel = healthy(kind).panel
    known = panel.values[np.isfinite(panel.values)]
    assert known.min() >= 0.0
    if panel.metric.endswith("_percent"):
        assert known.max() <= 100.0


def test_the_nightly_job_comes_every_night():
    """A recurring burst is what makes the spiky kind healthy."""
    by_day = healthy("spiky").panel.values.reshape(4, 14, 144)
    assert (by_day.max(axis=2) > by_day.mean(axis=(1, 2))[:, None] + 10.0).all()


def test_a_counter_only_falls_to_start_again():
    """A reset takes it to nothing; everywhere else it grows."""
    values = healthy("counter_reset").panel.values
    falls = np.diff(values, axis=1) < 0.0
    assert falls.any()
    assert (values[:, 1:][falls] == 0.0).all()


def test_a_share_of_errors_comes_with_its_traffic():
    """One failure among ten requests is nothing; a detector must be told that there were ten."""
    clean = healthy("error_share")
    assert clean.requests_per_second is not None
    requests = clean.requests_per_second * STEP.total_seconds()
    failed = clean.panel.values / 100.0 * requests
    np.testing.assert_allclose(failed, np.round(failed), atol=1e-6)
    assert np.isnan(clean.panel.values[requests == 0.0]).all()
