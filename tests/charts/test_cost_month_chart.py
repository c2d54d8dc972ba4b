"""What a month costs, drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from report_charts import END, a_month, last_month

from ai_ops.charts.axes import milliseconds
from ai_ops.charts.cost_month import cost_month
from ai_ops.domain.prediction import Interval


def datasets(month):
    """The values that are drawn."""
    return cost_month(month).spec["datasets"]


def day(number, month=11):
    """Midnight in UTC."""
    return milliseconds(datetime(2026, month, number, tzinfo=UTC))


def test_the_line_goes_through_every_midnight_and_ends_now():
    """Ten cents an hour are 2.40 a day (H45)."""
    rows = datasets(a_month(0.1))["spent"]
    assert [row["spent"] for row in rows] == [*(round(2.4 * place, 6) for place in range(20)), 46.5167]
    assert [row["time"] for row in rows] == [*(day(number) for number in range(1, 21)), milliseconds(END)]
    assert rows[-1]["spent"] == pytest.approx(0.1 * (19 * 24 + 9 + 1 / 6), abs=1e-4)


def test_hours_that_nobody_measured_cost_what_the_others_did():
    """As in the figures beside it, and the ground says where."""
    month = a_month(0.1, gaps=[(48, 96)])
    drawn = datasets(month)
    assert drawn["gaps"] == [{"since": day(3), "until": day(5)}]
    assert drawn["spent"] == datasets(a_month(0.1))["spent"]
    assert "48 hours were not measured, and are taken to have cost what the others did" in cost_month(month).description
    assert "not measured" in [row["says"] for row in drawn["key"]]


def test_the_projection_opens_from_now_to_the_end_of_the_month():
    """R9: it carries its interval."""
    now, end = datasets(a_month())["ahead"]
    assert (now["time"], end["time"]) == (milliseconds(END), day(1, 12))
    assert now["spent"] == now["low"] == now["high"] == pytest.approx(46.5167, abs=1e-3)
    assert (end["spent"], end["low"], end["high"]) == (72.0, 65.0, 79.0)


def test_last_month_lies_day_by_day_beside_this_one():
    """October has a day more, which is left out, and a longer night in it moves nothing."""
    zone = "Europe/Berlin"
    rows = datasets(a_month(zone=zone, before=last_month(0.12, zone=zone)))["before"]
    assert len(rows) == 31
    assert (rows[0]["spent"], rows[1]["spent"]) == (0.0, 2.88)
    midnight = milliseconds(datetime(2026, 11, 27, 23, tzinfo=UTC))
    (row,) = [one for one in rows if one["time"] == midnight]
    assert row["spent"] == pytest.approx(27 * 24 * 0.12 + 0.12, abs=1e-3)
    assert datasets(a_month())["before"] == []


def test_a_month_of_28_days_is_followed_by_nothing():
    """February 2026 beside all of January that it has days for."""
    end = datetime(2026, 2, 28, 12, tzinfo=UTC)
    rows = datasets(a_month(end=end, before=last_month(end=end)))["before"]
    assert [row["time"] for row in (rows[0], rows[-1])] == [day(1, 2), day(1, 3)]


@pytest.mark.parametrize(
    ("budget", "says"),
    [
        (80.0, "web: November should stay within its budget"),
        (75.0, "web: November may exceed its budget"),
        (70.0, "web: November will probably exceed its budget"),
        (60.0, "web: November will exceed its budget"),
        (0.0, "web: 46.52 EUR in November so far"),
    ],
)
def test_the_title_is_the_conclusion(budget, says):
    """It claims no more than the interval does."""
    assert cost_month(a_month(budget=budget, is_simulated=True)).title == f"{says} (simulated)"


def test_a_month_that_is_over_is_told_as_it_was():
    """At its last midnight nothing is to come."""
    month = a_month(end=datetime(2026, 12, 1, tzinfo=UTC), projected=Interval(72.0, 72.0, 72.0))
    chart = cost_month(month)
    assert chart.title == "web: November stayed within its budget"
    assert cost_month(replace(month, budget=71.0)).title == "web: November exceeded its budget"
    assert chart.spec["datasets"]["ahead"] == []
    assert "so far" not in chart.description


def test_the_budget_is_a_line_unless_it_would_flatten_all_else():
    """Then it is told."""
    assert datasets(a_month(budget=80.0))["budget"] == [{"at": 80.0, "says": "budget 80.00 EUR"}]
    far = cost_month(a_month(budget=5000.0))
    assert far.spec["datasets"]["budget"] == []
    assert "budget 5,000 EUR, far above the picture" in far.description


def test_on_the_first_morning_two_points_are_enough():
    """Two hours of one month, none of the month before, and no projection."""
    month = a_month(end=datetime(2026, 11, 1, 2, 10, tzinfo=UTC), projected=None)
    chart = cost_month(month)
    assert [row["spent"] for row in chart.spec["datasets"]["spent"]] == [0.0, 0.216667]
    assert chart.title == "web: 0.22 EUR in November so far"


def test_what_cost_nothing_has_an_axis():
    """A service that sleeps is free."""
    month = a_month(0.0, projected=Interval(0.0, 0.0, 0.0), budget=0.0)
    layers = cost_month(month).spec["layer"]
    scales = [one["encoding"]["y"]["scale"] for one in layers if "scale" in one["encoding"].get("y", {})]
    assert {"domain": [0.0, 1.0], "nice": True} in scales


def test_who_cannot_see_it_hears_the_figures():
    """So far, expected with its bounds, the budget, and the month before."""
    said = cost_month(a_month(before=last_month())).description
    assert "46.52 EUR so far; 72.00 EUR (65.00 to 79.00) by its end; budget 80.00 EUR" in said
    assert f"The month before cost {31 * 24 * 0.12:.2f} EUR." in said


def test_money_without_a_currency_is_a_number():
    """Nobody said which."""
    month = a_month(currency="")
    assert "46.52 so far" in cost_month(month).description
    assert datasets(month)["key"][0]["says"] == "spent"
    assert np.isfinite(month.highest)
