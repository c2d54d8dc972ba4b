"""The agent's own predictions, drawn."""

from __future__ import annotations

from datetime import timedelta

from report_charts import END, MISSED, UNJUDGED, a_prediction, predictions

from ai_ops.charts.axes import milliseconds
from ai_ops.charts.charts import rendered
from ai_ops.charts.predictions_seen import MARKS, predictions_seen
from ai_ops.domain.prediction import Interval, Verdict


def datasets(seen):
    """The values that are drawn."""
    return predictions_seen(seen).spec["datasets"]


def test_every_prediction_has_its_interval_and_what_came():
    """At the time when it was made (H45)."""
    rows = datasets(predictions(a_prediction(10), MISSED))
    first, missed = rows["cost"]
    assert first["time"] == milliseconds(END - timedelta(days=10))
    assert (first["low"], first["expected"], first["high"], first["came"]) == (0.08, 0.1, 0.12, 0.11)
    assert (missed["low"], missed["high"], missed["came"]) == (0.08, 0.12, 0.2)
    assert [row["came"] for row in rows["burn"]] == [0.5, 4.5]


def test_a_hit_and_a_miss_differ_in_shape_and_in_colour():
    """One of the two survives colour blindness and a grey printer."""
    hit, missed, unjudged = datasets(predictions())["cost"]
    assert (hit["verdict"], missed["verdict"], unjudged["verdict"]) == ("hit", "miss", "not judgeable")
    assert len({row["shape"] for row in (hit, missed, unjudged)}) == 3
    assert len({row["colour"] for row in (hit, missed, unjudged)}) == 3
    assert {mark.shape for mark in MARKS.values()} == {"circle", "diamond", "cross"}
    assert unjudged["came"] is None


def test_what_cannot_be_judged_is_crossed_out_where_the_key_says_so():
    """The cross lies on what was expected, since nothing came that it could be held against."""
    hit, missed, unjudged = datasets(predictions())["cost"]
    assert (hit["marked"], missed["marked"], unjudged["marked"]) == (0.11, 0.2, 0.1)
    drawn = rendered(predictions_seen(predictions()), ".svg").decode()
    assert drawn.count(f'fill="{MARKS[Verdict.NOT_JUDGEABLE].colour}"') == 3  # in both panels, and in the key


def test_the_key_explains_only_what_is_there():
    """Without a miss nobody asks for its sign."""
    says = [row["says"] for row in datasets(predictions(a_prediction(1)))["key"]]
    assert says == ["predicted, nine of ten", "came true"]
    assert len(datasets(predictions())["key"]) == 4


def test_the_title_has_the_calibration():
    """With its interval: one of two says little."""
    seen = predictions(hits=24, misses=3, calibration=Interval(24 / 27, 0.72, 0.962))
    chart = predictions_seen(seen)
    assert chart.title == "web: 24 of 27 predictions came true, 89 %"
    assert "90 % is claimed, 72 to 96 % fits what came" in chart.description


def test_before_any_could_be_judged_the_title_says_so():
    """There are intervals to show, and nothing to count."""
    seen = predictions(UNJUDGED, calibration=None, hits=0, misses=0, is_simulated=True)
    assert predictions_seen(seen).title == "web: no prediction could be judged yet (simulated)"


def test_a_figure_that_was_never_predicted_has_no_panel():
    """Without a cost source there is the error budget alone."""
    chart = predictions_seen(predictions(a_prediction(4, cost_per_hour=None), a_prediction(3, cost_per_hour=None)))
    assert "cost" not in chart.spec["datasets"]
    assert len(chart.spec["vconcat"]) == 1
    assert "Error budget spent" in str(chart.spec)


def test_a_bound_below_zero_ends_at_zero():
    """No error budget is spent backwards, and there is no root of it."""
    (row,) = datasets(predictions(a_prediction(1, burn=Interval(0.1, -0.2, 0.4))))["burn"]
    assert row["low"] == 0.0


def test_one_prediction_stands_in_a_week():
    """Not in the hour in which it was made."""
    assert predictions(a_prediction(1)).first == END - timedelta(days=7)
    assert predictions(a_prediction(20)).first == END - timedelta(days=20, hours=12)


def test_who_cannot_see_it_hears_each_miss():
    """When it was made, what was expected and what came."""
    said = predictions_seen(predictions()).description
    assert (
        "A miss was made on Tue 17 Nov 09:10: cost 0.2 EUR an hour where 0.08 to 0.12 was predicted; "
        "4.5 of the error budget where 0.1 to 0.9 was predicted." in said
    )
    assert MISSED.verdict is Verdict.MISS
