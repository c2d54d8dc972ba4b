"""How likely an incident begins soon, learned from what followed in a service's own past (R34)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.warming_up import WarmingUp
from ai_ops.learn.incident_probability import IncidentProbability, learn_probability

if TYPE_CHECKING:
    from ai_ops.domain.slo import Slo
    from ai_ops.wiring.models.flagged import Past
    from ai_ops.wiring.models.rows import Rows

GOOD = "slo_good_ratio"
HOUR_SECONDS = 3600


def probability_of(rows: Rows, scores: np.ndarray, past: Past, slo: Slo) -> IncidentProbability | None:
    """Learn from each hour's highest score what followed; None where the history is too short.

    An incident begins with an hour that holds a finding which people have confirmed, or that spends more of the error
    budget than it is allowed, when the hour before did neither.

    Parameters
    ----------
    scores
        Of the rows, shape (n,), in units of the model's threshold.
    """
    times = rows.times()
    hour = (times // HOUR_SECONDS - times[0] // HOUR_SECONDS).astype(int)
    levels = _by_hour(hour, scores, np.fmax)
    unwell = _by_hour(hour, rows.inside(past.incidents).astype(float), np.fmax) > 0.0
    if GOOD in rows.metrics:
        bad = 1.0 - rows.values[:, rows.metrics.index(GOOD)]
        unwell |= np.nan_to_num(_mean_by_hour(hour, bad)) > 1.0 - slo.target_percent / 100.0
    begins = unwell & ~np.concatenate([[False], unwell[:-1]])
    learned = learn_probability(levels, begins)
    return None if isinstance(learned, WarmingUp) else learned


def _by_hour(hour: np.ndarray, values: np.ndarray, join: np.ufunc) -> np.ndarray:
    """Values of each hour brought together, shape (hours,); NaN where none is known."""
    joined = np.full(int(hour[-1]) + 1, np.nan)
    join.at(joined, hour, values)
    return joined


def _mean_by_hour(hour: np.ndarray, values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    sums, counts = (np.bincount(hour[known], weight, int(hour[-1]) + 1) for weight in (values[known], None))
    return np.asarray(np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0))
