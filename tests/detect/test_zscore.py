"""z-score: the robust one, and the formula as first written."""

from __future__ import annotations

import numpy as np
import pytest
from examples import a_series
from rhythms import DAY, level

from ai_ops.detect.zscore import LiteralZScore, ZScore


def scored(detector, values):
    """Scores of one row with no floor to speak of."""
    return detector.score(a_series("cpu_percent", values), np.full(values.size, 1e-6))


def test_on_normal_noise_it_counts_standard_deviations():
    """A score of three means three sigmas, so that the bands of severity fit (S000-02, S001-89)."""
    values = level(14, seed=2)
    values[-1] = 150.0
    found = scored(ZScore(), values)
    assert found.values[-1] == pytest.approx(5.0, rel=0.25)
    assert np.nanmedian(found.values) == pytest.approx(0.67, abs=0.05)
    assert found.expected[-1] == pytest.approx(100.0, abs=2.0)


def test_the_incident_of_last_night_does_not_hide_the_one_of_this_morning():
    """Why median and MAD: the literal formula is blind for a day after a large incident."""
    values = level(4, seed=2)
    values[-60:-40] = 1000.0
    values[-1] = 180.0
    assert scored(ZScore(), values).values[-1] > 5.0
    assert scored(LiteralZScore(0.92), values).values[-1] < 1.0


def test_the_floor_is_the_least_spread():
    """On a flat metric one unit is not a thousand sigmas (R2)."""
    values = np.r_[np.full(2 * DAY, 5.0), 6.0]
    scores = ZScore().score(a_series("cpu_percent", values), np.full(values.size, 0.5)).values
    assert scores[-1] == pytest.approx(2.0)


def test_the_literal_z_score_keeps_its_golden_value():
    """`3.0 * (1 - 0.92)` is 0.24, as first written (S001-86, R1)."""
    detector = LiteralZScore(0.92)
    assert detector.threshold == pytest.approx(0.24)
    values = np.tile([9.0, 11.0], 73)
    values[-1] = 13.0
    assert scored(detector, values).values[-1] == pytest.approx(3.0, rel=0.01)


def test_the_literal_thresholds_flag_most_of_a_clean_series():
    """Why they are not the default: 81 % of normal points exceed 0.24 sigmas (R1)."""
    values = np.random.default_rng(5).normal(50, 5, 4032)
    assert np.nanmean(scored(LiteralZScore(0.92), values).values > 0.24) == pytest.approx(0.81, abs=0.02)


def test_the_literal_formula_says_nothing_of_a_constant():
    """It divides by the standard deviation, which is zero."""
    assert np.isnan(scored(LiteralZScore(0.92), np.full(2 * DAY, 5.0)).values).all()


def test_the_literal_formula_counts_bytes_as_it_counts_percent():
    """Rolling sums lose their digits on large levels, unless the level is taken off first."""
    values = level(2, seed=2)
    np.testing.assert_allclose(
        scored(LiteralZScore(0.92), 1e9 + values).values, scored(LiteralZScore(0.92), values).values, atol=1e-6
    )
