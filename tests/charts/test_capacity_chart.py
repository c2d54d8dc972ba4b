"""The chart of capacity: what came, what is expected, and the line that it must not cross."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from demands import a_capacity, a_demand, daily, nightly_job

from ai_ops.charts.axes import milliseconds
from ai_ops.charts.capacity import HISTORY, capacity_chart
from ai_ops.charts.charts import rendered
from ai_ops.twin.outlook.outlook import outlook


@pytest.fixture(scope="module")
def spiky():
    """A nightly job that needs most of the instances there may be."""
    return outlook(a_demand(nightly_job(21), noise=0.02), None, a_capacity(max_instances=14.0))


def test_it_draws_a_week_that_was_and_two_days_to_come(spiky):
    """The forecast begins where measurement ends, and every value is a busiest ten minutes of an hour."""
    datasets = capacity_chart(spiky, "web").spec["datasets"]
    assert (len(datasets["came"]), len(datasets["ahead"])) == (7 * 24, 48)
    assert datasets["ahead"][0]["time"] == datasets["now"][0]["at"] == milliseconds(spiky.demand.end)
    assert datasets["came"][0]["time"] == milliseconds(spiky.demand.end - HISTORY)
    assert datasets["came"][-1]["value"] == pytest.approx(spiky.demand.hourly_peaks().values[-1], rel=1e-4)
    for row, expected in zip(datasets["ahead"], spiky.hours.expected, strict=True):
        assert row["lower"] <= row["value"] == pytest.approx(expected, rel=1e-4)
        assert row["value"] <= row["upper"]


def test_the_limit_and_the_advice_are_drawn(spiky):
    """What the maximum carries as a line with its name, and when how many should stand ready."""
    datasets = capacity_chart(spiky, "web").spec["datasets"]
    assert datasets["limit"] == [{"value": 560.0, "says": "14 instances at 80 % CPU"}]
    (advised,) = datasets["advised"]
    assert advised["says"] == f"at least {spiky.advised[0].min_instances}"
    assert advised["since"] == milliseconds(spiky.advised[0].begins)
    says = [entry["says"] for entry in datasets["key"]]
    assert says[-2:] == ["what the maximum carries", "advised minimum"]


def test_a_limit_far_above_does_not_flatten_the_demand():
    """Told in words, it leaves the room to what is to be seen."""
    chart = capacity_chart(outlook(a_demand(daily(14)), None, a_capacity(max_instances=1000.0)), "web")
    assert chart.spec["datasets"]["limit"] == []
    assert "1000 instances carry 4e+04 requests per second" in chart.description


@pytest.mark.parametrize(
    ("capacity", "says"),
    [
        (a_capacity(max_instances=10.0), "Capacity of web: enough instances up to 25 March 2026 (simulated)"),
        (
            a_capacity(max_instances=2.0),
            "Capacity of web: the maximum may be too few from 23 March 00:00 UTC on (simulated)",
        ),
        ("CPU was not measured", "Capacity of web: demand of the next 48 hours (simulated)"),
    ],
)
def test_the_title_says_the_conclusion(capacity, says):
    """Who reads nothing else knows whether to act; with two weeks it speaks of two days."""
    whole = a_demand(daily(21))
    seen = outlook(whole.last(timedelta(days=14)), None, capacity)
    assert capacity_chart(seen, "web", is_simulated=True).title == says


def test_gaps_interrupt_the_line(spiky):
    """An hour that nobody measured is not drawn as a guess."""
    values = np.concatenate([nightly_job(20), np.full(144, np.nan)])
    values[-60:] = 40.0
    datasets = capacity_chart(outlook(a_demand(values), None, "unknown"), "web").spec["datasets"]
    assert [row["value"] is None for row in datasets["came"][-24:]] == [True] * 14 + [False] * 10


@pytest.mark.parametrize("suffix", [".svg", ".png", ".json"])
def test_it_can_be_rendered(spiky, suffix):
    """One spec for every place."""
    assert len(rendered(capacity_chart(spiky, "web"), suffix)) > 1000
