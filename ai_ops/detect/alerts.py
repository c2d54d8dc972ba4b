"""The alert layer: from scores to alarms. It knows nothing of how a score comes about.

An alarm has an onset, when the score first passes its threshold; it is held over dips shorter than `HOLD`; and for
`REFRACTORY` after it nothing is raised that is not louder by a band of severity, so that one incident is one alarm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ai_ops.detect.lookback import over

HOLD = timedelta(minutes=30)
"""What comes back within half an hour had not gone: shorter dips are seen in the middle of most incidents."""

REFRACTORY = timedelta(hours=8)
"""One shift hears of an incident once."""

REFRACTORY_VALUES = 96
"""Eight hours at five minutes; at steps of a minute eight hours would be many incidents."""

LOUDER = 4.0 / 3.0
"""One band of severity: an alarm that got a little worse is the same alarm (S001-89 to S001-92)."""


@dataclass(frozen=True, slots=True)
class Span:
    """One alarm: indices of its first, its loudest and its last value."""

    since: int
    loudest: int
    until: int


def leading_edge(scores: np.ndarray, step: timedelta) -> np.ndarray:
    """The scores that would be reported: those louder than all of the refractory time.

    After an alarm only what is `LOUDER` than it counts. Scores below 1 are treated alike, so that a reader with
    another threshold than 1 sees onsets, too.

    Parameters
    ----------
    scores
        Shape (..., n); NaN where nothing is known.

    Returns
    -------
    numpy.ndarray
        Same shape: the score where it is reported, else 0.
    """
    known = np.nan_to_num(scores, nan=0.0)
    before = np.nan_to_num(over(known, 1, _columns(REFRACTORY, step), np.fmax))
    limit = np.where(before > 1.0, LOUDER * before, before)
    return np.asarray(np.where(known > limit, known, 0.0))


def alarms(scores: np.ndarray, step: timedelta) -> tuple[Span, ...]:
    """Every alarm of one series, oldest first; quieter echoes within the refractory time are left out.

    Parameters
    ----------
    scores
        Shape (n,).
    """
    abnormal = np.flatnonzero(np.nan_to_num(scores, nan=0.0) > 1.0)
    if not abnormal.size:
        return ()
    reported = leading_edge(scores, step) > 1.0
    parts = np.split(abnormal, np.flatnonzero(np.diff(abnormal) > max(1, round(HOLD / step))) + 1)
    return tuple(
        Span(since=int(part[0]), loudest=int(part[np.argmax(scores[part])]), until=int(part[-1]))
        for part in parts
        if reported[part].any()
    )


def alarms_inside(scores: np.ndarray, step: timedelta, inside: np.ndarray) -> tuple[Span, ...]:
    """The alarms of one series of which a part lies where `inside` is true, shape (n,)."""
    return tuple(span for span in alarms(scores, step) if inside[span.since : span.until + 1].any())


def _columns(span: timedelta, step: timedelta) -> int:
    return max(1, min(round(span / step), REFRACTORY_VALUES))
