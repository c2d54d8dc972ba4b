"""The charts of a report show the figures that the report tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from gathered import (
    END,
    bad_day,
    day_with_gaps,
    episodes,
    first_day,
    frame,
    gathered,
    levels,
    nothing_gathered,
    quiet_day,
    span,
    with_gap,
)
from predictions import a_day, a_past

from ai_ops.charts.axes import milliseconds
from ai_ops.domain.finding import Severity
from ai_ops.domain.prediction import Verdict
from ai_ops.report.pictures import charts_of
from ai_ops.report.report import service_report

FEW = ("latency_p95_ms", "requests_per_second", "slo_good_ratio", "cost_per_hour")
"""Enough for every chart: what a metric looks like is another test's."""

ALL = ["web-metrics", "web-error-budget", "web-cost", "web-predictions"]


def drawn(given, about=None, wanted=None):
    """Every chart, and what is said beside them."""
    about = about or span()
    said = service_report(given, about, frame())
    return charts_of(given, said, about, wanted), said


def with_predictions(*days):
    """A quiet service whose predictions of those days were judged."""
    few = {metric: one for metric, one in levels().items() if metric in FEW}
    return gathered(episodes=a_past(*days), series=few)


JUDGED = with_predictions(*(a_day(days, Verdict.MISS if days == 4 else Verdict.HIT) for days in range(12, 1, -1)))


@pytest.fixture(scope="module")
def judged():
    """A service of which everything is known."""
    return drawn(JUDGED)


def datasets(charts, kind):
    """The values of one chart."""
    return charts[f"web-{kind}"].spec["datasets"]


def test_a_service_of_which_everything_is_known_has_four_charts(judged):
    """In reading order, each of them about something."""
    charts, _ = judged
    assert list(charts) == ALL
    assert all(chart.title.startswith("web: ") for chart in charts.values())
    assert all(sum(map(len, chart.spec["datasets"].values())) > 10 for chart in charts.values())


def test_a_service_of_which_nothing_is_known_has_none():
    """An empty picture tells nobody anything."""
    assert drawn(nothing_gathered())[0] == {}


def test_only_what_anybody_will_look_at_is_drawn():
    """A page tells five services in full; the pictures of the other hundreds cost minutes."""
    assert list(drawn(JUDGED, wanted={"web-cost", "api-cost"})[0]) == ["web-cost"]
    assert drawn(JUDGED, wanted=())[0] == {}


def test_the_budget_that_is_left_is_the_one_that_is_told():
    """H45: the end of the line, its label, and the figure of the report."""
    charts, said = drawn(bad_day(), wanted=("web-error-budget",))
    (now,) = datasets(charts, "error-budget")["now"]
    assert said.slo.budget_left_ratio < 0.0
    assert now["left"] == pytest.approx(said.slo.budget_left_ratio, abs=1e-5)
    assert f"{-100 * said.slo.budget_left_ratio:.0f} % over" == now["says"]


def test_too_few_requests_draw_no_budget():
    """What cannot be said is not drawn."""
    given = gathered(series=levels(requests_per_second=0.00001), episodes=())
    charts, said = drawn(given, wanted=("web-error-budget",))
    assert said.slo.budget_left_ratio is None
    assert "web-error-budget" not in charts


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_cost_is_the_one_that_is_told(zone):
    """H45: so far, at the end of the month, its bounds and its budget; also where the month begins in the evening."""
    charts, said = drawn(with_gaps(), span(zone=zone), ("web-cost",))
    rows = datasets(charts, "cost")
    assert rows["spent"][-1]["spent"] == pytest.approx(said.cost.to_date, rel=1e-5)
    end = rows["ahead"][-1]
    projected = said.cost.projected
    assert (end["spent"], end["low"], end["high"]) == (projected.expected, projected.low, projected.high)
    assert [row["at"] for row in rows["budget"]] == [said.cost.budget]
    assert rows["spent"][0] == {"time": milliseconds(span(zone=zone).month.start), "spent": 0.0}


def with_gaps():
    """Two weeks with a hole, and nothing before them but what the ledger remembers."""
    return gathered(series=with_gap(levels(cost_per_hour=0.12), hours=7, hours_ago=30), episodes=episodes(16))


def test_last_month_is_drawn_where_it_is_told():
    """With 45 days of metrics it is known, with 14 it is not."""
    known, said = drawn(gathered(series=levels(days=60)), wanted=("web-cost",))
    assert datasets(known, "cost")["before"][-1]["spent"] <= said.cost.last_month
    unknown, said = drawn(gathered(), wanted=("web-cost",))
    assert (said.cost.last_month, datasets(unknown, "cost")["before"]) == (None, [])


def test_means_and_changes_are_those_of_the_trends():
    """H45: one figure, in the table and above the panel."""
    charts, said = drawn(bad_day(), wanted=("web-metrics",))
    (latency,) = [one for one in said.trends if one.metric == "latency_p95_ms"]
    says = f"mean {latency.value:.0f}, {latency.week_ago_change_percent:+.0f} % in a week"
    assert says in charts["web-metrics"].description
    assert "Memory" not in charts["web-metrics"].description


def test_the_values_of_the_picture_are_those_of_the_series():
    """Of the last seven days."""
    given = quiet_day()
    rows = datasets(drawn(given, wanted=("web-metrics",))[0], "metrics")["cpu_percent"]
    series = given.series["cpu_percent"]
    values = {round(1000 * at): value for at, value in zip(series.times(), series.values, strict=True)}
    assert len(rows) > 300
    assert all(row["value"] == pytest.approx(values[row["time"]], rel=1e-3) for row in rows)


def test_alarms_of_the_whole_week_are_marked():
    """One that was told on Monday is still in the picture on Wednesday."""
    charts, said = drawn(bad_day(), wanted=("web-metrics",))
    (alarm,) = said.alarms
    (row,) = datasets(charts, "metrics")["latency_p95_ms_alarms"]
    assert row["severity"] == alarm.severity == Severity.CRITICAL
    assert row["since"] == milliseconds(alarm.since)
    later = span(END + timedelta(days=2))
    moved = {
        name: replace(one, start=one.start + timedelta(days=2)) for name, one in bad_day().series.items()
    }  # measuring went on
    charts, said = drawn(bad_day(series=moved), later, ("web-metrics",))
    assert said.alarms == ()
    assert datasets(charts, "metrics")["latency_p95_ms_alarms"] == [row]


def test_predictions_are_those_of_the_ledger(judged):
    """What the report counts, the picture shows one by one."""
    charts, said = judged
    rows = datasets(charts, "predictions")["burn"]
    assert [row["verdict"] for row in rows].count("miss") == said.record.misses == 1
    assert [row["verdict"] for row in rows].count("hit") == said.record.hits == 10
    (missed,) = [row for row in rows if row["verdict"] == "miss"]
    assert (missed["low"], missed["expected"], missed["high"], missed["came"]) == (0.1, 0.3, 0.6, 0.9)
    assert missed["time"] == milliseconds(END - timedelta(days=4))
    assert charts["web-predictions"].title == "web: 10 of 11 predictions came true, 91 %"


def test_an_outcome_without_its_prediction_has_no_picture():
    """It has left the ledger: there is no interval to hold it against."""
    episode, outcome = a_day(2)
    given = gathered(episodes=a_past((replace(episode, prediction=None), outcome)))
    assert drawn(given, wanted=("web-predictions",))[0] == {}


def test_on_the_first_day_what_is_known_is_drawn():
    """Three hours of metrics, and no prediction yet."""
    few = {metric: one for metric, one in first_day().series.items() if metric in FEW}
    charts, _ = drawn(first_day(series=few))
    assert list(charts) == ALL[:3]
    assert charts["web-metrics"].title == "web: no alarm in 6 hours"


def test_a_gap_is_grey_in_every_chart_that_it_is_in():
    """Nobody knows what happened there."""
    charts, _ = drawn(day_with_gaps(episodes=()))
    since, until = milliseconds(END - timedelta(hours=8)), milliseconds(END - timedelta(hours=3))
    for kind, name in (("metrics", "cpu_percent_gaps"), ("error-budget", "gaps"), ("cost", "gaps")):
        holes = datasets(charts, kind)[name]
        assert any(hole["since"] <= since + 600_000 and hole["until"] == until for hole in holes), kind


def test_what_was_simulated_says_so_on_every_chart():
    """A picture travels without its page."""
    charts, _ = drawn(replace(JUDGED, is_simulated=True))
    assert len(charts) == 4
    assert all(chart.title.endswith("(simulated)") for chart in charts.values())


def test_a_week_in_which_the_clocks_are_turned_is_drawn_to_its_end():
    """168 hours and one, and no hour twice."""
    end = datetime(2026, 10, 28, 8, tzinfo=UTC)
    about = span(end, "Europe/Berlin")
    few = {"cpu_percent": levels(end=end)["cpu_percent"]}
    charts, _ = drawn(gathered(series=few, episodes=()), about, ("web-metrics",))
    rows = datasets(charts, "metrics")["cpu_percent"]
    assert rows[0]["time"] == milliseconds(datetime(2026, 10, 21, 7, tzinfo=UTC))
    assert np.all(np.diff([row["time"] for row in rows]) > 0)
    assert "Wed 21 Oct 09:00 to Wed 28 Oct 09:00" in charts["web-metrics"].description
