"""What a model of how metrics move together is worth, on hours that it has never seen.

The examination is set once and sat by every model, so that two models are compared window by window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.learned.held_out_hours import CONTEXT, held_out_hours
from ai_ops.detect.learned.window_faults import with_faults
from ai_ops.detect.self_test.intervals import rate, share
from ai_ops.detect.self_test.self_test import paged
from ai_ops.domain.examined import CONFIRMED, Examined
from ai_ops.domain.held_out import DAY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.detect.learned.held_out_hours import Hours, Past
    from ai_ops.detect.learned.window_faults import Copies
    from ai_ops.domain.self_test import Estimate

    Scorer = Callable[[np.ndarray], np.ndarray]

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """What is asked.

    Parameters
    ----------
    past
        The untouched rows.
    hours
        The quiet windows, and those of confirmed incidents.
    copies
        Quiet windows with an injected fault.
    """

    past: Past
    hours: Hours
    copies: Copies


def set_examination(past: Past, seed: int) -> Examination:
    """Choose the windows and inject the faults; the same past and seed give the same examination."""
    hours = held_out_hours(past)
    return Examination(past, hours, with_faults(past, hours, seed))


def examine(examination: Examination, score: Scorer, pit: Scorer | None = None) -> Examined:
    """Let a model sit the examination.

    Parameters
    ----------
    examination
        What is asked, see `set_examination`.
    score
        Rows of shape (n, d) to scores of shape (n,), above 1 where abnormal, NaN where nothing is known; each score
        rests on its row and the four before it.
    pit
        The same for probability-integral values, 0 to 1; None leaves them out.
    """
    past, hours, copies = examination.past, examination.hours, examination.copies
    untouched = np.nan_to_num(score(past.values))
    wrong = _scored(copies, score)
    incidents = _windows(untouched, hours.incidents, hours.rows)
    kinds = (*copies.kinds, *[CONFIRMED] * len(incidents))
    hits = np.concatenate((_hits(wrong, _windows(untouched, copies.hosts, hours.rows), copies), _alarms(incidents)))
    judged = past.is_judged
    values = np.full(past.times.size, np.nan) if pit is None else pit(past.values)
    asked = judged & np.isfinite(values)
    return Examined(
        quiet=_windows(untouched, hours.quiet, hours.rows).max(axis=1, initial=0.0),
        quiet_days=_day(past, hours.quiet),
        faulty=np.concatenate((wrong.max(axis=1, initial=0.0), incidents.max(axis=1, initial=0.0))),
        faulty_days=_day(past, np.concatenate((copies.hosts, hours.incidents))),
        kinds=kinds,
        recall=share(int(hits.sum()), hits.size) if hits.size else None,
        recall_by_fault=_by_kind(kinds, hits),
        alarms_per_week=_alarms_per_week(past, untouched, judged),
        rows=int(judged.sum()),
        pit=values[asked],
        pit_days=_day(past, np.flatnonzero(asked)),
    )


def _scored(copies: Copies, score: Scorer) -> np.ndarray:
    """Scores of the copies' windows, shape (f, rows): all in one array, each after the rows that it rests on."""
    count, rows, columns = copies.values.shape
    if not count:
        return np.empty((0, rows - CONTEXT))
    scores = np.nan_to_num(score(copies.values.reshape(-1, columns)))
    return np.asarray(scores.reshape(count, rows)[:, CONTEXT:])


def _windows(scores: np.ndarray, first: np.ndarray, rows: int) -> np.ndarray:
    """Scores of the windows that begin with these rows, shape (m, rows)."""
    return np.asarray(scores[first[:, None] + np.arange(rows)])


def _hits(wrong: np.ndarray, untouched: np.ndarray, copies: Copies) -> np.ndarray:
    """Which faults raise an alarm, shape (f,); what also alarms without the fault is no merit."""
    since = np.arange(wrong.shape[1]) >= copies.begins[:, None]
    return np.asarray(((wrong > 1.0) & (untouched <= 1.0) & since).any(axis=1))


def _alarms(scores: np.ndarray) -> np.ndarray:
    return np.asarray((scores > 1.0).any(axis=1))


def _by_kind(kinds: tuple[str, ...], hits: np.ndarray) -> dict[str, Estimate]:
    names = np.array(kinds, dtype=object)
    return {
        kind: share(int(hits[names == kind].sum()), int((names == kind).sum())) for kind in dict.fromkeys(sorted(kinds))
    }


def _alarms_per_week(past: Past, scores: np.ndarray, judged: np.ndarray) -> Estimate | None:
    """How often a person would be told for nothing; None where no row was judged."""
    if not judged.any():
        return None
    return rate(int((paged(scores, past.step) & judged).sum()), float(judged.sum() * (past.step / WEEK)))


def _day(past: Past, rows: np.ndarray) -> np.ndarray:
    return np.asarray(past.times[rows] // DAY_SECONDS).astype(int)
