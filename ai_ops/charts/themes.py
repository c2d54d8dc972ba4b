"""The colours of every chart by name, on a light page and on a dark one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ai_ops.charts.look import (
    BAND,
    EXPECTED,
    FAINT,
    GRID,
    GROUND,
    INK,
    LINES,
    MEASURED,
    MISSING,
    QUIET_INK,
    SEVERITY_COLOURS,
    SPENT,
)
from ai_ops.domain.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping


class Shade(NamedTuple):
    """One colour of the charts: the name that a page knows it by, and what it is on a dark page."""

    name: str
    dark: str


CARD = "white"
"""What a chart is drawn on, and the edge of letters that lie over lines."""

SHADES: Mapping[str, Shade] = {
    CARD: Shade("card", "#171a1f"),
    INK: Shade("ink", "#ececec"),
    QUIET_INK: Shade("quiet-ink", "#b3bac2"),
    LINES: Shade("lines", "#5b636d"),
    GRID: Shade("grid", "#2b3037"),
    MEASURED: Shade("measured", "#cde3f8"),
    EXPECTED: Shade("expected", "#4a9bd4"),
    BAND: Shade("band", "#23425c"),
    MISSING: Shade("missing", "#33373d"),
    FAINT: Shade("faint", "#868e98"),
    GROUND: Shade("ground", "#1e2b38"),
    SPENT: Shade("spent", "#4a2e17"),
    SEVERITY_COLOURS[Severity.LOW]: Shade("low", "#b37f0a"),
    SEVERITY_COLOURS[Severity.MEDIUM]: Shade("medium", "#e8883a"),
    SEVERITY_COLOURS[Severity.HIGH]: Shade("high", "#ffa88e"),
    SEVERITY_COLOURS[Severity.CRITICAL]: Shade("critical", "#ffdbe2"),
    "#f3dcae": Shade("advised", "#4d3d16"),
    "#2a7f62": Shade("third", "#58b896"),
    "#5b3a8c": Shade("fourth", "#b096e0"),
}
"""By the colour that a chart is drawn with. What is loud is dark on white, and light on black; text keeps 4.5:1 on the
card and marks 3:1, in both; grounds and grids stay quiet, for nothing is told by them alone."""


def variable(colour: str) -> str:
    """The colour as a page may change it, with itself in case the page does not.

    >>> variable("#1c1c1c")
    'var(--chart-ink, #1c1c1c)'
    """
    shade = SHADES.get(colour)
    return f"var(--chart-{shade.name}, {colour})" if shade else colour


def chart_colours_css() -> str:
    """Style of a page with charts from `inline_svg`: light on paper and screens, dark where the reader likes it so.

    A page with a ground of its own sets `--chart-card` to it, or lays each chart on a card of that colour.
    """
    light = _declared({shade.name: colour for colour, shade in SHADES.items()})
    dark = _declared({shade.name: shade.dark for shade in SHADES.values()})
    return (
        f":root {{{light}}}\n"
        f"@media screen and (prefers-color-scheme: dark) {{:root {{{dark}}}}}\n"
        ".chart {display: block; width: 100%; max-width: 28rem; height: auto}\n"
    )


def _declared(colours: Mapping[str, str]) -> str:
    return "; ".join(f"--chart-{name}: {colour}" for name, colour in colours.items())
