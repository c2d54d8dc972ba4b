"""A model is worth what it shows on hours that it has never seen, against faults that are what they claim to be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from examinations import DAY, METRICS, STEP, a_past, of_one_load, rows
from sklearn.metrics import roc_auc_score

from ai_ops.detect.learned.cold_fit import fit
from ai_ops.detect.learned.examination import examine, set_examination
from ai_ops.detect.learned.held_out_hours import CONTEXT, held_out_hours, rows_inside
from ai_ops.detect.learned.joint_faults import JointFault
from ai_ops.detect.learned.window_faults import KINDS
from ai_ops.domain.examined import CONFIRMED
from ai_ops.domain.held_out import is_held_out
from ai_ops.domain.self_test import Fault


def a_model(past):
    """One Gaussian of the rows that are not held out."""
    return fit(past.values, past.step, weights=(~past.is_held_out).astype(float))


def worst_range(past):
    """A scorer that knows each metric's usual range, and nothing of how they belong together."""
    usual = past.values[~past.is_held_out]
    low, high = np.quantile(usual, [0.001, 0.999], axis=0)
    return lambda values: (np.abs(values - (low + high) / 2.0) / ((high - low) / 2.0)).max(axis=1)


def auc(examined, *kinds):
    """Area under the curve against the faults of these kinds, by scikit-learn."""
    chosen = examined.faulty[np.isin(examined.kinds, kinds or examined.kinds)]
    truth = np.concatenate((np.zeros(examined.quiet.size), np.ones(chosen.size)))
    return roc_auc_score(truth, np.concatenate((examined.quiet, chosen)))


@pytest.fixture(scope="module")
def past():
    """Two quiet weeks."""
    return a_past(of_one_load())


@pytest.fixture(scope="module")
def examination(past):
    """What is asked about them."""
    return set_examination(past, 7)


def test_all_windows_are_whole_hours_that_no_model_was_trained_on(past, examination):
    """Six of them a day, but for the first rows, which have nothing before them (S004-01)."""
    hours = examination.hours
    assert hours.rows == 6
    assert 14 * 6 - 1 <= hours.quiet.size <= 14 * 6
    for first in hours.quiet:
        assert is_held_out(past.times[first : first + 6]).all()
        assert past.times[first] % 3600 == 0
    assert set(examination.copies.hosts) <= set(hours.quiet)


def test_every_kind_of_fault_is_asked_about_as_often_as_it_finds_a_place(examination):
    """Kinds that need six hours to show are left to the self-test; those that no metric shows alone are added."""
    asked = {kind: examination.copies.kinds.count(kind.value) for kind in KINDS}
    assert Fault.FLAT_LINE not in asked
    assert Fault.PERIOD_BREAK not in asked
    assert set(JointFault) <= set(asked)
    assert min(asked.values()) > 0.6 * examination.hours.hosts.size
    assert max(asked.values()) <= examination.hours.hosts.size


def test_sizes_take_turns(past, examination):
    """A quarter of the level shifts is as small as the smallest, and a quarter three times as large (R26)."""
    copies = examination.copies
    shifts = [
        np.abs(values - past.values[host - CONTEXT : host + 6]).max(axis=0)[0]
        for values, host, kind in zip(copies.values, copies.hosts, copies.kinds, strict=True)
        if kind == Fault.LEVEL_SHIFT
    ]
    of_cpu = np.sort([shift for shift in shifts if shift > 0.0])
    low, high = np.quantile(of_cpu, [0.1, 0.9])
    assert of_cpu.size > 15
    assert 2.0 < high / low < 6.0


def test_metrics_that_do_not_move_together_have_no_relation_to_break():
    """A rank correlation below one half couples nothing, however far each of them swings."""
    phase = 2.0 * np.pi * np.arange(8 * DAY) / DAY
    apart = np.stack([100.0 + 50.0 * np.sin(rhythm * phase) for rhythm in (1.0, 2.0, 3.0)], axis=1)
    apart += np.random.default_rng(1).normal(size=apart.shape)
    alike = np.stack([apart[:, 0], apart[:, 0] + 1.0, apart[:, 2]], axis=1)
    assert JointFault.AGAINST not in set_examination(a_past(apart), 1).copies.kinds
    assert JointFault.AGAINST in set_examination(a_past(alike), 1).copies.kinds


def test_a_copy_differs_from_its_hour_only_in_one_metric_and_only_within_the_fault(past, examination):
    """What else would be found is no merit."""
    copies = examination.copies
    for values, host, begin in zip(copies.values, copies.hosts, copies.begins, strict=True):
        changed = values != past.values[host - CONTEXT : host + 6]
        where, columns = np.nonzero(changed)
        assert np.unique(columns).size == 1
        assert CONTEXT + begin <= where.min()
        assert where.max() < CONTEXT + begin + 3


def test_a_joint_fault_stays_within_what_each_metric_has_had(past, examination):
    """Only how the metrics meet is unusual, so only a joint model can see it."""
    joint = np.isin(examination.copies.kinds, [kind.value for kind in JointFault])
    values = examination.copies.values[joint]
    assert (values >= past.values.min(axis=0)).all()
    assert (values <= past.values.max(axis=0)).all()


def test_a_joint_model_sees_joint_faults_and_one_that_knows_only_ranges_does_not(past, examination):
    """Otherwise the examination would not tell what the model is for."""
    joint = [kind.value for kind in JointFault]
    assert auc(examine(examination, a_model(past).score), *joint) > 0.9
    assert auc(examine(examination, worst_range(past)), *joint) < 0.75


def test_a_good_model_is_far_above_the_limit(past, examination):
    """Most faults of four to twelve sigmas are told from quiet hours (S004-02)."""
    assert auc(examine(examination, a_model(past).score)) > 0.8


def test_an_always_on_scorer_is_worth_no_more_than_guessing(examination):
    """It finds nothing that it would not have told anyway, and tells of it three times a day."""
    examined = examine(examination, lambda values: np.full(len(values), 2.0))
    assert auc(examined) == 0.5
    assert examined.recall is not None
    assert examined.recall.value == 0.0
    assert examined.alarms_per_week is not None
    assert examined.alarms_per_week.low > 5.0


def test_a_random_scorer_is_worth_no_more_than_guessing(examination):
    """Some 80 quiet hours and 560 faults leave little to chance."""
    rng = np.random.default_rng(1)
    assert auc(examine(examination, lambda values: rng.random(len(values)))) == pytest.approx(0.5, abs=0.1)


def test_a_scorer_that_knows_the_truth_is_perfect(past, examination):
    """So the scores reach the windows that they belong to."""
    untouched = {row.tobytes() for row in past.values}
    examined = examine(examination, lambda values: np.array([2.0 * (row.tobytes() not in untouched) for row in values]))
    assert auc(examined) == 1.0
    assert examined.recall is not None
    assert examined.recall.value == 1.0
    assert examined.alarms_per_week is not None
    assert examined.alarms_per_week.value == 0.0


def test_scores_of_all_copies_in_one_array_are_those_of_each_alone(past, examination):
    """A score rests on its row and the four before it, which are the copy's own."""
    model, copies = a_model(past), examination.copies
    together = examine(examination, model.score)
    for number in (0, 100, len(copies.kinds) - 1):
        alone = model.score(copies.values[number])[CONTEXT:]
        assert together.faulty[number] == pytest.approx(alone.max(), rel=1e-9)


def test_the_same_seed_asks_the_same_and_another_something_else(past, examination):
    """Champion and candidate are compared on the same windows and faults."""
    again, other = set_examination(past, 7), set_examination(past, 8)
    np.testing.assert_array_equal(again.copies.values, examination.copies.values)
    assert again.copies.kinds == examination.copies.kinds
    assert not np.array_equal(other.copies.begins, examination.copies.begins)


def test_tomorrow_asks_again_where_today_asked(past, examination):
    """A day more of history leaves place and metric of the older faults alone."""
    longer = set_examination(a_past(np.concatenate((past.values, of_one_load(1, seed=2)))), 7)
    begins = dict(zip(zip(longer.copies.hosts, longer.copies.kinds, strict=True), longer.copies.begins, strict=True))
    now = zip(examination.copies.hosts, examination.copies.kinds, examination.copies.begins, strict=True)
    same = [begins.get((host, kind)) == begin for host, kind, begin in now]
    assert np.mean(same) > 0.95


def test_what_is_abnormal_anyway_is_neither_a_quiet_hour_nor_a_false_alarm(past, examination):
    """A model is not blamed for what somebody else has found."""
    first = int(examination.hours.quiet[10])
    values = past.values.copy()
    values[first + 2 : first + 4, 0] = 99.0
    blind, told = a_past(values), a_past(values, is_abnormal=rows(past, first + 2, first + 4))
    assert first in held_out_hours(blind).quiet
    assert first not in held_out_hours(told).quiet
    score = a_model(past).score
    blamed, spared = (examine(set_examination(one, 7), score).alarms_per_week.value for one in (blind, told))
    assert blamed > spared == 0.0


def test_a_confirmed_incident_is_a_window_with_a_fault(past, examination):
    """People's word is worth more than what was injected."""
    first = int(examination.hours.quiet[10])
    told = a_past(past.values, is_incident=rows(past, first + 1, first + 3), is_abnormal=rows(past, first, first + 4))
    examined = examine(set_examination(told, 7), a_model(past).score)
    assert examined.kinds.count(CONFIRMED) == 1
    assert examined.recall_by_fault[CONFIRMED].value == 0.0
    assert examined.quiet.size < examination.hours.quiet.size


def test_a_refuted_finding_is_a_quiet_hour_however_loud_it_was(past, examination):
    """A hard negative: what people called false must not be told again, and no fault is put on top of it."""
    first = int(examination.hours.quiet[10])
    span = rows(past, first + 1, first + 3)
    refuted = a_past(past.values, is_refuted=span)
    hours = held_out_hours(refuted)
    assert first in hours.quiet
    assert first not in hours.hosts
    assert first not in hours.incidents
    assert refuted.is_judged[span].all()


@pytest.mark.parametrize("other", ["is_abnormal", "is_incident"])
def test_that_one_finding_was_false_says_nothing_of_another_on_the_same_rows(past, examination, other):
    """H42: a label about a burst of errors must not make the outage of another metric a quiet hour."""
    first = int(examination.hours.quiet[10])
    refuted, shorter = rows(past, first, first + 6), rows(past, first + 2, first + 4)
    both = a_past(past.values, is_refuted=refuted, **{other: shorter})
    hours = held_out_hours(both)
    assert first not in hours.quiet
    assert first not in hours.hosts
    assert not both.is_judged[shorter].any()


def test_probability_integral_values_are_those_of_the_judged_held_out_rows(past, examination):
    """What the loss is taken of (R27)."""
    model = a_model(past)
    examined = examine(examination, model.score, model.pit)
    np.testing.assert_array_equal(examined.pit, model.pit(past.values)[past.is_held_out])
    assert np.unique(examined.pit_days).size == 14
    assert examine(examination, model.score).pit.size == 0


@pytest.mark.parametrize("minutes", [1, 5, 15, 30, 60])
def test_an_examination_takes_any_step(minutes):
    """Teams scrape as they like; an hour is an hour."""
    values = np.repeat(of_one_load(6), 10, axis=0)[::minutes]
    values *= 1.0 + 0.03 * np.random.default_rng(1).normal(size=values.shape)
    examined = examine(set_examination(one := a_past(values, step=timedelta(minutes=minutes)), 3), a_model(one).score)
    assert 30 <= examined.quiet.size <= 36
    assert examined.faulty.size > 3 * examined.quiet.size
    assert np.isfinite(examined.faulty).all()


def test_gaps_are_neither_quiet_nor_faulty():
    """Where little was measured there is no window, and where nothing ever was there is no examination."""
    values = of_one_load()
    values[5 * DAY : 9 * DAY] = np.nan
    values[:, 1] = np.nan
    hours = held_out_hours(a_past(values))
    assert not ((hours.quiet >= 5 * DAY) & (hours.quiet + hours.rows <= 9 * DAY)).any()
    copies = set_examination(a_past(values), 1).copies
    assert (np.isnan(copies.values[:, :, 1])).all()
    silent = examine(set_examination(a_past(np.full((DAY, 3), np.nan)), 1), lambda rows: np.full(len(rows), np.nan))
    assert silent.quiet.size == silent.faulty.size == 0
    assert silent.recall is None


def test_metrics_that_never_move_and_lone_metrics_have_no_joint_faults():
    """No partner, no relation to break; and a flat metric takes no other time of day."""
    flat = a_past(np.full((4 * DAY, 2), 5.0), METRICS[:2])
    lone = a_past(100.0 + np.random.default_rng(1).normal(size=(4 * DAY, 1)), METRICS[:1])
    for past in (flat, lone):
        assert JointFault.AGAINST not in set_examination(past, 1).copies.kinds


def test_the_fleet_and_its_cost_never_go_wrong_themselves():
    """The autoscaler moves them on purpose."""
    past = a_past(of_one_load(4), ("cpu_percent", "instances", "cost_per_hour"))
    copies = set_examination(past, 1).copies
    hosts = np.stack([past.values[host - CONTEXT : host + 6] for host in copies.hosts])
    assert (copies.values[..., 1:] == hosts[..., 1:]).all()


def test_latency_only_ever_gets_worse(past, examination):
    """A fault in the direction that harms nobody is none; what goes up and down in turns harms in every second row."""
    changes = np.array(
        [
            (values - past.values[host - CONTEXT : host + 6])[:, METRICS.index("latency_p95_ms")].sum()
            for values, host, kind in zip(
                examination.copies.values, examination.copies.hosts, examination.copies.kinds, strict=True
            )
            if kind not in {Fault.VARIANCE, Fault.DROPOUT}
        ]
    )
    assert (changes >= 0.0).all()
    assert (changes > 0.0).sum() > 50


def test_an_hour_right_after_a_disturbance_is_not_quiet(past, examination):
    """Its first scores rest on the rows before it."""
    first = int(examination.hours.quiet[10])
    disturbed = a_past(past.values, is_abnormal=rows(past, first - 2, first))
    assert first not in held_out_hours(disturbed).quiet
    assert not disturbed.is_judged[first : first + 3].any()
    assert disturbed.is_judged[first + 4]


def test_rows_inside_spans_are_those_from_the_start_to_before_the_end():
    """Labels arrive as spans of time."""
    times = np.arange(10.0)
    assert np.flatnonzero(rows_inside(times, [(2.0, 4.0), (7.5, 9.0)])).tolist() == [2, 3, 8]


@pytest.mark.parametrize("change", [{"metrics": METRICS[:2]}, {"step": 2 * STEP}, {"is_incident": np.zeros(3, bool)}])
def test_a_past_that_does_not_fit_together_is_refused(past, change):
    """Better than an examination of the wrong rows."""
    with pytest.raises(ValueError, match=r"fit|apart"):
        replace(past, **change)
