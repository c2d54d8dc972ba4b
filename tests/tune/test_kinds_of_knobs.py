"""Words and schedules on their way from a proposal to the gate, and what an emergency may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from examples import (
    NOON,
    STANDING,
    a_knob,
    a_series,
    a_situation,
    an_episode,
    an_observation,
    healthy_series,
    the_knobs,
)

from ai_ops.domain.autonomy import Mode
from ai_ops.domain.tuning import (
    Change,
    CostDirection,
    Decision,
    Proposal,
    ScheduledMinimum,
    Thresholds,
)
from ai_ops.tune import cuts, guardrails
from ai_ops.tune.approval import Allowed, Approval, Refused, may_apply
from ai_ops.tune.past import landed_changes, moved_by_people
from ai_ops.tune.rules import STEP_PERCENT, Rules
from ai_ops.tune.tune import Tuner

MOST = a_knob("max_instances", unit="instances", minimum=2, maximum=100, max_step=2, costs_money=CostDirection.UP)
KNOBS = the_knobs() | {"max_instances": MOST}
ALL = STANDING | {"max_instances": 12.0, "scaling_mode": "threshold", "scheduled_minimum": ()}
MORNING, NIGHT = ScheduledMinimum(420, 720, 6), ScheduledMinimum(9960, 120, 3)
SWITCH = Change("scaling_mode", "threshold", "target")
WEEK = Change("scheduled_minimum", (), (MORNING, NIGHT))
CUTS = (cuts.sane_latency, cuts.limit_step, cuts.keep_gap(8), cuts.within_bounds)
DAY = timedelta(days=1)


class Wanting:
    """A policy that always wants the same."""

    name = "wanting"

    def __init__(self, *changes: Change, is_urgent: bool = False) -> None:
        self.proposal = Proposal(changes, ("because",), is_urgent)

    def propose(self, situation):
        """Want it."""
        return self.proposal


def decide(*changes: Change, is_urgent: bool = False, standing=ALL, **knobs) -> Decision:
    """What the guardrails that cut make of a proposal."""
    situation = a_situation(knobs=KNOBS | knobs, observation=an_observation(thresholds=standing))
    return Tuner(Wanting(*changes, is_urgent=is_urgent), CUTS).decide(situation)


def test_a_word_and_a_schedule_pass_beside_a_number() -> None:
    """A switch to target tracking comes with its target; each kind keeps its own rules."""
    target = Change("cpu_scale_out_percent", 80.0, 78.0)
    assert decide(SWITCH, target, WEEK).changes == (SWITCH, target, WEEK)


def test_a_schedule_leaves_in_the_order_of_the_week() -> None:
    """So it is equal to what is read again once it is live."""
    assert decide(replace(WEEK, after=(NIGHT, MORNING))).changes == (WEEK,)


def test_what_stays_as_it_is_falls_away() -> None:
    """A change that changes nothing is none, of whatever kind."""
    assert decide(replace(SWITCH, after="threshold")).is_hold
    assert decide(replace(WEEK, after=())).is_hold


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (replace(SWITCH, after="predictive"), "scaling_mode: predictive is not threshold or target"),
        (replace(SWITCH, after=80.0), "scaling_mode: 80 is not threshold or target"),
        (replace(SWITCH, before="both"), "scaling_mode is both, outside threshold or target: somebody set it there"),
        (replace(WEEK, after=(ScheduledMinimum(0, 60, 21),)), "UTC at least 21 is not at most 28 entries"),
        (replace(WEEK, after=(MORNING, MORNING)), "is not at most 28 entries that do not overlap"),
        (replace(WEEK, before=(MORNING, MORNING)), "that do not overlap, each of 1 to 20 instances: somebody set it"),
        (replace(WEEK, after="none"), "scheduled_minimum: none is not at most 28 entries"),
        (Change("min_instances", 2.0, "many"), "min_instances: 'many' is not 1 to 20 instances"),
        (Change("min_instances", 2.0, ()), "min_instances: () is not 1 to 20 instances"),
        (Change("min_instances", (), 2.0), "min_instances is none, outside 1 to 20 instances: somebody set it there"),
    ],
)
def test_a_value_that_may_not_be_is_held_with_its_bounds(change, words) -> None:
    """A word or a schedule has no smaller form that it could be cut to (H41)."""
    decision = decide(change)
    assert decision.is_hold
    assert words in decision.reasons[-1]


@pytest.mark.parametrize(
    ("changes", "standing", "words"),
    [
        ((replace(WEEK, after=(ScheduledMinimum(0, 60, 13),)),), {}, "would ask for 13, above max_instances (12)"),
        ((WEEK, Change("max_instances", 6.0, 5.0)), {"max_instances": 6.0}, "would ask for 6, above max_instances (5)"),
        (
            (Change("min_instances", 11.0, 12.0),),
            {"min_instances": 11.0, "max_instances": 11.0},
            "min_instances would be 12, above max_instances (11)",
        ),
    ],
)
def test_no_minimum_rises_above_the_maximum(changes, standing, words) -> None:
    """Each within its bounds, and yet no platform could do both: held, and refused at the gate (H41)."""
    decision = decide(*changes, standing=ALL | standing)
    assert decision.is_hold
    assert words in decision.reasons[-1]
    verdict = may_apply(
        an_episode(thresholds=Thresholds(ALL | standing), decision=Decision(changes, ())), gate(), KNOBS
    )
    assert isinstance(verdict, Refused)
    assert words in verdict.reason


def test_a_contradiction_of_somebody_else_blocks_nothing() -> None:
    """A person's minimum above the maximum is no reason to leave the CPU alone."""
    change = Change("cpu_scale_in_percent", 30.0, 35.0)
    assert decide(change, standing=ALL | {"min_instances": 20.0}).changes == (change,)


# -- emergencies ------------------------------------------------------------------------------------------------------


def test_an_urgent_way_to_safety_is_as_long_as_it_must_be() -> None:
    """Only the bounds count there; the way to savings keeps its step."""
    rescue = Change("min_instances", 2.0, 10.0)
    assert decide(rescue, is_urgent=True).changes == (rescue,)
    assert decide(rescue).changes == (replace(rescue, after=3.0),)
    assert decide(replace(rescue, after=99.0), is_urgent=True, standing=ALL | {"max_instances": 50.0}).changes == (
        replace(rescue, after=20.0),
    )
    saving = Change("cpu_scale_in_percent", 30.0, 60.0)
    assert decide(saving, is_urgent=True).changes == (replace(saving, after=35.0),)


def test_the_gap_is_kept_in_an_emergency_too() -> None:
    """A flapping service is no safer."""
    down = Change("cpu_scale_out_percent", 80.0, 50.0)
    standing = ALL | {"cpu_scale_in_percent": 60.0}
    assert decide(down, is_urgent=True, standing=standing).changes == (replace(down, after=68.0),)


def gate() -> Approval:
    """A team that lets every knob move."""
    return Approval("commit", frozenset(KNOBS), is_simulation_wanted=False)


@pytest.mark.parametrize(
    ("change", "is_urgent", "is_allowed"),
    [
        (Change("min_instances", 2.0, 10.0), True, True),
        (Change("min_instances", 2.0, 10.0), False, False),
        (Change("min_instances", 10.0, 2.0), True, False),
        (Change("min_instances", 2.0, 21.0), True, False),
        (Change("cpu_scale_in_percent", 60.0, 20.0), True, True),
        (Change("cpu_scale_in_percent", 60.0, float("nan")), True, False),
        (Change("cpu_scale_in_percent", float("nan"), 30.0), True, False),
        (SWITCH, False, True),
        (replace(SWITCH, after="both"), True, False),
        (replace(SWITCH, before=80.0), False, False),
        (WEEK, False, True),
        (replace(WEEK, after=(MORNING, MORNING)), True, False),
        (replace(WEEK, before="none"), False, False),
        (Change("min_instances", 2.0, "3"), False, False),
    ],
)
def test_the_gate_knows_the_bounds_of_every_kind(*, change, is_urgent, is_allowed) -> None:
    """The step is let go only where an urgent decision buys safety; what cannot be compared is refused (H41)."""
    episode = an_episode(thresholds=Thresholds(ALL), decision=Decision((change,), ("because",), is_urgent))
    verdict = may_apply(episode, gate(), KNOBS)
    assert (verdict == Allowed(Mode.COMMIT)) is is_allowed
    if not is_allowed:
        assert "leaves its bounds or its step" in verdict.reason


def test_the_gate_names_a_schedule_in_words() -> None:
    """Whoever reads the refusal reads no list of minutes."""
    late = replace(WEEK, before=(MORNING,), after=(ScheduledMinimum(0, 60, 21),))
    verdict = may_apply(an_episode(decision=Decision((late,), ())), gate(), KNOBS)
    assert "Mon 07:00-12:00 UTC at least 6 -> Mon 00:00-01:00 UTC at least 21" in verdict.reason


def test_the_rules_keep_their_own_modest_step() -> None:
    """They have not replayed what a longer one would do, whatever the knob allows (R38)."""
    rules = Rules(cost_budget_per_hour=0.01, scale_gap_percent=8)
    wide = {name: replace(knob, max_step=40) for name, knob in the_knobs().items()}
    (saving,) = rules.propose(a_situation(knobs=wide)).changes
    assert (saving.knob, saving.after - saving.before) == ("cpu_scale_in_percent", STEP_PERCENT)
    narrow = {name: replace(knob, max_step=2) for name, knob in the_knobs().items()}
    (saving,) = rules.propose(a_situation(knobs=narrow)).changes
    assert saving.after - saving.before == 2


# -- the other guardrails, and the past -------------------------------------------------------------------------------


def test_raising_a_schedule_buys_safety_and_lowering_it_saves() -> None:
    """A saving waits a day after harm and needs a whole day of history; a purchase does not."""
    young = {metric: a_series(metric, series.values[-36:]) for metric, series in healthy_series().items()}
    situation = a_situation(knobs=KNOBS, observation=an_observation(young, thresholds=ALL))
    lowered = Change("scheduled_minimum", (MORNING, NIGHT), (MORNING,))
    assert guardrails.enough_history((WEEK,), situation).changes == (WEEK,)
    assert guardrails.enough_history((lowered,), situation).changes == ()
    assert guardrails.enough_history((SWITCH,), situation).changes == ()


def test_a_platform_that_answers_for_a_word_holds() -> None:
    """No query speaks of words: whoever configured one made a mistake, and nothing crashes."""
    knobs = KNOBS | {"scaling_mode": replace(KNOBS["scaling_mode"], live_query="mode")}
    observation = an_observation(thresholds=ALL, live={"scaling_mode": 1.0})
    verdict = guardrails.knob_is_live((SWITCH,), a_situation(knobs=knobs, observation=observation))
    assert verdict.said == "scaling_mode: the file says threshold but the platform runs 1; apply the file first"
    assert guardrails.knob_is_live((WEEK,), a_situation(knobs=KNOBS)).changes == (WEEK,)


def test_a_list_with_comments_is_left_out_like_an_ignored_line() -> None:
    """The rest of the decision goes on."""
    observation = replace(an_observation(), thresholds=Thresholds(ALL, frozenset({"scheduled_minimum"})))
    verdict = guardrails.not_ignored((WEEK, SWITCH), a_situation(knobs=KNOBS, observation=observation))
    assert verdict.changes == (SWITCH,)
    assert "scheduled_minimum: the file says `neuropilot: ignore`, or holds a comment inside" in verdict.said


def test_a_knob_that_the_file_does_without_is_left_out() -> None:
    """The agent adds no line to a team's file; the rest of the decision goes on."""
    verdict = guardrails.not_ignored((WEEK, Change("min_instances", 2.0, 3.0)), a_situation(knobs=KNOBS))
    assert [change.knob for change in verdict.changes] == ["min_instances"]
    assert verdict.said == "scheduled_minimum: the file does without it; `neuropilot doctor` says which line to add"


def test_a_schedule_that_landed_is_found_again_and_rests_a_day() -> None:
    """What was decided and now stands is ours; entries are compared, not their text (H28)."""
    before = an_episode(7, thresholds=Thresholds(ALL), decision=Decision((WEEK,), ("dear",)))
    now = an_observation(thresholds=ALL | {"scheduled_minimum": (MORNING, NIGHT)})
    situation = a_situation(knobs=KNOBS, past=(before,), observation=now)
    (landed,) = landed_changes(situation)
    assert (landed.change, list(moved_by_people(situation))) == (WEEK, [])
    assert "scheduled_minimum moved 7.0 h ago" in guardrails.cooled_down(DAY, DAY / 4)((SWITCH,), situation).said


def test_a_schedule_that_a_person_changed_is_theirs() -> None:
    """Said in words, with what it was (H42)."""
    before = an_episode(6, thresholds=Thresholds(ALL | {"scheduled_minimum": (MORNING,)}))
    situation = a_situation(knobs=KNOBS, past=(before,), observation=an_observation(thresholds=ALL))
    said = guardrails.respect_people(DAY)((WEEK,), situation).said
    assert "a person moved scheduled_minimum from Mon 07:00-12:00 UTC at least 6 to none (first seen 2026-11-18" in said


def test_a_line_that_a_person_adds_or_removes_is_no_move() -> None:
    """Defining a knob that the file did without tells the agent where it stands, and moves nothing."""
    old, new = an_episode(6), an_episode(6, thresholds=Thresholds(ALL))
    added = a_situation(knobs=KNOBS, past=(old,), observation=an_observation(thresholds=ALL))
    removed = a_situation(knobs=KNOBS, past=(new,), observation=an_observation())
    assert list(moved_by_people(added)) == list(moved_by_people(removed)) == []


def test_an_urgent_proposal_is_known_to_every_guardrail() -> None:
    """And only while it is looked at."""
    seen: list[bool] = []

    def look(changes, situation):
        seen.append(situation.is_urgent)
        return guardrails.Verdict(changes)

    situation = a_situation(now=NOON)
    for is_urgent in (True, False):
        Tuner(Wanting(WEEK, is_urgent=is_urgent), (look,)).decide(replace(situation, knobs=KNOBS))
    assert seen == [True, False]
    assert not situation.is_urgent


def test_numpy_numbers_are_numbers() -> None:
    """A policy that computes with arrays writes what it found."""
    (change,) = decide(Change("cpu_scale_in_percent", 30.0, np.float64(33.0))).changes
    assert change.after == 33.0
