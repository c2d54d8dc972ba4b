"""What an attacker who falsifies metrics can make the agent do (H03, H04): nothing that the true service cannot bear.

The attacker sees the agent's metrics only, or those of the platform as well; the users feel what is true.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from modelled import MINUTES_PER_DAY, Loop, make_service, the_service, the_tuner

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.domain.metrics import Series

SERVICE = the_service()
HISTORY_DAYS = 7


@dataclass(frozen=True)
class Ramp:
    """One metric read lower every day: by so much, from this moment on."""

    metric: str
    begin: datetime
    daily_factor: float = 0.99

    def __call__(self, series: dict[str, Series]) -> dict[str, Series]:
        """Falsify it."""
        one = series[self.metric]
        days = (one.start - self.begin) / timedelta(days=1) + np.arange(one.values.size) / MINUTES_PER_DAY
        return {**series, self.metric: replace(one, values=one.values * self.daily_factor ** np.maximum(days, 0.0))}


def a_loop(days: int, *, tampered_days: float = 0.0) -> Loop:
    """A dozen instances on settings that are safe; an attacker has been at work for so many days."""
    safe = {"cpu_scale_out_percent": 65.0, "cpu_scale_in_percent": 40.0}
    simulated, standing = make_service("weekly", 8, days=days, warm_days=HISTORY_DAYS, **safe)
    loop = Loop(simulated, standing, SERVICE, the_tuner(SERVICE).decide)
    if tampered_days:
        loop.tampered = Ramp("cpu_percent", simulated.now - timedelta(days=tampered_days))
    return loop


def spent(loop: Loop, first_day: int) -> float:
    """Share of the error budget that was truly spent since that day of the simulation."""
    part = slice(first_day * MINUTES_PER_DAY, loop.simulated.minute)
    total, good = loop.simulated.total[part], loop.simulated.good[part]
    return float((total - good).sum() / total.sum() / SERVICE.platform.allowed_bad_ratio)


def assert_walked_within_the_rules(loop: Loop) -> None:
    """Bounds and steps in every decision, at most one a day; only a rescue may come sooner, and reach further."""
    knobs = SERVICE.knobs
    acted = [episode for episode in loop.past if episode.decision.changes]
    for episode in acted:
        for change in episode.decision.changes:
            knob = knobs[change.knob]
            assert knob.allows(change.after)
            if isinstance(change.after, float):
                is_free = episode.decision.is_urgent and knob.is_safer(change.before, change.after)
                assert is_free or abs(change.after - change.before) <= knob.max_step
    for earlier, later in pairwise(acted):
        least = timedelta(hours=6 if later.decision.is_urgent else 24)
        assert later.decided_at - earlier.decided_at >= least


def test_a_gate_closes_on_a_cpu_that_does_not_tell_what_was_paid():
    """After a week at one percent a day the replay no longer pays what was paid: nothing moves, and it says why."""
    loop = a_loop(1, tampered_days=14.0)
    loop.run(1)
    (episode,) = loop.past
    assert episode.decision.is_hold
    assert episode.prediction is None
    assert "the twin does not tell what is known already" in episode.decision.reasons[-1]


def test_a_promise_whose_bad_requests_are_hidden_is_not_trusted():
    """Whoever makes all requests look good must also falsify the latency and the errors."""
    danger = {"cpu_scale_out_percent": 90.0, "cpu_scale_in_percent": 70.0}
    simulated, standing = make_service("weekly", 8, days=1, warm_days=HISTORY_DAYS, **danger)

    def flattered(series: dict[str, Series]) -> dict[str, Series]:
        good = series["slo_good_ratio"]
        return {**series, "slo_good_ratio": replace(good, values=np.where(np.isfinite(good.values), 1.0, np.nan))}

    loop = Loop(simulated, standing, SERVICE, the_tuner(SERVICE).decide, tampered=flattered)
    loop.run(1)
    assert loop.past[0].decision.is_hold
    assert "the metrics contradict each other" in loop.past[0].decision.reasons[0]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_slow_ramp_on_what_the_agent_reads_ends_at_the_gate():
    """One percent a day: few steps, within the rules, until the gate closes; in two weeks the users notice nothing."""
    loop = a_loop(14)
    loop.tampered = Ramp("cpu_percent", loop.simulated.now)
    loop.run(4 * 9)
    assert "the twin does not tell what is known already" in loop.past[-4].decision.reasons[-1]
    loop.simulated.advance(4 * MINUTES_PER_DAY)  # nobody looks, which moves as little as a gate that is closed
    loop.run(4)
    assert_walked_within_the_rules(loop)
    assert "the twin does not tell what is known already" in loop.past[-4].decision.reasons[-1]
    assert spent(loop, HISTORY_DAYS) < 1.0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_slow_ramp_on_what_the_platform_obeys_is_answered():
    """Where the platform itself scales by the false CPU, reality gets worse, is measured, and buys its safety back."""
    loop = a_loop(9)
    begin = loop.simulated.now
    loop.tampered = Ramp("cpu_percent", begin)
    for cycle in range(4 * 9):
        # A platform that reads 0.9 times the CPU steps at thresholds that are truly higher by 1 / 0.9.
        truth = 0.99 ** -(cycle / 4)
        false = {name: loop.standing[name] * truth for name in ("cpu_scale_out_percent", "cpu_scale_in_percent")}
        loop.simulated.apply({**loop.standing, **false})
        loop.run(1)
    assert_walked_within_the_rules(loop)
    assert spent(loop, HISTORY_DAYS) < 2.0
    answers = [episode.decision for episode in loop.past[28:] if episode.decision.changes]
    assert answers
    assert all(decision.is_urgent for decision in answers)
