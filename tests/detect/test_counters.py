"""Raw counters are judged by how fast they grow."""

from __future__ import annotations

import numpy as np
import pytest
from examples import STEP, a_series
from rhythms import DAY, a_panel, demand, many, pages

from ai_ops.detect.counters import by_increase, increases, is_counter
from ai_ops.detect.judge import judge


def counter(seed, *, resets=(), days=21, doubled=None):
    """Requests since the last restart; `doubled` names the day on which twice as many come for half an hour."""
    growth = demand(days, seed)
    if doubled is not None:
        growth[doubled * DAY : doubled * DAY + 3] *= 2.0
    total = np.cumsum(growth)
    for at in resets:
        total[at:] -= total[at]
    return total


@pytest.mark.parametrize(
    ("values", "is_one"),
    [
        (np.cumsum(np.full(2 * DAY, 5.0)), True),
        (counter(1, resets=(100,)), True),
        (counter(1) - 1e6, False),
        (demand(3), False),
        (np.full(3 * DAY, 7.0), False),
        (np.repeat([1.0, 2.0, 3.0], DAY), False),
        (np.full(3 * DAY, np.nan), False),
        (np.arange(5.0), True),
        (np.ones(1), False),
        (np.empty(0), False),
    ],
    ids=["steady", "reset", "negative", "rate", "flat", "steps", "gaps", "short", "one value", "empty"],
)
def test_a_counter_is_known_by_growing_and_restarting(values, is_one):
    """A gauge that is taken for a counter would be judged by its noise."""
    assert bool(is_counter(values, STEP)) is is_one


def test_what_a_row_is_does_not_change_after_two_days():
    """Or later points would change the scores of earlier ones."""
    grows, then_falls = np.arange(5.0 * DAY), np.arange(5.0 * DAY)
    then_falls[3 * DAY :: 2] -= 100.0
    np.testing.assert_array_equal(is_counter(np.stack([grows, then_falls]), STEP), [True, True])


def test_the_increase_over_a_reset_is_not_known():
    """What was counted between the last scrape and the restart is lost, so a small increase there says nothing."""
    np.testing.assert_array_equal(increases(np.array([5.0, 8.0, 1.0, 4.0])), [np.nan, 3.0, np.nan, 3.0])


def test_only_the_counters_of_a_panel_are_turned_into_increases():
    """Rows are told apart one by one, and gauges stay as they are."""
    rows = np.stack([counter(1), demand(21)])
    found = by_increase(rows, STEP)
    np.testing.assert_array_equal(found[1], rows[1])
    np.testing.assert_allclose(found[0, 1:], demand(21, 1)[1:])


def test_rare_resets_are_no_alarm():
    """A deploy once a week must not page anybody: no alarm begins within an hour of one."""
    at = 15 * DAY + 60
    panel = many(lambda seed: counter(seed, resets=(900, at)))
    assert pages(panel, since=at / DAY, until=(at + 6) / DAY) == [0] * 12


def test_a_doubled_rate_is_an_alarm_although_the_counter_looks_the_same():
    """The slope of a counter is the metric; its height says nothing (S002-11)."""
    panel = many(lambda seed: counter(seed, resets=(900,), doubled=18))
    assert pages(panel, since=18, until=18 + 3 / DAY) == [1] * 12


def test_the_expectation_of_a_counter_is_an_increase():
    """A band around the height of a counter would never be left."""
    judged = judge(a_series("requests_total", counter(1)))
    assert np.nanmax(judged.expected) < 200.0
    alone = judge(a_panel([counter(1)]))
    np.testing.assert_array_equal(alone.score[0], judged.score)
