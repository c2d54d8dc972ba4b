"""What a decision says of past and future: outcomes are judged again, the rest must hold together.

Autonomy is earned by outcomes (H42), so not one of them is believed: they are worked out from the observation and from
this job's own ledger, and what was handed over must say the same. Expectations take a search to work out; of them
only the form is checked, and what they earn shows when they are judged.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import isclose, isfinite
from typing import TYPE_CHECKING

from ai_ops.tune.learning.expectation import HORIZON
from ai_ops.tune.model import Model
from ai_ops.tune.standstill import Standstill
from ai_ops.wiring.sources import tuner

if TYPE_CHECKING:
    from ai_ops.domain.foresight import Foresight
    from ai_ops.domain.prediction import Interval, Outcome, Prediction
    from ai_ops.tune.model import Glance
    from ai_ops.wiring.jobs.handed import Handed

NEARLY = 1e-6
"""Relative: two machines may add up the same minutes in another order."""


def unfounded(handed: Handed) -> str | None:
    """Why what a decision knows cannot be known, or None."""
    told, known = handed.decision.foresight, glance(handed)
    if told is None or known is None:
        return None if told is None and known is None else "it does not say of the future what its policy says"
    if not _are_alike(told.outcomes, known.outcomes):
        return "it judges earlier predictions otherwise than the metrics do"
    observed = told.looked.observed_burn if told.looked else None  # None teaches nothing
    if observed is not None and not _is_near(observed, known.last_day_burn):
        return "it has seen another last day than the metrics show"
    return _impossible(told, is_hold=handed.decision.is_hold)


def judged_again(handed: Handed) -> Foresight | None:
    """What the decision knows, with the outcomes as this job has judged them."""
    told, known = handed.decision.foresight, glance(handed)
    return told if told is None or known is None else replace(told, outcomes=known.outcomes)


def glance(handed: Handed) -> Glance | None:
    """What the policy sees before it searches; None where it looks at no minutes, or there are none to look at."""
    policy = tuner(handed.settings, handed.service, Standstill()).policy
    return policy.glance(handed.situation()) if isinstance(policy, Model) else None


def _are_alike(told: tuple[Outcome, ...], known: tuple[Outcome, ...]) -> bool:
    return len(told) == len(known) and all(map(_is_alike, told, known))


def _is_alike(told: Outcome, known: Outcome) -> bool:
    """Whether two outcomes say the same; the words for it are taken from `known` anyway."""
    figures = ((told.cost_per_hour, known.cost_per_hour), (told.burn, known.burn), (told.burn_high, known.burn_high))
    is_same = (told.made_at, told.judged_at, told.verdict, told.is_live_change) == (
        known.made_at,
        known.judged_at,
        known.verdict,
        known.is_live_change,
    )
    return is_same and all(_is_near(*pair) for pair in figures)


def _is_near(told: float | None, known: float | None) -> bool:
    if told is None or known is None:
        return told is known
    return isclose(told, known, rel_tol=NEARLY, abs_tol=NEARLY)


def _impossible(told: Foresight, *, is_hold: bool) -> str | None:
    """Why an expectation is none, or None."""
    expected = [one for one in (told.prediction, told.if_unchanged) if one is not None]
    if any(one.made_at != told.at for one in expected):
        return "it holds a prediction that was made at another time"
    if not all(map(_is_prediction, expected)):
        return "it holds a prediction whose figures are none"
    if told.if_unchanged is not None and is_hold:
        return "it changes nothing, and says what would be without the change"
    if expected and told.looked is None:
        return "it expects something of a service that it has not looked at"
    replayed = told.looked.replayed_burn if told.looked else None
    return "it replayed a burn that is none" if replayed is not None and not _is_amount(replayed) else None


def _is_prediction(prediction: Prediction) -> bool:
    shares = (prediction.cost_per_hour, prediction.burn, prediction.scale_events_per_day)
    is_whole = all(map(_is_ordered, (*shares, prediction.requests_per_second)))
    good = prediction.slo_good_percent
    is_good = all(isfinite(one) and one <= 100.0 for one in (good.expected, good.low, good.high))  # noqa: PLR2004  # all
    return is_whole and is_good and prediction.horizon_hours == HORIZON / timedelta(hours=1)


def _is_ordered(interval: Interval) -> bool:
    return _is_amount(interval.low) and interval.low <= interval.expected <= interval.high and isfinite(interval.high)


def _is_amount(value: float) -> bool:
    return isfinite(value) and value >= 0.0
