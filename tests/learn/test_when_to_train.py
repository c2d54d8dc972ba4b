"""Evaluated every week; built anew for a change that lasts, at most every four weeks, and not again and again."""

from __future__ import annotations

import doctest
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ai_ops.domain.errors import TooFewSamples
from ai_ops.domain.model_drift import DriftReport, FeatureDrift
from ai_ops.domain.model_version import TrainingKind, Verdict
from ai_ops.domain.training_record import TrainingRecord
from ai_ops.learn import schedule as module
from ai_ops.learn.drift.drift import drift_of
from ai_ops.learn.drift.features import features_of
from ai_ops.learn.drift.reference import reference_of
from ai_ops.learn.schedule import SETTLED_DAYS, enough_at, evaluation_is_due, rebuild_is_due, too_few

NOW = datetime(2026, 11, 20, 3, 17, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TEN_MINUTES = timedelta(minutes=10)
CPU = "cpu_percent"


def a_record(age, kind=TrainingKind.WARM, verdict=Verdict.PROMOTED, event="training", drifted=()):
    """What was done so long ago."""
    return TrainingRecord(NOW - age, "web", "v", event, kind, verdict, None, None, None, None, 0, 0, 1, drifted)


def an_evaluation(age):
    """The model in use was measured so long ago."""
    return a_record(age, None, None, "evaluation")


BUILT_LONG_AGO = a_record(60 * DAY, TrainingKind.COLD)


def a_drift(age=(SETTLED_DAYS + 1) * DAY, feature=CPU, at=NOW):
    """A feature that has drifted for so long; None of which nobody knows for how long."""
    since = None if age is None else at - age
    one = FeatureDrift(feature, 1000, 300.0, 2.0, 0.6, 0.5, 1e-9, 2.0, has_drifted=True, since=since)
    return DriftReport(at, 1000, 2.0, (one,))


def nights_with(feature, count):
    """Every night's training found it drifted."""
    return [a_record(age * DAY, drifted=(feature,)) for age in range(1, count + 1)]


def is_rebuilt(*records, drift=None, **more):
    """Whether a rebuild is due for a model of two metrics."""
    return rebuild_is_due(records, NOW, drift or a_drift(), (CPU, "latency_p95_ms"), **more)


def test_the_examples_in_the_docstrings_hold():
    """Whoever reads them believes them."""
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(("age", "is_due"), [(6 * DAY, False), (7 * DAY, True), (9 * DAY, True), (6.9 * DAY, True)])
def test_the_model_in_use_is_evaluated_every_week(age, is_due):
    """S001-140: the day counts, so that a job that came late last week does not cost this week's."""
    assert evaluation_is_due([an_evaluation(age), a_record(DAY)], NOW) is is_due


def test_a_training_is_no_evaluation():
    """They are counted apart."""
    assert evaluation_is_due([a_record(HOUR)], NOW)
    assert evaluation_is_due([], NOW)


@pytest.mark.parametrize("jobs_a_day", [1, 2])
def test_a_year_has_52_evaluations_however_often_and_late_it_is_trained(jobs_a_day):
    """S001-140, S001-125: odd minutes, late and early, once a day or twice."""
    records: list[TrainingRecord] = []
    for job in range(364 * jobs_a_day):
        now = NOW + job * DAY / jobs_a_day + timedelta(minutes=(job * 97) % 240)
        if evaluation_is_due(records, now):
            records.append(an_evaluation(NOW - now))
        records.append(a_record(NOW - now))
    assert sum(one.event == "evaluation" for one in records) == 52


def test_without_drift_nothing_is_built_anew():
    """However old the model is; nor where there is no model to drift from."""
    assert not is_rebuilt(BUILT_LONG_AGO, drift=DriftReport(NOW, 1000, 0.0, ()))
    assert not rebuild_is_due([BUILT_LONG_AGO], NOW, None, (CPU,))


@pytest.mark.parametrize("feature", ["score", "hour_of_day", "known_columns", "memory_percent"])
def test_what_the_model_does_not_learn_is_no_reason_to_build_it_anew(feature):
    """Its score, the hours at which rows come, and a metric of another model."""
    assert not is_rebuilt(BUILT_LONG_AGO, drift=a_drift(feature=feature))


@pytest.mark.parametrize(
    ("built", "is_due"),
    [(27 * DAY, False), (28 * DAY, True), (90 * DAY, True)],
)
def test_a_model_is_built_anew_on_drift_and_at_most_every_four_weeks(built, is_due):
    """S001-140: counted from the last one that was put in use, cold fit or rebuild."""
    for kind in (TrainingKind.COLD, TrainingKind.REBUILD):
        assert is_rebuilt(a_record(built, kind), a_record(DAY)) is is_due


@pytest.mark.parametrize("verdict", [Verdict.REFUSED, Verdict.WAITING])
@pytest.mark.parametrize(("age", "is_due"), [(DAY, False), (6 * DAY, False), (7 * DAY, True)])
def test_a_rebuild_that_did_not_pass_is_tried_again_after_a_week(verdict, age, is_due):
    """Each night would be another throw of the dice, or the same question; four weeks would be four weeks of alarms."""
    assert is_rebuilt(BUILT_LONG_AGO, a_record(age, TrainingKind.REBUILD, verdict)) is is_due


def test_one_that_a_person_promoted_counts_as_built():
    """S001-140: when it was tried it waited, and that is all the training log says."""
    waited = replace(a_record(10 * DAY, TrainingKind.REBUILD, Verdict.WAITING), version="waited")
    assert is_rebuilt(BUILT_LONG_AGO, waited)
    assert not is_rebuilt(BUILT_LONG_AGO, waited, promoted={"waited"})


@pytest.mark.parametrize(("days", "is_due"), [(1, False), (SETTLED_DAYS - 1, False), (SETTLED_DAYS, True)])
def test_a_drift_has_to_last(days, is_due):
    """H04: on the first night what is held out is still the old world, and a bad night is no new world."""
    assert is_rebuilt(BUILT_LONG_AGO, drift=a_drift(days * DAY)) is is_due


def test_a_drift_that_nobody_can_date_has_lasted():
    """Else it could go on for ever."""
    assert is_rebuilt(BUILT_LONG_AGO, drift=a_drift(None))


@pytest.mark.parametrize(("nights", "is_due"), [(SETTLED_DAYS - 1, False), (SETTLED_DAYS, True)])
def test_the_trainings_before_remember_what_the_window_has_forgotten(nights, is_due):
    """At a row a minute, 1,000 rows are 17 hours."""
    drift = a_drift(16 * HOUR)
    assert is_rebuilt(BUILT_LONG_AGO, *nights_with(CPU, nights), drift=drift) is is_due
    assert not is_rebuilt(BUILT_LONG_AGO, *nights_with("latency_p95_ms", nights), drift=drift)


def test_a_drift_that_came_back_begins_anew():
    """A fortnight ago is another story."""
    nights = [one for one in nights_with(CPU, 2 * SETTLED_DAYS) if one.at != NOW - 3 * DAY]
    assert not is_rebuilt(BUILT_LONG_AGO, *nights, a_record(3 * DAY), drift=a_drift(16 * HOUR))


def test_silence_does_not_make_a_drift_older():
    """It is counted up to the newest row, not to the night in which somebody looks at it."""
    assert not is_rebuilt(BUILT_LONG_AGO, drift=a_drift(2 * DAY, at=NOW - SETTLED_DAYS * DAY))


@pytest.mark.parametrize("hour", [0, 3, 12, 23])
@pytest.mark.parametrize("minutes", [1, 10, 60])
def test_a_lasting_change_is_heeded_in_time_at_any_step_and_hour(minutes, hour):
    """The rule can fire: real reports of a metric that rises by two sigma, night after night, as they are logged."""
    step, start = timedelta(minutes=minutes), datetime(2026, 11, 1, hour, 17, tzinfo=UTC)
    rng, until = np.random.default_rng(1), int((14 + SETTLED_DAYS + 5) * DAY / step)
    times = start.timestamp() + step.total_seconds() * np.arange(until)
    values = 50.0 + 5.0 * rng.normal(size=(until, 1))
    changed = int(14 * DAY / step)
    values[changed:] += 10.0
    rows = features_of(times, (CPU,), values, np.zeros(until))
    usual = reference_of(replace(rows, times=times[:changed], values=rows.values[:changed]))
    records, due_on = [a_record(60 * DAY, TrainingKind.COLD)], 0
    for night in range(1, SETTLED_DAYS + 5):
        known, now = int((14 + night) * DAY / step), start + (14 + night) * DAY
        seen = replace(rows, times=times[:known], values=rows.values[:known])
        drift = drift_of(usual, seen.newest(int(14 * DAY / step)))
        if rebuild_is_due(records, now, drift, (CPU,)):
            due_on = night
            break
        records.append(a_record(NOW - now, drifted=tuple(one.feature for one in drift.drifted)))
    assert SETTLED_DAYS - 1 <= due_on <= SETTLED_DAYS + 4


def test_a_wrong_clock_stops_nothing():
    """A record of next year is not of today."""
    assert is_rebuilt(a_record(-300 * DAY, TrainingKind.REBUILD), BUILT_LONG_AGO)
    assert evaluation_is_due([an_evaluation(-300 * DAY)], NOW)


def test_the_order_of_the_records_does_not_matter():
    """Two jobs may have written at once."""
    records = [*nights_with(CPU, SETTLED_DAYS), BUILT_LONG_AGO]
    assert is_rebuilt(*records, drift=a_drift(HOUR))
    assert is_rebuilt(*records[::-1], drift=a_drift(HOUR))


@pytest.mark.parametrize(("have", "minutes"), [(47, 10), (24, 240), (0, 480)])
def test_it_is_known_when_there_will_be_enough(have, minutes):
    """48 samples at ten minutes are eight hours (S001-122)."""
    assert enough_at(have, NOW, TEN_MINUTES) == NOW + timedelta(minutes=minutes)
    error = too_few(have, NOW, TEN_MINUTES)
    assert isinstance(error, TooFewSamples)
    assert f"{have} of 48 are there" in str(error)
    assert f"{NOW + timedelta(minutes=minutes):%H:%M} UTC" in str(error)


def test_48_samples_are_enough():
    """And then there is nothing to wait for."""
    assert enough_at(48, NOW, TEN_MINUTES) is None
    assert too_few(48, NOW, TEN_MINUTES) is None
