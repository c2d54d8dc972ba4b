"""Holt-Winters: the textbook's recursion, and what it must not do on real metrics."""

from __future__ import annotations

import numpy as np
import pytest

from ai_ops.detect.forecast.holt_winters import Speeds, holt_winters

DAY = 24


def rhythm(days: int = 14, noise: float = 1.0, seed: int = 0) -> np.ndarray:
    """Hours of a metric with a daily rhythm around 50."""
    hours = np.arange(days * DAY)
    return 50.0 + 10.0 * np.sin(hours * 2 * np.pi / DAY) + noise * np.random.default_rng(seed).normal(size=hours.size)


def speeds(*variants: tuple[float, float, float, float]) -> Speeds:
    """Level, trend, season and damping of each variant."""
    return Speeds(*np.array(variants).T)


ONE = (0.3, 0.1, 0.05, 0.9)


@pytest.mark.parametrize("variant", [ONE, (0.9, 0.0, 0.05, 0.9), (0.1, 0.3, 0.5, 1.0)])
def test_it_is_the_holt_winters_of_statsmodels(variant):
    """Additive trend, additive season, 24 periods: the reference's forecasts to the last digits (S001-134)."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    values = rhythm()
    level, shape = np.median(values[:48]), np.median(values[:48].reshape(2, DAY), axis=0)
    alpha, beta, gamma, phi = variant
    model = ExponentialSmoothing(
        values,
        trend="add",
        damped_trend=phi < 1.0,
        seasonal="add",
        seasonal_periods=DAY,
        initialization_method="known",
        initial_level=level,
        initial_trend=0.0,
        initial_seasonal=shape - level,
    )
    damping = {"damping_trend": phi} if phi < 1.0 else {}
    fitted = model.fit(
        smoothing_level=alpha, smoothing_trend=beta, smoothing_seasonal=gamma, optimized=False, **damping
    )
    ours = holt_winters(values, DAY, speeds(variant), 6, clip=np.inf)
    np.testing.assert_allclose(ours[-1, 0], fitted.forecast(6), rtol=1e-10)


def test_variants_do_not_disturb_each_other():
    """Running many at once is running each alone."""
    values, fast = rhythm(), (0.9, 0.0, 0.05, 0.9)
    both = holt_winters(values, DAY, speeds(ONE, fast), 6)
    np.testing.assert_array_equal(both[:, :1], holt_winters(values, DAY, speeds(ONE), 6))
    np.testing.assert_array_equal(both[:, 1:], holt_winters(values, DAY, speeds(fast), 6))


def test_later_values_never_change_an_earlier_forecast():
    """What was forecast at noon is what could be known at noon."""
    values = rhythm()
    np.testing.assert_array_equal(
        holt_winters(values, DAY, speeds(ONE), 6)[:200], holt_winters(values[:200], DAY, speeds(ONE), 6)
    )


def test_a_spike_does_not_become_the_season():
    """A day after a huge outlier the forecast is as before; the textbook's recursion repeats it."""
    values = rhythm()
    spiked = values.copy()
    spiked[200] += 1000.0
    quiet, robust, textbook = (
        holt_winters(one, DAY, speeds(ONE), 1, clip)[223, 0, 0]
        for one, clip in ((values, 3.0), (spiked, 3.0), (spiked, np.inf))
    )
    assert abs(robust - quiet) < 3.0
    assert abs(textbook - quiet) > 10.0


def test_a_shift_that_lasts_is_followed_within_a_day():
    """Clipping must not make it blind: the spread grows until the new level is believed."""
    values = rhythm()
    values[200:] += 1000.0
    made = holt_winters(values, DAY, speeds((0.9, 0.0, 0.05, 0.9)), 1)[:, 0, 0]
    assert abs(made[223] - values[224]) < 100.0


def test_a_gap_moves_nothing():
    """An outage of the collector is no outage of the service: after it, the season goes on where it was."""
    values = rhythm(noise=0.1)
    values[200:230] = np.nan
    made = holt_winters(values, DAY, speeds(ONE), 1)[:, 0, 0]
    assert np.isfinite(made).all()
    assert abs(made[229] - rhythm(noise=0.0)[230]) < 1.0


@pytest.mark.parametrize("values", [np.zeros(96), np.full(96, 1e15), np.r_[np.zeros(90), np.full(6, 5.0)]])
def test_a_flat_beginning_gives_finite_forecasts(values):
    """No spread yet is no reason to believe nothing that comes."""
    made = holt_winters(values, DAY, speeds((0.9, 0.0, 0.05, 0.9)), 6)
    assert np.isfinite(made).all()
    assert made[-1, 0] == pytest.approx(np.full(6, values[-1]), abs=0.1)
