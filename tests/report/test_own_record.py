"""The agent's own record: predictions beside what came, counted as autonomy counts them, and what was saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from examples import an_episode, the_knobs
from gathered import END, gathered, span
from hypothesis import given
from hypothesis import strategies as st
from predictions import SAVING, a_day, a_past, a_prediction, an_outcome
from scipy.stats import binomtest

from ai_ops.domain.autonomy import ActionClass, Mode
from ai_ops.domain.prediction import Interval, Verdict
from ai_ops.domain.tuning import Thresholds
from ai_ops.report.agent.record import record_of, wilson
from ai_ops.tune.autonomy.autonomy import Limits, autonomy
from ai_ops.tune.autonomy.evidence import evidence

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.prediction import Outcome
    from ai_ops.report.agent.said import OwnRecord

HIT, MISS, UNJUDGED = Verdict.HIT, Verdict.MISS, Verdict.NOT_JUDGEABLE


def record(*days: tuple[Episode, Outcome]) -> OwnRecord:
    """Of these days, all judged by the run at the report's end or before."""
    return record_of(gathered(episodes=a_past(*days)), span())


def a_saving(
    days_ago: float, measured: float, otherwise: float | None = 2.0, **changes: object
) -> tuple[Episode, Outcome]:
    """A live change, and what an hour was expected to cost without it; the measured figure is of the 24 h since."""
    episode, outcome = a_day(days_ago, decision=SAVING, cost_per_hour=measured, **changes)
    if otherwise is None:
        return episode, outcome
    unchanged = replace(a_prediction(days_ago), cost_per_hour=Interval(otherwise, otherwise / 2, otherwise * 2))
    return replace(episode, if_unchanged=unchanged), outcome


def test_a_prediction_stands_beside_what_came():
    """Judged in the report's day: 2.00 an hour was expected and 2.10 came."""
    (judged,) = record(a_day(1.5, cost_per_hour=2.1, burn=0.4)).judged
    assert judged.made_at == END - timedelta(days=1.5)
    assert judged.predicted_cost_per_hour == Interval(2.0, 1.6, 2.4)
    assert (judged.cost_per_hour, judged.burn, judged.verdict) == (2.1, 0.4, HIT)
    assert judged.predicted_burn == Interval(0.3, 0.1, 0.6)


def test_what_was_judged_before_the_span_counts_and_is_not_told_again():
    """Judged two days ago: in the 28 days, not in the day."""
    told = record(a_day(3))
    assert told.judged == ()
    assert told.hits == 1


def test_the_prediction_beside_an_unchanged_day_is_the_one_for_unchanged_settings():
    """A proposal that nobody took: its other prediction was judged."""
    episode, outcome = a_saving(1.5, measured=2.0, otherwise=3.0, is_live_change=False)
    assert episode.if_unchanged is not None
    other = replace(episode.if_unchanged, burn=Interval(0.2, 0.1, 0.5))
    (judged,) = record((replace(episode, if_unchanged=other), replace(outcome, burn_high=0.5))).judged
    assert judged.predicted_cost_per_hour == Interval(3.0, 1.5, 6.0)
    assert judged.predicted_burn == Interval(0.2, 0.1, 0.5)


def test_a_prediction_that_has_left_the_ledger_is_told_without_its_figures():
    """What came is known all the same."""
    (judged,) = record((an_episode(200), an_outcome(1.5))).judged
    assert (judged.predicted_cost_per_hour, judged.predicted_burn) == (None, None)
    assert judged.cost_per_hour == 2.0


def test_hits_and_misses_of_28_days_are_counted():
    """Older ones are not: 30 days ago plus one to be judged is 29."""
    days = (a_day(30, MISS), a_day(20), a_day(10), a_day(5, MISS), a_day(4, UNJUDGED))
    told = record(*days)
    assert (told.hits, told.misses, told.not_judgeable) == (2, 1, 1)


def test_a_days_prediction_counts_once_and_as_a_miss_if_it_ever_was_one():
    """Four runs of one day look at the same prediction of the day."""
    told = record(a_day(5.0), a_day(5.25, MISS), a_day(5.5, UNJUDGED), a_day(8.0), a_day(8.25))
    assert (told.hits, told.misses, told.not_judgeable) == (1, 1, 0)


def test_the_same_look_in_two_episodes_counts_once():
    """A period that was decided again repeats what it judged, in the list as in the count."""
    episode, outcome = a_day(1.5)
    judging = replace(an_episode(), id="web-again", outcomes=(outcome,))
    told = record_of(gathered(episodes=(*a_past((episode, outcome)), judging)), span())
    assert len(told.judged) == 1
    assert told.hits == 1


def test_the_calibration_has_the_interval_that_the_field_uses():
    """Wilson at 95 %, as another library works it out: 18 of 20."""
    days = [a_day(day, MISS if day < 5 else HIT) for day in range(3, 23)]
    told = record(*days)
    other = binomtest(18, 20).proportion_ci(confidence_level=0.95, method="wilson")
    assert told.calibration is not None
    assert told.calibration.expected == 0.9
    assert (told.calibration.low, told.calibration.high) == pytest.approx((other.low, other.high))


def test_without_a_judged_prediction_there_is_no_calibration():
    """Nothing is neither right nor wrong."""
    told = record(a_day(3, UNJUDGED))
    assert (told.calibration, told.saved, told.saved_hours) == (None, None, 0.0)


def test_savings_are_what_was_expected_without_the_change_less_what_came():
    """(2.00 - 1.50) an hour over 24 hours."""
    told = record(a_saving(3, measured=1.5))
    assert told.saved == pytest.approx(12.0)
    assert told.saved_hours == 24.0
    assert ("web-20261115T12Z", "(2 - 1.5) per hour * 24 h") in told.evidence.inputs


def test_a_change_that_made_it_dearer_saves_less_than_nothing():
    """Safety costs money, and the record says so: (2.00 - 2.25) * 24, even where the prediction missed."""
    assert record(a_saving(3, 2.25, verdict=MISS)).saved == pytest.approx(-6.0)


def test_hours_that_two_horizons_share_count_once():
    """Six hours later: 24 h of the first at 0.50, and the 6 h of the second that the first did not have at 1.00."""
    told = record(a_saving(3, measured=1.5), a_saving(2.75, measured=1.0))
    assert told.saved == pytest.approx(24 * 0.5 + 6 * 1.0)
    assert told.saved_hours == 30.0


def test_a_horizon_begins_when_a_run_saw_the_change_live():
    """Merged a day after it was proposed: two changes that seemed to overlap do not."""
    first, second = a_saving(5, measured=1.5), a_saving(4.5, measured=1.5)
    moved = {change.knob: change.after for change in SAVING.changes}
    standing = Thresholds(first[0].thresholds.values | moved)
    undone = replace(second[0], thresholds=Thresholds(dict(first[0].thresholds.values)))
    seen = [replace(an_episode(24 * days), thresholds=standing) for days in (3.5,)]
    past = (first[0], undone, *seen, *a_past(first, second)[-1:])
    told = record_of(gathered(episodes=past), span())
    assert told.saved_hours == 24.0  # both were first seen live by the same run
    apart = replace(seen[0], decided_at=first[0].decided_at + timedelta(minutes=1))
    told = record_of(gathered(episodes=(first[0], apart, undone, *past[-2:])), span())
    assert told.saved_hours == 48.0


@pytest.mark.parametrize(
    "day",
    [
        a_saving(3, measured=1.5, otherwise=None),
        a_saving(3, measured=1.5, verdict=UNJUDGED),
        a_saving(3, measured=1.5, is_live_change=False),
        a_saving(3, measured=float("nan")),
        a_day(3),
    ],
)
def test_what_cannot_be_held_against_an_expectation_saves_nothing_known(day: tuple[Episode, Outcome]):
    """No other expectation, no judgement, no live change, no measured cost."""
    assert record(day).saved is None


DAYS = st.tuples(st.integers(5, 100), st.sampled_from(Verdict), st.booleans())


@given(st.lists(DAYS, max_size=20, unique_by=lambda one: one[0]))
def test_autonomy_counts_the_same(days: list[tuple[int, Verdict, bool]]):
    """Two figures of one record agree: what is earned, and what people are told."""
    seen = [
        a_day(quarters / 4, verdict, **({"decision": SAVING} if is_change else {}))
        for quarters, verdict, is_change in days
    ]
    past = a_past(*seen)
    told = record_of(gathered(episodes=past), span())
    # Without breaches nothing is counted anew, and every class of action sees the unchanged days and its own.
    fresh = [replace(one, is_breach=False, action=None) for one in evidence(past, (), the_knobs())]
    counted = autonomy(fresh, Limits(Mode.COMMIT, {}))[ActionClass.SAVE].predictions
    assert (told.hits + told.misses, told.misses) == (counted.judged, counted.misses)


@given(st.integers(1, 500), st.data())
def test_the_interval_always_holds_its_share(judged: int, data: st.DataObject):
    """Within 0 and 1, whatever was counted."""
    interval = wilson(data.draw(st.integers(0, judged)), judged)
    assert 0.0 <= interval.low <= interval.expected + 1e-12
    assert interval.expected - 1e-12 <= interval.high <= 1.0
