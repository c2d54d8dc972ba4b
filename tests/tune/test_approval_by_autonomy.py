"""The gate asks what outcomes have earned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from examples import an_episode, the_knobs
from predictions import SAVING, SECURING

from ai_ops.domain.autonomy import Mode
from ai_ops.tune.approval import Allowed, Approval, Refused, may_apply
from ai_ops.tune.autonomy.autonomy import Limits, autonomy

if TYPE_CHECKING:
    from ai_ops.domain.tuning import Decision

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
    """A person makes the change; the reason says so."""
    verdict = asked(SECURING)
    assert isinstance(verdict, Refused)
    assert verdict.is_as_agreed
    assert verdict.reason.startswith("autonomy for safety is propose: 0 of 20 judged live changes")
    assert verdict.reason.endswith("; a person makes this change")


def test_what_is_granted_may_move():
    """By the policies that predict nothing, and by a team that takes the risk."""
    assert asked(SAVING, Limits(Mode.COMMIT, {}, granted="granted")) == Allowed()
    assert asked(SAVING, autonomy=None) == Allowed()


@pytest.mark.parametrize(
    ("changes", "words", "is_as_agreed"),
    [
        ({"mode": "observe"}, "mode observe", True),
        ({"standstill": "paused: release day"}, "paused: release day", False),
        ({"knobs": frozenset()}, "not listed under approval.knobs", False),
        ({"autonomy": {}}, "autonomy for savings is unknown", True),
    ],
)
def test_everything_else_still_refuses(changes, words, is_as_agreed):
    """Autonomy opens no door that mode, standstill or the list of knobs keep shut (R11)."""
    verdict = asked(SAVING, Limits(Mode.COMMIT, {}, granted="granted"), **changes)
    assert isinstance(verdict, Refused)
    assert words in verdict.reason
    assert verdict.is_as_agreed is is_as_agreed
