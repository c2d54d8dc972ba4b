"""What is held out is decided by time alone."""

from __future__ import annotations

import numpy as np

from ai_ops.domain.held_out import is_held_out

DAY = 24 * 3600
GRID = np.arange(0, 28 * DAY, 600.0)


def test_a_quarter_is_held_out():
    """S004-01: as much as a comparison needs, and no more."""
    assert is_held_out(GRID).mean() == 0.25


def test_every_time_of_day_is_held_out_once_in_four_days():
    """Else a model would never be asked about the nights."""
    held_out = is_held_out(GRID).reshape(7, 4, -1)
    assert (held_out.sum(axis=1) == 1).all()


def test_every_hour_of_the_week_is_held_out_once_in_four_weeks():
    """Four and seven share no factor, so neither is one weekday always left out."""
    assert (is_held_out(GRID).reshape(4, -1).sum(axis=0) == 1).all()


def test_a_block_is_two_hours_whole():
    """A fault needs quiet rows before it."""
    first = np.flatnonzero(is_held_out(GRID))[:12]
    assert np.array_equal(np.diff(first), np.ones(11))
