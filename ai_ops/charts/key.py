"""The key of a chart: what each line, area and shape means, in one row above the plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ai_ops.charts.look import QUIET_INK

if TYPE_CHECKING:
    from collections.abc import Iterable

    import altair as alt

ABOVE_PLOT = 16
"""Distance of the row from the plot, in pixels."""

_SYMBOL, _BETWEEN = 18, 20
"""Widths in pixels: of a symbol with the space after it, and between two entries."""

_NARROW, _WIDE = frozenset("fijlrt "), frozenset("mw")
"""Letters whose width is far from the others'; nothing measures text before it is drawn."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One symbol and what it stands for.

    Parameters
    ----------
    says
        Its meaning.
    colour
        Of fill and stroke.
    shape
        As Vega names it; `stroke` is a piece of a line.
    size
        Area in square pixels; of a `stroke` the square of its length.
    """

    says: str
    colour: str
    shape: str = "stroke"
    size: float = 150.0


def key_row(entries: Iterable[Entry]) -> list[alt.Chart]:
    """Layers that write `entries` from the left to the right above the plot."""
    import altair as alt

    rows: list[dict[str, Any]] = []
    x = 6.0
    for one in entries:
        rows.append({"x": x, "says": one.says, "colour": one.colour, "shape": one.shape, "size": one.size})
        x += _SYMBOL + _width(one.says) + _BETWEEN
    place = alt.Chart(alt.InlineData(rows)).encode(x=alt.X("x:Q", scale=None, axis=None), y=alt.value(-ABOVE_PLOT))
    drawn: dict[str, Any] = {"scale": None, "legend": None}
    return [
        place.mark_point(opacity=1, strokeWidth=2).encode(
            fill=alt.Fill("colour:N", **drawn),
            stroke=alt.Stroke("colour:N", **drawn),
            shape=alt.Shape("shape:N", **drawn),
            size=alt.Size("size:Q", **drawn),
        ),
        place.mark_text(align="left", dx=_SYMBOL - 5, fontSize=12, color=QUIET_INK).encode(text="says:N"),
    ]


def _width(text: str) -> float:
    """Pixels that `text` takes at 12 px, within a few percent."""
    return sum(3.4 if letter in _NARROW else 9.4 if letter in _WIDE else 6.7 for letter in text)
