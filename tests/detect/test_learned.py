"""Learned: what is normal is a matter of how metrics move together, and must survive what real data look like."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from ai_ops.detect.learned.cold_fit import fit
from ai_ops.detect.learned.mixture import Mixture
from ai_ops.domain.warming_up import WarmingUp

MINUTE = timedelta(minutes=1)


def load_and_latency(n: int = 6000, seed: int = 1) -> np.ndarray:
    """Three metrics that follow one load, shape (n, 3): CPU, latency and requests per second."""
    rng = np.random.default_rng(seed)
    load = 1.0 + 0.5 * np.sin(np.arange(n) * 2 * np.pi / 1440)
    slopes, noise = np.array([40.0, 100.0, 900.0]), np.array([1.0, 3.0, 20.0])
    return load[:, None] * slopes + rng.normal(size=(n, 3)) * noise


def fitted(values: np.ndarray, **wishes: float) -> Mixture:
    """The model of values that suffice."""
    model = fit(values, MINUTE, **wishes)
    assert isinstance(model, Mixture)
    return model


def test_a_fault_that_shows_only_in_how_metrics_move_together_is_found():
    """Much CPU at little traffic: each metric is where it often is, their meeting is not."""
    values = load_and_latency()
    model = fitted(values[:3000])
    night, day = values[np.argmin(values[:, 2])].copy(), values[np.argmax(values[:, 2])]
    night[0] = day[0]
    inside = (values[:3000].min(axis=0) <= night) & (night <= values[:3000].max(axis=0))
    assert inside.all()
    assert model.score(np.tile(night, (5, 1)))[-1] > 2
    assert model.score(np.tile(day, (5, 1)))[-1] < 1


def test_a_normal_week_stays_within_its_budget():
    """The threshold comes from the past, so a week like it raises about one alarm at most."""
    values = load_and_latency(n=4 * 10_080)
    scores = fitted(values[: 2 * 10_080]).score(values[2 * 10_080 :])
    rising = (scores[1:] > 1) & (scores[:-1] <= 1)
    assert rising.sum() <= 3


def test_a_score_rests_on_its_row_and_the_four_before_it():
    """Rows that come later change nothing, and a fault is forgotten five rows after it."""
    values = load_and_latency()
    model = fitted(values[:3000])
    np.testing.assert_array_equal(model.score(values)[:4000], model.score(values[:4000]))
    hurt = values.copy()
    hurt[4000] *= 10.0
    changed = np.flatnonzero(model.score(hurt) != model.score(values))
    assert changed.tolist() == [4000, 4001, 4002, 4003, 4004]


def test_a_row_with_gaps_is_judged_by_what_it_has():
    """An exporter that misses one scrape neither hides a fault nor makes one."""
    values = load_and_latency()
    model = fitted(values[:3000])
    gappy = values[3000:].copy()
    gappy[np.random.default_rng(2).random(gappy.shape) < 0.2] = np.nan
    scores = model.score(gappy)
    nothing = np.isnan(gappy).all(axis=1)
    assert np.isnan(scores[nothing]).all()
    assert np.nanmean(scores[~nothing] > 1) < 0.01
    fault = np.tile([80.0, np.nan, 500.0], (5, 1))
    assert model.score(fault)[-1] > 2


def test_training_rows_with_gaps_teach_the_same():
    """A fifth of the values missing moves no score by much: the pairs that are known suffice."""
    values = load_and_latency()
    gappy = values[:3000].copy()
    gappy[np.random.default_rng(3).random(gappy.shape) < 0.2] = np.nan
    whole, part = (fitted(past).score(values[3000:]) for past in (values[:3000], gappy))
    assert np.corrcoef(whole, part)[0, 1] > 0.95


def test_a_constant_column_is_silent_until_it_moves():
    """No division by a spread of zero; the first move of what never moved is news, and bounded."""
    values = np.column_stack([load_and_latency(), np.full(6000, 7.0), np.full(6000, np.nan)])
    model = fitted(values[:3000])
    assert np.nanmean(model.score(values[3000:]) > 1) < 0.01
    moved = values[3000:3010].copy()
    moved[5:, 3] = 1e12
    scores = model.score(moved)
    assert scores[9] > 1
    assert scores[9] < 50


def test_no_column_drowns_the_others():
    """A byte counter that jumps a millionfold is far out, not infinitely far."""
    values = load_and_latency()
    scores = fitted(values[:3000]).score(np.tile([1e300, 1e300, 1e300], (5, 1)))
    assert np.isfinite(scores).all()


def test_what_is_infinite_is_not_known():
    """A division by zero at the source is a gap, not a level."""
    values = load_and_latency()
    model = fitted(values[:3000])
    rows = np.array([[np.inf, -np.inf, np.nan], [40.0, 100.0, np.inf]])
    assert np.isnan(model.score(rows)).tolist() == [True, False]


def test_too_few_rows_are_a_value_with_a_count():
    """Of 48 samples half may be held out; a covariance from fewer rows is noise (S001-122)."""
    assert fit(load_and_latency(n=20), MINUTE) == WarmingUp(20, 24, "rows")


def test_a_mixture_must_beat_one_gaussian_on_rows_it_has_not_seen():
    """One cloud stays one Gaussian; two modes of work that one Gaussian blurs become two."""
    rng = np.random.default_rng(4)
    cloud = rng.normal(size=(1000, 2))
    assert fitted(cloud, most_components=2).components == 1
    busy = rng.random(1000) < 0.5
    modes = cloud + np.where(busy[:, None], 8.0, -8.0)
    assert fitted(modes, most_components=2).components > 1
    between = np.zeros((5, 2))
    assert fitted(modes, most_components=2).score(between)[-1] > 1
    assert fitted(modes, most_components=1).score(between)[-1] < 1


def test_another_number_of_columns_is_refused():
    """A metric more or less would be judged by a neighbour's spread."""
    with pytest.raises(ValueError, match="knows 3 columns"):
        fitted(load_and_latency()).score(np.zeros((5, 4)))
