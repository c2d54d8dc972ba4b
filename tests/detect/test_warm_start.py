"""Going on from the champion: nothing is lost but by age, and nothing abnormal is learned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_ops.detect.learned.cold_fit import fit
from ai_ops.detect.learned.mixture import Mixture
from ai_ops.detect.learned.moments import Moments
from ai_ops.detect.learned.online import adapted
from ai_ops.detect.learned.warm_start import Rows, WarmStart, warm_start

STEP = timedelta(minutes=10)
DAY = 144
CAP = 14 * DAY
FREE = 1e3
"""Days after which no bound holds anything back."""


def coupled(count: int, seed: int, level: float = 0.0) -> np.ndarray:
    """Three metrics that follow one load, shape (n, 3)."""
    rng = np.random.default_rng(seed)
    load = rng.normal(size=count) + level
    return np.column_stack([40 + 5 * load, 200 + 25 * load, 900 + 200 * load]) + rng.normal(size=(count, 3)) * [
        2,
        9,
        50,
    ]


def fitted(values: np.ndarray, weights: np.ndarray | None = None, most: int = 1) -> Mixture:
    """The model of values that suffice."""
    model = fit(values, STEP, weights=weights, most_components=most)
    assert isinstance(model, Mixture)
    return model


def continued(model: Mixture, values: np.ndarray, weights: np.ndarray | None = None, days: float = FREE) -> WarmStart:
    """Go on with rows, on which threshold and levels are learned too."""
    rows = Rows(values, np.ones(len(values)) if weights is None else weights)
    return warm_start(model, rows, rows, STEP, days=days)


@settings(max_examples=40, deadline=None)
@given(st.integers(48, 900), st.integers(1, 900), st.integers(0, 10_000))
def test_one_gaussian_becomes_exactly_that_of_all_rows(first, second, seed):
    """What is known is not approximated: weighted rows of both parts have the very same moments."""
    rng = np.random.default_rng(seed)
    old, new = coupled(first, seed), coupled(second, seed + 1, level=0.3)
    known, taught = rng.random(first), rng.random(second)
    champion = fitted(old, known)
    taught[champion.score(new) > 1] = 0.0
    warm = continued(champion, new, taught).model
    scaled, heavy = champion.scaling.apply(np.concatenate([old, new])), np.concatenate([known, taught])
    mean = np.average(scaled, axis=0, weights=heavy)
    np.testing.assert_allclose(warm.moments.means[0], mean, atol=1e-9)
    np.testing.assert_allclose(
        warm.moments.covariances[0], np.cov(scaled, rowvar=False, aweights=heavy, ddof=0), atol=1e-9
    )
    assert warm.rows == pytest.approx(heavy.sum())


def test_the_past_fades_by_age_alone():
    """What is known counts as two weeks of rows at most, so that a service that changed is followed in the end."""
    champion = fitted(coupled(2 * CAP, seed=1))
    assert champion.rows == 2 * CAP
    day = coupled(DAY, seed=2, level=0.3)
    day = day[champion.score(day) <= 1]
    warm = continued(champion, day).model
    assert warm.rows == CAP + len(day)
    way = champion.scaling.apply(day).mean(axis=0) - champion.moments.mean
    np.testing.assert_allclose(warm.moments.mean - champion.moments.mean, len(day) / (CAP + len(day)) * way, atol=1e-9)


def test_rows_above_the_champions_threshold_teach_nothing():
    """An incident of half a day is not normal life, whatever weight it came with."""
    champion = fitted(coupled(CAP, seed=1))
    day = coupled(DAY, seed=2)
    day[36:108] *= [1.0, 4.0, 0.1]
    alarming = champion.score(day) > 1
    assert alarming[40:108].all()
    warm = continued(champion, day)
    same = continued(champion, day, (~alarming).astype(float))
    np.testing.assert_array_equal(warm.model.moments.means, same.model.moments.means)


def test_rows_without_weight_might_as_well_not_be_there():
    """Neither the moments nor the threshold nor the levels know anything of them."""
    champion, day = fitted(coupled(CAP, seed=1)), coupled(DAY, seed=2)
    weights = np.where(np.arange(DAY) % 3 == 0, 0.0, 1.0)
    other = day.copy()
    other[weights == 0.0] = 1e9
    for one, two in (
        (continued(champion, day, weights).model, continued(champion, other, weights).model),
        (fitted(day, weights), fitted(other, weights)),
    ):
        assert one.to_json() == two.to_json()


def test_a_day_without_any_usable_row_changes_nothing():
    """A source that was down for a day is no news of the service."""
    champion = fitted(coupled(CAP, seed=1))
    for values in (np.full((DAY, 3), np.nan), np.zeros((0, 3))):
        warm = continued(champion, values, days=1.0)
        assert warm.model.to_json() == champion.to_json()
        assert warm.allowed_ratio == 1.0


def test_a_metric_that_is_missing_for_a_week_keeps_its_place_among_the_others():
    """A gap is neither the mean nor certain: what is known of the column stays, and the others go on."""
    champion, week = fitted(coupled(CAP, seed=1)), coupled(7 * DAY, seed=2)
    week[:, 1] = np.nan
    warm = continued(champion, week).model
    unseen = coupled(2000, seed=3)
    assert np.corrcoef(warm.score(unseen), champion.score(unseen))[0, 1] > 0.99
    ratio = warm.baseline.deviations / champion.baseline.deviations
    np.testing.assert_allclose(ratio, 1.0, atol=0.05)


def test_gaps_here_and_there_teach_nearly_the_same():
    """A fifth of the values missing moves the moments by little: the rest says what they were."""
    champion, days = fitted(coupled(300, seed=1)), coupled(5 * DAY, seed=2)
    gappy = np.where(np.random.default_rng(3).random(days.shape) < 0.2, np.nan, days)
    whole, part = continued(champion, days).model, continued(champion, gappy).model
    np.testing.assert_allclose(part.moments.means, whole.moments.means, atol=0.03)
    np.testing.assert_allclose(part.moments.covariances, whole.moments.covariances, atol=0.05)


def two_modes(count: int, seed: int) -> np.ndarray:
    """A batch system: idle or busy."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, 2)) + np.where(rng.random(count) < 0.5, 8.0, -8.0)[:, None]


def test_several_gaussians_stay_the_same_ones():
    """Each mode goes on from itself: they neither merge nor change places."""
    champion = fitted(two_modes(CAP, seed=1), most=2)
    assert champion.components > 1
    warm = continued(champion, two_modes(DAY, seed=2), days=1.0).model
    np.testing.assert_allclose(warm.moments.means, champion.moments.means, atol=0.1)
    assert warm.score(np.zeros((5, 2)))[-1] > 1


def test_a_mode_that_is_not_used_is_remembered():
    """The batch of the weekend is not forgotten by Friday."""
    champion = fitted(two_modes(CAP, seed=1), most=2)
    busy = two_modes(10 * DAY, seed=2)
    busy = busy[busy[:, 0] > 0.0][: 5 * DAY]
    idle = np.full((5, 2), -8.0)
    assert continued(champion, busy).model.score(idle)[-1] < 0.8


def test_what_a_cold_fit_was_like_is_remembered_through_all_that_follow():
    """Many small steps add up: the anchor is that of the first day, with its date (H04)."""
    champion = fitted(coupled(CAP, seed=1))
    model = champion
    for day in range(5):
        model = continued(model, coupled(DAY, seed=10 + day, level=0.5), days=1.0).model
    assert model.anchor is champion.anchor
    drifted = WarmStart(champion, model, 1.0).drifted(("a", "b", "c"))
    assert [one.metric for one in drifted] == ["a", "b", "c"]
    assert all(0.05 < one.sigmas < 0.5 for one in drifted)


def test_levels_are_those_of_recent_history():
    """Probability-integral values of rows like the history are uniform (R27)."""
    champion, later = fitted(coupled(CAP, seed=1)), coupled(CAP, seed=2)
    later += np.random.default_rng(4).standard_t(3, later.shape) * [2, 9, 50]
    model = continued(champion, later, days=14.0).model
    pit = np.sort(model.pit(later))
    distance = np.abs(pit - (np.arange(pit.size) + 0.5) / pit.size).max()
    assert distance < 0.01
    assert model.pit(np.full((1, 3), 1e9)) == 1.0
    assert np.isnan(model.pit(np.full((1, 3), np.nan)))


def test_another_number_of_columns_is_refused():
    """A metric more or less needs a cold fit."""
    with pytest.raises(ValueError, match="knows 3 columns"):
        continued(fitted(coupled(CAP, seed=1)), np.zeros((10, 4)))


@pytest.mark.parametrize("weights", [np.ones(9), np.full(10, 1.5), np.full(10, np.nan), np.full(10, -0.1)])
def test_weights_that_are_no_shares_are_refused(weights):
    """A weight of a hundred would be a way to teach anything."""
    with pytest.raises(ValueError, match="weight"):
        continued(fitted(coupled(CAP, seed=1)), coupled(10, seed=2), weights)


def test_between_trainings_each_six_hours_are_one_small_step():
    """A step of a hundredth moves the mean by a hundredth of the way (R41); half a batch moves nothing."""
    champion = fitted(coupled(CAP, seed=1))
    batch = coupled(36, seed=2, level=0.4)
    assert (champion.score(batch) < 1).all()
    after = adapted(champion, batch, STEP, 0.01)
    way = champion.scaling.apply(batch).mean(axis=0) - champion.moments.mean
    np.testing.assert_allclose(after.moments.mean - champion.moments.mean, 0.01 * way, atol=1e-12)
    assert adapted(champion, batch[:35], STEP, 0.01).to_json() == champion.to_json()
    assert adapted(champion, batch, STEP, 0.0).moments.means == pytest.approx(champion.moments.means)


def test_a_batch_of_which_half_is_abnormal_counts_half():
    """What is above the threshold teaches nothing, and the rest does not speak for it."""
    champion = fitted(coupled(CAP, seed=1))
    batch = coupled(36, seed=2, level=0.4)
    batch[18:] *= [1.0, 9.0, 0.1]
    normal = champion.scaling.apply(batch[:18]).mean(axis=0) - champion.moments.mean
    after = adapted(champion, batch, STEP, 0.02)
    np.testing.assert_allclose(after.moments.mean - champion.moments.mean, 0.01 * normal, atol=1e-12)


def test_adapting_leaves_the_champion_alone_and_is_the_same_each_time():
    """Nothing is kept between two cycles, so nothing can be poisoned there."""
    champion, rows = fitted(coupled(CAP, seed=1)), coupled(200, seed=2)
    before = champion.to_json()
    assert adapted(champion, rows, STEP, 0.01).to_json() == adapted(champion, rows, STEP, 0.01).to_json()
    assert champion.to_json() == before
    weighed = adapted(champion, rows, STEP, 0.01, np.zeros(200))
    assert weighed.to_json() == before


@pytest.mark.parametrize("rate", [-0.1, 1.1, np.nan])
def test_a_learning_rate_that_is_no_share_is_refused(rate):
    """Above one, the past would count negatively."""
    with pytest.raises(ValueError, match="learning rate"):
        adapted(fitted(coupled(CAP, seed=1)), coupled(36, seed=2), STEP, rate)


def test_correlations_of_few_rows_are_not_believed():
    """With 48 rows of 20 unrelated metrics chance correlates some; a later row is not judged by that (S001-122)."""
    rng = np.random.default_rng(1)
    few, many = fitted(rng.normal(size=(48, 20))), fitted(rng.normal(size=(5000, 20)))
    later = rng.normal(size=(1000, 20))
    apart = np.abs(few.surprise(later).mean() - many.surprise(later).mean())
    assert apart < 1.5
    bare = replace(few, moments=Moments(1e9, *(getattr(few.moments, n) for n in ("weights", "means", "covariances"))))
    assert bare.surprise(later).mean() > few.surprise(later).mean() + 1.0


def test_correlations_of_many_rows_are_believed():
    """The influence of the shrinking vanishes: two weeks of rows score as if there were none."""
    model = fitted(coupled(CAP, seed=1))
    bare = replace(model, moments=replace(model.moments, rows=1e9))
    later = coupled(1000, seed=2)
    np.testing.assert_allclose(model.surprise(later), bare.surprise(later), atol=0.05)
