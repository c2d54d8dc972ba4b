"""What the next day will probably cost and spend, with bounds made of how wrong such guesses have been."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.prediction import Interval, Prediction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

HORIZON = timedelta(hours=24)
"""A day: long enough to hold every hour of the rhythm, short enough to be judged while it still matters."""

COVERAGE = 0.90
WEEK = 7
MOST_ERRORS = 30
"""Older errors speak of a service that has changed since."""

FIRST_SPREAD = 0.25
"""How far the first days may be off when there is no past to tell: the demand of two weeks differs by that much."""

LEAST_SPREAD = 0.005
"""No replay is nearer to reality than half a percent, however alike its days: a fleet that never moves would be told
to the last digit, and judged by how its bill was rounded."""

LEAST_BURN_ROOM = 0.1
"""A tenth of a day's error budget: what a few unlucky requests of a calm service spend, and the gate's own blur."""


def expectation(
    made_at: datetime,
    daily: tuple[np.ndarray, np.ndarray, np.ndarray],
    *,
    events_per_day: float,
    price: float,
    allowed_bad_ratio: float,
    cost_errors: Sequence[float],
) -> Prediction:
    """Predict the first day on some settings from the last days replayed on them.

    Parameters
    ----------
    daily
        Whole days, oldest first, shape (days,) each: mean instances paid for, share of the day's error budget spent,
        mean requests per second.
    cost_errors
        How far predictions of cost have been off, as a share: they come before the replay's own errors.
    """
    instances, burns, rates = daily
    cost = _interval(instances * price, cost_errors)
    burn = float(burns.mean())
    burn_bounds = Interval(burn, 0.0, max(_covering(burns), burn + LEAST_BURN_ROOM))
    good = [100.0 * (1.0 - share * allowed_bad_ratio) for share in (burn, burn_bounds.high)]
    return Prediction(
        made_at=made_at,
        horizon_hours=HORIZON / timedelta(hours=1),
        cost_per_hour=cost,
        burn=burn_bounds,
        slo_good_percent=Interval(good[0], max(good[1], 0.0), 100.0),
        scale_events_per_day=Interval(events_per_day, 0.0, 2.0 * events_per_day + 2.0),
        requests_per_second=_interval(rates, ()),
    )


def _interval(days: np.ndarray, errors: Sequence[float]) -> Interval:
    """Guess the next day, with a split-conformal interval of relative errors (Lei et al., JASA 2018).

    Real errors come first; while they are few, those that the same guess would have made on the days at hand join.
    """
    guess = _guess(days)
    own = [days[day] / max(_guess(days[:day]), 1e-12) - 1.0 for day in range(WEEK, days.size)]
    known = [*own, *errors][-MOST_ERRORS:]
    width = max(_covering(np.abs(known)), LEAST_SPREAD) if known else FIRST_SPREAD
    return Interval(guess, max(guess * (1.0 - width), 0.0), guess * (1.0 + width))


def _guess(days: np.ndarray) -> float:
    """Mean of the last day and of the same weekday a week before, where there is one."""
    return float(np.mean(days[[-1, -WEEK]])) if days.size >= WEEK else float(days[-1])


def _covering(seen: np.ndarray) -> float:
    """Bound that covers the next of exchangeable values with `COVERAGE`; at most their largest."""
    rank = ceil((seen.size + 1) * COVERAGE - 1e-9)  # a product may end a hair above the whole number that it means
    return float(np.sort(seen)[min(rank, seen.size) - 1])
