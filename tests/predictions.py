"""Predictions, and days that were seen, for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from examples import NOON, an_episode

from ai_ops.domain.prediction import Interval, Outcome, Prediction, Verdict
from ai_ops.domain.tuning import Change, Decision
from ai_ops.tune.learning.outcome import Seen

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Episode

SAVING = Decision((Change("cpu_scale_in_percent", 30.0, 35.0),), ("dear",))
SECURING = Decision((Change("cpu_scale_in_percent", 35.0, 30.0),), ("harm",), is_urgent=True)


def a_prediction(days_ago: float = 1.0) -> Prediction:
    """A calm day: 2.00 an hour, a third of the error budget, 100 requests/s."""
    return Prediction(
        made_at=NOON - timedelta(days=days_ago),
        horizon_hours=24.0,
        cost_per_hour=Interval(2.0, 1.6, 2.4),
        burn=Interval(0.3, 0.1, 0.6),
        slo_good_percent=Interval(99.98, 99.97, 99.99),
        scale_events_per_day=Interval(6.0, 2.0, 12.0),
        requests_per_second=Interval(100.0, 80.0, 120.0),
    )


def seen(**changes: Any) -> Seen:
    """A day that went as predicted."""
    return replace(Seen(cost_per_hour=2.0, burn=0.3, requests_per_second=100.0, measured_ratio=1.0), **changes)


def an_outcome(days_ago: float, verdict: Verdict = Verdict.HIT, **changes: Any) -> Outcome:
    """What became of the prediction of that day, judged a day later; a miss burned 0.9 instead of 0.6."""
    made_at = NOON - timedelta(days=days_ago)
    burn = 0.9 if verdict is Verdict.MISS else 0.3
    outcome = Outcome(
        made_at=made_at,
        judged_at=made_at + timedelta(days=1),
        verdict=verdict,
        reason="as the test wants it",
        is_live_change=False,
        cost_per_hour=2.0,
        burn=burn,
        burn_high=0.6,
    )
    return replace(outcome, **changes)


def a_day(days_ago: float, verdict: Verdict = Verdict.HIT, **changes: Any) -> tuple[Episode, Outcome]:
    """An episode that predicted on that day, and the outcome; live where its decision moved something."""
    episode = replace(an_episode(24 * days_ago), prediction=a_prediction(days_ago))
    episode = replace(episode, **{name: changes.pop(name) for name in ("decision",) if name in changes})
    is_live = not episode.decision.is_hold
    return episode, an_outcome(days_ago, verdict, **{"is_live_change": is_live, **changes})


def a_past(*days: tuple[Episode, Outcome]) -> tuple[Episode, ...]:
    """These days' episodes, and a last one at noon that has judged them all."""
    last = replace(an_episode(), id="web-judging", outcomes=tuple(outcome for _, outcome in days))
    return (*(episode for episode, _ in days), last)
