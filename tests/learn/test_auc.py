"""An area under the curve, and an interval that holds what it promises."""

from __future__ import annotations

import doctest
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr
from sklearn.metrics import roc_auc_score

from ai_ops.domain.examined import Examined
from ai_ops.learn import auc as module
from ai_ops.learn.auc import auc, auc_estimate, auc_gain

SCORES = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=30).map(np.array)
"""Few values, so that there are ties."""


def examined(quiet, faulty, quiet_days=None, faulty_days=None):
    """Windows of one kind; all of one day unless days are given."""
    days = [
        np.zeros(one.size, int) if given_days is None else given_days
        for one, given_days in ((quiet, quiet_days), (faulty, faulty_days))
    ]
    return Examined(quiet, days[0], faulty, days[1], ("spike",) * faulty.size, None, {}, None, 0)


def drawn(rng, days, apart, day_spread=0.5, noise=0.0):
    """Six quiet hours and forty faults a day; a day raises both. With a second, correlated model when `noise` is given.

    Returns
    -------
    Both models, and the true AUC of the first: over windows of different days, and of the same day.
    """
    of_day, of_faults = rng.normal(size=days) * day_spread, rng.normal(size=days) * day_spread
    quiet_days, faulty_days = np.repeat(np.arange(days), 6), np.repeat(np.arange(days), 40)
    quiet = of_day[quiet_days] + rng.normal(size=quiet_days.size)
    faulty = apart + 0.5 * (of_day + of_faults)[faulty_days] + rng.normal(size=faulty_days.size)
    second = [one + noise * rng.normal(size=one.size) for one in (quiet, faulty)]
    models = (examined(quiet, faulty, quiet_days, faulty_days), examined(*second, quiet_days, faulty_days))
    return (*models, true_auc(days, apart, day_spread))


def true_auc(days, apart, day_spread, noise=0.0):
    """What `drawn` converges to."""
    apart_variance = 2.0 + 2.0 * noise**2 + 1.5 * day_spread**2
    same_variance = 2.0 + 2.0 * noise**2 + 0.5 * day_spread**2
    other, same = (float(ndtr(apart / np.sqrt(one))) for one in (apart_variance, same_variance))
    return other * (1.0 - 1.0 / days) + same / days


def test_the_examples_in_the_docstrings_hold():
    """Whoever reads them believes them."""
    assert doctest.testmod(module).failed == 0


@given(SCORES, SCORES)
def test_it_is_the_area_that_scikit_learn_measures(quiet, faulty):
    """Ties count half (S001-20)."""
    truth = np.concatenate((np.zeros(quiet.size), np.ones(faulty.size)))
    assert auc(quiet, faulty) == pytest.approx(roc_auc_score(truth, np.concatenate((quiet, faulty))), abs=1e-12)


@given(SCORES, SCORES, st.floats(0.0, 3.0))
def test_louder_faults_are_never_told_worse(quiet, faulty, louder):
    """The measure is monotone."""
    assert auc(quiet, faulty + louder) >= auc(quiet, faulty)


@given(SCORES, SCORES)
def test_only_the_order_of_the_scores_counts(quiet, faulty):
    """Two models with other units of surprise are compared fairly."""
    assert auc(np.exp(quiet), np.exp(faulty)) == auc(quiet, faulty)


def test_without_windows_of_both_kinds_there_is_no_area():
    """Half of nothing is not one half."""
    with pytest.raises(ValueError, match="0 quiet and 2 faulty"):
        auc(np.empty(0), np.ones(2))


@pytest.mark.parametrize(("days", "apart"), [(6, 1.2), (14, 1.2), (14, 2.2)])
def test_the_interval_holds_the_truth_as_often_as_it_says(days, apart):
    """With 400 draws, 95 % is 93 to 97; its lower end, on which a promotion rests, misses in 5 of 100 at most (R20)."""
    rng = np.random.default_rng(3)
    estimates = [(auc_estimate((one := drawn(rng, days, apart))[0], number), one[2]) for number in range(400)]
    held = np.mean([estimate.low <= truth <= estimate.high for estimate, truth in estimates])
    too_high = np.mean([truth < estimate.low for estimate, truth in estimates])
    assert 0.92 <= held <= 0.985
    assert too_high <= 0.05


def test_the_interval_of_a_gain_holds_the_truth_as_often_as_it_says():
    """The second model is the first with noise of its own, so the first is truly better."""
    rng = np.random.default_rng(4)
    truth = true_auc(14, 1.2, 0.5) - true_auc(14, 1.2, 0.5, noise=0.7)
    gains = [auc_gain(*drawn(rng, 14, 1.2, noise=0.7)[:2], number) for number in range(400)]
    assert 0.92 <= np.mean([gain.low <= truth <= gain.high for gain in gains]) <= 0.985


def test_a_comparison_on_the_same_windows_is_sharper_than_two_intervals():
    """What makes a day hard for both models cancels out."""
    one, other, _ = drawn(np.random.default_rng(5), 14, 1.2, noise=0.1)
    alone, gain = auc_estimate(one, 1), auc_gain(one, other, 1)
    assert gain.high - gain.low < 0.5 * (alone.high - alone.low)


def test_a_model_gains_nothing_on_itself():
    """Exactly nothing, with no doubt about it."""
    one = drawn(np.random.default_rng(6), 8, 1.0)[0]
    gain = auc_gain(one, one, 1)
    assert (gain.value, gain.low, gain.high) == (0.0, 0.0, 0.0)


def test_gain_and_loss_are_mirror_images():
    """Who is called the candidate changes the sign and nothing else."""
    one, other, _ = drawn(np.random.default_rng(7), 8, 1.0, noise=0.5)
    forth, back = auc_gain(one, other, 1), auc_gain(other, one, 1)
    assert (forth.value, forth.low, forth.high) == pytest.approx((-back.value, -back.high, -back.low))


def test_models_of_different_examinations_are_not_compared():
    """A difference of unlike things would be a number all the same."""
    one, other = (drawn(np.random.default_rng(8), days, 1.0)[0] for days in (8, 9))
    with pytest.raises(ValueError, match="different windows"):
        auc_gain(one, other, 1)


@pytest.mark.parametrize("days", [1, 2, 3])
def test_from_less_than_four_days_nothing_is_concluded(days):
    """However many windows they have: a day is one draw."""
    one = drawn(np.random.default_rng(9), days, 3.0)[0]
    estimate, gain = auc_estimate(one, 1), auc_gain(one, one, 1)
    assert (estimate.low, estimate.high) == (0.0, 1.0)
    assert (gain.low, gain.high) == (-1.0, 1.0)


def test_a_perfect_score_is_not_known_to_be_perfect():
    """Twenty-four quiet hours cannot show more than one in 48."""
    days = np.repeat(np.arange(4), 6)
    estimate = auc_estimate(examined(np.zeros(24), np.ones(24), days, days), 1)
    assert estimate.high == estimate.value == 1.0
    assert estimate.low == pytest.approx(1.0 - 0.5 / 24)


def test_days_without_a_fault_or_without_quiet_do_not_break_it():
    """A resample may draw only such days; it has no area then and is left out."""
    rng = np.random.default_rng(10)
    one = examined(rng.normal(size=8), 2.0 + rng.normal(size=8), np.repeat([0, 1, 2, 3], 2), np.repeat([3, 4, 5, 6], 2))
    estimate = auc_estimate(one, 1)
    assert 0.0 <= estimate.low <= estimate.value <= estimate.high <= 1.0


def test_a_thousand_resamples_take_less_than_a_second():
    """A training every day, for hundreds of services."""
    one = drawn(np.random.default_rng(11), 14, 1.2)[0]
    start = perf_counter()
    auc_estimate(one, 1)
    assert perf_counter() - start < 1.0
