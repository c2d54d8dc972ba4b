"""Figures of a prediction as a reviewer thinks of them: by the month, each with its interval, and their differences."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, isfinite

from ai_ops.domain.metrics import HOURS_PER_MONTH
from ai_ops.domain.prediction import Interval, Prediction

MINUTES_PER_MONTH = 60.0 * HOURS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Monthly:
    """One prediction as if every day of a month were like its day.

    Parameters
    ----------
    cost
        Currency per month.
    slo_minutes
        Minutes per month in which nothing would be good, if all that is bad came in a row; from 0.
    events
        Scale events per day.
    """

    cost: Interval
    slo_minutes: Interval
    events: Interval


def monthly(prediction: Prediction) -> Monthly:
    """Write a prediction by the month."""
    cost, good = prediction.cost_per_hour, prediction.slo_good_percent
    return Monthly(
        Interval(*(HOURS_PER_MONTH * one for one in (cost.expected, cost.low, cost.high))),
        Interval(*(MINUTES_PER_MONTH * (1.0 - one / 100.0) for one in (good.expected, good.high, good.low))),
        prediction.scale_events_per_day,
    )


def allowed_minutes(prediction: Prediction) -> float | None:
    """Minutes per month that the promise allows; None where the prediction does not let them be worked out."""
    burn, bad = prediction.burn.high, 1.0 - prediction.slo_good_percent.low / 100.0
    allowed = MINUTES_PER_MONTH * bad / burn if burn > 0 else float("nan")
    return allowed if isfinite(allowed) and allowed > 0 else None


def difference(after: Interval, before: Interval) -> Interval:
    """What `after` is above `before`, with bounds as if the two were wrong independently of each other.

    Both were replayed on the same demand, which errs in the same direction for both: the bounds are rather wide.

    >>> difference(Interval(100.0, 97.0, 103.0), Interval(120.0, 116.0, 124.0))
    Interval(expected=-20.0, low=-25.0, high=-15.0)
    """
    middle = after.expected - before.expected
    down = hypot(after.expected - after.low, before.high - before.expected)
    up = hypot(after.high - after.expected, before.expected - before.low)
    return Interval(middle, middle - down, middle + up)


def amount(value: float) -> str:
    """Write a figure with as many digits as a reviewer can use, without exponent: 0.082, 4.1, 1,250.

    >>> amount(0.08234), amount(4.123), amount(1249.6), amount(float("nan"))
    ('0.082', '4.1', '1,250', 'unknown')
    """
    if not isfinite(value):
        return "unknown"
    size = abs(value)
    if size >= 100:  # noqa: PLR2004  # three digits are enough
        return f"{value:,.0f}"
    text = f"{value:.1f}" if size >= 1 else f"{value:.2g}" if size >= 0.01 else f"{value:.2f}"  # noqa: PLR2004
    return "0" if float(text) == 0 else text


def span(interval: Interval) -> str:
    """The expectation and its bounds.

    >>> span(Interval(158.6, 112.4, 204.8))
    '159 (112 to 205)'
    """
    return f"{amount(interval.expected)} ({amount(interval.low)} to {amount(interval.high)})"
