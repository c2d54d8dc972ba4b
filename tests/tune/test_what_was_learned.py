"""What the records teach: a fold over them, worked out anew at every look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from examples import NOON
from hypothesis import given
from hypothesis import strategies as st
from predictions import a_prediction, an_outcome
from twins import STEPPED

from ai_ops.domain.prediction import Interval, Looked, Verdict
from ai_ops.tune.learning.learned import LEAST_CORRECTION, MOST_CORRECTION, STALE, learned, spans
from ai_ops.tune.learning.records import Record

SAVING = STEPPED | {"cpu_scale_in_percent": 55.0}
OTHER = STEPPED | {"min_instances": 7}


def ago(hours):
    """So many hours before noon."""
    return NOON - timedelta(hours=hours)


def a_record(hours_ago, thresholds=STEPPED, **changes):
    """A look so many hours ago, at which the twin told the truth."""
    usual = {"looked": Looked(0.3, 0.3), "prediction": None}
    return Record(ago(hours_ago), dict(thresholds), **(usual | changes))


def looked(*ratios, hours=24):
    """A look a day, in which reality burned so many times what was replayed."""
    days = len(ratios)
    return [a_record(hours * (days - day), looked=Looked(0.4 * ratio, 0.4)) for day, ratio in enumerate(ratios)]


def test_without_a_past_nothing_is_known():
    """And nothing is corrected."""
    past = learned((), STEPPED, NOON)
    assert (past.first_at, past.last_look, past.live_since, past.open_proposal) == (None, None, None, None)
    assert (past.correction, past.cost_errors, past.pending, past.is_taking_back) == (1.0, (), (), False)


# The correction


def test_reality_that_burns_more_makes_the_agent_careful_and_less_a_little_bolder():
    """Day by day, never at once."""
    assert learned(looked(1.0, 1.0), STEPPED, NOON).correction == pytest.approx(1.0)
    worse = [learned(looked(*[3.0] * days), STEPPED, NOON).correction for days in range(1, 8)]
    assert worse == sorted(worse)
    assert 1.0 < worse[0] < 1.5
    assert worse[-1] > 1.8
    assert LEAST_CORRECTION <= learned(looked(*[0.1] * 9), STEPPED, NOON).correction < 1.0


def test_a_bad_day_is_forgotten_slowly():
    """Two weeks of truth outweigh it."""
    assert learned(looked(4.0), STEPPED, NOON).correction > 1.2
    assert learned(looked(4.0, *[1.0] * 14), STEPPED, NOON).correction == pytest.approx(1.0, abs=0.02)


@given(st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)), max_size=30))
def test_no_past_makes_the_correction_leave_its_range(burns):
    """A poisoned past cannot make the agent bold (H04)."""
    past = [a_record(24 * (len(burns) - day), looked=Looked(*pair)) for day, pair in enumerate(burns)]
    assert LEAST_CORRECTION <= learned(past, STEPPED, NOON).correction <= MOST_CORRECTION


def test_days_on_which_nothing_could_be_said_teach_nothing():
    """No burn measured, or no replay made."""
    past = [a_record(48, looked=Looked(None, 0.3)), a_record(24, looked=None), a_record(6, looked=Looked(0.3, None))]
    assert learned(past, STEPPED, NOON).correction == 1.0


def test_burns_next_to_nothing_are_no_factor():
    """One bad request instead of none."""
    past = [a_record(24, looked=Looked(0.003, 0.0))] * 10
    assert learned(past, STEPPED, NOON).correction == pytest.approx(1.0, abs=0.05)


# Proposals


def test_a_proposal_waits_for_a_person_for_two_days():
    """Then it rests on old days."""
    for hours, is_open in ((1, True), (47.9, True), (48, False), (100, False)):
        past = learned([a_record(hours, proposed=SAVING)], STEPPED, NOON)
        assert (past.open_proposal is not None) is is_open


def test_a_proposal_that_was_taken_waits_no_longer():
    """What runs is what it asked for."""
    assert learned([a_record(12, proposed=SAVING)], SAVING, NOON).open_proposal is None


def test_a_proposal_for_settings_that_are_gone_waits_no_longer():
    """Somebody set something else, now or for a while in between."""
    assert learned([a_record(12, proposed=SAVING)], OTHER, NOON).open_proposal is None
    moved = [a_record(24, proposed=SAVING), a_record(12, OTHER), a_record(6)]
    assert learned(moved, STEPPED, NOON).open_proposal is None


def test_the_newest_proposal_counts():
    """It replaces the one before."""
    past = [a_record(30, proposed=SAVING), a_record(6, proposed=OTHER, is_urgent=True)]
    assert learned(past, STEPPED, NOON).open_proposal is past[1]


# What runs, and since when


def test_settings_are_live_since_they_were_first_seen_in_a_row():
    """Those that went and came back are new."""
    past = [a_record(72), a_record(48, OTHER), a_record(24), a_record(12)]
    assert learned(past, STEPPED, NOON).live_since == ago(24)
    assert learned(past, SAVING, NOON).live_since == NOON
    assert learned(past[:1], STEPPED, NOON).live_since == ago(72)


def test_looks_are_counted_from_the_first_replay():
    """A glance at the clock is no look."""
    past = [a_record(72, looked=None), a_record(48), a_record(24), a_record(6, looked=None)]
    assert learned(past, STEPPED, NOON).first_at == ago(48)
    assert learned(past, STEPPED, NOON).last_look == ago(24)


def test_spans_tell_which_settings_ran_when():
    """The oldest ran ever since anybody knows; what is unchanged is no new span."""
    past = [a_record(72), a_record(48), a_record(24, OTHER)]
    assert spans(past, SAVING, NOON) == [(None, STEPPED), (ago(24), OTHER), (NOON, SAVING)]
    assert spans(past, OTHER, NOON) == [(None, STEPPED), (ago(24), OTHER)]
    assert spans([], STEPPED, NOON) == [(None, STEPPED)]


# Predictions that wait for their judgement


def test_a_change_that_was_taken_is_judged_from_when_it_was_seen_live():
    """Not from when it was proposed: a review takes its time."""
    past = [a_record(36, proposed=SAVING, prediction=a_prediction()), a_record(24, SAVING)]
    (pending,) = learned(past, SAVING, NOON).pending
    assert (pending.is_live_change, pending.live_since) == (True, ago(24))


def test_unchanged_settings_are_judged_from_the_look_itself():
    """What was expected of them, whether something was proposed or not."""
    unchanged = a_prediction(0.5)
    past = [
        a_record(30, prediction=a_prediction()),
        a_record(12, proposed=SAVING, prediction=a_prediction(0.2), if_unchanged=unchanged),
    ]
    waiting = learned(past, STEPPED, NOON).pending
    assert [(one.prediction, one.live_since, one.is_live_change) for one in waiting] == [
        (a_prediction(), ago(30), False),
        (unchanged, ago(12), False),
    ]


def test_a_prediction_is_judged_once():
    """It is done when its outcome stands in a record."""
    first = a_record(48, prediction=a_prediction(2.0))
    outcome = an_outcome(2.0, made_at=first.at)
    assert learned([first, a_record(24, outcomes=(outcome,))], STEPPED, NOON).pending == ()


def test_what_never_ran_is_not_judged():
    """Nobody took it, or it came after it was stale, or it went and came back."""
    proposal = a_record(24 + STALE / timedelta(hours=1), proposed=SAVING, prediction=a_prediction())
    assert learned([proposal], STEPPED, NOON).pending == ()
    assert learned([proposal, a_record(10, SAVING)], SAVING, NOON).pending == ()
    back = [a_record(36, prediction=a_prediction()), a_record(24, OTHER), a_record(12)]
    assert learned(back, STEPPED, NOON).pending == ()


# Taking back


def harmful(**changes):
    """A live change of ours that burned far beyond what was predicted."""
    usual = {"is_live_change": True, "burn": 5.0, "made_at": ago(60), "judged_at": ago(24)}
    return replace(an_outcome(2.5, Verdict.MISS), **(usual | changes))


def a_past_with(outcome, *later):
    """A saving was proposed, taken, and judged."""
    proposed = a_record(60, proposed=SAVING, prediction=a_prediction(2.5))
    return [proposed, a_record(48, SAVING), a_record(24, SAVING, outcomes=(outcome,)), *later]


def test_a_change_that_did_harm_and_still_runs_is_taken_back():
    """Until something is proposed."""
    assert learned(a_past_with(harmful()), SAVING, NOON).is_taking_back
    later = a_record(12, SAVING, proposed=STEPPED)
    assert not learned(a_past_with(harmful(), later), SAVING, NOON).is_taking_back


def test_harm_that_is_not_ours_is_not_taken_back():
    """A miss within tolerance, a miss of settings that nobody changed, a change that is gone already."""
    assert not learned(a_past_with(harmful(burn=0.8)), SAVING, NOON).is_taking_back
    assert not learned(a_past_with(harmful(is_live_change=False)), SAVING, NOON).is_taking_back
    assert not learned(a_past_with(harmful()), OTHER, NOON).is_taking_back
    assert not learned(a_past_with(harmful(verdict=Verdict.NOT_JUDGEABLE)), SAVING, NOON).is_taking_back


# Costs


def test_measured_costs_are_held_against_predicted_ones():
    """Hits and misses; what was not judgeable, or not measured, teaches nothing."""
    made = [a_record(24 * day, prediction=a_prediction(day)) for day in (5, 4, 3, 2)]
    verdicts = (Verdict.HIT, Verdict.MISS, Verdict.NOT_JUDGEABLE, Verdict.HIT)
    costs = (2.2, 3.0, 9.0, None)
    judged = [
        a_record(24 * (day - 1), outcomes=(an_outcome(day, verdict, cost_per_hour=cost),))
        for day, verdict, cost in zip((5, 4, 3, 2), verdicts, costs, strict=True)
    ]
    assert learned([*made, *judged], STEPPED, NOON).cost_errors == pytest.approx((0.1, 0.5))


def test_instances_that_cost_nothing_teach_nothing_about_costs():
    """A team may leave its price at 0: nothing is divided by it."""
    free = replace(a_prediction(2), cost_per_hour=Interval(0.0, 0.0, 0.0))
    past = [a_record(48, prediction=free), a_record(24, outcomes=(an_outcome(2, cost_per_hour=0.0),))]
    assert learned(past, STEPPED, NOON).cost_errors == ()


def test_a_change_that_nobody_made_is_no_error_of_its_cost():
    """Today's settings ran on, and are held against what was expected of them."""
    cheaper = replace(a_prediction(2), cost_per_hour=Interval(1.0, 0.9, 1.1))
    look = a_record(48, proposed=SAVING, prediction=cheaper, if_unchanged=a_prediction(2))
    stayed = a_record(24, outcomes=(an_outcome(2, cost_per_hour=2.2),))
    moved = a_record(24, SAVING, outcomes=(an_outcome(2, cost_per_hour=1.1, is_live_change=True),))
    assert learned([look, stayed], STEPPED, NOON).cost_errors == pytest.approx((0.1,))
    assert learned([look, moved], SAVING, NOON).cost_errors == pytest.approx((0.1,))


def test_a_bad_day_that_is_looked_at_every_six_hours_is_one_day():
    """Its last look knows most of it, and counts once."""
    often = [a_record(hours, looked=Looked(4.0, 0.4)) for hours in (18, 12, 6)]
    assert learned(often, STEPPED, NOON).correction == learned(often[-1:], STEPPED, NOON).correction
    daily = [a_record(hours, looked=Looked(4.0, 0.4)) for hours in (54, 30, 6)]
    assert learned(daily, STEPPED, NOON).correction > learned(often, STEPPED, NOON).correction


def test_a_knob_that_moved_lately_is_known_by_its_way():
    """Up or down, within a week; what moved before that may move anywhere."""
    records = [a_record(240), a_record(200, OTHER), a_record(40, SAVING)]
    moves = learned(records, SAVING, NOON).recent_moves
    assert moves["cpu_scale_in_percent"] == (
        1 if SAVING["cpu_scale_in_percent"] > OTHER["cpu_scale_in_percent"] else -1
    )
    assert moves["min_instances"] == (1 if SAVING["min_instances"] > OTHER["min_instances"] else -1)
    assert learned([a_record(240), a_record(200, OTHER)], OTHER, NOON).recent_moves == {}
