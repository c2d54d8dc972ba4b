"""Planned maintenance: what happens in it is neither judged nor learned from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ai_ops.domain.metrics import Series


def without(series: Series, maintenance: Iterable[tuple[datetime, datetime]]) -> Series:
    """The series with gaps where work was planned; each span is (start, end), the end excluded."""
    times, planned = series.times(), np.zeros(series.values.size, dtype=bool)
    for start, end in maintenance:
        planned |= (times >= start.timestamp()) & (times < end.timestamp())
    return replace(series, values=np.where(planned, np.nan, series.values)) if planned.any() else series
