"""Windows of data time, and the one name that all runs of a period share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from examples import NOON, STEP, a_series, an_observation

from ai_ops.domain.cycle import episode_id, window_at
from ai_ops.domain.metrics import Series, Window


def test_a_run_judges_the_six_hours_before_it():
    """On the grid, whatever the minute of the schedule (R29)."""
    window = window_at(NOON + timedelta(minutes=17, seconds=42), STEP, None)
    assert (window.start, window.end) == (NOON - timedelta(hours=6) + STEP, NOON + STEP)


def test_a_late_run_looks_back_to_where_the_last_one_ended():
    """Missed schedules leave no hole in what is judged (R29)."""
    window = window_at(NOON, STEP, last_end=NOON - timedelta(hours=18))
    assert window.start == NOON - timedelta(hours=18)


def test_a_very_late_run_does_not_judge_weeks_at_once():
    """Two days is the longest window."""
    assert window_at(NOON, STEP, last_end=NOON - timedelta(days=30)).start == NOON - timedelta(hours=48)


def test_an_early_run_still_judges_six_hours():
    """A window of minutes would mean nothing."""
    assert window_at(NOON, STEP, last_end=NOON - timedelta(minutes=20)).hours == 6


@pytest.mark.parametrize(
    ("first", "second", "same"), [("06:17", "11:59", True), ("06:00", "05:59", False), ("23:59", "18:00", True)]
)
def test_all_runs_of_a_period_share_one_name(first, second, same):
    """The name makes a run idempotent (H18)."""
    one, two = (window_at(datetime.fromisoformat(f"2026-11-18T{t}:00+00:00"), STEP, None) for t in (first, second))
    assert (episode_id("web", one) == episode_id("web", two)) is same


def test_a_window_refuses_naive_times_and_empty_spans():
    """Nobody means them."""
    with pytest.raises(ValueError, match="time zone"):
        Window(datetime(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC))  # noqa: DTZ001  # that is the point
    with pytest.raises(ValueError, match="end after"):
        Window(NOON, NOON)


def test_times_in_other_zones_are_the_same_moments():
    """A clock with an offset names the same period."""
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    assert episode_id("web", window_at(tokyo, STEP, None)) == episode_id("web", window_at(NOON, STEP, None))


def test_a_series_survives_its_json_form_with_gaps():
    """The history cache and the jobs of a workflow hand series on as text."""
    series = a_series("cpu_percent", [1.0, np.nan, 2.5])
    again = Series.from_json(series.to_json())
    assert again == series
    assert again != a_series("cpu_percent", [1.0, 0.0, 2.5])


def test_a_mean_over_nothing_is_unknown():
    """Not zero."""
    observation = an_observation({"cpu_percent": a_series("cpu_percent", np.full(36, np.nan))})
    assert observation.mean("cpu_percent") is None
    assert observation.mean("latency_p95_ms") is None
