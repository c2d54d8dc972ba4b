"""A chart inside an HTML page."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from report_charts import ALARM, a_metric, a_month, a_week, counting, predictions

from ai_ops.charts.charts import rendered
from ai_ops.charts.cost_month import cost_month
from ai_ops.charts.expected_band import expected_band
from ai_ops.charts.inline import inline_svg
from ai_ops.charts.predictions_seen import predictions_seen
from ai_ops.charts.report_metrics import report_metrics

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def chart():
    """A week with an alarm, of a service with a name that means something in HTML."""
    names = ("latency_p95_ms", "error_percent")
    metrics = (a_metric(name, counting(), 1.0, 2.0) for name in names)
    return report_metrics(a_week(*metrics, alarms=(ALARM,), service="web & <b>shop</b>"))


@pytest.fixture(scope="module")
def picture(chart):
    """It, drawn once."""
    return inline_svg(chart)


def parts(svg, *tags):
    """Elements of some kinds."""
    return [part for part in ET.fromstring(svg).iter() if part.tag in {f"{SVG}{tag}" for tag in tags}]


def test_it_is_one_element_that_fits_its_place_and_says_what_it_shows(chart, picture):
    """A screen reader hears the figures and none of a thousand points."""
    root = ET.fromstring(picture)
    assert root.tag == f"{SVG}svg"
    assert (root.get("role"), root.get("aria-label")) == ("img", chart.description)
    assert (root.get("width"), root.get("height")) == ("100%", None)
    assert re.fullmatch(r"0 0 \d+ \d+", root.get("viewBox"))
    assert not [part for part in root.iter() if part is not root and (part.get("role") or part.get("aria-label"))]


def test_every_colour_is_the_pages_to_change(picture):
    """With the light one in case it does not; and nothing is painted below."""
    drawn = list(ET.fromstring(picture).iter())
    colours = {part.get(name) for part in drawn for name in ("fill", "stroke")} - {None, "none", "transparent"}
    assert len(colours) >= 6
    assert all(re.fullmatch(r"var\(--chart-[a-z-]+, (#[0-9a-f]{6}|white)\)", colour) for colour in colours), colours
    assert not [part for part in parts(picture, "rect", "path") if "chart-card" in part.get("fill", "")]


def test_nothing_is_lost_on_the_way(chart, picture):
    """The same words and the same painted lines as in the file, in fewer letters."""
    whole = rendered(chart, ".svg").decode()
    assert [text.text for text in parts(picture, "text") if text.text] == [
        text.text for text in parts(whole, "text") if text.text
    ]
    painted = [part for part in parts(whole, "path") if part.get("stroke") and part.get("d")]
    assert len([part for part in parts(picture, "path") if part.get("stroke")]) == len(painted)
    assert len(picture) < 0.8 * len(whole)


def test_a_label_that_gave_way_to_its_neighbours_is_left_out():
    """The renderer writes it without a colour: nobody sees it, but a search in the page would find it."""
    chart = predictions_seen(predictions())
    labels = parts(rendered(chart, ".svg").decode(), "text")
    unseen = [text.text for text in labels if text.get("opacity") == "0"]
    assert unseen
    shown = [text.text for text in parts(inline_svg(chart), "text")]
    assert len(shown) == len(labels) - len(unseen)


def test_nothing_in_it_runs_or_is_fetched(picture):
    """The page works offline, under a policy that allows no script and no request."""
    assert "http" not in picture.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not parts(picture, "script", "image", "use", "foreignObject", "a", "style")
    names = {name.lower() for part in ET.fromstring(picture).iter() for name in part.attrib}
    assert not {name for name in names if name.startswith("on") or "href" in name}
    assert "<b>" not in picture


def test_two_pictures_on_one_page_share_no_id(judged):
    """Else the second would be cut like the first."""
    pictures = [inline_svg(expected_band(judged(service=name))) for name in ("web", "shop")]
    ids = [re.findall(r'id="([^"]+)"', picture) for picture in pictures]
    assert all(ids)
    assert not set(ids[0]) & set(ids[1])
    for own, picture in zip(ids, pictures, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", picture)) <= set(own)


def test_the_same_chart_gives_the_same_bytes():
    """A report that is made twice differs nowhere."""
    one, other = (cost_month(a_month()) for _ in range(2))
    assert one.spec == other.spec
    assert inline_svg(one) == inline_svg(one)


def test_as_a_file_it_is_light_enough_for_mail_and_chat(chart):
    """Sharp, and below 200 kB."""
    assert len(rendered(chart, ".png")) < 200_000
