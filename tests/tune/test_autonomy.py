"""Autonomy is earned from outcomes, one step at a time, and lost at once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from examples import NOON, the_knobs
from hypothesis import example, given, settings
from hypothesis import strategies as st
from predictions import SAVING, SECURING, a_day, a_past, an_outcome

from ai_ops.domain.autonomy import ActionClass, Mode, action_class, lowest
from ai_ops.domain.episode_judgement import EpisodeJudgement
from ai_ops.domain.prediction import Verdict
from ai_ops.domain.tuning import Change, ScheduledMinimum
from ai_ops.tune.autonomy import autonomy as module
from ai_ops.tune.autonomy.autonomy import Limits, autonomy, judged_needed, success_bound
from ai_ops.tune.autonomy.evidence import evidence

FREE = Limits(Mode.COMMIT, {})
RANK = {mode: rank for rank, mode in enumerate(Mode)}
SWITCH = Change("scaling_mode", "threshold", "target")
NIGHTS = (ScheduledMinimum(0, 6 * 60, 2),)
SAVE, SAFETY = ActionClass.SAVE, ActionClass.SAFETY


def standing(days, judgements=(), limits=FREE):
    """What each class may do after these days."""
    return autonomy(evidence(a_past(*days), judgements, the_knobs()), limits)


def days_of(count, verdict=Verdict.HIT, start=1.0, **changes):
    """So many days in a row, the newest `start` days ago."""
    return [a_day(start + number, verdict, **changes) for number in range(count)]


def bad(episode="web-1", action=SAVE, days_ago=0.5, **changes):
    """Ada did not like it."""
    at = NOON - timedelta(days=days_ago)
    said = EpisodeJudgement(episode, "web", action, is_good=False, at=at, by="ada", because="too tight")
    return replace(said, **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ((), None),
        ((Change("cpu_scale_in_percent", 30, 35),), SAVE),
        ((Change("cpu_scale_in_percent", 35, 30),), SAFETY),
        ((Change("min_instances", 2, 3), Change("cpu_scale_in_percent", 35, 30)), SAFETY),
        ((Change("min_instances", 3, 2), Change("cpu_scale_in_percent", 35, 30)), SAVE),
        ((Change("replicas", 2, 3),), SAVE),
        ((Change("scheduled_minimum", (), NIGHTS), Change("min_instances", 3, 2)), ActionClass.SCHEDULE),
        ((Change("scheduled_minimum", (), NIGHTS), SWITCH), ActionClass.MODE),
        ((SWITCH, Change("cpu_scale_out_percent", 80, 60)), ActionClass.MODE),
    ],
)
def test_the_class_of_an_action_is_the_riskiest_thing_in_it(changes, expected):
    """What trades one knob against another, or is unknown, is a saving."""
    assert action_class(changes, the_knobs()) is expected


def test_the_misses_that_are_allowed_are_the_documented_ones():
    """A one-sided 90 % Wilson bound of 0.9 or more, and 20 judged at least."""
    rows = re.findall(r"(?:misses|predictions) +((?:\d+ *)+)$", module.__doc__, re.MULTILINE)
    misses, judged = ([int(number) for number in row.split()] for row in rows)
    assert misses == list(range(8))
    assert [judged_needed(count) for count in misses] == judged


@given(misses=st.integers(0, 60), judged=st.integers(1, 1200))
def test_the_needed_number_is_where_the_bound_is_reached(misses, judged):
    """Exactly there: one fewer is not enough, one more still is."""
    is_enough = judged >= 20 and judged >= misses and success_bound(judged - misses, judged) >= 0.9
    assert (judged >= judged_needed(misses)) is is_enough


def test_the_bound_is_wilsons():
    """By its closed form for 19 of 20."""
    z, n, p = 1.2815515655446004, 20, 0.95
    centre, half = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    assert success_bound(19, 20) == pytest.approx((centre - half) / (1 + z * z / n))


def test_without_a_past_nothing_is_earned_but_safety_may_be_proposed():
    """The first use observes; waiting with what buys safety is the greater risk."""
    nothing = standing([])
    assert {action: one.allowed for action, one in nothing.items()} == {
        SAVE: Mode.OBSERVE,
        SAFETY: Mode.PROPOSE,
        ActionClass.SCHEDULE: Mode.OBSERVE,
        ActionClass.MODE: Mode.OBSERVE,
    }
    assert nothing[SAVE].missing == "0 of 20 judged predictions, 0 missed; 20 more that come true lead to propose"
    assert nothing[SAFETY].missing == "0 of 20 judged live changes, 0 missed; 20 more that come true lead to commit"


@pytest.mark.parametrize(
    ("hits", "misses", "expected"),
    [(19, 0, Mode.OBSERVE), (20, 0, Mode.PROPOSE), (30, 1, Mode.OBSERVE), (31, 1, Mode.PROPOSE)],
)
def test_unchanged_settings_earn_proposing_and_no_more(hits, misses, expected):
    """Twenty days that went as predicted; with one miss it takes thirty-two."""
    days = [*days_of(hits), *days_of(misses, Verdict.MISS, start=hits + 1)]
    assert standing(days)[SAVE].earned is expected
    assert standing([*days, *days_of(100, start=200)])[SAVE].earned is Mode.PROPOSE


def test_live_changes_earn_committing_for_their_class_alone():
    """Twenty savings say nothing about a schedule."""
    after = standing(days_of(20, decision=SAVING))
    assert after[SAVE].allowed is Mode.COMMIT
    assert after[SAVE].missing.startswith("nothing: 20 of 20 judged predictions")
    assert after[ActionClass.SCHEDULE].allowed is Mode.OBSERVE
    assert after[SAFETY].allowed is Mode.PROPOSE
    assert standing(days_of(19, decision=SAVING))[SAVE].allowed is Mode.OBSERVE


def test_several_predictions_of_one_day_count_once():
    """Who runs it every hour, or decides a period again, earns nothing by it."""
    hourly = [a_day(1 + number / 24) for number in range(100)]
    assert standing(hourly)[SAVE].predictions.judged <= 6
    twice = [day for day in days_of(10) for _ in range(2)]
    assert standing(twice)[SAVE].predictions.judged == 10
    spoilt = [*days_of(10), a_day(1.0, Verdict.MISS)]
    assert standing(spoilt)[SAVE].predictions.misses == 1


@pytest.mark.parametrize(
    "breach",
    [
        a_day(0.9, Verdict.MISS, decision=SAVING, burn=1.6, judged_at=NOON),
        a_day(0.9, Verdict.NOT_JUDGEABLE, decision=SAVING, burn=1.01, judged_at=NOON),
        a_day(0.9, Verdict.MISS, burn=1.01, judged_at=NOON),
    ],
    ids=["a miss beyond tolerance", "a broken promise while a change was live", "unchanged settings far off"],
)
def test_a_breach_takes_everything_back_at_once(breach):
    """And it is counted anew from there."""
    days = days_of(40, start=2.0, decision=SAVING)
    assert standing(days)[SAVE].allowed is Mode.COMMIT
    after = standing([*days, breach])[SAVE]
    assert (after.allowed, after.predictions.judged, after.breached_at) == (Mode.OBSERVE, 0, NOON)
    assert after.missing.endswith("counted since the breach of 2026-11-18 12:00 UTC")
    again = [a_day(-1.0 - number, decision=SAVING) for number in range(20)]
    assert standing([*days, breach, *again[:19]])[SAVE].allowed is Mode.OBSERVE
    assert standing([*days, breach, *again])[SAVE].allowed is Mode.COMMIT


def test_a_breach_of_one_class_costs_only_that_class():
    """A saving that went wrong says nothing against what buys safety; a wrong picture of the service says it of all."""
    days = days_of(40, start=2.0, decision=SECURING)
    broken = a_day(0.9, Verdict.MISS, decision=SAVING, burn=1.6, judged_at=NOON)
    assert standing([*days, broken])[SAFETY].allowed is Mode.COMMIT
    assert standing([*days, a_day(0.9, Verdict.MISS, burn=1.6, judged_at=NOON)])[SAFETY].allowed is Mode.PROPOSE


def test_a_breached_safety_change_is_still_proposed():
    """The lane for safety never closes: a person looks at it anyway."""
    broken = a_day(0.9, Verdict.MISS, decision=SECURING, burn=3.0, judged_at=NOON)
    assert standing([broken])[SAFETY].allowed is Mode.PROPOSE


def test_an_outcome_whose_prediction_the_ledger_does_not_hold_earns_nothing():
    """It may cost something, though: who knows whose it was."""
    forgotten = a_past()[0]
    hits = [replace(forgotten, outcomes=tuple(an_outcome(number, is_live_change=True) for number in range(1, 41)))]
    after = autonomy(evidence(hits, (), the_knobs()), FREE)
    assert {one.predictions.judged for one in after.values()} == {0}
    misses = [replace(forgotten, outcomes=(an_outcome(1, Verdict.MISS, is_live_change=True),))]
    after = autonomy(evidence(misses, (), the_knobs()), FREE)
    assert {(one.predictions.misses, one.changes.misses) for one in after.values()} == {(1, 1)}


def test_a_live_hit_of_an_episode_that_held_is_no_hit_of_a_change():
    """It is one more day of unchanged settings."""
    episode, outcome = a_day(1)
    after = standing([(episode, replace(outcome, is_live_change=True))])
    assert {(one.predictions.judged, one.changes.judged) for one in after.values()} == {(1, 0)}


def test_a_bad_judgement_is_a_miss_and_a_good_one_is_no_hit():
    """People can only lower it (S001-138, H42)."""
    days = days_of(20, decision=SAVING)
    assert standing(days, [bad()])[SAVE].allowed is Mode.OBSERVE
    assert standing(days, [bad(action=SAFETY)])[SAVE].allowed is Mode.COMMIT
    assert standing(days, [bad(action=None)])[SAVE].allowed is Mode.OBSERVE
    praise = [bad(f"web-{number}", is_good=True) for number in range(50)]
    assert standing(days_of(19), praise) == standing(days_of(19))


def test_a_word_that_was_taken_back_still_cost_it():
    """Otherwise a second person could raise what the first has lowered; said twice, it counts once."""
    days = days_of(20, decision=SAVING)
    withdrawn = [bad(), bad(is_good=True, days_ago=0.1)]
    assert standing(days, withdrawn)[SAVE].allowed is Mode.OBSERVE
    assert standing(days, [bad(), bad(days_ago=0.2)])[SAVE].predictions.misses == 1


@pytest.mark.parametrize(
    ("limits", "allowed", "words"),
    [
        (Limits(Mode.OBSERVE, {}), Mode.OBSERVE, "commit is earned; mode caps it at observe"),
        (Limits(Mode.COMMIT, {SAVE: Mode.PROPOSE}), Mode.PROPOSE, "commit is earned; approval.caps caps it at propose"),
        (Limits(Mode.COMMIT, {SAFETY: Mode.OBSERVE}), Mode.COMMIT, "nothing"),
    ],
)
def test_the_team_caps_what_is_earned(limits, allowed, words):
    """Mode caps everything, `approval.caps` one class."""
    after = standing(days_of(20, decision=SAVING), limits=limits)[SAVE]
    assert (after.allowed, after.earned) == (allowed, Mode.COMMIT)
    assert after.missing.startswith(words)


def test_what_is_granted_needs_no_record_but_keeps_its_caps():
    """`approval.autonomy: granted` is the team's own risk."""
    granted = Limits(Mode.COMMIT, {SAFETY: Mode.PROPOSE}, granted="granted by approval.autonomy")
    after = standing(days_of(1, Verdict.MISS), limits=granted)
    assert (after[SAVE].allowed, after[SAFETY].allowed) == (Mode.COMMIT, Mode.PROPOSE)
    assert after[SAVE].missing == "granted by approval.autonomy"
    assert after[SAFETY].missing == "granted by approval.autonomy; approval.caps caps it at propose"


# --- what holds whatever happened ------------------------------------------------------------------

PASTS = st.lists(
    st.tuples(
        st.integers(1, 60),
        st.sampled_from(Verdict),
        st.sampled_from([None, SAVING, SECURING]),
        st.sampled_from([0.3, 0.9, 1.2]),
    ),
    max_size=70,
)
STREAKS = st.tuples(st.integers(0, 80), st.sampled_from([None, SAVING, SECURING]))

EARNED = (40, SAVING)
"""A streak that has earned committing savings: each property is tried where there is something to lose or to gain."""


def days_from(rows, streak):
    """Days as hypothesis drew them, behind a streak of hits that reaches far enough to have earned something."""
    length, decision = streak
    held = {} if decision is None else {"decision": decision}
    drawn = [
        a_day(number, verdict, burn=burn, **({} if moved is None else {"decision": moved}))
        for number, verdict, moved, burn in rows
    ]
    return [*days_of(length, start=70.0, **held), *drawn]


def never_higher(after, before):
    """No class may do more than before."""
    return all(RANK[after[action].allowed] <= RANK[before[action].allowed] for action in ActionClass)


@settings(max_examples=60, deadline=None)
@given(rows=PASTS, streak=STREAKS, decision=st.sampled_from([None, SAVING]), burn=st.sampled_from([None, 0.3, 1.2]))
@example(rows=[], streak=(19, SAVING), decision=SAVING, burn=0.3)
@example(rows=[], streak=(19, None), decision=None, burn=None)
def test_what_cannot_be_judged_never_raises_it(rows, streak, decision, burn):
    """Nothing, one outcome or thirty: what is missing earns nothing (H42)."""
    days = days_from(rows, streak)
    held = {} if decision is None else {"decision": decision}
    more = [a_day(-number, Verdict.NOT_JUDGEABLE, burn=burn, **held) for number in range(1, 31)]
    assert never_higher(standing([*days, *more[:1]]), standing(days))
    assert never_higher(standing([*days, *more]), standing(days))


@settings(max_examples=60, deadline=None)
@given(rows=PASTS, streak=STREAKS, decision=st.sampled_from([None, SAVING, SECURING]), burn=st.floats(0.61, 5))
@example(rows=[], streak=(19, SAVING), decision=SAVING, burn=0.9)
@example(rows=[], streak=EARNED, decision=SAVING, burn=2.0)
def test_a_miss_never_raises_it(rows, streak, decision, burn):
    """Whether it is a breach or not, and whatever was live (H42)."""
    days = days_from(rows, streak)
    held = {} if decision is None else {"decision": decision}
    assert never_higher(standing([*days, a_day(-1, Verdict.MISS, burn=burn, **held)]), standing(days))


@settings(max_examples=60, deadline=None)
@given(rows=PASTS, streak=STREAKS, action=st.sampled_from([None, *ActionClass]), is_good=st.booleans())
@example(rows=[], streak=(19, SAVING), action=SAVE, is_good=True)
@example(rows=[], streak=EARNED, action=SAVE, is_good=True)
def test_no_word_of_a_person_raises_it(rows, streak, action, is_good):
    """Praise, blame, or blame that is taken back (H42)."""
    days = days_from(rows, streak)
    said = bad(action=action, days_ago=-2.0, is_good=is_good)
    assert never_higher(standing(days, [said]), standing(days))
    assert never_higher(standing(days, [replace(said, is_good=False), said]), standing(days))


@settings(max_examples=60, deadline=None)
@given(
    rows=PASTS,
    streak=STREAKS,
    mode=st.sampled_from(Mode),
    caps=st.dictionaries(st.sampled_from(ActionClass), st.sampled_from(Mode)),
    granted=st.sampled_from([None, "granted"]),
)
@example(rows=[], streak=EARNED, mode=Mode.COMMIT, caps={SAVE: Mode.PROPOSE}, granted=None)
def test_a_cap_only_lowers_and_a_lower_cap_never_allows_more(rows, streak, mode, caps, granted):
    """Whatever is earned, nobody exceeds what the team has set (R11, H42)."""
    days = days_from(rows, streak)
    after = standing(days, limits=Limits(mode, caps, granted))
    for action, one in after.items():
        assert RANK[one.allowed] <= min(RANK[mode], RANK[caps.get(action, Mode.COMMIT)], RANK[one.earned])
        lower = Limits(mode, caps | {action: Mode.OBSERVE}, granted)
        assert standing(days, limits=lower)[action].allowed is Mode.OBSERVE
    assert never_higher(standing(days, limits=Limits(lowest(mode, Mode.PROPOSE), caps, granted)), after)


@settings(max_examples=30, deadline=None)
@given(rows=PASTS, streak=STREAKS)
@example(rows=[], streak=EARNED)
def test_outcomes_without_their_predictions_earn_nothing(rows, streak):
    """A ledger that lost half of what it knew is not trusted more than an empty one (H42)."""
    headless = [(replace(episode, prediction=None), outcome) for episode, outcome in days_from(rows, streak)]
    assert never_higher(standing(headless), standing([]))
