"""The key of a chart: what each line, area and shape means, in a row above the plot, or more where it is narrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ai_ops.charts.letters import width_of
from ai_ops.charts.look import AS_IT_IS, QUIET_INK

if TYPE_CHECKING:
    from collections.abc import Iterable

    import altair as alt

ABOVE_PLOT = 16
"""Distance of the last row from the plot, in pixels."""

BETWEEN_ROWS = 19

FIRST = 6.0
"""Where a row begins, in pixels from the left edge of the plot."""

LETTERS = 12
"""Size of its letters in pixels."""

_SYMBOL, _BETWEEN = 18, 20
"""Widths in pixels: of a symbol with the space after it, and between two entries."""


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


def key_rows(
    entries: Iterable[Entry],
    room: float = float("inf"),
    above_plot: float = ABOVE_PLOT,
    first: float = FIRST,
    letters: float = LETTERS,
) -> list[dict[str, Any]]:
    """Rows of the dataset `key`: each entry with its place, from the left to the right and from the top down.

    Parameters
    ----------
    room
        Pixels from the left edge of the plot to where a row must end.
    above_plot
        Pixels from the last row to the plot.
    first
        Where a row begins, in pixels from the left edge of the plot.
    letters
        Their size in pixels.
    """
    places: list[tuple[int, float, Entry]] = []
    line, x = 0, first
    for one in entries:
        width = _SYMBOL + width_of(one.says, letters)
        if x > first and x + width > room:
            line, x = line + 1, first
        places.append((line, x, one))
        x += width + _BETWEEN
    return [
        {"x": round(x, 1), "y": -above_plot - BETWEEN_ROWS * (line - at), "says": one.says}
        | {"colour": one.colour, "shape": one.shape, "size": one.size}
        for at, x, one in places
    ]


def key_layers(letters: float = LETTERS) -> list[alt.Chart]:
    """Layers that write the dataset `key` above the plot, in letters of so many pixels."""
    import altair as alt

    place = alt.Chart(alt.NamedData("key")).encode(
        x=alt.X("x:Q", scale=None, axis=None), y=alt.Y("y:Q", scale=None, axis=None)
    )
    return [
        place.mark_point(opacity=1, strokeWidth=2).encode(
            fill=alt.Fill("colour:N", **AS_IT_IS),
            stroke=alt.Stroke("colour:N", **AS_IT_IS),
            shape=alt.Shape("shape:N", **AS_IT_IS),
            size=alt.Size("size:Q", **AS_IT_IS),
        ),
        place.mark_text(align="left", dx=_SYMBOL - 5, fontSize=letters, color=QUIET_INK).encode(text="says:N"),
    ]
