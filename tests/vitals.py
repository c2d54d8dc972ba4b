"""What the agent has to tell of itself, for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from examples import NOON, an_episode

from ai_ops.domain.autonomy import ActionClass, Mode
from ai_ops.domain.cycle import CycleResult, Delivery, DeliveryStatus, Episode
from ai_ops.domain.message import Receipt
from ai_ops.domain.prediction import Interval, Outcome, Prediction, Verdict
from ai_ops.domain.tuning import Change, Decision
from ai_ops.domain.vitals import Vitals

MOVE = Change("cpu_scale_in_percent", 30.0, 35.0)


def a_prediction(burn: float = 0.4) -> Prediction:
    """An expectation with bounds a quarter off."""
    about = {
        name: Interval(value, value * 0.75, value * 1.25)
        for name, value in {
            "cost_per_hour": 0.08,
            "burn": burn,
            "slo_good_percent": 99.9,
            "scale_events_per_day": 6.0,
            "requests_per_second": 200.0,
        }.items()
    }
    return Prediction(made_at=NOON, horizon_hours=24, **about)


def an_outcome(verdict: Verdict = Verdict.HIT, *, is_live_change: bool = False) -> Outcome:
    """A prediction that was judged at noon."""
    return Outcome(NOON - timedelta(days=1), NOON, verdict, "seen", is_live_change, cost_per_hour=0.07, burn=0.3)


def a_past(periods: int = 8) -> tuple[Episode, ...]:
    """Episodes up to noon, every other of which moves something and judges a prediction."""
    return tuple(_episode(number, NOON - timedelta(hours=6 * (periods - 1 - number))) for number in range(periods))


def _episode(number: int, end: Any) -> Episode:
    episode = an_episode()
    is_moving = number % 2 == 1
    shift = end - episode.window.end
    window = replace(episode.window, start=episode.window.start + shift, end=end)
    return replace(
        episode,
        id=f"web-{end:%Y%m%dT%H}Z",
        window=window,
        decided_at=end,
        decision=Decision((MOVE,), ("cheaper",)) if is_moving else Decision.hold("all is well"),
        reward=replace(
            episode.reward,
            value=-0.9,
            slo_good_percent=99.97,
            burn=0.6,
            requests=1e6,
            cost=0.54,
            budget=0.6,
        ),
        prediction=a_prediction() if is_moving else None,
        outcomes=(an_outcome(is_live_change=number % 4 == 1),) if is_moving else (),
    )


def some_vitals(**changes: Any) -> Vitals:
    """A run that went well, after two days with the agent."""
    past = a_past()
    delivery = Delivery(DeliveryStatus.COMMITTED, "pushed", commit="c0ffee")
    result = CycleResult(past[-1], delivery, (Receipt("slack", "sent"),))
    vitals = Vitals(
        service="web",
        version="17.3.0",
        mode="commit",
        at=NOON + timedelta(minutes=17),
        seconds=12.5,
        exit_code=0,
        is_paused=False,
        state_bytes=123_456,
        slo_target_percent=99.95,
        result=result,
        past=past,
        autonomy={ActionClass.SAVE: Mode.OBSERVE, ActionClass.SAFETY: Mode.COMMIT},
        live_changes=3,
    )
    return replace(vitals, **changes)


def failed_vitals(exit_code: int = 2, **changes: Any) -> Vitals:
    """A run that had nothing to decide on."""
    nothing = {"result": None, "past": (), "autonomy": {}, "live_changes": None}
    return some_vitals(**{"exit_code": exit_code, **nothing, **changes})
