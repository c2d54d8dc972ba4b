"""Why this advice and no other: hours, alternatives and turning points, from replays whose figures are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from examples import an_episode
from hypothesis import given
from hypothesis import strategies as st
from ledgers import strict
from twins import DAY, MONDAY, STEPPED, a_twin, calm

from ai_ops.domain.rationale import Cause, Rationale, Role
from ai_ops.domain.tuning import Change, ScheduledMinimum
from ai_ops.store.ledger import Ledger
from ai_ops.tune.advice import Advice
from ai_ops.tune.explanation.alternatives import broken_rules, options
from ai_ops.tune.explanation.explanation import rationale
from ai_ops.tune.explanation.riskiest import riskiest_hours
from ai_ops.tune.explanation.turning_points import turning_points
from ai_ops.tune.search.acceptance import Figures
from ai_ops.tune.search.candidates import Candidate
from ai_ops.tune.search.choice import Choice
from ai_ops.tune.search.limits import Limits
from ai_ops.tune.search.replays import Replays
from ai_ops.tune.search.study import Study
from ai_ops.twin.gate import Fit
from ai_ops.twin.replayed import Trace
from ai_ops.twin.telemetry import Telemetry

GOOD_FIT = Fit(cost_error=0.004, observed_burn=0.20, replayed_burn=0.22, last_day=(0.2, 0.2))
MARGIN = 0.6


def two_days(start=MONDAY, demand=None, **befell):
    """Two days at 100 requests a second, or at another demand."""
    demand = np.full(2 * DAY, 100.0) if demand is None else demand
    columns = {"requests_per_second": demand, "instances": np.full(demand.size, 3.0)}
    return Replays(Telemetry(start, columns), a_twin(), calm(demand, **befell))


def traced(replays, bad_by_minute, ready=3.0, cpu=50.0):
    """A replay in which exactly these minutes go wrong, by share."""
    minutes = replays.window.minutes
    bad = np.zeros(minutes)
    for minute, share in bad_by_minute.items():
        bad[minute] = share
    flat = [np.full((minutes, 1, 1), value) for value in (ready, ready, cpu)]
    return Trace(*flat, bad[:, None, None])


def test_the_riskiest_hours_are_those_with_most_bad_requests():
    """Worst first, by the hours of the clock, and each with its share of the budget of the whole window."""
    replays = two_days()
    trace = traced(replays, {10: 0.01, 59: 0.01, 60: 0.03, 700: 0.005, 1500: 0.001})
    trace.cpu_percent[60] = 97.0
    trace.ready[75] = 2.0
    worst, second, third = riskiest_hours(replays, trace, 0, correction=2.0)
    assert [(one.start - MONDAY) / timedelta(hours=1) for one in (worst, second, third)] == [1, 0, 11]
    # 0.03 of one minute's requests, twice as bad in reality, of a thousandth of two days' requests.
    assert worst.budget_ratio == pytest.approx(2.0 * 0.03 / (2 * DAY * 0.001), rel=1e-3)
    assert (worst.requests_per_second, worst.cpu_percent, worst.instances) == (100.0, 97.0, 2.0)


def test_hours_begin_with_the_clock_even_when_the_window_does_not():
    """A window that begins at 23:40 has twenty minutes of the day before."""
    replays = two_days(start=MONDAY - timedelta(minutes=20))
    first, second = riskiest_hours(replays, traced(replays, {5: 0.2, 25: 0.1}), 0, correction=1.0)
    assert first.start == MONDAY - timedelta(minutes=20)
    assert second.start == MONDAY


def test_hours_without_harm_are_not_listed():
    """Three hours are shown at most, and none that is harmless."""
    replays = two_days()
    assert len(riskiest_hours(replays, traced(replays, {5: 0.2}), 0, correction=1.0)) == 1
    assert riskiest_hours(replays, traced(replays, {}), 0, correction=1.0) == ()


def test_an_incident_elsewhere_is_told_from_load():
    """No threshold heals a slow dependency, and a reviewer must not hold it against one."""
    background = np.zeros(2 * DAY)
    background[300:310] = 0.02
    replays = two_days(background_bad_ratio=background)
    trace = traced(replays, {**dict.fromkeys(range(300, 310), 0.021), **dict.fromkeys(range(600, 604), 0.03)})
    worst, second = riskiest_hours(replays, trace, 0, correction=1.0)
    assert (worst.cause, second.cause) == (Cause.ELSEWHERE, Cause.LOAD)


def settings(**changes):
    """Candidates that differ in what is said."""
    return Candidate({**STEPPED, **changes})


CANDIDATES = [
    settings(),
    settings(cpu_scale_in_percent=50.0),
    settings(cpu_scale_in_percent=45.0, min_instances=4),
    settings(cpu_scale_in_percent=60.0),
    settings(cpu_scale_out_percent=78.0),
]
"""Today's, then a saving, something safer, something bold, and something in between."""


def a_study(fit=GOOD_FIT, candidates=CANDIDATES, margin=MARGIN, **columns):
    """A study whose figures are given; what is not is the same for all."""
    count = len(candidates)
    usual = {
        "instances": [10.0, 8.0, 9.0, 6.0, 7.0],
        "burn": [0.2, 0.4, 0.1, 0.8, 0.5],
        "burn_bound": [0.3, 0.5, 0.2, 0.9, 0.7],
        "stressed_burn": [0.5, 1.0, 0.3, 3.0, 1.2],
        "events_per_day": [10.0, 12.0, 8.0, 20.0, 14.0],
    }
    figures = {name: np.array((usual | columns)[name]) for name in usual}
    days = np.zeros((count, 2))
    return Study(
        two_days(),
        fit,
        list(candidates),
        Figures(
            **figures, daily_burn=days, daily_instances=days, older_burn=np.zeros(count), changed_knobs=np.zeros(count)
        ),
        1.0,
        margin,
    )


def by_role(study, chosen, margin=MARGIN):
    """The options by what they are looked at for."""
    return {one.role: one for one in options(study, chosen, margin)}


def test_beside_the_proposal_stand_a_safer_and_a_cheaper_one():
    """The safer has half the bound at most; the cheaper saves most while the promise itself is kept."""
    found = by_role(a_study(), 1)
    assert list(found) == [Role.TODAY, Role.PROPOSED, Role.SAFER, Role.CHEAPER]
    assert found[Role.TODAY].changes == ()
    assert found[Role.PROPOSED].changes == (Change("cpu_scale_in_percent", 40.0, 50.0),)
    assert found[Role.PROPOSED].cost_per_hour == pytest.approx(0.8)
    assert found[Role.SAFER].changes[0].after == 45.0
    assert found[Role.SAFER].obstacle == "costs 12.5% more"
    assert found[Role.CHEAPER].cost_per_hour == pytest.approx(0.6)
    assert found[Role.CHEAPER].obstacle == (
        "spends 0.90 of the error budget in a bad fortnight, 0.60 is allowed; spends 3.00 under stress, 1.50 is allowed"
    )


def test_what_would_break_the_promise_is_no_alternative():
    """Cheaper than the promise is not cheaper."""
    found = by_role(a_study(burn_bound=[0.3, 0.5, 0.2, 1.4, 1.01]), 1)
    assert Role.CHEAPER not in found


def test_when_today_stays_the_alternatives_are_to_today():
    """A hold is a decision as well, and may be doubted in both directions."""
    found = by_role(a_study(burn_bound=[0.3, 0.7, 0.1, 0.9, 0.7]), None)
    assert Role.PROPOSED not in found
    assert found[Role.SAFER].obstacle == "costs 10.0% less, and waits for what holds this decision"
    assert found[Role.CHEAPER].cost_per_hour == pytest.approx(0.6)
    assert found[Role.CHEAPER].obstacle.startswith("spends 0.90")


def test_a_schedule_is_told_as_the_knob_it_is():
    """Blocks of the week, in the words of the ledger."""
    blocks = [{"from_minute_of_week": 480, "to_minute_of_week": 1080, "min_instances": 6}]
    candidates = [settings(), settings(scheduled_minimum=blocks), *CANDIDATES[2:]]
    (change,) = by_role(a_study(candidates=candidates), 1)[Role.PROPOSED].changes
    assert change == Change("scheduled_minimum", (), (ScheduledMinimum(480, 1080, 6),))


@given(
    bound=st.floats(0.0, 3.0),
    stress=st.floats(0.0, 5.0),
    events=st.floats(0.0, 100.0),
    margin=st.floats(0.1, 1.0),
)
def test_a_candidate_is_safe_exactly_when_it_breaks_no_rule(bound, stress, events, margin):
    """The words and the decision come from the same rules."""
    study = a_study(
        burn_bound=[0.3, bound, 0.2, 0.9, 0.7],
        stressed_burn=[0.5, stress, 0.3, 3.0, 1.2],
        events_per_day=[10.0, events, 8.0, 20.0, 14.0],
    )
    assert (not list(broken_rules(study.figures, 1, margin))) == bool(study.figures.safe(margin)[1])


def points(study, index=1, reasons=("cheaper",), limits=None, margin=MARGIN):
    """What would change the advice to take candidate `index`."""
    return turning_points(study, Choice(index, is_urgent=False, reasons=reasons, margin=margin), limits or Limits())


def test_the_rule_that_binds_is_named_with_what_it_would_have_to_give():
    """The nearest candidate that only one rule keeps away, and what it would save."""
    study = a_study(stressed_burn=[0.5, 1.0, 0.3, 1.0, 1.2])
    (said,) = points(study)
    assert said == (
        "if 0.70 of the error budget could be spent in a bad fortnight instead of 0.60, "
        "settings that cost 12.5% less could run"
    )


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"burn_bound": [0.3, 0.5, 0.2, 0.55, 0.5], "stressed_burn": [0.5, 1.0, 0.3, 1.8, 1.9]}, "1.80 of the error"),
        ({"burn_bound": [0.3, 0.5, 0.2, 0.9, 0.5], "events_per_day": [10.0, 12.0, 8.0, 20.0, 60.0]}, "if 60 steps a"),
    ],
    ids=["stress", "calm"],
)
def test_every_rule_can_be_the_one(columns, says):
    """Stress and flapping bind as the bound does."""
    said = points(a_study(**columns))
    assert any(says in one for one in said), said


def test_a_twin_that_fails_its_gate_is_what_would_have_to_change():
    """Nothing else matters as long as it does not tell what is known."""
    study = a_study(fit=replace(GOOD_FIT, cost_error=0.08))
    gate, then = points(study, index=None, reasons=(study.fit.reason,))
    assert "+8.0% (3% is allowed)" in gate
    assert "20.0% less would be looked at" in then


def test_a_saving_that_waits_is_named_with_its_reason():
    """Too small, or too early: the decision itself says which."""
    said = points(a_study(), index=None, reasons=("today's settings are 6 h old; they are watched for a day",))
    assert (
        said[0]
        == "safe settings that cost 20.0% less are known; today's settings are 6 h old; they are watched for a day"
    )


def test_a_step_that_was_cut_says_that_time_will_tell():
    """A second look may go on where the first had to stop."""
    candidates = [CANDIDATES[0], settings(cpu_scale_in_percent=60.0), *CANDIDATES[2:]]
    said = points(a_study(candidates=candidates))
    assert "time: cpu_scale_in_percent went as far as one change may, from 40 to 60" in said


def test_a_bound_that_was_reached_is_named():
    """A team may widen it, and nobody else."""
    candidates = [CANDIDATES[0], settings(cpu_scale_in_percent=52.0), *CANDIDATES[2:]]
    limits = Limits(bounds={"cpu_scale_in_percent": (20.0, 52.0)})
    said = points(a_study(candidates=candidates), limits=limits)
    assert "wider bounds: cpu_scale_in_percent stands at 52, the end of what is allowed" in said


def test_where_nothing_binds_it_is_the_demand():
    """An empty answer would read as a fault."""
    (said,) = points(a_study(instances=[10.0, 6.0, 9.0, 6.0, 7.0]))
    assert said.startswith("another demand: ")


def test_an_advice_without_a_replay_has_no_grounds_to_show():
    """Too young a history, or a look that is not due."""
    advice = Advice(None, "waits", is_urgent=False, prediction=None, reasons=("waits",), record=None)
    assert rationale(advice, Limits()) is None


def explained():
    """The grounds of an advice that was replayed on two days."""
    choice = Choice(1, is_urgent=False, reasons=("cheaper",), margin=MARGIN)
    wanted = CANDIDATES[1].settings
    advice = Advice(wanted, None, False, None, ("cheaper",), None, a_study(), choice)  # noqa: FBT003
    return rationale(advice, Limits())


def test_the_grounds_hold_the_window_the_options_and_the_hours():
    """Of what will run, replayed minute by minute on the same twin."""
    grounds = explained()
    assert isinstance(grounds, Rationale)
    assert (grounds.window_start, grounds.window_end) == (MONDAY, MONDAY + timedelta(days=2))
    assert [one.role for one in grounds.options][:2] == [Role.TODAY, Role.PROPOSED]
    assert all(hour.cause is Cause.LOAD for hour in grounds.riskiest)
    assert grounds.what_would_change


def test_the_ledger_keeps_the_grounds(tmp_path):
    """So that `explain` can show them in a year, without the metrics."""
    episode = an_episode(rationale=explained())
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append(episode)
    assert ledger.episodes() == (episode,)
    assert (tmp_path / "episodes.jsonl").stat().st_size < 8000
