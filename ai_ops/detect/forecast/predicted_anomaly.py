"""Predicted anomaly: what the forecast says will exceed a limit before the next look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.detect.forecast.forecast import HORIZON, LEVELS

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.detect.forecast.forecast import Forecast

HEADLINE = f"Predicted anomaly in {HORIZON} hours"


@dataclass(frozen=True, slots=True)
class PredictedAnomaly:
    """A limit that will probably be exceeded.

    Parameters
    ----------
    metric
        Canonical name.
    since, at
        Beginning of the first hour beyond the limit, and of the worst one.
    value, lower, upper
        Forecast of the worst hour and the interval that it lies in nine times of ten, in the metric's unit.
    limit
        What is exceeded.
    method, skill
        What made the forecast, and how much better than seasonal-naive it was in the past.
    """

    metric: str
    since: datetime
    at: datetime
    value: float
    lower: float
    upper: float
    limit: float
    method: str
    skill: float

    @property
    def sentence(self) -> str:
        """Say it to a person, with how far to trust it."""
        interval = f"nine times of ten between {self.lower:.4g} and {self.upper:.4g}"
        side = "above" if self.value > self.limit else "below"
        trust = f"{self.skill:.0%} better than seasonal-naive so far" if self.skill else "what came a day before"
        return (
            f"{HEADLINE}: {self.metric} is forecast to be {side} {self.limit:.4g} from {self.since:%H:%M} UTC on, "
            f"at worst {self.value:.4g} at {self.at:%H:%M} UTC ({interval}; {self.method}, {trust})"
        )


def predicted_anomaly(forecast: Forecast, limit: float, *, worse: int = +1) -> PredictedAnomaly | None:
    """Say whether the forecast exceeds a limit; None when it stays within, or the limit is not known.

    Parameters
    ----------
    forecast
        The next hours.
    limit
        The upper end of the expected band or a fixed limit, in the metric's unit; with `worse` -1 the lower end.
    worse
        +1 where high values hurt, -1 where low ones do.
    """
    beyond = worse * (forecast.median - limit)
    if not (beyond > 0).any():
        return None
    hour, first = int(np.argmax(beyond)), int(np.argmax(beyond > 0))
    return PredictedAnomaly(
        metric=forecast.metric,
        since=forecast.start + first * timedelta(hours=1),
        at=forecast.start + hour * timedelta(hours=1),
        value=float(forecast.median[hour]),
        lower=float(forecast.quantiles[hour, LEVELS.index(0.05)]),
        upper=float(forecast.quantiles[hour, LEVELS.index(0.95)]),
        limit=limit,
        method=forecast.method,
        skill=forecast.skill,
    )
