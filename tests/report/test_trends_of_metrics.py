"""Where the metrics are going, and when nobody can say."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from gathered import PER_DAY, first_day, flat, gathered, levels, nothing_gathered, rhythm, series_of, span, with_gap
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.report_span import ReportSpan
from ai_ops.report.service.said import Direction, Trend
from ai_ops.report.service.trends import FLOORS, trends_of


def trend(metric: str, values: np.ndarray | list[float], at=None) -> Trend:
    """The only trend of a service that has this one metric."""
    (only,) = trends_of(gathered(series={metric: series_of(metric, values)}), at or span())
    return only


def days(*means: float) -> np.ndarray:
    """Ten minutes by ten minutes, one level for each day."""
    return np.repeat(means, PER_DAY)


def test_the_last_day_is_compared_with_the_one_before():
    """S001-103: 60 after 50 is 20 % more."""
    one = trend("cpu_percent", days(50, 60))
    assert (one.value, one.before, one.change_percent) == pytest.approx((60.0, 50.0, 20.0))
    assert one.direction is Direction.INCREASING


@pytest.mark.parametrize(
    ("value", "direction"),
    [
        (110.0, Direction.STABLE),
        (110.2, Direction.INCREASING),
        (90.0, Direction.STABLE),
        (89.8, Direction.DECREASING),
        (100.0, Direction.STABLE),
    ],
)
def test_ten_percent_exactly_is_stable(value, direction):
    """S001-103: more than 10 %, not 10 %."""
    assert trend("latency_p95_ms", days(100, value)).direction is direction


def test_the_headline_compares_with_the_same_weekday():
    """R8: quiet weekends are no news. A week ago it was 80; the seven days before have a mean of 500 / 7."""
    one = trend("requests_per_second", days(80, 70, 70, 70, 70, 70, 70, 100))
    assert (one.week_ago, one.baseline) == pytest.approx((80.0, 500 / 7))
    assert one.week_ago_change_percent == pytest.approx(25.0)
    assert one.baseline_change_percent == pytest.approx(40.0)
    assert one.week_ago_direction is Direction.INCREASING


def test_a_rhythm_over_the_day_is_no_trend():
    """From the same time of day to the same time of day."""
    one = trend("cpu_percent", rhythm(45.0, 0.5))
    assert one.change_percent == pytest.approx(0.0, abs=1e-9)
    assert one.direction is one.week_ago_direction is Direction.STABLE


def test_the_day_on_which_the_clock_is_turned_has_25_hours():
    """The night's extra hour belongs to the day, and the day before begins at the same time on the wall."""
    autumn = ReportSpan(datetime(2026, 10, 25, 9, 10, tzinfo=UTC), "Europe/Berlin")
    values = np.concatenate([np.full(PER_DAY, 40.0), np.full(25 * 6, 50.0)])
    (one,) = trends_of(gathered(series={"cpu_percent": series_of("cpu_percent", values, end=autumn.end)}), autumn)
    assert (one.value, one.before) == pytest.approx((50.0, 40.0))


def test_of_nothing_there_is_no_percentage():
    """No errors yesterday and 0.3 % today: they grew, by no percentage that means anything."""
    one = trend("error_percent", days(0.0, 0.3))
    assert one.change_percent is None
    assert one.direction is Direction.INCREASING


def test_next_to_nothing_is_nothing():
    """From 0.001 % of errors to 0.009 % is eight more in a hundred thousand, and no "+800 %"."""
    one = trend("error_percent", days(0.001, 0.009))
    assert one.change_percent is None
    assert one.direction is Direction.STABLE


def test_a_night_says_nothing_of_a_day():
    """Five measured hours of the day before are not compared with a whole day."""
    series = with_gap(levels(cpu_percent=days(50, 60)), hours=19, hours_ago=24)
    (one,) = [one for one in trends_of(gathered(series=series), span()) if one.metric == "cpu_percent"]
    assert one.before == pytest.approx(50.0)
    assert (one.change_percent, one.direction) == (None, Direction.UNKNOWN)


def test_the_first_day_has_values_and_no_direction():
    """There is nothing to compare with yet."""
    trends = trends_of(first_day(), span())
    assert {one.direction for one in trends} == {Direction.UNKNOWN}
    assert all(one.value is not None for one in trends)
    assert all(one.before is None for one in trends)


def test_what_was_never_measured_has_no_trend():
    """And what was measured once has one, in the order of the report."""
    assert trends_of(nothing_gathered(), span()) == ()
    assert [one.metric for one in trends_of(gathered(series=levels(db_latency_ms=None)), span())] == [
        metric for metric in FLOORS if metric != "db_latency_ms"
    ]


def test_what_is_silent_now_is_shown_with_what_it_was():
    """A metric that stopped yesterday is not hidden."""
    one = trend("cpu_percent", np.concatenate([days(50), np.full(PER_DAY, np.nan)]))
    assert (one.value, one.before, one.direction) == (None, 50.0, Direction.UNKNOWN)
    assert ("value", "not measured") in one.evidence.inputs


def test_a_week_is_compared_with_the_week_before():
    """The weekly brief: seven days, and the same weekdays a week ago are the seven before."""
    weekly = span(days=7)
    (one,) = trends_of(gathered(series={"cpu_percent": flat("cpu_percent", 45.0)}), weekly)
    assert (one.value, one.before, one.week_ago) == pytest.approx((45.0, 45.0, 45.0))


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=2, max_size=2), st.sampled_from([*FLOORS]))
def test_no_metric_leads_to_a_figure_that_is_none(levels_of_two_days, metric):
    """Every change is finite or unknown, and agrees with its direction."""
    for one in trends_of(gathered(series={metric: series_of(metric, days(*levels_of_two_days))}), span()):
        for figure in (one.value, one.before, one.change_percent):
            assert figure is None or np.isfinite(figure)
        if one.change_percent is not None and one.direction is not Direction.STABLE:
            assert (one.change_percent > 0) == (one.direction is Direction.INCREASING)


def test_the_evidence_is_enough_to_work_it_out_again():
    """H45: each mean with its unit and its span."""
    evidence = trend("cpu_percent", days(50, 60)).evidence
    assert evidence.id == "web-trend-cpu-percent"
    assert dict(evidence.inputs)["before"] == "50 % (144 values, 100 % of the time)"
    assert "before 2026-11-16 12:00 to 2026-11-17 12:00 UTC" in evidence.source
    assert evidence.command == "neuropilot detect cpu_percent --service web"
