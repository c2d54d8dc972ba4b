"""The chart of one metric: what it shows, and what it never hides."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from examples import NOON, STEP, a_finding, a_window

from ai_ops.charts.axes import milliseconds
from ai_ops.charts.charts import rendered
from ai_ops.charts.expected_band import expected_band
from ai_ops.charts.judged import MOST_POINTS
from ai_ops.charts.look import SEVERITY_COLOURS, SEVERITY_SHAPES
from ai_ops.domain.finding import Severity
from ai_ops.domain.judgement import Alarm, Judgement
from ai_ops.domain.metrics import CANONICAL_METRICS


def marks(chart):
    """Kind of mark and dataset of each layer, from the back to the front."""
    return [(layer["mark"]["type"], layer["data"]["name"]) for layer in chart.spec["layer"]]


def shared(chart, channel):
    """What the layer of the measured line says of a channel: the axis that all of them share."""
    (layer,) = [
        one
        for one in chart.spec["layer"]
        if one["encoding"].get("y", {}).get("field") == "value" and "axis" in one["encoding"]["y"]
    ]
    return layer["encoding"][channel]


def test_band_line_and_findings_lie_over_each_other_in_this_order(judged):
    """The line is never hidden by the band, nor a finding by the line."""
    chart = expected_band(judged())
    assert marks(chart) == [
        ("rect", "gaps"),
        ("area", "points"),
        ("line", "points"),
        ("line", "points"),
        ("rule", "window"),
        ("text", "window"),
        ("text", "window"),
        ("rect", "findings"),
        ("point", "findings"),
        ("text", "findings"),
        ("text", "findings"),
        ("point", "key"),
        ("text", "key"),
    ]
    assert chart.spec["datasets"].keys() == {name for _, name in marks(chart)}
    assert chart.spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6")


def test_the_title_says_the_conclusion(judged):
    """Who reads nothing else knows how bad it is."""
    findings = judged().findings
    assert expected_band(judged(findings=())).title == "Latency p95 of web: nothing abnormal"
    assert expected_band(judged(findings=findings[:1])).title == "Latency p95 of web: one low finding"
    assert expected_band(judged()).title == "Latency p95 of web: 2 findings, the worst critical"
    made_up = expected_band(judged(findings=(), is_simulated=True))
    assert made_up.title == made_up.spec["title"]["text"] == "Latency p95 of web: nothing abnormal (simulated)"


def test_axes_have_units_and_times_are_utc(judged):
    """A figure without its unit, or a time without its zone, is a guess."""
    chart = expected_band(judged())
    assert shared(chart, "y")["title"] == "Latency p95 (ms)"
    assert shared(chart, "x")["axis"]["title"] == "Time (UTC)"
    assert shared(chart, "x")["scale"]["type"] == "utc"
    assert chart.spec["title"]["subtitle"].endswith("17 November 12:00 to 18 November 2026 12:00 UTC")


@pytest.mark.parametrize("metric", CANONICAL_METRICS)
def test_every_metric_has_a_name_for_people(judged, metric):
    """An axis speaks of latency, not of latency_p95_ms."""
    assert "_" not in shared(expected_band(judged(metric=metric)), "y")["title"]


def test_a_metric_of_ones_own_goes_by_its_name(judged):
    """A fleet asks for more than the canonical ones."""
    assert shared(expected_band(judged(metric="queue_length")), "y")["title"] == "queue_length"


def test_a_finding_is_marked_from_its_beginning_to_its_worst_moment(judged):
    """With a colour and a shape for its severity: nobody needs to tell colours apart."""
    row = expected_band(judged()).spec["datasets"]["findings"][1]
    assert row["since"] == (NOON - timedelta(hours=1)).timestamp() * 1000
    assert row["at"] == (NOON - timedelta(minutes=30)).timestamp() * 1000
    assert row["until"] == row["at"] + STEP.total_seconds() * 1000
    assert (row["severity"], row["shape"]) == ("critical", "triangle-up")
    assert len(set(SEVERITY_SHAPES.values())) == len(set(SEVERITY_COLOURS.values())) == len(Severity)


def test_the_colours_of_severities_survive_without_colour():
    """From light to dark, step by step (WCAG relative luminance): printed in grey they are still in order."""
    lights = [luminance(SEVERITY_COLOURS[severity]) for severity in Severity]
    assert all(lighter > 1.4 * darker for lighter, darker in pairwise(lights))


def luminance(colour):
    """How bright `#rrggbb` is, 0 to 1, as WCAG 2.2 defines it."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_finding_that_began_before_the_chart_is_cut_there(judged):
    """An outage of a week does not squeeze the chart."""
    finding = a_finding(since=NOON - timedelta(days=6), value=150.0)
    row = expected_band(judged(findings=(finding,))).spec["datasets"]["findings"][0]
    assert row["since"] == (NOON - timedelta(days=1)).timestamp() * 1000


def test_labels_that_would_overlap_are_left_to_the_louder_finding(judged):
    """Two figures on top of each other can be read by nobody."""
    near = tuple(
        a_finding(at=NOON - timedelta(minutes=minutes), value=150.0, score=score)
        for minutes, score in ((30, 2.0), (40, 9.0), (300, 1.1))
    )
    rows = expected_band(judged(findings=near)).spec["datasets"]["findings"]
    assert [row["label"] for row in rows] == ["", "150 ms", "150 ms"]


@pytest.mark.parametrize(("value", "label"), [(150.0, "150 ms, new here"), (420.0, "420 ms")])
def test_a_mark_inside_the_band_says_what_it_is(judged, value, label):
    """A level that was never seen at this time of day may lie inside, where a mark without a reason is a riddle."""
    findings = (a_finding(value=value, alarm=Alarm.NOVELTY),)
    assert [row["label"] for row in expected_band(judged(findings=findings)).spec["datasets"]["findings"]] == [label]


def test_a_forecast_stands_where_it_will_be(judged):
    """What has not happened yet lies to the right of all that was measured, and inside of the picture."""
    at = NOON + timedelta(hours=3)
    ahead = a_finding("latency_p95_ms", since=at, at=at, value=420.0, alarm=Alarm.FORECAST, severity=Severity.LOW)
    chart = expected_band(judged(findings=(ahead,)))
    (mark,) = chart.spec["datasets"]["findings"]
    assert mark["label"] == "420 ms, forecast"
    assert mark["until"] == milliseconds(at + timedelta(hours=1)) == shared(chart, "x")["scale"]["domain"][1]
    assert shared(chart, "y")["scale"]["domain"][1] >= mark["value"] == 420.0
    assert "is the limit" in chart.description


def test_a_gap_is_a_gap(judged):
    """Nothing is drawn where nothing was measured: the line breaks, and the ground says why."""
    values = np.full(144, 150.0)
    values[60:66] = np.nan
    spec = expected_band(judged(values)).spec
    assert [row["value"] for row in spec["datasets"]["points"][59:67]] == [150.0, *[None] * 6, 150.0]
    (gap,) = spec["datasets"]["gaps"]
    assert (gap["until"] - gap["since"]) == 7 * STEP.total_seconds() * 1000
    for layer in spec["layer"][1:4]:
        assert layer["mark"]["invalid"] == "break-paths-show-path-domains"
    assert "not measured" in [row["says"] for row in spec["datasets"]["key"]]


def test_a_lonely_value_between_two_gaps_is_a_dot(judged):
    """A line needs two points; a round end makes a dot of one."""
    values = np.full(144, np.nan)
    values[70] = 150.0
    chart = expected_band(judged(values, findings=()))
    assert {layer["mark"].get("strokeCap") for layer in chart.spec["layer"][1:4]} == {"round"}
    assert "150 ms and 150 ms" in chart.description


def test_nothing_measured_is_a_chart_all_the_same(judged):
    """Somebody who asks during an outage gets a picture of the outage, and no error."""
    chart = expected_band(judged(np.full(144, np.nan), findings=()))
    assert "Nothing was measured." in chart.description
    assert rendered(chart, ".png").startswith(b"\x89PNG")


def test_where_nothing_is_expected_there_is_no_band(judged):
    """While detection warms up, the line stands alone, and the title does not say that all is well."""
    unknown = np.full(144, np.nan)
    chart = expected_band(judged(judgement=Judgement(*[unknown] * 5), findings=()))
    points = chart.spec["datasets"]["points"]
    assert {(row["expected"], row["lower"], row["upper"]) for row in points} == {(None, None, None)}
    assert chart.title == "Latency p95 of web: not judged"


def test_the_band_ends_where_the_metric_must(judged):
    """No latency below 0, and no more good requests than all of them."""
    wide = Judgement(*[np.zeros(144)] * 3, np.full(144, -5.0), np.full(144, 7.0))
    points = expected_band(judged(np.full(144, 0.99), "slo_good_ratio", judgement=wide, findings=())).spec["datasets"][
        "points"
    ]
    assert {(row["lower"], row["upper"]) for row in points} == {(0.0, 1.0)}


def test_half_a_band_is_none(judged):
    """Without an upper edge the band would be drawn down to zero."""
    band = np.full(144, 150.0)
    endless = np.full(144, np.inf)
    points = expected_band(judged(judgement=Judgement(band, band, band, band, endless))).spec["datasets"]["points"]
    assert {(row["lower"], row["upper"]) for row in points} == {(None, None)}


def test_a_few_wide_places_of_the_band_do_not_flatten_the_line(judged):
    """A band of thousands while it warms up would leave a line of one pixel."""
    band = np.full(144, 150.0)
    upper = band + 20.0
    upper[5] = 1e6
    chart = expected_band(judged(judgement=Judgement(band * 0, band * 0, band, band - 20.0, upper)))
    assert shared(chart, "y")["scale"]["domain"][1] < 200


def test_the_two_days_before_the_window_are_shown(judged):
    """Yesterday at this time is what makes today look odd."""
    fortnight = judged(np.full(2016, 150.0))
    assert fortnight.first == a_window().start - timedelta(days=2)
    chart = expected_band(fortnight)
    assert len(chart.spec["datasets"]["points"]) == 54 * 6
    assert chart.spec["datasets"]["window"] == [{"begin": a_window().start.timestamp() * 1000, "align": "right"}]


def test_a_wide_band_leaves_the_line_its_height(judged):
    """A band ten times as high as the line says enough by leaving the chart; on a flat line it is shown whole."""
    band = np.full(144, 150.0)
    wide = Judgement(band * 0, band * 0, band, band - 100.0, band + 100.0)
    low, high = shared(expected_band(judged(judgement=wide)), "y")["scale"]["domain"]
    assert high - low < 75  # the line lies between 140 and 160
    flat = expected_band(judged(band, judgement=wide))
    assert shared(flat, "y")["scale"]["domain"] == [34.0, 266.0]


def test_a_fortnight_is_thinned_out_for_the_eye(judged):
    """One spec serves a page and a picture, so it stays small; a spike of one point is in it (14 d at 10 min)."""
    values = 150.0 + np.random.default_rng(1).normal(size=2016)
    values[1003] = 900.0
    chart = expected_band(judged(values, window=a_window(hours=14 * 24)))
    points = chart.spec["datasets"]["points"]
    assert len(points) <= MOST_POINTS + 2
    assert 900.0 in [row["value"] for row in points]
    assert len(rendered(chart, ".json")) < 120_000
    assert chart.spec["datasets"]["window"] == []


def test_the_description_tells_it_to_who_cannot_see(judged):
    """It is the text beside the picture, everywhere."""
    chart = expected_band(judged())
    assert chart.spec["description"] == chart.description
    for words in (
        chart.title,
        "It lay between 140",
        "Critical finding since 18 November 11:00 UTC",
        "150 ms was expected",
    ):
        assert words in chart.description


@pytest.mark.parametrize("hours", [1, 6, 30, 72, 200, 336])
def test_the_times_at_the_axis_are_round_and_not_too_many(judged, hours):
    """Whole hours, or whole days."""
    values = np.full(2016, 150.0)
    chart = expected_band(judged(values, window=a_window(hours), findings=()))
    ticks = np.array(shared(chart, "x")["axis"]["values"])
    assert 4 <= ticks.size <= 13
    assert not (ticks % 3_600_000).any()
    assert np.unique(np.diff(ticks)).size == 1
