"""Whatever is observed, remembered or wanted: no knob leaves its bounds or moves further than it may (H41)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from examples import (
    NOON,
    STANDING,
    STEP,
    a_finding,
    a_knob,
    a_reward,
    a_situation,
    an_episode,
    an_observation,
    healthy_series,
    the_knobs,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_ops.domain.autonomy import Mode
from ai_ops.domain.finding import Severity
from ai_ops.domain.metrics import Series
from ai_ops.domain.schedule import minimum_by_minute
from ai_ops.domain.tuning import Change, CostDirection, Decision, Proposal, ScheduledMinimum, Thresholds
from ai_ops.tune.approval import Allowed, Approval, may_apply
from ai_ops.tune.cuts import keep_gap, limit_step, sane_latency, within_bounds
from ai_ops.tune.rules import Rules
from ai_ops.tune.tune import Tuner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.tuning import KnobValue

KNOBS = the_knobs() | {
    "max_instances": a_knob(
        "max_instances", unit="instances", minimum=2, maximum=100, max_step=2, costs_money=CostDirection.UP
    )
}
ALL_STANDING = STANDING | {"max_instances": 12.0, "scaling_mode": "threshold", "scheduled_minimum": ()}
LAST = (sane_latency, limit_step, keep_gap(20), within_bounds)
spans = st.tuples(st.integers(0, 10_079), st.integers(0, 10_080)).filter(lambda span: span[0] != span[1])
minimums = st.builds(lambda span, least: ScheduledMinimum(*span, least), spans, st.integers(1, 21))
numbers = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.floats(0, 100), st.integers(-5, 30))
words = st.sampled_from(["threshold", "target", "both", ""])
schedules = st.lists(minimums, max_size=3).map(tuple)
anything = st.one_of(numbers, words, schedules)
fitting = {"scaling_mode": words, "scheduled_minimum": schedules}


class Wild:
    """A policy that wants what it is told, however mad."""

    name = "wild"

    def __init__(self, changes: tuple[Change, ...], *, is_urgent: bool) -> None:
        self.proposal = Proposal(changes, ("wild",), is_urgent)

    def propose(self, situation) -> Proposal:
        """Want it."""
        return self.proposal


def is_inside(change: Change) -> bool:
    """Within the bounds of its kind, counted minute by minute."""
    knob, after = KNOBS[change.knob], change.after
    if change.knob == "scaling_mode":
        return after in ("threshold", "target")
    if change.knob != "scheduled_minimum":
        return isinstance(after, int | float) and knob.minimum <= after <= knob.maximum
    held = sum((minimum_by_minute((one,)) > 0).astype(int) for one in after)
    return np.max(held, initial=0) <= 1 and all(1 <= one.min_instances <= 20 for one in after)


def stays_allowed(change: Change, *, is_urgent: bool = False) -> bool:
    """Within bounds, and within the step of a number unless it buys safety in an emergency."""
    if not is_inside(change) or not isinstance(change.after, int | float):
        return is_inside(change)
    knob = KNOBS[change.knob]
    is_up = change.after > change.before
    is_rescue = is_urgent and is_up is (knob.costs_money is CostDirection.UP)
    return is_rescue or abs(change.after - change.before) <= knob.max_step


def fits(standing: Mapping[str, KnobValue]) -> bool:
    """Whether no minimum lies above the maximum."""
    least = [standing["min_instances"], *(one.min_instances for one in standing["scheduled_minimum"])]
    return max(least) <= standing["max_instances"]


@st.composite
def wishes(draw: Any, *, is_wild: bool = True) -> tuple[Change, ...]:
    """Up to three changes, from what stands there or, if wild, from anything; mostly to values of the right kind."""
    changes = []
    for knob in draw(st.lists(st.sampled_from(sorted(KNOBS)), max_size=3)):
        before = draw(anything) if is_wild and draw(st.integers(0, 4)) == 0 else ALL_STANDING[knob]
        after = draw(anything) if draw(st.integers(0, 4)) == 0 else draw(fitting.get(knob, numbers))
        changes.append(Change(knob, before, after))
    return tuple(changes)


@given(wishes(), st.booleans())
@settings(max_examples=400, deadline=None)
def test_no_proposal_however_wild_leaves_bounds_or_step(changes, is_urgent):
    """Bounds are the last stage (H41)."""
    situation = a_situation(knobs=KNOBS, observation=an_observation(thresholds=ALL_STANDING))
    decision = Tuner(Wild(changes, is_urgent=is_urgent), LAST).decide(situation)
    assert all(stays_allowed(change, is_urgent=is_urgent) for change in decision.changes)
    assert fits(ALL_STANDING | {change.knob: change.after for change in decision.changes})


@given(wishes(), st.booleans())
@settings(max_examples=400, deadline=None)
def test_the_gate_refuses_whatever_slipped_through(changes, is_urgent):
    """`may_apply` checks bounds and steps once more, NaN included."""
    episode = an_episode(thresholds=Thresholds(ALL_STANDING), decision=Decision(changes, ("wild",), is_urgent))
    approval = Approval("commit", frozenset(KNOBS), is_simulation_wanted=False)
    if isinstance(may_apply(episode, approval, KNOBS), Allowed):
        assert all(stays_allowed(change, is_urgent=is_urgent) for change in changes)
        assert fits(ALL_STANDING | {change.knob: change.after for change in changes})


@given(wishes(is_wild=False), st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_passes_the_guardrails_passes_the_gate(changes, is_urgent):
    """No decision is made that is then refused for its bounds."""
    situation = a_situation(knobs=KNOBS, observation=an_observation(thresholds=ALL_STANDING))
    wanted = {change.knob: change for change in changes}
    decision = Tuner(Wild(tuple(wanted.values()), is_urgent=is_urgent), LAST).decide(situation)
    episode = an_episode(thresholds=Thresholds(ALL_STANDING), decision=decision)
    approval = Approval("commit", frozenset(KNOBS), is_simulation_wanted=False)
    assert may_apply(episode, approval, KNOBS) == Allowed(Mode.COMMIT)


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
