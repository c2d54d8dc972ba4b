"""How every chart looks: sizes, letters and colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.domain.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH, HEIGHT = 920, 320
"""Of the plot, in CSS pixels: about the column of a pull request, so that nothing is scaled there."""

MEASURED, EXPECTED, BAND, MISSING = "#12355b", "#3f8fc5", "#bcd9ee", "#e4e4e4"
INK, QUIET_INK, LINES, GRID = "#1c1c1c", "#595959", "#b0b0b0", "#e6e6e6"
"""Dark on white at 7:1 and more, blue for what is normal: nobody confuses it with the warm colours of a finding."""

FAINT, GROUND, SPENT = "#7d7d7d", "#dfecf7", "#fbe3cd"
"""For what is only there to compare with, for the ground of what a report is about, and for more than there was."""

SEVERITY_COLOURS: Mapping[Severity, str] = {
    Severity.LOW: "#e8a200",
    Severity.MEDIUM: "#dd6b00",
    Severity.HIGH: "#bf2f0f",
    Severity.CRITICAL: "#7a0022",
}
"""From light to dark, so that the order survives colour blindness and a grey printer; shapes say it a second time."""

SEVERITY_SHAPES: Mapping[Severity, str] = {
    Severity.LOW: "circle",
    Severity.MEDIUM: "square",
    Severity.HIGH: "diamond",
    Severity.CRITICAL: "triangle-up",
}

AS_IT_IS: dict[str, Any] = {"scale": None, "legend": None}
"""For a channel whose field holds the colour, the shape or the size itself."""

HALO: dict[str, Any] = {"stroke": "white", "strokeWidth": 4, "strokeJoin": "round"}
"""Of a text that is drawn first, so that the same text on it can be read over anything."""

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""The first is inside the renderer, so that a picture is the same on every machine; the second is as wide."""

CONFIG: dict[str, Any] = {
    # White rather than transparent: mail, chat and GitHub put pictures on light and on dark pages, and no ink is
    # readable on both. A card of its own is; the console, which knows its page, may replace it.
    "background": "white",
    "padding": 16,
    "font": FONT,
    "title": {
        "anchor": "start",
        "frame": "group",
        "fontSize": 18,
        "color": INK,
        "subtitleFontSize": 13,
        "subtitleColor": QUIET_INK,
        "subtitlePadding": 6,
        "offset": 14,
    },
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": QUIET_INK,
        "titleColor": QUIET_INK,
        "gridColor": GRID,
        "domainColor": LINES,
        "tickColor": LINES,
    },
    "view": {"stroke": None},
}
