"""The error budget of thirty days, drawn."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from report_charts import END, a_budget

from ai_ops.charts.axes import milliseconds
from ai_ops.charts.error_budget import ABOVE, BELOW, HIGH_ABOVE, error_budget

START = END - timedelta(days=30)
HOUR = timedelta(hours=1)


def datasets(spent):
    """The values that are drawn."""
    return error_budget(spent).spec["datasets"]


def ratios(**at):
    """A share of bad requests for each hour, all good but for some."""
    values = np.zeros(720)
    for hour, value in at.items():
        values[int(hour.removeprefix("h"))] = value
    return values


def test_the_line_falls_by_what_each_hour_spent():
    """The budget is a thousandth of 720 equal hours: 0.72 of an hour's requests (H45)."""
    rows = datasets(a_budget(ratios(h0=0.072, h719=0.36)))["left"]
    assert [row["left"] for row in rows[:3]] == [1.0, 0.9, 0.9]
    assert [row["left"] for row in rows[-2:]] == [0.9, 0.4]
    assert [rows[0]["time"], rows[1]["time"], rows[-1]["time"]] == [
        milliseconds(START),
        milliseconds(START + HOUR),
        milliseconds(END),
    ]
    assert len(rows) == 721


def test_hours_of_more_requests_count_for_more():
    """The promise is about requests, not about hours."""
    requests = np.concatenate([np.full(360, 100.0), np.full(360, 300.0)])
    spent = a_budget(ratios(h10=0.1, h700=0.1), requests)
    allowed = 0.001 * requests.sum()
    assert spent.left[11] == pytest.approx(1.0 - 10.0 / allowed)
    assert spent.left_now == pytest.approx(1.0 - 40.0 / allowed)


def test_hours_that_nobody_measured_are_grey_and_spend_nothing():
    """The line is interrupted, and goes on where it was: also across a single hour."""
    requests = np.full(720, 100.0)
    requests[[100, *range(200, 260)]] = np.nan
    drawn = datasets(a_budget(ratios(h50=0.036), requests))
    hole, long_hole = drawn["gaps"]
    assert hole == {"since": milliseconds(START + 100 * HOUR), "until": milliseconds(START + 101 * HOUR)}
    assert long_hole["until"] - long_hole["since"] == 60 * 3_600_000
    inside = [row["left"] for row in drawn["left"] if long_hole["since"] <= row["time"] <= long_hole["until"]]
    level = 1.0 - 0.036 / (0.001 * 659)
    assert inside == [pytest.approx(level, abs=1e-5), *[None] * (len(inside) - 2), pytest.approx(level, abs=1e-5)]
    one = [row["left"] for row in drawn["left"] if hole["since"] <= row["time"] <= hole["until"]]
    assert one == [pytest.approx(level, abs=1e-5), None, pytest.approx(level, abs=1e-5)]
    assert "61 of 720 hours were not measured" in error_budget(a_budget(0.0, requests)).description


def test_the_picture_begins_where_measuring_began():
    """On the first day three hours are wide enough to be seen, and six is the least."""
    requests = np.full(720, np.nan)
    requests[-3:] = 100.0
    drawn = datasets(a_budget(0.0, requests))
    assert drawn["gaps"] == [{"since": milliseconds(END - 6 * HOUR), "until": milliseconds(END - 3 * HOUR)}]
    assert [row["left"] for row in drawn["left"] if row["left"] is not None] == [1.0] * 4


@pytest.mark.parametrize(
    ("bad_ratio", "title", "label"),
    [
        (0.0, "web: 100 % of the error budget is left", "100 % left"),
        (0.00038, "web: 62 % of the error budget is left", "62 % left"),
        (0.000995, "web: 0.5 % of the error budget is left", "0.5 % left"),
        (0.00121, "web: the error budget is spent, and 21 % more", "21 % over"),
        (1.0, "web: the error budget is spent, and 99900 % more", "99900 % over"),
    ],
)
def test_title_and_label_say_what_is_left_today(bad_ratio, title, label):
    """The conclusion, and the same figure at the end of the line."""
    chart = error_budget(a_budget(bad_ratio))
    (now,) = chart.spec["datasets"]["now"]
    assert (chart.title, now["says"]) == (title, label)
    assert now["time"] == milliseconds(END)
    assert now["left"] == chart.spec["datasets"]["left"][-1]["left"]


@pytest.mark.parametrize(("bad_ratio", "away"), [(0.0, BELOW), (0.0006, BELOW), (0.00095, HIGH_ABOVE), (0.0013, ABOVE)])
def test_the_words_at_the_end_do_not_lie_on_the_line(bad_ratio, away):
    """It comes down from the left: below its end there is room, unless the end lies at the bottom."""
    (now,) = datasets(a_budget(bad_ratio))["now"]
    assert now["away"] == away


def test_what_is_overspent_lies_below_a_line_at_zero():
    """Its ground is another one than that of what is left."""
    drawn = datasets(a_budget(ratios(h100=0.72, h200=0.36)))["left"]
    assert [(row["kept"], row["over"]) for row in (drawn[0], drawn[150], drawn[-1])] == [(1, 0), (0, 0), (0, -0.5)]
    rules = [layer for layer in error_budget(a_budget()).spec["layer"] if layer["mark"]["type"] == "rule"]
    assert [layer["encoding"]["y"]["field"] for layer in rules] == ["at"]


def test_who_cannot_see_it_hears_when_it_was_spent():
    """Week by week, and the hour that spent most of it."""
    said = error_budget(a_budget(ratios(h500=0.216), is_simulated=True)).description
    assert said.startswith("web: 70 % of the error budget is left (simulated). 99.9 % good requests in 30 days, ")
    assert "Fri 6 Nov 09:10: 100 %, Fri 13 Nov 09:10: 70 %" in said
    assert "The hour from Wed 11 Nov 05:10 spent 30 % of it." in said
