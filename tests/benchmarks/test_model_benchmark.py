"""The benchmark of the model runs, on little, and its made-up rows are what they say they are."""

from __future__ import annotations

import argparse

import model as benchmark
import numpy as np
import pytest
from multivariate_scores import OURS, average_precisions
from multivariate_series import REGIMES, make_rows


@pytest.mark.slow
def test_everything_is_measured_in_one_run(tmp_path):
    """Ours and the peer's on the same rows (S004-30); the smallest of everything."""
    answer = tmp_path / "model.json"
    figures = benchmark.measure(argparse.Namespace(repeats=1, series=1, exchanges=200, nights=2, seed=1, json=answer))
    assert answer.read_text().startswith("{")
    assert all(one["ours"] > 0.0 and one["peer"] > 0.0 for one in figures["speed"]["seconds"].values())
    assert figures["footprint"]["metrics"] == 8  # of ten: desired instances and cost say what instances say
    assert 50.0 < figures["footprint"]["training_peak_mb"] < 512.0
    assert 0.1 < figures["footprint"]["history_mb"] < 2.0
    shown = "\n".join(benchmark.table(figures))
    assert all(word in shown for word in ("score one row", "wanted below 50", "contaminated", "training_log.json"))


def test_scores_that_know_the_relations_beat_those_that_do_not():
    """Where only a relation is broken, a distance by single metrics finds next to nothing."""
    by_regime = average_precisions(1, 1)
    assert by_regime.keys() == REGIMES.keys()
    broken = by_regime["broken relation"]
    assert broken[OURS] > 2.0 * broken["mean |z|"]
    assert broken["mean |z|"] < 3.0 * broken["chance"]


@pytest.mark.parametrize("name", REGIMES)
def test_faults_lie_where_they_are_said_to(name):
    """The same seed makes the same rows, and without its faults a series is the same elsewhere."""
    rows, again = (make_rows(REGIMES[name], np.random.default_rng(7), 14) for _ in range(2))
    np.testing.assert_array_equal(rows.values, again.values)
    assert 0.02 < rows.is_fault[rows.training :].mean() < 0.2
    assert rows.is_fault[: rows.training].any() == REGIMES[name].is_contaminated
    assert np.isfinite(rows.values).all()


def test_a_broken_relation_moves_no_single_metric():
    """Every value was there before, in the training half."""
    rows = make_rows(REGIMES["broken relation"], np.random.default_rng(3), 14)
    known = rows.values[: rows.training]
    for value in rows.values[rows.is_fault]:
        strange = [column for column, one in enumerate(value) if one in known[:, column]]
        assert len(strange) == 2
