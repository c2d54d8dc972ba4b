"""How a chart of a report looks: narrow, so that one picture is read on a phone, in a chat and beside a table."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ai_ops.charts.key import ABOVE_PLOT, FIRST, key_rows
from ai_ops.charts.letters import BOLD, wrapped
from ai_ops.charts.look import CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterable

    import altair as alt

    from ai_ops.charts.key import Entry

PLOT_WIDTH = 340
"""Pixels. With its axis a chart is about 400 wide, and loses no more than a fifth of it on the narrowest phone."""

AXIS_WIDTH = 40
"""Pixels left of the plot, the same in every chart, so that their plots stand under each other."""

LETTERS, TITLE_LETTERS = 13, 16
"""Pixels; at four fifths of that they can still be read."""

SLACK = 0.95
"""Share of the room that words may take by our reckoning: a browser that rounds every letter draws them wider."""

LEAST_SHOWN = timedelta(hours=6)
"""The shortest time that a chart shows, on the day on which measuring began."""

SHORT = "abs(datum.value) >= 1e4 ? format(datum.value, '.2~s') : datum.label"
"""Label of a value at an axis: 12k in place of 12,000."""

REPORT_CONFIG: dict[str, Any] = {
    **CONFIG,
    "padding": 12,
    "title": {
        **CONFIG["title"],
        "frame": "bounds",
        "fontSize": TITLE_LETTERS,
        "subtitleFontSize": LETTERS,
        "subtitlePadding": 5,
        "lineHeight": 20,
        "subtitleLineHeight": 17,
        "offset": 12,
    },
    "axis": {**CONFIG["axis"], "labelFontSize": LETTERS, "titleFontSize": LETTERS},
    "axisY": {"minExtent": AXIS_WIDTH, "maxExtent": AXIS_WIDTH, "domain": False, "ticks": False, "labelPadding": 6},
    "axisX": {"tickSize": 4, "labelPadding": 4},
}


def heading(title: str, subtitle: str) -> alt.TitleParams:
    """Write title and subtitle above a narrow chart, in as many lines as they need."""
    import altair as alt

    room = SLACK * (PLOT_WIDTH + AXIS_WIDTH)
    return alt.TitleParams(
        text=wrapped(title, room, TITLE_LETTERS * BOLD), subtitle=wrapped(subtitle, room, float(LETTERS))
    )


def narrow_key(entries: Iterable[Entry], above_plot: float = ABOVE_PLOT) -> list[dict[str, Any]]:
    """Rows of the dataset `key`, as wide as the chart."""
    return key_rows(entries, PLOT_WIDTH, above_plot, first=FIRST - AXIS_WIDTH, letters=LETTERS)


def spec_of(chart: alt.TopLevelMixin, datasets: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The spec of a chart with its values.

    altair has checked the parts when they were made; to check the whole takes it longer than to make it.
    """
    spec = chart.to_dict(validate=False)
    return spec | {"datasets": spec.get("datasets", {}) | datasets}
