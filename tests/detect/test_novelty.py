"""Novelty: what this time of day has never brought."""

from __future__ import annotations

import numpy as np
import pytest
from examples import a_series
from rhythms import DAY, demand, level

from ai_ops.detect.novelty import Novelty


def scored(values, floor=0.01):
    """Scores of one row."""
    return Novelty().score(a_series("cpu_percent", values), np.full(values.size, floor))


def flat_middle(days):
    """Busy from six to eighteen, as people are; the last day is a holiday."""
    hours = (np.arange(days * DAY) % DAY) // 6
    values = np.where((hours >= 6) & (hours < 18), 80.0, 20.0) + np.random.default_rng(3).normal(size=hours.size)
    values[-DAY:] = 20.0 + np.random.default_rng(4).normal(size=DAY)
    return values


def test_a_plateau_that_is_missing_is_new():
    """Every value of a flat day has been seen before, but not at this hour."""
    scores = scored(flat_middle(14)).values
    assert scores[13 * DAY + 54 : 13 * DAY + 90].min() > 1.0
    assert scores[13 * DAY : 13 * DAY + 24].max() < 1.0


def test_inside_the_envelope_nothing_is_new():
    """Zero, not a little: what was there before needs no threshold."""
    scores = scored(demand(14)).values
    assert np.nanmedian(scores) == 0.0


@pytest.mark.parametrize("column", [-6, 6])
def test_what_came_an_hour_earlier_or_later_is_not_new(column):
    """A job may move by an hour; by more it is news."""
    day = np.where(np.arange(DAY) == 60, 90.0, 20.0)
    values = np.tile(day, 14)
    moved, far = values.copy(), values.copy()
    moved[13 * DAY :], far[13 * DAY :] = np.roll(day, column), np.roll(day, 2 * column)
    noise = np.random.default_rng(2).normal(0.0, 0.1, values.size)
    assert scored(moved + noise).values[13 * DAY :].max() < 1.0
    assert scored(far + noise).values[13 * DAY :].max() > 1.0


def test_the_distance_is_told_in_fifths_of_the_range():
    """A record by chance goes little beyond the old one; a fifth of the range beyond is new (R1)."""
    values = np.tile(np.linspace(0.0, 100.0, DAY), 16) + 0.001 * np.arange(16 * DAY)
    noon = 15 * DAY + 72
    values[noon] = values[noon - DAY + 6] + 2 * 20.0
    assert scored(values).values[noon] == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(("days", "share"), [(2, 0.30), (7, 0.24), (14, 0.20)])
def test_a_phase_that_has_seen_little_needs_a_wider_margin(days, share):
    """On its second day a metric breaks records by chance; the margin allows for it (R1)."""
    values = np.tile(np.linspace(0.0, 100.0, DAY), days + 1) + 0.001 * np.arange((days + 1) * DAY)
    noon = days * DAY + 72
    values[noon] = values[noon - DAY + 6] + 2 * share * 100.0
    assert scored(values).values[noon] == pytest.approx(2.0, abs=0.1)


def test_expected_is_the_nearest_edge_of_what_was_seen():
    """A reader learns what the record was."""
    values = demand(8)
    values[-1] = 500.0
    found = scored(values)
    same_hour = [values[(day + 1) * DAY - 7 : (day + 1) * DAY + 6].max() for day in range(7)]
    assert found.expected[-1] == max(same_hour)


def test_a_range_too_small_to_mean_anything_is_measured_by_the_floor():
    """The first ripple of a flat line is no record (R2)."""
    values = np.r_[np.full(8 * DAY, 5.0), 5.5]
    assert scored(values, floor=0.5).values[-1] < 1.0
    assert scored(values, floor=0.01).values[-1] > 1.0


def test_of_rare_events_only_a_record_is_new():
    """Most hours have seen no event, which does not make the next one new."""
    values = np.zeros(14 * DAY)
    values[50::97] = 3.0
    again, record = values.copy(), values.copy()
    again[13 * DAY + 11], record[13 * DAY + 11] = 3.0, 9.0
    assert scored(again).values[13 * DAY + 11] == 0.0
    assert scored(record).values[13 * DAY + 11] > 1.0


def test_a_slow_climb_to_where_the_service_never_was_is_found():
    """No single step of it is remarkable, so no residual finds it (S002-12)."""
    values = level(14, sigma=1.0)
    values[-DAY:] += np.linspace(0.0, 20.0, DAY)
    assert scored(values).values[-1] > 1.0
