"""Hour profile: noise that grows with traffic."""

from __future__ import annotations

import numpy as np
import pytest
from examples import STEP
from rhythms import DAY

from ai_ops.detect.hour_profile import LEAST, MOST, hour_profile


def residuals(busy, days=12):
    """Absolute residuals of sigma 1, but `busy` times as large in the twelfth hour."""
    sizes = np.abs(np.random.default_rng(1).normal(size=days * DAY))
    hour = np.arange(sizes.size) % DAY // 6
    return sizes * np.where(hour == 12, busy, 1.0)


def of_the_busy_hour(values):
    """The profile of the twelfth hour of the last day."""
    return values[-DAY + 72 : -DAY + 78]


def test_a_busy_hour_has_a_wider_spread():
    """One spread for all day would be too narrow at noon and too wide by night."""
    profile = hour_profile(residuals(busy=3.0), STEP)
    assert of_the_busy_hour(profile).mean() == pytest.approx(3.0, rel=0.35)
    assert np.median(profile[-DAY:]) == pytest.approx(1.0, rel=0.25)


def test_the_profile_is_bounded():
    """A few quiet hours must neither make noise an alarm nor hide one."""
    assert (of_the_busy_hour(hour_profile(residuals(busy=1e6), STEP)) == MOST**2).all()
    still = residuals(busy=1.0)
    still[np.arange(still.size) % DAY < DAY // 2] *= 1e-6
    night = hour_profile(still, STEP)[-DAY + 12 : -DAY // 2 - 12]
    assert (night == LEAST**2).all()


def test_a_lively_hour_may_begin_early():
    """A job of six o'clock that starts at ten to six is no surprise: the livelier neighbour counts."""
    profile = hour_profile(residuals(busy=3.0), STEP)[-DAY:]
    early = of_the_busy_hour(np.roll(profile, 3))
    assert early.mean() > 1.5


def test_one_wild_day_of_seven_makes_no_profile():
    """The median of seven days: the incident of yesterday does not widen the same hour of today."""
    quiet, wild = residuals(busy=1.0), residuals(busy=1.0)
    wild[-2 * DAY + 72 : -2 * DAY + 78] *= 100.0
    assert of_the_busy_hour(hour_profile(wild, STEP)).mean() < 1.5 * of_the_busy_hour(hour_profile(quiet, STEP)).mean()


@pytest.mark.parametrize("values", [np.full(300, np.nan), np.zeros(3 * DAY), np.ones(DAY)])
def test_an_unknown_profile_is_one(values):
    """Nothing is widened or narrowed before a day has been seen, nor where nothing ever moved."""
    assert (hour_profile(values, STEP) == 1.0).all()
