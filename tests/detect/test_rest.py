"""Rest: a row that stands still in most values has no spread."""

from __future__ import annotations

import numpy as np
import pytest
from examples import STEP
from rhythms import DAY, demand

from ai_ops.detect.rest import rests


def moving(share, days=10):
    """A row of which this share of values differs from the value before."""
    changes = np.random.default_rng(1).random(days * DAY) < share
    return np.cumsum(changes).astype(float)


@pytest.mark.parametrize(("share", "is_at_rest"), [(0.0, True), (0.1, True), (0.4, False), (1.0, False)])
def test_a_row_rests_when_three_values_of_four_repeat(share, is_at_rest):
    """Then its quartiles are one and the same value, and every robust spread is zero (R2)."""
    assert bool(rests(moving(share), STEP)[-1]) is is_at_rest


def test_nothing_is_said_of_the_first_hours():
    """What a row is, is learned from the blocks before."""
    assert not rests(np.zeros(5 * DAY), STEP)[: DAY // 4].any()
    assert rests(np.zeros(5 * DAY), STEP)[DAY // 4 :].all()


def test_a_row_that_wakes_up_moves_again_after_a_week():
    """A service that nobody used in spring is judged by its traffic of summer."""
    row = np.r_[np.zeros(14 * DAY), demand(9)]
    resting = rests(row, STEP)
    assert resting[14 * DAY + 10]
    assert not resting[-1]


@pytest.mark.parametrize("values", [np.empty(0), np.full(300, np.nan)])
def test_a_row_without_values_does_not_rest(values):
    """Nothing is known of it."""
    assert not rests(values, STEP).any()
