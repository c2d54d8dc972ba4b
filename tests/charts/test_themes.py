"""The colours of the charts on a light page and on a dark one."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from itertools import pairwise

import pytest
from altair.vegalite.v6.schema.core import Root
from report_charts import ALARM, a_budget, a_metric, a_month, a_week, counting, last_month, predictions

from ai_ops.charts.cost_month import cost_month
from ai_ops.charts.error_budget import error_budget
from ai_ops.charts.expected_band import expected_band
from ai_ops.charts.look import (
    BAND,
    EXPECTED,
    FAINT,
    GROUND,
    INK,
    MEASURED,
    MISSING,
    QUIET_INK,
    SEVERITY_COLOURS,
    SPENT,
)
from ai_ops.charts.predictions_seen import predictions_seen
from ai_ops.charts.report_metrics import report_metrics
from ai_ops.charts.themes import CARD, SHADES, chart_colours_css
from ai_ops.domain.finding import Severity

PAGE = (files("ai_ops") / "config" / "templates" / "report.css").read_text(encoding="utf-8")
PAPERS = re.findall(r"--paper: (#[0-9a-f]{6})", PAGE)
THEMES = {
    "light": ({colour: colour for colour in SHADES} | {CARD: "#ffffff"}, PAPERS[0]),
    "dark": ({colour: shade.dark for colour, shade in SHADES.items()}, PAPERS[1]),
}

LIMIT = SEVERITY_COLOURS[Severity.HIGH]
TEXTS = {
    INK: (CARD, GROUND, SPENT, MISSING),
    QUIET_INK: (CARD,),
    LIMIT: (CARD, MISSING),  # the name of a budget
}
MARKS = {
    MEASURED: (CARD, GROUND, BAND, SPENT, MISSING),
    FAINT: (CARD, GROUND, MISSING),  # a week earlier is known where this one is not
    EXPECTED: (CARD,),  # edges of a fan, and bars
    LIMIT: (CARD, GROUND, SPENT),
    SEVERITY_COLOURS[Severity.MEDIUM]: (CARD,),  # a prediction that missed
}
"""What is drawn, by what lies under it."""


def luminance(colour):
    """How bright `#rrggbb` is, 0 to 1, as WCAG 2.2 defines it."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """From 1 to 21, as WCAG 2.2 defines it."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("drawn", "least"), [(TEXTS, 4.5), (MARKS, 3.0)], ids=["text", "marks"])
def test_everything_can_be_told_from_what_it_lies_on(theme, drawn, least):
    """WCAG 1.4.3 and 1.4.11, on the charts' own card and on the page of the report."""
    colours, paper = THEMES[theme]
    pairs = [(colours[top], colours[under]) for top, grounds in drawn.items() for under in grounds]
    pairs += [(colours[top], paper) for top in drawn]
    poor = {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < least}
    assert poor == {}


def test_severities_stay_in_order_in_the_dark():
    """What is loud is bright there: step by step, as it is dark on white."""
    lights = [luminance(SHADES[SEVERITY_COLOURS[severity]].dark) for severity in Severity]
    assert all(brighter > 1.25 * darker for darker, brighter in pairwise(lights))


@pytest.fixture(scope="module")
def report_charts():
    """All charts of a report, with everything in them that they can show."""
    names = ("latency_p95_ms", "error_percent")
    gap = a_metric("cpu_percent", counting(500))
    return [
        report_metrics(a_week(*(a_metric(name, counting(), 1.0, 2.0) for name in names), gap, alarms=(ALARM,))),
        error_budget(a_budget(0.002)),
        cost_month(a_month(before=last_month(), gaps=[(5, 30)])),
        predictions_seen(predictions()),
    ]


def test_every_chart_of_a_report_fits_the_schema(report_charts):
    """The console draws the same spec in a browser."""
    for chart in report_charts:
        values = {name: rows[:3] for name, rows in chart.spec["datasets"].items()}
        Root.validate({**chart.spec, "datasets": values})
        assert chart.spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6")


def test_every_colour_of_every_chart_has_its_match_in_the_dark(report_charts, judged):
    """One that was forgotten would stay dark on dark."""
    for chart in [*report_charts, expected_band(judged())]:
        used = set(re.findall(r'"(#[0-9a-fA-F]{3,8})"', json.dumps(chart.spec)))
        assert used <= SHADES.keys(), chart.title
        assert len(used) >= 5


def test_no_two_shades_share_a_name():
    """A page changes one of them, and not two."""
    assert len({shade.name for shade in SHADES.values()}) == len(SHADES)


def test_the_style_of_a_page_names_both_themes_and_paper_stays_light():
    """Nobody prints white on black."""
    style = chart_colours_css()
    assert f"--chart-ink: {INK}" in style.split("@media")[0]
    assert re.search(r"@media screen and \(prefers-color-scheme: dark\).*--chart-ink: #ececec", style)
    assert style.count("{") == style.count("}")
    assert "url(" not in style
