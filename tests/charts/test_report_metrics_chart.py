"""The last days of a service's metrics, drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from report_charts import ALARM, END, PER_DAY, STEP, WEEK, a_metric, a_week, counting

from ai_ops.charts.axes import milliseconds
from ai_ops.charts.report_metrics import report_metrics
from ai_ops.charts.week_seen import metric_rows, value_range


def datasets(week):
    """The values that are drawn."""
    return report_metrics(week).spec["datasets"]


def panel_titles(chart):
    """What stands above each panel: its name, and its figure."""
    inline = [rows[0] for rows in chart.spec["datasets"].values() if rows and "figure" in rows[0]]
    return {row["name"]: row["figure"] for row in inline}


def test_a_short_series_is_drawn_value_by_value():
    """What is in the picture is what was measured."""
    values = np.round(counting(30), 1)
    rows = datasets(a_week(a_metric("latency_p95_ms", values)))["latency_p95_ms"]
    known = [(row["time"], row["value"]) for row in rows if row["value"] is not None]
    times = [milliseconds(END - (values.size - place) * STEP) for place in range(values.size)]
    assert known == list(zip(times, [float(f"{value:.4g}") for value in values], strict=True))


def test_a_long_series_keeps_its_extremes_and_its_gaps_below_a_thousand_points():
    """A spike of ten minutes and an outage of one hour are seen in a week (H45)."""
    values = counting()
    values[-700], values[-400], values[-300:-294] = 900.0, 0.5, np.nan
    rows = datasets(a_week(a_metric("latency_p95_ms", values)))["latency_p95_ms"]
    drawn = [row["value"] for row in rows if row["value"] is not None]
    assert len(rows) < 1000
    assert (max(drawn), min(drawn)) == (900.0, 0.5)
    assert any(row["value"] is None for row in rows)


def test_only_the_last_seven_days_are_drawn():
    """The week before is there to compare with."""
    rows = datasets(a_week())["latency_p95_ms"]
    assert rows[0]["time"] == milliseconds(END - timedelta(days=7))
    assert rows[-1]["time"] == milliseconds(END - STEP)


def test_a_week_earlier_is_the_hourly_mean_of_the_same_time_of_day():
    """R8: a busy hour stands beside a busy hour."""
    values = np.concatenate([np.full(WEEK, 100.0), np.full(WEEK, 200.0)])
    values[:3], values[3:5] = 70.0, 130.0  # from ten past nine to ten
    rows = datasets(a_week(a_metric("latency_p95_ms", values)))["latency_p95_ms_week_ago"]
    assert {row["value"] for row in rows[1:-1]} == {100.0}
    assert rows[0] == {"time": milliseconds(END - timedelta(days=7) + timedelta(minutes=20)), "value": 94.0}
    assert len(rows) == 168


def test_a_week_earlier_keeps_the_time_of_day_when_the_clocks_are_turned():
    """Between the two lies the night of 25 October 2026, which has an hour more."""
    end, eleven_in_berlin = datetime(2026, 10, 27, 9, 10, tzinfo=UTC), datetime(2026, 10, 18, 9, 0, tzinfo=UTC)
    values = np.full(2 * WEEK, np.nan)
    values[-WEEK] = 1.0  # else the week would not be shown
    values[(eleven_in_berlin - end) // STEP] = 5.0
    week = a_week(a_metric("latency_p95_ms", values, end=end), end=end, zone="Europe/Berlin")
    (row,) = [row for row in datasets(week)["latency_p95_ms_week_ago"] if row["value"] is not None]
    middle_of_eleven_in_berlin = datetime(2026, 10, 25, 10, 30, tzinfo=UTC)
    assert row == {"time": milliseconds(middle_of_eleven_in_berlin), "value": 5.0}


def test_without_an_earlier_week_none_is_drawn():
    """On the first days there is nothing to compare with, and the key does not speak of it."""
    drawn = datasets(a_week(a_metric("latency_p95_ms", counting(PER_DAY))))
    assert drawn["latency_p95_ms_week_ago"] == []
    assert "a week earlier" not in [row["says"] for row in drawn["key"]]


def test_what_was_not_measured_is_grey_and_interrupts_the_line():
    """Also where a series has not begun yet, or has ended."""
    values = counting(PER_DAY)
    values[60:90] = np.nan
    late = a_metric("cpu_percent", counting(PER_DAY - 30))
    drawn = datasets(a_week(a_metric("latency_p95_ms", values), late))
    start = END - PER_DAY * STEP
    hole = {"since": milliseconds(start + 59 * STEP), "until": milliseconds(start + 90 * STEP)}
    assert drawn["latency_p95_ms_gaps"] == [hole]
    assert drawn["cpu_percent_gaps"] == [{"since": milliseconds(start), "until": milliseconds(start + 30 * STEP)}]
    assert [row["value"] for row in drawn["cpu_percent"][:30]] == [None] * 30
    assert "not measured" in [row["says"] for row in drawn["key"]]


def test_the_first_three_hours_are_no_week_of_nothing():
    """The picture begins with what is known, and is at least six hours wide."""
    week = a_week(a_metric("latency_p95_ms", counting(18)))
    assert week.first == END - timedelta(hours=6)
    assert report_metrics(week).title == "web: no alarm in 6 hours"
    assert "not measured for 3 hours" in report_metrics(week).description


def test_the_reports_own_day_is_shaded_unless_it_is_all_there_is():
    """A weekly brief is about everything in the picture."""
    assert datasets(a_week())["span"] == [{"since": milliseconds(END - timedelta(days=1)), "until": milliseconds(END)}]
    assert datasets(a_week(days=7))["span"] == []


def test_an_alarm_is_marked_in_each_of_its_metrics():
    """With a colour and a shape for its severity, from its onset to its end."""
    names = ("latency_p95_ms", "error_percent", "cpu_percent")
    drawn = datasets(a_week(*(a_metric(name, counting(top=60.0)) for name in names), alarms=(ALARM,)))
    (row,) = drawn["error_percent_alarms"]
    assert (row["since"], row["until"]) == (milliseconds(ALARM.since), milliseconds(ALARM.until))
    assert (row["severity"], row["shape"]) == ("critical", "triangle-up")
    assert drawn["latency_p95_ms_alarms"] == [row]
    assert drawn["cpu_percent_alarms"] == []


def test_a_panel_says_its_unit_its_mean_and_how_it_moved():
    """The same figures as in the table beside it."""
    shown = (
        a_metric("latency_p95_ms", counting(), 182.43, 12.3),
        a_metric("error_percent", counting(top=1.0), 0.01952, -0.4),
        a_metric("requests_per_second", counting(), 64_460.0, None),
        a_metric("cpu_percent", counting(top=50.0)),
    )
    assert panel_titles(report_metrics(a_week(*shown))) == {
        "Latency p95 (ms)": "mean 182, +12 % in a week",
        "Errors (%)": "mean 0.0195, as a week ago",
        "Requests (per second)": "mean 64.5k",
        "CPU (%)": "",
    }


def test_a_flat_zero_has_a_panel_and_an_axis():
    """No errors at all is good news, and no reason to divide by nothing."""
    chart = report_metrics(a_week(a_metric("error_percent", np.zeros(WEEK), 0.0)))
    (panel,) = chart.spec["vconcat"]
    scales = [layer["encoding"]["y"]["scale"] for layer in panel["layer"] if "scale" in layer["encoding"].get("y", {})]
    assert {"domain": [0.0, 1.0], "nice": False} in scales
    assert "Errors: 0 % to 0 %, at last 0 %; in this report's time mean 0." in chart.description


@pytest.mark.parametrize(
    ("values", "domain"),
    [([90.0, 100.0], (0.0, 100.0)), ([3.0, 500.0], (0.0, 500.0)), ([-4.0, 10.0], (-4.0, 12.0)), ([0.5], (0.0, 0.6))],
)
def test_what_was_measured_stays_in_the_picture_even_if_it_cannot_be(values, domain):
    """A share of 500 % is a broken exporter, and the picture is where somebody sees it."""
    week = a_week(a_metric("error_percent", np.array(values)))
    (metric,) = week.metrics
    assert value_range(metric, metric_rows(week, metric)) == pytest.approx(domain)


def test_an_alarm_that_nobody_saw_the_end_of_ends_with_the_picture():
    """And one of the future stands at its edge."""
    ahead = replace(ALARM, since=END + timedelta(hours=1), until=END + timedelta(hours=2))
    week = a_week(alarms=(replace(ALARM, until=END + timedelta(hours=1)), ahead))
    lasting, coming = metric_rows(week, week.metrics[0])["latency_p95_ms_alarms"]
    assert lasting["until"] == coming["since"] == coming["until"] == milliseconds(END)


def test_a_metric_of_which_nothing_is_known_is_said_and_not_drawn():
    """An empty panel is a riddle."""
    chart = report_metrics(a_week(a_metric("latency_p95_ms", counting()), a_metric("cpu_percent", np.full(9, np.nan))))
    assert len(chart.spec["vconcat"]) == 1
    assert "CPU: not measured." in chart.description


@pytest.mark.parametrize(
    ("alarms", "says"),
    [
        ((), "web: no alarm in 7 days"),
        ((ALARM,), "web: one critical alarm in 7 days"),
        ((ALARM, ALARM), "web: 2 alarms in 7 days, the worst critical"),
    ],
)
def test_the_title_is_the_conclusion(alarms, says):
    """Who reads nothing else knows how the week was."""
    assert report_metrics(a_week(alarms=alarms, is_simulated=True)).title == f"{says} (simulated)"


def test_who_cannot_see_it_hears_the_figures():
    """Range, last value, mean, gaps and alarms, in the team's time."""
    values = counting()
    shown = values[-WEEK:]
    said = report_metrics(
        a_week(a_metric("latency_p95_ms", values, 182.4, 12.3), zone="Europe/Berlin", alarms=(ALARM,))
    ).description
    assert "Fri 13 Nov 10:10 to Fri 20 Nov 10:10, times in Europe/Berlin" in said
    assert f"{shown.min():.4g} ms to {shown.max():.4g} ms, at last {shown[-1]:.4g} ms" in said
    assert "mean 182, +12 % in a week" in said
    assert "Critical alarm of Errors, Latency p95 from Fri 20 Nov 05:10 to Fri 20 Nov 07:10." in said


def test_days_begin_at_midnight_on_the_teams_clock():
    """Its ticks bring their own words, for a picture is drawn in UTC."""
    chart = report_metrics(a_week(zone="Europe/Berlin"))
    (panel,) = chart.spec["vconcat"]
    axis = next(one for layer in panel["layer"] if (one := layer["encoding"].get("x", {}).get("axis")))
    assert axis["values"][0] == milliseconds(datetime(2026, 11, 19, 23, tzinfo=UTC))
    assert f'"{axis["values"][0]}": "Fri 20"' in axis["labelExpr"]
