"""The Python entry for several metrics: one number per row, whatever the rows look like."""

from __future__ import annotations

import importlib
import sys

import numpy as np
import pandas as pd
import pytest

from ai_ops.detect import score_matrix
from ai_ops.detect.learned.density import PATIENCE


def machine(rows: int = 6000, columns: int = 12, seed: int = 0) -> np.ndarray:
    """A server: columns that follow three loads, some sparse, one constant."""
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * np.arange(rows) / 1440
    loads = np.stack([np.sin(phase), np.cos(phase), np.sin(3 * phase)], axis=1) + 0.3 * rng.normal(size=(rows, 3))
    values = loads @ rng.normal(size=(3, columns)) + 0.3 * rng.normal(size=(rows, columns))
    values[:, 0] = 1.0
    values[:, 1] = (rng.random(rows) < 0.02) * rng.gamma(1.0, size=rows)
    return values


def times(rows: int) -> pd.DatetimeIndex:
    """One row a minute."""
    return pd.date_range("2026-11-01", periods=rows, freq="min", tz="UTC")


def test_an_incident_stands_out_and_normal_rows_do_not():
    """An hour in which four metrics leave the others is found row by row."""
    values = machine()
    values[4500:4560, 4:8] += 2.0
    scores = score_matrix(times(6000), values)
    assert scores.shape == (6000,)
    assert (scores[4500 + PATIENCE : 4560] > 1).mean() > 0.9
    assert (np.delete(scores[3000:], np.s_[1500 : 1560 + PATIENCE]) > 1).mean() < 0.005


def test_the_joint_model_sees_more_than_each_metric_alone():
    """Four metrics that live twelve hours behind the others are usual each, and strange together."""
    values = machine()
    fault = np.zeros(6000, dtype=bool)
    fault[4500:4560] = True
    values[4500:4560, 4:8] = values[3780:3840, 4:8]
    alone = np.abs((values - values[:3000].mean(axis=0)) / (values[:3000].std(axis=0) + 1e-9)).mean(axis=1)

    def share_found(scores: np.ndarray) -> float:
        """Share of the faulty rows among the sixty highest of the second half."""
        return float(fault[3000:][np.argsort(scores[3000:])[-60:]].mean())

    assert share_found(score_matrix(times(6000), values)) > 0.8
    assert share_found(alone) < 0.2


def test_later_rows_never_change_a_score_of_the_second_half():
    """What comes after a row cannot have been known at it."""
    values = machine()
    before = score_matrix(times(6000), values)
    values[5000:] = 1e6
    np.testing.assert_array_equal(score_matrix(times(6000), values)[:5000], before[:5000])


def test_gaps_never_make_a_gap_of_a_score():
    """Whole rows and single values may be missing: a row without values says nothing, which is zero."""
    values = machine()
    values[np.random.default_rng(1).random(values.shape) < 0.1] = np.nan
    values[4000:4010] = np.nan
    scores = score_matrix(times(6000), values)
    assert np.isfinite(scores).all()
    assert (scores[4000:4010] == 0).all()


@pytest.mark.parametrize("rows", [0, 1, 2, 50])
def test_too_short_a_past_scores_nothing(rows):
    """Where nothing can be learned, nothing is abnormal."""
    assert (score_matrix(times(rows), machine(rows)) == np.zeros(rows)).all()


@pytest.mark.parametrize("level", [0.0, 5.0, np.nan])
def test_a_matrix_without_life_scores_nothing(level):
    """All constant, all empty: no error, no alarm."""
    scores = score_matrix(times(600), np.full((600, 3), level))
    assert (scores < 1).all()


def test_rows_out_of_order_are_scored_in_the_order_of_time():
    """Late rows are put in their place, and each score is returned where its row was."""
    values = machine()
    shuffled = np.random.default_rng(5).permutation(6000)
    np.testing.assert_array_equal(
        score_matrix(times(6000)[shuffled], values[shuffled]), score_matrix(times(6000), values)[shuffled]
    )


def test_times_may_be_text_seconds_or_pandas():
    """Whatever a notebook has at hand gives the same scores."""
    values = machine(1000)
    index = times(1000)
    expected = score_matrix(index, values)
    for same in (index.tz_localize(None), index.strftime("%Y-%m-%d %H:%M:%S"), pd.Series(index), np.arange(1000) * 60):
        np.testing.assert_array_equal(score_matrix(same, pd.DataFrame(values)), expected)


@pytest.mark.parametrize("values", [np.zeros(10), np.zeros((9, 2)), np.zeros((10, 2, 2))])
def test_a_shape_that_makes_no_sense_is_refused_with_both_shapes(values):
    """The message says what was wanted and what came."""
    with pytest.raises(ValueError, match="are needed, not"):
        score_matrix(times(10), values)


def test_a_row_without_a_time_is_refused():
    """Sorted to the end it would be judged as the newest one."""
    without = times(10).where(np.arange(10) != 3)
    with pytest.raises(ValueError, match="row 3 has no timestamp"):
        score_matrix(without, np.zeros((10, 2)))


@pytest.mark.parametrize("budget", [0.0, -1.0, float("nan")])
def test_a_budget_that_allows_nothing_is_refused(budget):
    """No threshold is never crossed by chance."""
    with pytest.raises(ValueError, match="above zero"):
        score_matrix(times(10), np.zeros((10, 2)), budget_per_week=budget)


def test_the_function_is_not_hidden_by_its_module():
    """`ai_ops.detect.learned.score_matrix` stays callable, whatever was imported before."""
    importlib.import_module("ai_ops.detect.learned.score_matrix")
    assert callable(sys.modules["ai_ops.detect"].score_matrix)
