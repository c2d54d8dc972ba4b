"""Whether a history is fit to decide on at all, and how much care it asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from twins import DAY, a_week_of_work

from ai_ops.tune.search.fitness import LEAST_REQUESTS_PER_DAY, fitness

HISTORY = a_week_of_work(8 * DAY)
END = HISTORY.start + timedelta(days=8)


def holed(share, seed=1):
    """The same history without a share of its minutes, here and there."""
    lost = np.random.default_rng(seed).random(HISTORY.minutes) < share
    lost[-5:] = False
    return with_gaps(lost)


def with_gaps(lost):
    """The same history without these minutes."""
    return replace(HISTORY, columns={name: np.where(lost, np.nan, one) for name, one in HISTORY.columns.items()})


def busy(rate):
    """The same history at another rate."""
    return replace(HISTORY, columns=HISTORY.columns | {"requests_per_second": np.full(HISTORY.minutes, rate)})


def test_a_week_without_gaps_is_fit():
    """Nothing is held, and the whole margin may be used."""
    seen = fitness(HISTORY, END)
    assert (seen.hold_reason, seen.margin_factor, seen.notes) == (None, 1.0, ())


def test_two_days_are_too_few_and_five_ask_for_care():
    """A rhythm must have been seen."""
    assert "2.0 days of history" in fitness(HISTORY.last(2 * DAY), END).hold_reason
    seen = fitness(HISTORY.last(5 * DAY), END)
    assert seen.hold_reason is None
    assert seen.margin_factor < 1.0
    assert "only 5.0 days" in seen.notes[0]


def test_gaps_ask_for_care_and_many_of_them_hold():
    """What was not measured may have been bad."""
    assert fitness(holed(0.02), END).margin_factor == 1.0
    seen = fitness(holed(0.1), END)
    assert seen.hold_reason is None
    assert seen.margin_factor < 1.0
    assert "were not measured" in fitness(holed(0.4), END).hold_reason


def test_each_reason_for_care_takes_its_own_share():
    """Few days with many gaps."""
    both = fitness(holed(0.1).last(5 * DAY), END)
    assert both.margin_factor < fitness(holed(0.1), END).margin_factor
    assert len(both.notes) == 2


@pytest.mark.parametrize("metric", ["cpu_percent", "requests_per_second", "slo_good_ratio", "instances"])
def test_one_needed_metric_that_is_missing_is_a_gap(metric):
    """The others do not make up for it."""
    without = replace(HISTORY, columns=HISTORY.columns | {metric: np.full(HISTORY.minutes, np.nan)})
    assert "100% of the minutes were not measured" in fitness(without, END).hold_reason


def test_stale_metrics_hold():
    """An hour without news may be an hour of fire."""
    assert fitness(HISTORY, END + timedelta(minutes=20)).hold_reason is None
    assert "60 min old" in fitness(HISTORY, END + timedelta(minutes=60)).hold_reason


def test_a_silent_end_holds_though_its_rows_are_there():
    """Rows of nothing are no news."""
    lost = np.zeros(HISTORY.minutes, dtype=bool)
    lost[-45:] = True
    assert "in the last 45 minutes" in fitness(with_gaps(lost), END).hold_reason


def test_metrics_from_the_future_hold():
    """Somebody's clock is wrong."""
    assert "future" in fitness(HISTORY, END - timedelta(hours=5)).hold_reason


def test_few_requests_hold():
    """H44: one bad request of a hundred a day says nothing about a share of good ones."""
    assert "requests in the last day" in fitness(busy(0.05), END).hold_reason
    enough = 1.01 * LEAST_REQUESTS_PER_DAY / 86_400
    assert fitness(busy(enough), END).hold_reason is None
    assert fitness(busy(0.98 * LEAST_REQUESTS_PER_DAY / 86_400), END).hold_reason is not None


def test_a_service_that_fell_silent_yesterday_holds_whatever_came_before():
    """Only the last day counts for it."""
    rate = HISTORY.get("requests_per_second").copy()
    rate[-DAY:] = 0.0
    quiet = replace(HISTORY, columns=HISTORY.columns | {"requests_per_second": rate})
    assert "requests in the last day" in fitness(quiet, END).hold_reason
