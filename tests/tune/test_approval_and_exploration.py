"""Who may act, and how far the past is trusted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from examples import NOON, an_episode, the_knobs

from ai_ops.domain.autonomy import Mode
from ai_ops.domain.tuning import Change, Decision
from ai_ops.tune.approval import Allowed, Approval, Refused, may_apply
from ai_ops.tune.exploration import exploration

CHANGE = Decision((Change("cpu_scale_in_percent", 30.0, 35.0),), ("dear",))
COMMIT = Approval("commit", frozenset({"cpu_scale_in_percent"}), is_simulation_wanted=False)


def test_an_approved_knob_within_its_bounds_may_move():
    """The one way through the gate."""
    assert may_apply(an_episode(decision=CHANGE), COMMIT, the_knobs()) == Allowed(Mode.COMMIT)


@pytest.mark.parametrize(
    ("approval", "changes", "words"),
    [
        (replace(COMMIT, mode="observe"), {}, "mode observe"),
        (replace(COMMIT, standstill="paused: release day"), {}, "paused: release day"),
        (COMMIT, {"is_simulated": True}, "simulated"),
        (COMMIT, {"decision": Decision((Change("cpu_scale_in_percent", 30.0, 36.0),), ())}, "leaves its bounds"),
        (COMMIT, {"decision": Decision((Change("cpu_scale_in_percent", 69.0, 71.0),), ())}, "leaves its bounds"),
        (COMMIT, {"decision": Decision((Change("replicas", 1, 2),), ())}, "not a knob"),
    ],
)
def test_everything_else_is_refused_with_its_reason(approval, changes, words):
    """Mode, approval, origin and bounds all have to agree (R11)."""
    verdict = may_apply(an_episode(**{"decision": CHANGE, **changes}), approval, the_knobs())
    assert isinstance(verdict, Refused)
    assert words in verdict.reason


def test_simulated_metrics_move_a_file_only_when_asked_for_by_name():
    """A forgotten PROMETHEUS_URL must not tune a real service on made-up figures."""
    simulated = an_episode(decision=CHANGE, is_simulated=True)
    assert may_apply(simulated, replace(COMMIT, is_simulation_wanted=True), the_knobs()) == Allowed(Mode.COMMIT)


@pytest.mark.parametrize(
    ("days", "phase", "margin"), [(0, "high", 0.45), (6, "high", 0.45), (7, "medium", 0.60), (14, "low", 0.60)]
)
def test_exploration_is_high_then_medium_then_low(days, phase, margin):
    """Days 1-7, 8-14, 15 and later (S001-139)."""
    first = an_episode()
    known = exploration((first,), first.decided_at + timedelta(days=days))
    assert (known.phase, known.day, known.burn_margin) == (phase, days + 1, margin)


def test_without_a_past_it_is_day_one():
    """The first run explores least of all."""
    assert exploration((), NOON).day == 1


def test_a_first_episode_of_the_future_is_no_first_day():
    """Days are counted from 1, from the first run whose clock can have been right (S001-139, H18)."""
    future = an_episode(-365 * 24)
    assert exploration((future,), NOON).day == 1
    assert exploration((future, an_episode(9 * 24)), NOON).day == 9
    assert exploration((an_episode(decided_at=NOON + timedelta(minutes=4)),), NOON).day == 1
