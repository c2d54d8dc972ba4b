"""Rank the rows of a panel: which of them are the most abnormal now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.maintenance import planned, without
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.scan import Scan, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ai_ops.domain.judgement import Judgement
    from ai_ops.domain.metrics import Panel


def present(panel: Panel, recent: int, maintenance: Sequence[tuple[datetime, datetime]] = ()) -> tuple[Panel, Scan]:
    """Keep the rows that have a value in the last `recent` columns, and count the others: there is nothing to judge.

    What came while work was planned is a gap in the rows that are kept. Nobody fell silent when work was planned in all
    of the last columns.
    """
    was_here = np.isfinite(panel.values).any(axis=1)
    panel = without(panel, maintenance)
    is_here = np.isfinite(panel.values[:, -recent:]).any(axis=1)
    names = tuple(name for name, kept in zip(panel.names, is_here, strict=True) if kept)
    missing, is_all_planned = int((was_here & ~is_here).sum()), bool(planned(panel, maintenance)[-recent:].all())
    counts = Scan(
        fell_silent=0 if is_all_planned else missing,
        in_maintenance=missing if is_all_planned else 0,
        without_data=int((~was_here).sum()),
    )
    return replace(panel, names=names, values=panel.values[is_here]), counts


def standings(panel: Panel, judgement: Judgement, recent: int, most: int) -> Scan:
    """Count what could be judged in the last columns, and name the `most` abnormal rows.

    Parameters
    ----------
    panel
        Values, shape (rows, n), each row `present`.
    judgement
        Of that panel.
    recent
        How many columns at the end are "now".
    most
        How many rows to name, at most.
    """
    scores = judgement.score
    now = np.where(np.isfinite(scores[:, -recent:]), scores[:, -recent:], -np.inf)
    places = now.argmax(axis=1)
    peaks = now[np.arange(len(now)), places]
    judged = int(np.isfinite(peaks).sum())
    worst_first = np.argsort(-peaks, kind="stable")[: min(most, judged)]
    before = scores.shape[1] - now.shape[1]
    return Scan(
        judged=judged,
        abnormal=int((peaks > 1).sum()),
        warming_up=len(peaks) - judged,
        top=tuple(_standing(panel, judgement, scores, int(row), before + int(places[row])) for row in worst_first),
    )


def _standing(panel: Panel, judgement: Judgement, scores: np.ndarray, row: int, at: int) -> Standing:
    """Describe one row at its worst column."""
    abnormal = scores[row, : at + 1] > 1
    normal = np.flatnonzero(~abnormal)
    since = (int(normal[-1]) + 1 if normal.size else 0) if abnormal[at] else at
    expected = float(judgement.expected[row, at])
    is_deviation = judgement.deviation[row, at] == judgement.score[row, at]
    alarm = Alarm.DEVIATION if is_deviation else Alarm.NOVELTY
    return Standing(
        name=panel.names[row],
        metric=panel.metric,
        score=float(scores[row, at]),
        alarm=alarm if abnormal[at] else None,
        since=panel.start + since * panel.step,
        at=panel.start + at * panel.step,
        value=float(panel.values[row, at]),
        expected=expected if np.isfinite(expected) else None,
    )
