"""Whatever is observed, remembered or wanted: no knob leaves its bounds or moves more than its step (H41)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
from examples import (
    NOON,
    STANDING,
    STEP,
    a_finding,
    a_reward,
    a_situation,
    an_episode,
    an_observation,
    healthy_series,
    the_knobs,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_ops.domain.finding import Severity
from ai_ops.domain.metrics import Series
from ai_ops.domain.tuning import Change, Proposal, Thresholds
from ai_ops.tune.approval import Allowed, Approval, may_apply
from ai_ops.tune.cuts import keep_gap, limit_step, sane_latency, within_bounds
from ai_ops.tune.rules import Rules
from ai_ops.tune.tune import Tuner

KNOBS = the_knobs()
LAST = (sane_latency, limit_step, keep_gap(20), within_bounds)
anything = st.floats(allow_nan=True, allow_infinity=True)


class Wild:
    """A policy that wants what it is told, however mad."""

    name = "wild"

    def __init__(self, changes: tuple[Change, ...]) -> None:
        self.changes = changes

    def propose(self, situation) -> Proposal:
        """Want it."""
        return Proposal(self.changes, ("wild",))


def stays_allowed(change: Change) -> bool:
    """Within bounds and step."""
    knob = KNOBS[change.knob]
    return knob.minimum <= change.after <= knob.maximum and abs(change.after - change.before) <= knob.max_step


@given(st.lists(st.tuples(st.sampled_from(sorted(KNOBS)), anything, anything), max_size=5))
@settings(max_examples=400, deadline=None)
def test_no_proposal_however_wild_leaves_bounds_or_step(wanted):
    """Bounds are the last stage (H41)."""
    changes = tuple(Change(*one) for one in wanted)
    decision = Tuner(Wild(changes), LAST).decide(a_situation())
    assert all(stays_allowed(change) for change in decision.changes)


@given(st.lists(st.tuples(st.sampled_from(sorted(KNOBS)), anything, anything), max_size=5))
def test_the_gate_refuses_whatever_slipped_through(wanted):
    """`may_apply` checks bounds and steps once more, NaN included."""
    changes = tuple(Change(*one) for one in wanted)
    episode = an_episode()
    episode = replace(episode, decision=replace(episode.decision, changes=changes))
    approval = Approval("commit", frozenset(KNOBS), is_simulation_wanted=False)
    if isinstance(may_apply(episode, approval, KNOBS), Allowed):
        assert all(stays_allowed(change) for change in changes)


cycles = st.lists(
    st.tuples(
        st.floats(0, 50),  # burn
        st.floats(0, 10),  # cost per hour
        st.sampled_from([None, *Severity]),  # the loudest finding
        st.floats(1, 5000),  # p95
    ),
    min_size=1,
    max_size=25,
)


@given(cycles)
@settings(max_examples=60, deadline=None)
def test_no_sequence_of_observations_moves_a_knob_outside_its_bounds(seen):
    """A whole life of cycles, each change applied, under the policy `rules` (H41)."""
    tuner = Tuner(Rules(0.07, 20), LAST)
    standing, past = dict(STANDING), []
    for k, (burn, cost, severity, p95) in enumerate(seen):
        series = healthy_series(cost_per_hour=cost)
        series["latency_p95_ms"] = Series("latency_p95_ms", NOON - 36 * STEP, STEP, np.full(36, p95))
        situation = a_situation(
            now=NOON + timedelta(days=k),
            observation=an_observation(series, thresholds=standing),
            findings=() if severity is None else (a_finding(severity=severity),),
            reward=a_reward(burn=burn, cost=cost),
            past=tuple(past),
        )
        decision = tuner.decide(situation)
        past.append(an_episode(-24 * k, thresholds=Thresholds(dict(standing)), decision=decision))
        for change in decision.changes:
            assert change.before == standing[change.knob]
            assert stays_allowed(change)
            standing[change.knob] = change.after
        assert standing["cpu_scale_in_percent"] <= standing["cpu_scale_out_percent"] - 20
