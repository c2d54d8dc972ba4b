"""How many instances each hour needs, as the other days of its kind tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twins import DAY, STRAIGHT, WEEK

from ai_ops.tune.search.weekly_need import few_steps, weekly_need
from ai_ops.twin.settings_batch import weekly_minimum

AT_70 = 65.0
"""Requests per second that make 70 % of an instance."""


def need_of(demand, start_minute=0, boot=3):
    """Need of a demand from this minute of the week on."""
    return weekly_need(demand, (start_minute + np.arange(demand.size)) % WEEK, boot)


def days_of(levels, day=None):
    """A demand that has these levels day by day, times a shape of the day."""
    shape = 0.2 + 0.8 * (np.abs(np.arange(DAY) / 60.0 - 14.0) < 5.0) if day is None else day
    return np.concatenate([level * shape for level in levels])


def test_a_day_is_left_out_of_its_own_floor():
    """Two days of six were busy: each of them sees one such day, all others see two."""
    day = 0.01 + 0.99 * (np.abs(np.arange(DAY) / 60.0 - 12.0) < 4.0)
    need = need_of(days_of([100.0, 100.0, 1000.0, 1000.0, 100.0, 100.0], day))
    floor = need.floors(STRAIGHT, 70.0).reshape(6, DAY).max(axis=1)
    assert floor[2] == floor[3] == np.ceil(100.0 / AT_70)
    assert floor[0] == floor[5] == np.ceil(1000.0 / AT_70)


def test_the_floor_of_a_usual_day_is_what_its_busy_hours_need():
    """At the utilisation that was asked for."""
    floor = need_of(days_of([650.0] * 10)).floors(STRAIGHT, 70.0)
    noon, night = floor.reshape(10, DAY)[4, [14 * 60, 2 * 60]]
    assert noon == pytest.approx(np.ceil(650.0 / AT_70))
    assert night == pytest.approx(np.ceil(130.0 / AT_70))


def test_instances_are_wanted_a_boot_before_the_demand():
    """The hour before a rise needs what comes within the boot."""
    day = np.where(np.arange(DAY) >= 600, 100.0, 10.0)
    need = need_of(days_of([1.0] * 8, day), boot=10)
    assert need.peaks[2, 9] == pytest.approx(100.0)
    assert need.peaks[2, 8] == pytest.approx(10.0)


def test_weekends_that_differ_are_days_of_their_own():
    """Five days of work and two of rest, four weeks of them."""
    levels = [650.0] * 5 + [100.0] * 2
    week = weekly_minimum(need_of(days_of(levels * 4)).schedule(STRAIGHT, 70.0))
    assert week[14 * 60] == 10.0
    assert week[5 * DAY + 14 * 60] == 2.0


def test_weekends_like_any_other_day_need_no_kind_of_their_own():
    """Every day teaches every other."""
    need = need_of(days_of([650.0] * 14))
    week = weekly_minimum(need.schedule(STRAIGHT, 70.0)).reshape(7, DAY)
    assert (week == week[0]).all()
    assert need.floors(STRAIGHT, 70.0) is not None


def test_too_few_days_are_no_rhythm():
    """Three days teach nothing about a fourth."""
    assert need_of(days_of([100.0] * 3)).floors(STRAIGHT, 70.0) is None
    assert need_of(days_of([100.0] * 8)).floors(STRAIGHT, 70.0) is not None


@pytest.mark.parametrize("start", [0, 333, 5 * DAY + 700, WEEK - 1])
def test_a_history_may_begin_at_any_minute(start):
    """Parts of days at both ends: every minute belongs to a day, and has a floor."""
    demand = np.tile(days_of([650.0]), 9)[200:]
    need = need_of(demand, start)
    floor = need.floors(STRAIGHT, 70.0)
    assert need.day_of_minute.shape == floor.shape == demand.shape
    assert np.isfinite(floor).all()
    assert (floor >= 1).all()
    assert need.weekdays[0] == start // DAY


def test_the_schedule_covers_the_whole_week():
    """Without a hole, whole hours, whole instances."""
    blocks = need_of(days_of([650.0] * 5 + [100.0] * 2 + [600.0] * 5 + [90.0] * 2)).schedule(STRAIGHT, 60.0)
    assert blocks[0]["from_minute_of_week"] == 0
    assert blocks[-1]["to_minute_of_week"] == WEEK
    assert (weekly_minimum(blocks) >= 1).all()
    assert all(isinstance(value, int) for block in blocks for value in block.values())


needs = st.lists(st.integers(1, 40), min_size=1, max_size=24)


@given(needs, st.integers(1, 6))
def test_few_steps_are_few_and_never_lie_below_the_need(need, blocks):
    """A schedule that a person can read costs instances, and no safety."""
    laid = few_steps(np.array(need, dtype=np.float64), blocks)
    assert laid.size == len(need)
    assert (laid >= need).all()
    assert np.count_nonzero(np.diff(laid)) + 1 <= blocks
    assert laid.max() == max(need)


@given(needs)
def test_with_as_many_steps_as_hours_nothing_is_wasted(need):
    """Only what is the same is joined."""
    assert few_steps(np.array(need, dtype=np.float64), 24).tolist() == need
