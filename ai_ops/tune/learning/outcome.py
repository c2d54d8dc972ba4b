"""Did a prediction come true? A pure function of what was predicted and what was seen since."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from ai_ops.domain.prediction import Outcome, Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.prediction import Interval, Prediction

LEAST_MEASURED_RATIO = 0.9
"""Below this share of measured minutes nothing is judged. Metrics fail most when the service does, so what is missing
must not pass for calm. A tenth of a day is more than restarts and late scrapes take, and 2.4 hours may be lost."""

DEMAND_FACTOR = 1.25
"""How far demand may leave its interval, downwards as upwards. One day in ten leaves it by chance, so its edge is no
sign of a shift. A quarter more is what a service at 80 % has left before it is full (100 / 80): beyond that it is not
the service that was predicted, whatever it cost."""

TOLERABLE_BURN = 1.0
"""Up to here the promise was kept, however wrong the prediction was: there is nothing to take back."""

TOLERABLE_FACTOR = 1.5
"""How far beyond its upper bound a burn may lie before the change is taken back. One outcome in twenty lies above
the bound by design; bursts of bad minutes make that tail long, but half as much again is rarer than chance explains."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured over the horizon of a prediction.

    Parameters
    ----------
    cost_per_hour
        Currency per hour, mean; None when it was not measured.
    burn
        Share of the horizon's own error budget that was spent; None when it was not measured.
    requests_per_second
        Mean demand; None when it was not measured.
    measured_ratio
        Share of the horizon's minutes that were measured, 0 to 1.
    overridden
        Knobs that did not stay as the prediction assumed.
    burn_elsewhere
        What of `burn` was spent in deploys and incidents, while the CPU was no reason for it.
    """

    cost_per_hour: float | None
    burn: float | None
    requests_per_second: float | None
    measured_ratio: float
    overridden: tuple[str, ...] = ()
    burn_elsewhere: float = 0.0


def judge(prediction: Prediction, seen: Seen, *, is_live_change: bool, judged_at: datetime) -> Outcome:
    """Hold a prediction whose time is over against what was seen.

    Less burn and less cost than predicted is no miss: nobody is harmed by it, and the intervals that the next
    predictions take from their own past see it anyway. A change whose knobs did not stay was not really live.
    """
    verdict, reason = _verdict(prediction, seen)
    return Outcome(
        made_at=prediction.made_at,
        judged_at=judged_at,
        verdict=verdict,
        reason=reason,
        is_live_change=is_live_change and not seen.overridden,
        cost_per_hour=_known(seen.cost_per_hour),
        burn=_known(seen.burn),
        burn_high=prediction.burn.high,
    )


def needs_way_back(outcome: Outcome) -> bool:
    """Whether the miss is beyond tolerance, so that what was changed shall be taken back."""
    if outcome.verdict is not Verdict.MISS or outcome.burn is None:
        return False
    return outcome.burn > max(TOLERABLE_BURN, TOLERABLE_FACTOR * (outcome.burn_high or 0.0))


def _verdict(prediction: Prediction, seen: Seen) -> tuple[Verdict, str]:
    """Judge, and say why; what is missing makes nothing a hit, but hides no burn that was seen."""
    if (obstacle := _obstacle(prediction, seen)) is not None:
        return Verdict.NOT_JUDGEABLE, obstacle
    burn, cost = _known(seen.burn), _known(seen.cost_per_hour)
    is_burn_ours = burn is not None and burn - seen.burn_elsewhere > prediction.burn.high
    if burn is not None and burn > prediction.burn.high and not is_burn_ours:
        return Verdict.NOT_JUDGEABLE, (
            f"burn {burn:.2f}, of which {seen.burn_elsewhere:.2f} in deploys or incidents that no setting changes"
        )
    beyond = [f"burn {burn:.2f}, where at most {prediction.burn.high:.2f} was predicted"] if is_burn_ours else []
    if cost is not None and cost > prediction.cost_per_hour.high:
        beyond.append(f"cost per hour {cost:.3g}, where at most {prediction.cost_per_hour.high:.3g} was predicted")
    if beyond:
        return Verdict.MISS, "; ".join(beyond)
    if burn is None or cost is None:
        return Verdict.NOT_JUDGEABLE, f"{'the burn' if burn is None else 'the cost'} was not measured"
    return Verdict.HIT, (
        f"burn {burn:.2f} of at most {prediction.burn.high:.2f}, "
        f"cost per hour {cost:.3g} of at most {prediction.cost_per_hour.high:.3g}"
    )


def _obstacle(prediction: Prediction, seen: Seen) -> str | None:
    """Why what was seen says nothing about the prediction, or None."""
    if seen.overridden:
        return f"{', '.join(seen.overridden)} did not stay as predicted"
    # Written so that NaN fails: a comparison with it is never true.
    if not seen.measured_ratio >= LEAST_MEASURED_RATIO:
        return f"only {seen.measured_ratio:.0%} of the time was measured"
    demand = _known(seen.requests_per_second)
    if demand is None:
        return "the demand was not measured"
    if not _is_alike(demand, prediction.requests_per_second):
        expected = prediction.requests_per_second
        return f"demand shifted: {demand:.4g} requests/s, where {expected.low:.4g} to {expected.high:.4g} was predicted"
    return None


def _is_alike(demand: float, predicted: Interval) -> bool:
    return predicted.low / DEMAND_FACTOR <= demand <= predicted.high * DEMAND_FACTOR


def _known(value: float | None) -> float | None:
    """The value, None for NaN as well; infinity stays, because a burn without end is a burn."""
    return None if value is None or isnan(value) else value
