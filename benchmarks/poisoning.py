"""Somebody pushes the metrics of a service a little every day: how far models follow, and what they are worth then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from metric_rows import METRICS, ROWS_PER_DAY, last_day_as_past
from model_nights import HISTORY_DAYS, cold_night, warm_night

if TYPE_CHECKING:
    from metric_rows import MetricRows

    from ai_ops.detect.learned.mixture import Mixture

PUSHED = ("cpu_percent", "memory_percent", "latency_p95_ms", "requests_per_second")
"""What grows when a service does: the attack looks like growth."""

UNBOUNDED_DAYS = 1e3


def poisoned(rows: MetricRows, per_day: float, days: int, seed: int) -> dict[str, Any]:
    """Attack for some days after the first two weeks.

    Parameters
    ----------
    per_day
        Standard deviations of the first model that every pushed metric moves a day.
    """
    from ai_ops.detect.learned.baseline import is_far

    first = cold_night(rows.between(0, HISTORY_DAYS))
    spreads = first.baseline.deviations * [metric in PUSHED for metric in METRICS]
    since = np.maximum(np.arange(len(rows.values)) // ROWS_PER_DAY - HISTORY_DAYS + 1, 0)
    pushed = rows.shifted(per_day * since[:, None] * spreads)
    bounded = unbounded = first
    most, reported, moved = 0.0, None, 0.0
    for day in range(1, days + 1):
        history = pushed.between(day, HISTORY_DAYS + day)
        started = warm_night(bounded, history)
        bounded, unbounded = started.model, warm_night(unbounded, history, UNBOUNDED_DAYS).model
        most = max([most, *(abs(one.sigmas) for one in started.moved(METRICS))])
        if reported is None:
            drifted = started.drifted(METRICS)
            moved = max(abs(one.sigmas) for one in drifted)
            reported = day if any(map(is_far, drifted)) else None
    truth = rows.between(days, HISTORY_DAYS + days + 1)
    models = {"before": first, "bounded": bounded, "unbounded": unbounded, "cold": cold_night(history)}
    aucs = {name: worth(model, truth, seed) for name, model in models.items()}
    return {"most_moved": most, "reported_on_day": reported, "moved": moved, **aucs}


def worth(model: Mixture, rows: MetricRows, seed: int) -> float:
    """AUC on the last day of rows that nobody pushed."""
    from ai_ops.detect.learned.examination import examine, set_examination
    from ai_ops.learn.auc import auc

    sat = examine(set_examination(last_day_as_past(rows), seed), model.score)
    return auc(sat.quiet, sat.faulty)
