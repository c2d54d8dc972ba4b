"""Planned maintenance: what happens in it is neither judged nor learned from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ai_ops.domain.metrics import Panel, Series

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Grid = TypeVar("Grid", Series, Panel)


def without(grid: Grid, maintenance: Iterable[tuple[datetime, datetime]]) -> Grid:
    """The series, or all of a panel, with gaps where work was planned."""
    at_work = planned(grid, maintenance)
    return replace(grid, values=np.where(at_work, np.nan, grid.values)) if at_work.any() else grid


def planned(grid: Series | Panel, maintenance: Iterable[tuple[datetime, datetime]]) -> np.ndarray:
    """Whether work was planned at each column, shape (n,); each span is (start, end), the end excluded."""
    times = grid.times()
    at_work = np.zeros(times.size, dtype=bool)
    for start, end in maintenance:
        at_work |= (times >= start.timestamp()) & (times < end.timestamp())
    return at_work
