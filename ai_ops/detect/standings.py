"""Rank the rows of a panel: which of them are the most abnormal now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.judgement import Alarm
from ai_ops.domain.scan import Scan, Standing

if TYPE_CHECKING:
    from ai_ops.domain.judgement import Judgement
    from ai_ops.domain.metrics import Panel


def standings(panel: Panel, judgement: Judgement, recent: int, most: int, worse: int = 0) -> Scan:
    """Count what could be judged in the last columns, and name the `most` abnormal rows.

    Parameters
    ----------
    panel
        Values, shape (rows, n).
    judgement
        Of that panel.
    recent
        How many columns at the end are "now".
    most
        How many rows to name, at most.
    worse
        +1 where only values above the expected one do harm, -1 where only those below do, 0 where both do. What
        does no harm counts as normal.
    """
    scores = judgement.score
    if worse:
        scores = np.where(worse * (panel.values - judgement.expected) <= 0, np.fmin(scores, 0.0), scores)
    measured = np.isfinite(panel.values)
    is_measured = measured[:, -recent:].any(axis=1)
    now = np.where(np.isfinite(scores[:, -recent:]), scores[:, -recent:], -np.inf)
    places = now.argmax(axis=1)
    peaks = now[np.arange(len(now)), places]
    is_judged = np.isfinite(peaks)
    worst_first = np.argsort(-peaks, kind="stable")[: min(most, int(is_judged.sum()))]
    before = scores.shape[1] - now.shape[1]
    return Scan(
        judged=int(is_judged.sum()),
        abnormal=int((peaks > 1).sum()),
        warming_up=int((is_measured & ~is_judged).sum()),
        fell_silent=int((measured.any(axis=1) & ~is_measured).sum()),
        without_data=int((~measured.any(axis=1)).sum()),
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
