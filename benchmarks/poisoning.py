"""Somebody pushes the metrics of a service a little every day: how far models follow, and what they are worth then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from metric_rows import METRICS, ROWS_PER_DAY, newest_as_past
from model_nights import HISTORY_DAYS, cold_night, warm_night

if TYPE_CHECKING:
    from metric_rows import MetricRows

    from ai_ops.detect.learned.mixture import Mixture

PUSHED = ("cpu_percent", "memory_percent", "latency_p95_ms", "requests_per_second")
"""What grows when a service does: the attack looks like growth."""

UNBOUNDED_DAYS = 1e3

EXAMINED_DAYS = 7


def poisoned(rows: MetricRows, per_day: float, days: int, seed: int) -> dict[str, Any]:
    """Attack for some days after the first two weeks, and look at the first model and at three that were trained on.

    Parameters
    ----------
    per_day
        Standard deviations of the first model that every pushed metric moves a day.
    """
    first = cold_night(rows.between(0, HISTORY_DAYS))
    spreads = first.baseline.deviations * [metric in PUSHED for metric in METRICS]
    since = np.maximum(np.arange(len(rows.values)) // ROWS_PER_DAY - HISTORY_DAYS + 1, 0)
    pushed = rows.shifted(per_day * since[:, None] * spreads)
    course, bounded = followed(first, pushed, days)
    unbounded = first
    for day in range(1, days + 1):
        unbounded = warm_night(unbounded, pushed.between(day, HISTORY_DAYS + day), UNBOUNDED_DAYS).model
    cold = cold_night(pushed.between(days, HISTORY_DAYS + days))
    truth, attack = (one.between(days, HISTORY_DAYS + days) for one in (rows, pushed))
    models = {"before": first, "bounded": bounded, "unbounded": unbounded, "cold": cold}
    return course | {
        "faults": {name: worth(model, truth, seed) for name, model in models.items()},
        "attack": {name: told_apart(model, truth, attack) for name, model in models.items()},
    }


def followed(first: Mixture, pushed: MetricRows, days: int) -> tuple[dict[str, Any], Mixture]:
    """How far a model with bounds went, and when people were told; and the model in the end."""
    from ai_ops.detect.learned.baseline import is_far

    model, most, reported, moved = first, 0.0, None, 0.0
    for day in range(1, days + 1):
        started = warm_night(model, pushed.between(day, HISTORY_DAYS + day))
        model = started.model
        most = max([most, *(abs(one.sigmas) for one in started.moved(METRICS))])
        drifted = started.drifted(METRICS)
        if reported is None:
            moved = max(abs(one.sigmas) for one in drifted)
            reported = day if any(map(is_far, drifted)) else None
    return {"most_moved": most, "reported_on_day": reported, "moved": moved}, model


def worth(model: Mixture, truth: MetricRows, seed: int) -> float:
    """AUC over hours with an injected fault and quiet ones, of the last days as they would have been."""
    from ai_ops.detect.learned.examination import examine, set_examination
    from ai_ops.learn.auc import auc

    sat = examine(set_examination(newest_as_past(truth, EXAMINED_DAYS), seed), model.score)
    return auc(sat.quiet, sat.faulty)


def told_apart(model: Mixture, truth: MetricRows, attack: MetricRows) -> float:
    """AUC over the pushed hours of the last day and the same ones as they would have been."""
    from ai_ops.learn.auc import auc

    return auc(*(_hours(model.score(one.values)) for one in (truth, attack)))


def _hours(scores: np.ndarray) -> np.ndarray:
    """Greatest score of each hour of the last day."""
    return np.asarray(np.nan_to_num(scores[-ROWS_PER_DAY:]).reshape(24, -1).max(axis=1))
