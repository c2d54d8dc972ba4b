"""Pictures of the twin, and of an idea: what is measured, what is replayed, and what may be concluded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from twins import DAY, MONDAY, a_calibration, a_week_of_work, measured

from ai_ops.charts.charts import FORMATS, rendered
from ai_ops.charts.minute_lines import lines_of
from ai_ops.charts.twin import Portrait, twin_beside_reality
from ai_ops.charts.what_if import Alternative, idea_beside_today
from ai_ops.domain.rationale import Cause, RiskyHour
from ai_ops.twin.gate import Fit

MINUTES = 2 * DAY
GOOD_FIT = Fit(cost_error=-0.004, observed_burn=0.20, replayed_burn=0.22, last_day=None)


def a_portrait(**changes):
    """Two days of a healthy service, replayed with one instance more."""
    usual = Portrait(
        service="web",
        is_simulated=True,
        telemetry=a_week_of_work(MINUTES),
        calibration=a_calibration(abnormal=np.arange(MINUTES) < 30),
        wanted=np.full(MINUTES, 9.0),
        bad_ratio=np.full(MINUTES, 0.0002),
        fit=GOOD_FIT,
        allowed_bad_ratio=0.001,
    )
    return replace(usual, **changes)


def test_the_replay_lies_beside_reality():
    """Instances as they were paid and as the twin tells them, and the budget they spent."""
    sets = twin_beside_reality(a_portrait()).spec["datasets"]
    assert {row["value"] for row in sets["instances"] if row["name"] == "measured"} == {8.0}
    assert {row["value"] for row in sets["instances"] if row["name"] == "replayed"} == {9.0}
    last = {row["name"]: row["value"] for row in sets["burn"]}
    assert last["replayed"] == pytest.approx(0.2)


def test_a_line_is_broken_where_nothing_was_measured():
    """An outage of the metrics is no calm."""
    wanted = np.where(np.arange(MINUTES) < 100, np.nan, 8.0)
    seen = measured(MINUTES, cpu_percent=50.0, requests_per_second=400.0, instances=wanted, slo_good_ratio=1.0)
    sets = twin_beside_reality(a_portrait(telemetry=seen)).spec["datasets"]
    assert None in {row["value"] for row in sets["instances"] if row["name"] == "measured"}


def test_the_curves_come_with_the_minutes_they_rest_on():
    """Dots below, the curve above; dashed where nothing was seen; what was left out is not shown."""
    sets = twin_beside_reality(a_portrait()).spec["datasets"]
    assert all(len(sets[name]) > 10 for name in ("cpu", "bad", "latency"))
    bad = sets["bad_curve"]
    assert {row["x"] <= 90.0 for row in bad if row["is_known"]} == {True}
    assert {row["x"] > 90.0 for row in bad if not row["is_known"]} == {True}
    everything = a_portrait(calibration=a_calibration(abnormal=np.ones(MINUTES, dtype=bool)))
    assert twin_beside_reality(everything).spec["datasets"]["cpu"] == []


def test_a_service_without_latency_still_has_a_portrait():
    """Not everybody has a histogram of it."""
    bare = a_portrait(calibration=a_calibration(abnormal=np.zeros(MINUTES, dtype=bool), latency_ms=None))
    assert twin_beside_reality(bare).spec["datasets"]["latency_curve"] == []
    assert rendered(twin_beside_reality(bare), ".svg")


def test_the_title_says_whether_it_may_be_trusted():
    """The gate is the first thing to know."""
    assert twin_beside_reality(a_portrait()).title == "Twin of web: it tells what is known already (simulated)"
    closed = a_portrait(fit=replace(GOOD_FIT, cost_error=0.09), is_simulated=False)
    assert twin_beside_reality(closed).title == "Twin of web: it may not be trusted"
    assert "costs +9.0% against what was paid" in twin_beside_reality(closed).description


def an_alternative(**changes):
    """Two days on eight instances, and the idea of seven."""
    flat = np.ones((MINUTES, 2))
    hour = RiskyHour(MONDAY + timedelta(hours=9), 0.031, 400.0, 88.0, 6.0, Cause.LOAD)
    late = replace(hour, start=MONDAY + timedelta(days=1, hours=23))
    usual = Alternative(
        service="web",
        is_simulated=False,
        idea="min_instances 7",
        start=MONDAY,
        demand=np.full(MINUTES, 400.0),
        wanted=flat * [8.0, 7.0],
        bad_ratio=flat * [0.0002, 0.0004],
        cpu_percent=flat * [50.0, 57.0],
        saving=0.125,
        burns=(0.2, 0.8),
        riskiest=(hour, late),
        allowed_bad_ratio=0.001,
    )
    return replace(usual, **changes)


def test_both_settings_are_drawn_over_the_days_and_around_the_hours():
    """With an hour's approach and its end, as far as there are minutes."""
    sets = idea_beside_today(an_alternative()).spec["datasets"]
    assert {row["value"] for row in sets["instances"] if row["name"] == "idea"} == {7.0}
    assert len([row for row in sets["hour_1"] if row["name"] == "idea"]) == 120
    assert len([row for row in sets["hour_2"] if row["name"] == "idea"]) == 90
    assert {row["value"] for row in sets["hour_1"]} == {50.0, 57.0}


def test_the_burn_ends_where_the_figures_do():
    """What was learned from reality is in the lines as well."""
    sets = idea_beside_today(an_alternative(burns=(0.2, 0.8))).spec["datasets"]
    last = {row["name"]: row["value"] for row in sets["burn"]}
    assert last == {"today": pytest.approx(0.2), "idea": pytest.approx(0.8)}


def test_an_idea_without_risk_has_no_hours():
    """And still a picture."""
    chart = idea_beside_today(an_alternative(riskiest=()))
    assert "hour_1" not in chart.spec["datasets"]
    assert rendered(chart, ".svg")


def test_the_title_says_what_it_costs_and_what_it_spends():
    """In either direction."""
    assert idea_beside_today(an_alternative()).title == (
        "What if: it would cost 12.5% less, and spend 0.80 of the error budget"
    )
    assert "3.0% more" in idea_beside_today(an_alternative(saving=-0.03)).title
    assert "would spend 3.1% of the budget" in idea_beside_today(an_alternative()).description


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("chart", [twin_beside_reality(a_portrait()), idea_beside_today(an_alternative())])
def test_it_becomes_a_picture(chart, suffix):
    """The same one every time."""
    assert rendered(chart, suffix) == rendered(chart, suffix)


def test_weeks_of_minutes_become_a_thousand_points():
    """And the spike stays."""
    values = np.zeros(14 * DAY)
    values[12_345] = 7.0
    rows = lines_of(0, {"line": values})
    assert len(rows) < 2000
    assert {"name": "line", "time": 12_345 * 60_000, "value": 7.0} in rows
