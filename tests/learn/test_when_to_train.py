"""Trained every day, evaluated every week, built anew at most every four weeks and only for a reason."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime, timedelta

import pytest

from ai_ops.domain.errors import TooFewSamples
from ai_ops.domain.model_version import TrainingKind, TrainingRecord, Verdict
from ai_ops.learn import schedule as module
from ai_ops.learn.schedule import due, enough_at, too_few

NOW = datetime(2026, 11, 20, 3, 17, tzinfo=UTC)
DAY = timedelta(days=1)
TEN_MINUTES = timedelta(minutes=10)


def a_record(age, kind=TrainingKind.WARM, verdict=Verdict.PROMOTED, event="training"):
    """What was done so long ago."""
    return TrainingRecord(NOW - age, "web", "v", event, kind, verdict, None, None, None, None, 0, 0, 1)


def an_evaluation(age):
    """The model in use was measured so long ago."""
    return a_record(age, None, None, "evaluation")


def what(*records, now=NOW, retrain="nightly", has_champion=True, drifted=()):
    """What is due."""
    return due(records, now, retrain=retrain, has_champion=has_champion, drifted=drifted)


def test_the_examples_in_the_docstrings_hold():
    """Whoever reads them believes them."""
    assert doctest.testmod(module).failed == 0


def test_the_first_training_is_cold():
    """There is nothing to go on from, and nothing to evaluate."""
    first = what(has_champion=False)
    assert (first.training, first.is_evaluation_due) == (TrainingKind.COLD, False)


def test_without_a_champion_every_training_is_cold():
    """The first was refused; the next day has more to show."""
    assert what(a_record(DAY, TrainingKind.COLD, Verdict.REFUSED), has_champion=False).training is TrainingKind.COLD


@pytest.mark.parametrize(
    ("age", "training"),
    [
        (DAY, TrainingKind.WARM),
        (timedelta(hours=3), None),
        (timedelta(hours=4), TrainingKind.WARM),
        (6 * DAY, TrainingKind.WARM),
    ],
)
def test_a_training_is_due_once_a_day(age, training):
    """A job that came four hours late yesterday evening does not cost today's training (S001-140, R29)."""
    assert what(a_record(age)).training is training


def test_a_year_of_jobs_trains_on_every_day_although_each_comes_at_another_minute():
    """Odd minutes, late and early: 365 days, 365 trainings, 52 evaluations (S001-140)."""
    records: list[TrainingRecord] = []
    for day in range(365):
        now = NOW + day * DAY + timedelta(minutes=(day * 97) % 240)
        is_due = due(records, now, retrain="nightly", has_champion=day > 0)
        ages = [("training", is_due.training is not None), ("evaluation", is_due.is_evaluation_due)]
        records += [a_record(NOW - now, event=event) for event, wanted in ages if wanted]
    events = [one.event for one in records]
    assert (events.count("training"), events.count("evaluation")) == (365, 52)


def test_a_second_job_on_the_same_day_does_nothing():
    """Somebody pressed the button twice; what was refused is not tried again until it passes by luck."""
    again = what(a_record(timedelta(minutes=10), verdict=Verdict.REFUSED))
    assert again.training is None
    assert again.reason == "trained today already, at 03:07 UTC"


@pytest.mark.parametrize(("age", "is_due"), [(6 * DAY, False), (7 * DAY, True), (9 * DAY, True)])
def test_the_model_in_use_is_evaluated_every_week(age, is_due):
    """S001-140."""
    assert what(an_evaluation(age), a_record(DAY)).is_evaluation_due is is_due


def test_a_training_is_no_evaluation():
    """They are counted apart."""
    assert what(a_record(timedelta(hours=1))).is_evaluation_due


@pytest.mark.parametrize(
    ("built", "drifted", "training"),
    [
        (28 * DAY, ("latency_p95_ms",), TrainingKind.REBUILD),
        (28 * DAY, (), TrainingKind.WARM),
        (27 * DAY, ("latency_p95_ms",), TrainingKind.WARM),
        (90 * DAY, (), TrainingKind.WARM),
    ],
)
def test_a_model_is_built_anew_on_drift_and_at_most_every_four_weeks(built, drifted, training):
    """S001-140."""
    assert what(a_record(built, TrainingKind.COLD), a_record(DAY), drifted=drifted).training is training


@pytest.mark.parametrize("verdict", [Verdict.REFUSED, Verdict.WAITING])
def test_a_rebuild_that_did_not_pass_is_not_tried_again_every_night(verdict):
    """Each attempt would be another throw of the dice, or another question to the same person."""
    rebuilt = a_record(DAY, TrainingKind.REBUILD, verdict)
    due_now = what(rebuilt, a_record(60 * DAY, TrainingKind.COLD), drifted=("cpu_percent",))
    assert due_now.training is TrainingKind.WARM
    assert "cpu_percent" in due_now.reason
    assert "2026-11-19" in due_now.reason


def test_switched_off_trains_nothing_and_still_evaluates():
    """Whoever trains by hand wants to know how the model does."""
    off = what(a_record(30 * DAY), retrain="off")
    assert (off.training, off.is_evaluation_due) == (None, True)


def test_a_wrong_clock_does_not_stop_the_training():
    """A record of next year is not of today."""
    assert what(a_record(-300 * DAY), a_record(DAY)).training is TrainingKind.WARM


def test_the_order_of_the_records_does_not_matter():
    """Two jobs may have written at once."""
    records = [a_record(age * DAY, TrainingKind.COLD if age == 30 else TrainingKind.WARM) for age in (1, 30, 2, 9)]
    assert what(*records, drifted=("cpu_percent",)) == what(*records[::-1], drifted=("cpu_percent",))


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
