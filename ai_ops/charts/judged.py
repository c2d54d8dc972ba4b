"""A judged series as the rows that a chart draws: its points, its gaps and its findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.charts.axes import Quantity, milliseconds, quantity_of
from ai_ops.charts.downsampling import points_to_draw
from ai_ops.charts.holes import hole_rows
from ai_ops.charts.look import SEVERITY_COLOURS, SEVERITY_SHAPES, WIDTH
from ai_ops.domain.judgement import Alarm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_ops.domain.finding import Finding
    from ai_ops.domain.judgement import Judgement
    from ai_ops.domain.metrics import Series, Window

CONTEXT = timedelta(days=2)
"""Shown before the window: what was normal at this time of day, yesterday and the day before."""

AHEAD = timedelta(hours=1)
"""A forecast speaks of hours."""

MOST_POINTS = 1000
"""About one per pixel of the width."""

LABEL_WIDTH = 110
"""Pixels that the label of a finding may take."""

SIGNIFICANT_DIGITS = 5
"""Kept of each value: finer than a pixel, and half the spec."""

BAND_QUANTILES = (0.02, 0.98)
"""Where the band may be cut off: a few wide places, such as the warming up, must not flatten the line."""

BAND_ROOM = 1.0
"""How far the band may stretch the value axis on each side, in heights of the line: it stays a line to look at."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One metric of one service, with what detection thinks of it.

    Parameters
    ----------
    series
        The metric, with the history before the window.
    judgement
        Of the same shape.
    findings
        Those of this metric inside the window, and what is forecast to come after it.
    window
        The span in which findings were looked for.
    service
        Whose metric it is.
    is_simulated
        Whether no real service was measured.
    """

    series: Series
    judgement: Judgement
    findings: Sequence[Finding]
    window: Window
    service: str
    is_simulated: bool = False

    @property
    def quantity(self) -> Quantity:
        """The metric in a person's words."""
        return quantity_of(self.series.metric)

    @property
    def first(self) -> datetime:
        """Where the chart begins: `CONTEXT` before the window, or with the series."""
        return max(self.series.start, self.window.start - CONTEXT)

    @property
    def end(self) -> datetime:
        """Where the chart ends: with the window, or with what is forecast."""
        return max([self.window.end, *(finding.at + AHEAD for finding in self.findings if self.is_ahead(finding))])

    def is_ahead(self, finding: Finding) -> bool:
        """Whether a finding has not happened yet."""
        return finding.at >= self.window.end

    @property
    def is_judged(self) -> bool:
        """Whether detection could say anything inside the window."""
        begin = max(0, (self.window.start - self.series.start) // self.series.step)
        return bool(np.isfinite(self.judgement.score[begin : self.shown.stop]).any())

    def align_at(self, moment: datetime) -> str:
        """To which side of a moment words go, so that they stay inside."""
        return "left" if moment < self.first + (self.end - self.first) / 2 else "right"

    @property
    def shown(self) -> slice:
        """The part of the series that the chart shows."""
        step = self.series.step
        begin, end = ((moment - self.series.start) // step for moment in (self.first, self.window.end))
        return slice(begin, max(begin, end))


def point_rows(judged: Judged) -> list[dict[str, Any]]:
    """One row per point that is drawn, in order; None where nothing was measured, or nothing was expected.

    The band ends where the metric must: at 0, and a share at all of it.
    """
    shown, judgement, most = judged.shown, judged.judgement, judged.quantity.most
    lower, upper = (np.clip(edge[shown], 0.0, most) for edge in (judgement.lower, judgement.upper))
    is_band = np.isfinite(lower) & np.isfinite(upper)  # with one edge alone it would be drawn down to zero
    columns = np.column_stack(
        (
            judged.series.values[shown],
            judgement.expected[shown],
            np.where(is_band, lower, np.nan),
            np.where(is_band, upper, np.nan),
        )
    )
    kept = points_to_draw(columns[:, 0], judgement.score[shown], MOST_POINTS)
    names = ("value", "expected", "lower", "upper")
    return [
        {"time": round(1000 * moment)} | {name: _short(value) for name, value in zip(names, row, strict=True)}
        for moment, row in zip(judged.series.times()[shown][kept], columns[kept].tolist(), strict=True)
    ]


def gap_rows(judged: Judged) -> list[dict[str, int]]:
    """One row per hole in the line, from the last value before it to the first one after it.

    Holes that are no wider than a pixel are left out.
    """
    shown = judged.shown
    times, values = judged.series.times()[shown], judged.series.values[shown]
    return hole_rows(times, values, judged.first, judged.window.end, MOST_POINTS)


def window_rows(judged: Judged) -> list[dict[str, Any]]:
    """One row where the window begins, none when everything that is shown lies in it."""
    begin = judged.window.start
    return [{"begin": milliseconds(begin), "align": judged.align_at(begin)}] if begin > judged.first else []


def finding_rows(judged: Judged) -> list[dict[str, Any]]:
    """One row per finding, with colour, shape, and a label where there is room for one."""
    labelled = _with_room_for_a_label(judged)
    return [
        {
            "since": milliseconds(max(finding.since, judged.first)),
            "at": milliseconds(finding.at),
            "until": milliseconds(finding.at + (AHEAD if judged.is_ahead(finding) else judged.series.step)),
            "value": _short(finding.value),
            "severity": finding.severity.value,
            "colour": SEVERITY_COLOURS[finding.severity],
            "shape": SEVERITY_SHAPES[finding.severity],
            "label": _label(judged, finding) if finding in labelled else "",
            "align": judged.align_at(finding.at),
            "reason": finding.reason,
        }
        for finding in judged.findings
    ]


def value_range(rows: Sequence[Mapping[str, Any]], most: float) -> tuple[float, float]:
    """From where to where the value axis goes: everything measured, the band as far as there is room, and some air."""
    names = ("value", "lower", "upper")
    known = {name: np.array([row[name] for row in rows if row[name] is not None]) for name in names}
    band = [
        float(np.quantile(known[name], at))
        for name, at in zip(names[1:], BAND_QUANTILES, strict=True)
        if known[name].size
    ]
    ends = known["value"] if known["value"].size else np.array(band or [0.0, 1.0])
    low, high = float(ends.min()), float(ends.max())
    room = BAND_ROOM * (high - low) or np.inf  # a flat line loses nothing
    low, high = max(low - room, min([low, *band])), min(high + room, max([high, *band]))
    air = 0.08 * (high - low) or 0.08 * abs(high) or 1.0
    return max(0.0, low - air) if low >= 0.0 else low - air, min(most, high + air)


def _label(judged: Judged, finding: Finding) -> str:
    """The value; and where the band does not explain the mark, why it is there: forecast, or new within the band."""
    words = judged.quantity.words(finding.value)
    if judged.is_ahead(finding):
        return f"{words}, forecast"
    place = (finding.at - judged.series.start) // judged.series.step
    is_outside = not judged.judgement.lower[place] <= finding.value <= judged.judgement.upper[place]
    is_riddle = finding.alarm is Alarm.NOVELTY and not is_outside
    return f"{words}, new here" if is_riddle else words


def _with_room_for_a_label(judged: Judged) -> list[Finding]:
    """Findings whose labels do not overlap: the louder ones where they are too close."""
    apart = (judged.end - judged.first) * (LABEL_WIDTH / WIDTH)
    chosen: list[Finding] = []
    for finding in sorted(judged.findings, key=lambda one: -one.score):
        if all(abs(finding.at - other.at) >= apart for other in chosen):
            chosen.append(finding)
    return chosen


def _short(value: float) -> float | None:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if np.isfinite(value) else None
