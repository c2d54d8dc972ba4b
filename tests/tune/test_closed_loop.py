"""Weeks of the policy `rules` on a service that answers: it may save, and must never sit on its hands when it hurts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from examples import NOON, SLO, STEP, a_window, an_episode, an_observation, the_knobs

from ai_ops.collect.simulated import MadeUpService, SimulatedSource
from ai_ops.domain.metrics import CANONICAL_METRICS, Query, Window
from ai_ops.domain.situation import Situation
from ai_ops.domain.tuning import Thresholds
from ai_ops.reward.reward import Scoring
from ai_ops.tune import cuts, guardrails
from ai_ops.tune.exploration import exploration
from ai_ops.tune.rules import Rules
from ai_ops.tune.tune import Tuner

DAY = timedelta(days=1)
TUNER = Tuner(
    Rules(50 / 730.5, 20),
    (
        guardrails.cooled_down(DAY, DAY / 4),
        cuts.sane_latency,
        cuts.limit_step,
        cuts.keep_gap(20),
        cuts.within_bounds,
    ),
)


def cycles(seed: int, weeks: int):
    """Let the policy run; yields burn, decision and the settings that were tried, every six hours."""
    standing = {"cpu_scale_out_percent": 80.0, "cpu_scale_in_percent": 30.0, "latency_scale_out_ms": 350.0}
    past = ()
    for k in range(weeks * 28):
        end = NOON + k * timedelta(hours=6)
        source = SimulatedSource(partial(Thresholds, dict(standing)), MadeUpService(seed=seed))
        reach = Window(end - 2 * DAY, end, STEP)
        series = {metric: source.fetch(Query(metric, ""), reach).series for metric in CANONICAL_METRICS}
        observation = an_observation(series, thresholds=standing, window=a_window(end=end))
        situation = Situation(
            now=end,
            observation=observation,
            findings=(),
            reward=Scoring("budget_burn", SLO, 50.0).score(observation, past[-1] if past else None),
            past=past,
            knobs={name: knob for name, knob in the_knobs().items() if name in standing},
            slo=SLO,
            exploration=exploration(past, end),
        )
        decision = TUNER.decide(situation)
        episode = an_episode(thresholds=Thresholds(dict(standing)), decision=decision)
        past = (*past, replace(episode, id=f"web-{k}", decided_at=end))
        yield situation.reward.burn, decision, dict(standing)
        standing |= {change.knob: change.after for change in decision.changes}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 17])
def test_a_broken_promise_is_answered_as_long_as_a_threshold_is_left(seed):
    """Holding is no answer to a burn above 1 while any threshold can still buy safety (S001-79)."""
    for burn, decision, standing in cycles(seed, weeks=4):
        if burn > 1 and (standing["cpu_scale_out_percent"] > 50 or standing["cpu_scale_in_percent"] > 20):
            has_rested = not any("must pass between two changes" in reason for reason in decision.reasons)
            assert not (decision.is_hold and has_rested), decision.reasons


@pytest.mark.slow
def test_the_gap_is_kept_for_weeks():
    """Whatever the rules do, scale-in stays below scale-out (S001-78)."""
    for _burn, _decision, standing in cycles(17, weeks=3):
        assert standing["cpu_scale_in_percent"] <= standing["cpu_scale_out_percent"] - 20
