"""EWMA: the scaled residual, and the formula as first written."""

from __future__ import annotations

import numpy as np
import pytest
from examples import a_series
from rhythms import level

from ai_ops.detect.ewma import Ewma, LiteralEwma, recent_level

FLOOR = 1e-6


def scored(detector, values):
    """Scores of one row with no floor to speak of."""
    return detector.score(a_series("cpu_percent", values), np.full(values.size, FLOOR))


def test_a_sudden_move_is_told_in_sigmas():
    """Eight sigmas above what just was: the expectation wanders a little, so not exactly eight."""
    values = level(7, seed=2)
    values[-1] = 180.0
    found = scored(Ewma(), values)
    assert found.values[-1] == pytest.approx(8.0, rel=0.2)
    assert found.expected[-1] == pytest.approx(100.0, abs=8.0)


def test_a_step_scores_high_at_first_and_fades():
    """A new level becomes the expectation within hours; whoever must know it later asks another detector."""
    values = level(7, seed=2)
    values[600:] += 80.0
    scores = scored(Ewma(), values).values
    assert scores[600] > 6.0
    assert np.median(scores[660:720]) < 2.0


def test_the_level_is_the_mean_of_a_short_and_a_long_memory():
    """After one value of 21 among zeros: (2/6 + 2/21) / 2 of it."""
    values = np.r_[np.zeros(40), 21.0]
    assert recent_level(values)[-1] == pytest.approx(21.0 * (2 / 6 + 2 / 21) / 2)


def test_the_literal_ewma_keeps_its_golden_value():
    """`|current - ewma| / ewma`, abnormal above 0.3 (S001-87)."""
    values = np.full(100, 10.0)
    values[-1] = 14.0
    assert LiteralEwma().threshold == 0.3
    assert scored(LiteralEwma(), values).values[-1] == pytest.approx(0.4)


@pytest.mark.parametrize("center", [0.0, -5.0])
def test_the_literal_formula_says_nothing_where_its_mean_is_not_positive(center):
    """A share of nothing is no number, and one of a negative mean no deviation (R2)."""
    assert np.isnan(scored(LiteralEwma(), np.full(100, center)).values).all()


def test_the_literal_formula_flags_a_small_error_rate_all_the_time():
    """Why it is not the default: most clean points of a rate of 0.12 % lie 30 % off their mean (R2)."""
    rate = 100.0 * np.random.default_rng(5).poisson(1.2, 4032) / 1000.0
    assert np.nanmean(scored(LiteralEwma(), rate).values > 0.3) > 0.5
