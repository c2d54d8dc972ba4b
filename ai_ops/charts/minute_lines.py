"""Lines through weeks of minutes, thinned so that the eye sees the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.charts.downsampling import points_to_draw

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_POINTS = 1000
"""About one per pixel of the width, each stretch with its smallest and its largest value."""

MILLISECONDS_PER_MINUTE = 60_000


def lines_of(starts: int, columns: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """One row for each point that is drawn, line by line; None where nothing was measured.

    Parameters
    ----------
    starts
        Epoch milliseconds of the first minute.
    columns
        By the line's name, shape (minutes,); NaN is a gap.
    """
    rows: list[dict[str, Any]] = []
    for name, values in columns.items():
        kept = points_to_draw(values, np.zeros(values.size), MOST_POINTS)
        for place, value in zip(kept.tolist(), values[kept].tolist(), strict=True):
            short = float(f"{value:.5g}") if np.isfinite(value) else None
            rows.append({"name": name, "time": starts + place * MILLISECONDS_PER_MINUTE, "value": short})
    return rows
