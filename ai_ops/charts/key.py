"""The key of a chart: what each line, area and shape means, in one row above the plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ai_ops.charts.look import AS_IT_IS, QUIET_INK

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


def key_rows(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Rows of the dataset `key`: each entry with its place, from the left to the right."""
    rows: list[dict[str, Any]] = []
    x = 6.0
    for one in entries:
        rows.append({"x": round(x, 1), "says": one.says, "colour": one.colour, "shape": one.shape, "size": one.size})
        x += _SYMBOL + _width(one.says) + _BETWEEN
    return rows


def key_layers() -> list[alt.Chart]:
    """Layers that write the dataset `key` above the plot."""
    import altair as alt

    place = alt.Chart(alt.NamedData("key")).encode(x=alt.X("x:Q", scale=None, axis=None), y=alt.value(-ABOVE_PLOT))
    return [
        place.mark_point(opacity=1, strokeWidth=2).encode(
            fill=alt.Fill("colour:N", **AS_IT_IS),
            stroke=alt.Stroke("colour:N", **AS_IT_IS),
            shape=alt.Shape("shape:N", **AS_IT_IS),
            size=alt.Size("size:Q", **AS_IT_IS),
        ),
        place.mark_text(align="left", dx=_SYMBOL - 5, fontSize=12, color=QUIET_INK).encode(text="says:N"),
    ]


def _width(text: str) -> float:
    """Pixels that `text` takes at 12 px, within a few percent."""
    return sum(3.4 if letter in _NARROW else 9.4 if letter in _WIDE else 6.7 for letter in text)
