"""The gate asks what outcomes have earned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from examples import an_episode, the_knobs
from predictions import SAVING, SECURING

from ai_ops.domain.autonomy import ActionClass, Mode
from ai_ops.tune.approval import Allowed, Approval, Refused, may_apply, stricter
from ai_ops.tune.autonomy.autonomy import Limits, autonomy

if TYPE_CHECKING:
    from ai_ops.domain.tuning import Decision

URGENT = replace(SECURING, is_urgent=True)
COMMIT = Approval("commit", frozenset({"cpu_scale_in_percent"}), is_simulation_wanted=False)
FREE = Limits(Mode.COMMIT, {})


def asked(decision: Decision, limits: Limits = FREE, **changes) -> Allowed | Refused:
    """What the gate says of this decision when nothing was earned yet."""
    approval = replace(COMMIT, **{"autonomy": autonomy((), limits), **changes})
    return may_apply(an_episode(decision=decision), approval, the_knobs())


def test_what_is_not_earned_is_recorded_and_says_what_is_missing():
    """Nothing is wrong, so nobody is alarmed: it is as agreed."""
    assert asked(SAVING) == Refused(
        "autonomy for savings is observe: 0 of 20 judged predictions, 0 missed; 20 more that come true lead to "
        "propose; recorded and reported",
        is_as_agreed=True,
    )


def test_what_buys_safety_is_proposed_from_the_first_day():
    """A person makes the change; the reason says what the agent lacks to make it."""
    verdict = asked(SECURING)
    assert isinstance(verdict, Allowed)
    assert verdict.by is Mode.PROPOSE
    assert verdict.reason.startswith("autonomy for safety is propose: 0 of 20 judged live changes")


def test_a_knob_that_is_not_approved_is_asked_for():
    """Mode commit is for the knobs that the team listed; for the others it opens a pull request (R11)."""
    verdict = asked(SAVING, Limits(Mode.COMMIT, {}, granted="granted"), knobs=frozenset())
    assert verdict == Allowed(
        Mode.PROPOSE,
        reason="cpu_scale_in_percent is not listed under approval.knobs, so a person must move it",
    )


def test_in_mode_propose_everything_that_is_earned_is_asked_for():
    """The knobs under approval.knobs concern only what moves without a review."""
    granted = Limits(Mode.PROPOSE, {}, granted="granted")
    assert asked(SAVING, granted, mode="propose", knobs=frozenset()) == Allowed(Mode.PROPOSE)
    assert isinstance(asked(SAVING, Limits(Mode.PROPOSE, {}), mode="propose"), Refused)


@pytest.mark.parametrize(
    ("decision", "changes", "may_merge"),
    [
        (URGENT, {}, True),
        (URGENT, {"is_auto_merging": False}, False),
        (URGENT, {"knobs": frozenset()}, False),
        (replace(SECURING, is_urgent=False), {}, False),
        (replace(SAVING, is_urgent=True), {}, False),
    ],
)
def test_only_what_is_urgent_and_safe_merges_itself(decision, changes, may_merge):
    """A slow review costs more than a wrong merge only where safety is lacking (S001-136)."""
    lane = {"mode": "propose", "is_auto_merging": True, **changes}
    verdict = asked(decision, Limits(Mode.PROPOSE, {}, granted="granted"), **lane)
    assert isinstance(verdict, Allowed)
    assert verdict.may_merge is may_merge


@pytest.mark.parametrize("one", [Allowed(Mode.COMMIT), Allowed(Mode.PROPOSE, may_merge=True), Refused("no")])
@pytest.mark.parametrize("other", [Allowed(Mode.COMMIT), Allowed(Mode.PROPOSE), Refused("no")])
def test_of_two_verdicts_the_stricter_counts(one, other):
    """Settings of a pull request can tighten what those of the base branch allow, and never loosen it (R11)."""
    order = [Refused("no"), Allowed(Mode.PROPOSE), Allowed(Mode.PROPOSE, may_merge=True), Allowed(Mode.COMMIT)]
    assert stricter(one, other) == stricter(other, one) == min(one, other, key=order.index)


def test_what_cannot_be_judged_is_refused():
    """An error in the gate is no way through it."""
    verdict = asked(SAVING, autonomy=dict.fromkeys(ActionClass, "commit"))
    assert isinstance(verdict, Refused)
    assert "could not be judged" in verdict.reason


def test_what_is_granted_may_move():
    """By the policies that predict nothing, and by a team that takes the risk."""
    assert asked(SAVING, Limits(Mode.COMMIT, {}, granted="granted")) == Allowed(Mode.COMMIT)
    assert asked(SAVING, autonomy=None) == Allowed(Mode.COMMIT)


@pytest.mark.parametrize(
    ("changes", "words", "is_as_agreed"),
    [
        ({"mode": "observe"}, "mode observe", True),
        ({"standstill": "paused: release day"}, "paused: release day", False),
        ({"autonomy": {}}, "autonomy for savings is unknown", True),
    ],
)
def test_everything_else_still_refuses(changes, words, is_as_agreed):
    """Autonomy opens no door that mode, standstill or the list of knobs keep shut (R11)."""
    verdict = asked(SAVING, Limits(Mode.COMMIT, {}, granted="granted"), **changes)
    assert isinstance(verdict, Refused)
    assert words in verdict.reason
    assert verdict.is_as_agreed is is_as_agreed
