"""A loss with a scale: what is perfect is known, and so is what a perfect model shows by chance."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from ai_ops.domain.chance import loss_of_chance
from ai_ops.domain.examined import Examined
from ai_ops.domain.training_record import Learning
from ai_ops.learn import loss as module
from ai_ops.learn.loss import kolmogorov_loss, learning, loss_rise

PIT = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40).map(np.array)


def with_pit(pit, rows_a_day=36):
    """A model of which only these values are known, so many a day."""
    nothing, days = np.empty(0), np.arange(pit.size) // rows_a_day
    return Examined(nothing, nothing, nothing, nothing, (), None, {}, None, pit.size, pit, days)


def test_the_examples_in_the_docstrings_hold():
    """Whoever reads them believes them."""
    assert doctest.testmod(module).failed == 0


@given(PIT)
def test_it_is_the_distance_that_scipy_measures(pit):
    """R27; S001-19."""
    assert kolmogorov_loss(pit) == pytest.approx(kstest(pit, "uniform").statistic, abs=1e-12)


@given(PIT)
def test_it_lies_between_a_perfect_and_the_worst_model(pit):
    """A half row is the least that n rows can show."""
    assert 0.5 / pit.size <= kolmogorov_loss(pit) + 1e-12 <= 1.0 + 1e-12


@pytest.mark.parametrize("rows", [48, 504, 4032])
def test_a_perfect_model_shows_its_chance_on_average(rows):
    """0.869 / sqrt(n), within 2.5 %: 400 draws have a standard error of 1.5 %, few rows show a little less (R27)."""
    rng = np.random.default_rng(rows)
    mean = np.mean([kolmogorov_loss(rng.random(rows)) for _ in range(400)])
    assert mean == pytest.approx(loss_of_chance(rows), rel=0.045)
    assert loss_of_chance(rows) == pytest.approx(0.869 / np.sqrt(rows), rel=1e-3)


@pytest.mark.parametrize(
    ("rows", "least", "most"),
    [
        pytest.param(48, 0.10, 0.15, id="week 1: a first training has 48 samples"),
        pytest.param(504, 0.03, 0.05, id="week 2: what two weeks at ten minutes hold out"),
        pytest.param(4032, 0.01, 0.02, id="week 4: four weeks at ten minutes"),
    ],
)
def test_a_perfect_model_goes_through_the_losses_of_the_checklist(rows, least, most):
    """S001-118 (0.10 to 0.15), S001-119 (0.03 to 0.05), S001-120 (0.01 to 0.02)."""
    rng = np.random.default_rng(1)
    assert least <= np.mean([kolmogorov_loss(rng.random(rows)) for _ in range(200)]) <= most


@pytest.mark.parametrize(
    ("loss", "state"),
    [
        (0.0, Learning.CONVERGED),
        (0.0199, Learning.CONVERGED),
        (0.02, Learning.CONVERGING),
        (0.0499, Learning.CONVERGING),
        (0.05, Learning.TRAINING),
        (1.0, Learning.TRAINING),
    ],
)
def test_learning_is_named_by_its_loss(loss, state):
    """S001-108."""
    assert learning(loss) is state


def test_a_model_that_expects_too_much_or_too_little_has_a_greater_loss():
    """Surprises smaller than the training's are as wrong as greater ones: the model does not know what is usual."""
    pit = np.random.default_rng(2).random(2000)
    calm, wild = kolmogorov_loss(pit**1.5), kolmogorov_loss(pit ** (1.0 / 1.5))
    assert min(calm, wild) > 4.0 * kolmogorov_loss(pit)


def test_a_loss_that_rose_is_told_from_chance():
    """The same days are drawn for both."""
    pit = np.random.default_rng(3).random(504)
    worse = loss_rise(with_pit(np.sqrt(pit)), with_pit(pit), 1)
    same = loss_rise(with_pit(pit), with_pit(pit), 1)
    assert worse.low > 0.05
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_a_rise_of_chance_is_hardly_ever_called_significant():
    """Two perfect models with rows of their own: at most 5 in 100 on that side."""
    rng = np.random.default_rng(4)
    rises = [loss_rise(with_pit(rng.random(504)), with_pit(rng.random(504)), number) for number in range(100)]
    assert np.mean([rise.low > 0.0 for rise in rises]) <= 0.05


def test_without_values_there_is_no_loss_to_compare():
    """And none to tell."""
    assert loss_rise(with_pit(np.empty(0)), with_pit(np.ones(10)), 1) is None
    with pytest.raises(ValueError, match="no loss"):
        kolmogorov_loss(np.empty(0))
    assert loss_of_chance(0) == 1.0
