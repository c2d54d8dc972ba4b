"""The rolling window of predictions: the gauge is cheap, and equal to what a batch would say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np
import pytest
from drifting import METRICS, TRAINING, noise, rows_of, times
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.learn.drift.drift import ROWS, drift_of
from ai_ops.learn.drift.features import features_of
from ai_ops.learn.drift.recent_rows import RecentRows
from ai_ops.learn.drift.reference import reference_of

REFERENCE = reference_of(rows_of(noise(TRAINING, 3, phi=0.5)))


def filled(values: np.ndarray, scores: np.ndarray) -> RecentRows:
    """A window into which these rows were added, one by one."""
    recent = RecentRows(REFERENCE, METRICS)
    for moment, row, score in zip(times(len(values)), values, scores, strict=True):
        recent.append(moment, row, score)
    return recent


@given(
    rows=st.integers(1, 2300),
    level=st.sampled_from([0.0, 1.0, -1e3, 1e9]),
    missing=st.sampled_from([0.0, 0.1, 0.95]),
    seed=st.integers(0, 2**16),
)
def test_the_gauge_is_the_batch_figure(rows, level, missing, seed):
    """After any number of predictions, with gaps, and with values far from the training's (S004-13 to S004-15)."""
    rng = np.random.default_rng(seed)
    values = level + rng.normal(size=(rows, 3))
    values[rng.random(values.shape) < missing] = np.nan
    scores = np.where(rng.random(rows) < missing, np.inf, rng.random(rows))
    recent = filled(values, scores)
    report = drift_of(REFERENCE, features_of(times(rows), METRICS, values, scores))
    assert (recent.drift_score() is None) == (not report.features)
    if report.features:
        assert recent.drift_score() == pytest.approx(report.drift_score, rel=1e-6, abs=1e-9)


def test_the_newest_thousand_rows_are_kept_in_their_order():
    """A thousand and no more (S004-13)."""
    values, scores = noise(2 * ROWS + 77, 3), np.arange(2.0 * ROWS + 77)
    features = filled(values, scores).features()
    expected = features_of(times(len(values)), METRICS, values, scores).newest(ROWS)
    assert features.names == expected.names
    np.testing.assert_array_equal(features.times, expected.times)
    np.testing.assert_array_equal(features.values, expected.values)


def test_what_was_wild_is_forgotten_without_a_trace():
    """A value of 1e15 eats the digits of a running sum; when it has gone, the sum is right again."""
    values = noise(3 * ROWS, 3)
    values[100] = 1e15
    recent = filled(values, np.zeros(len(values)))
    batch = drift_of(REFERENCE, recent.features())
    assert recent.drift_score() == pytest.approx(batch.drift_score, rel=1e-9)


def test_a_window_without_rows_says_nothing():
    """No row, no gauge."""
    recent = RecentRows(REFERENCE, METRICS)
    assert recent.drift_score() is None
    assert recent.features().values.shape == (0, 6)


def test_many_threads_may_add_at_once():
    """Nothing is lost or counted twice."""
    recent = RecentRows(REFERENCE, METRICS)

    def add(number: int) -> None:
        for _ in range(100):
            recent.append(float(number), np.full(3, float(number)), 0.5)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    features = recent.features()
    assert np.bincount(features.times.astype(int)).tolist() == [100] * 8
    np.testing.assert_array_equal(features.column(METRICS[0]), features.times)
    assert recent.drift_score() == pytest.approx(drift_of(REFERENCE, features).drift_score)


def test_a_prediction_costs_microseconds():
    """Fifty for the row and the gauge, ten times that allowed for a busy machine: a batch would take milliseconds."""
    recent = filled(noise(ROWS, 3), np.zeros(ROWS))
    row, costs = np.zeros(3), []
    for number in range(500):
        start = perf_counter()
        recent.append(float(number), row, 0.5)
        recent.drift_score()
        costs.append(perf_counter() - start)
    assert np.median(costs) < 500e-6
