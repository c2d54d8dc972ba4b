"""Deviation: far from lately and from what is usual, both at once."""

from __future__ import annotations

import numpy as np
import pytest
from examples import STEP
from rhythms import DAY, demand, level

from ai_ops.detect.deviation import SUSTAINED_VALUES, deviate


def seen(values):
    """The deviation of one row with a small floor."""
    return deviate(values, STEP, np.full(values.size, 0.01))


def test_the_steep_hours_of_a_regular_day_are_as_calm_as_the_others():
    """They are far from the values before them, and near to every other day."""
    sigmas = seen(demand(21, depth=0.8)).sigmas[7 * DAY :].reshape(-1, DAY)
    steep, calm = np.nanmean(sigmas[:, :12]), np.nanmean(sigmas[:, 30:42])
    assert steep < 2.0 * calm


def test_a_new_level_stops_being_far_from_lately():
    """A service that has moved for good is not abnormal for a week."""
    values = demand(14)
    values[10 * DAY :] *= 1.5
    sigmas = seen(values).sigmas
    assert sigmas[10 * DAY] > 10.0
    assert np.median(sigmas[11 * DAY : 12 * DAY]) < 2.0


@pytest.mark.parametrize(("change", "direction"), [(60.0, 1.0), (-60.0, -1.0)])
def test_the_direction_is_that_of_the_change(change, direction):
    """Above what was expected, or below."""
    values = level(10, sigma=4.0)
    values[1000] += change
    assert seen(values).direction[1000] == direction


def test_between_both_expectations_nothing_deviates():
    """Above what just was and below what is usual is on the way back."""
    values = level(10, sigma=4.0)
    values[1000:1040] -= 60.0
    values[1040] = 70.0
    found = seen(values)
    assert found.recent[1040] < 70.0 < found.low[1040]
    assert found.sigmas[1040] == 0.0


def test_what_lasts_a_quarter_of_an_hour_counts_for_more_than_its_values():
    """The mean of three is steadier than one, so a small fault that lasts stands out (S003-20)."""
    rng, gains = np.random.default_rng(3), []
    for seed in range(8):
        values, at = level(14, seed), 12 * DAY + int(rng.integers(DAY))
        values[at : at + SUSTAINED_VALUES] += 30.0
        sigmas = seen(values).sigmas
        gains.append(sigmas[at + SUSTAINED_VALUES - 1] - sigmas[at])
    assert np.mean(gains) > 0.5


def test_a_burst_hardly_widens_what_one_sigma_is():
    """Or the second incident of a day would be missed."""
    calm, wild = level(10), level(10)
    wild[1000:1006] += 1000.0
    assert seen(wild).sigma[1100] < 1.5 * seen(calm).sigma[1100]


def test_the_shape_of_the_day_is_followed_where_it_helps():
    """Of two opinions on what comes next, the one that was nearer lately is taken."""
    steep = demand(14, depth=0.9, noise=0.002)
    error = np.abs(steep - seen(steep).recent)[-DAY:]
    one_step = np.abs(np.diff(steep))[-DAY:]
    assert error.mean() < 0.75 * one_step.mean()


def test_a_gap_has_no_deviation():
    """Neither has the mean of a quarter of an hour with a gap in it; each value alone still has."""
    values = level(10)
    values[1000] = np.nan
    found = seen(values)
    assert np.isnan(found.sigmas[1000])
    assert np.isfinite(found.sigmas[1001])
