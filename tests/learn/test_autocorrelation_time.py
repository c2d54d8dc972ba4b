"""How many rows are worth an independent one: checked against processes of which it is known."""

from __future__ import annotations

import numpy as np
import pytest
from drifting import TRAINING, noise, times

from ai_ops.domain.held_out import is_held_out
from ai_ops.learn.drift.autocorrelation import autocorrelation_time

LAGS = np.arange(1, 500)


def known(phi: float) -> float:
    """Autocorrelation time of being below the median: the orthant formula, summed up."""
    return 1.0 + 2.0 * float((2.0 / np.pi * np.arcsin(phi**LAGS)).sum())


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6, 0.8, 0.9])
def test_it_is_that_of_an_autoregressive_process_and_errs_upwards(phi):
    """Median of ten fortnights: at least what is known, at most half as much again."""
    measured = [autocorrelation_time(times(TRAINING), noise(TRAINING, phi=phi, seed=seed)[:, 0]) for seed in range(10)]
    assert 0.95 * known(phi) <= np.median(measured) <= 1.5 * known(phi)


def test_rows_that_are_missing_change_little():
    """Two hours in eight are held out (`held_out.py`); what is left still resembles itself."""
    moments, values = times(TRAINING), noise(TRAINING, phi=0.8, seed=3)[:, 0]
    kept = ~is_held_out(moments)
    whole = autocorrelation_time(moments, values)
    assert autocorrelation_time(moments[kept], values[kept]) == pytest.approx(whole, rel=0.35)


def test_a_thousand_rows_of_a_random_walk_are_worth_few():
    """What never comes back to a mean has no two independent rows within a week."""
    walk = np.cumsum(noise(TRAINING, seed=1)[:, 0])
    assert autocorrelation_time(times(TRAINING), walk) > 100.0


def test_what_alternates_is_worth_no_more_than_its_rows():
    """Negative correlation would make rows worth more than one each; that is not relied upon."""
    assert autocorrelation_time(times(1000), np.tile([-1.0, 1.0], 500)) == 1.0


@pytest.mark.parametrize("values", [[4.0], [4.0] * 50, [1.0, 2.0]])
def test_what_does_not_vary_or_is_hardly_there_is_worth_its_rows(values):
    """No division by nothing."""
    assert autocorrelation_time(times(len(values)), np.array(values)) == 1.0
