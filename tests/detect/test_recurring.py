"""Recurring jobs are learned; what is more than usual of them is told."""

from __future__ import annotations

import numpy as np
import pytest
from examples import STEP
from rhythms import DAY, demand, many, paged_days, pages

from ai_ops.detect.recurring import HALF_AS_MUCH_AGAIN, habitual

SIX = 36
"""Six hours into the day."""


def with_a_job(seed, *, days=28, every=1, first=0, larger=None, height=40.0):
    """Demand with a job at six for half an hour, up to twenty minutes late; `larger` names a day and a factor."""
    rng, values = np.random.default_rng(seed + 100), demand(days, seed)
    for day in range(first, days, every):
        start = day * DAY + SIX + rng.integers(0, 3)
        factor = larger[1] if larger and day == larger[0] else 1.0
        values[start : start + 3] += factor * height * (1.0 + 0.05 * rng.normal())
    return values


def at_six(panel, first=0, last=99):
    """Of all rows, the days in this span on which the job was told."""
    told = np.concatenate(paged_days(panel))
    hour = told % 1.0 * 24.0
    return np.floor(told[(hour >= 5.5) & (hour < 7.5) & (told >= first) & (told < last)]).astype(int)


def test_a_daily_job_is_learned_within_a_week_and_not_paged():
    """The daily cron job that pages every morning is the best known complaint about anomaly detection (S002-12)."""
    told = at_six(many(with_a_job), first=14)
    assert told.size <= 3, "of 12 services in 14 days"


def test_a_job_twice_as_large_is_paged():
    """A backup that takes twice as long is what somebody wants to know."""
    panel = many(lambda seed: with_a_job(seed, larger=(25, 2.0)))
    assert sum(count > 0 for count in pages(panel, since=25.2, until=25.4)) >= 10


def test_a_job_that_does_not_come_is_not_taken_for_an_alarm_of_its_own():
    """That nothing happened is told by a static rule; here it must not page as if something had."""

    def skipped(seed):
        return with_a_job(seed, larger=(25, 0.0))

    assert sum(pages(many(skipped), since=25.2, until=25.4)) <= 3


def test_a_weekly_job_is_learned_within_two_weeks():
    """Seen twice, it is expected: from then on it is told less often than every third time (R3)."""
    panel = many(lambda seed: with_a_job(seed, days=42, every=7, first=1))
    told = [int((at_six(panel) == day).sum()) for day in (8, 15, 22, 29, 36)]
    assert told[0] >= 3
    assert sum(told[2:]) <= 12, "of 36"


def test_a_weekly_job_twice_as_large_is_paged():
    """Learned is its size, not its name."""
    panel = many(lambda seed: with_a_job(seed, days=42, every=7, first=1, larger=(36, 2.0)))
    assert (at_six(panel) == 36).sum() >= 10


def scores(days=20, every=1, size=10.0):
    """A score that is high at one time of some days, else zero."""
    row = np.zeros(days * DAY)
    row[SIX : (days - 1) * DAY : every * DAY] = size
    return row


def test_what_most_days_bring_is_a_habit_and_half_as_much_again():
    """No job is the same size every day."""
    assert habitual(scores(), STEP)[-DAY + SIX] == 10.0 * HALF_AS_MUCH_AGAIN


@pytest.mark.parametrize(("every", "is_habit"), [(3, False), (7, True)])
def test_a_habit_needs_most_days_or_two_weeks(every, is_habit):
    """What came every third day may come today, or not; the same weekday twice is a habit (S002-12)."""
    row = np.zeros(22 * DAY)
    row[SIX : 21 * DAY : every * DAY] = 10.0
    assert bool(habitual(row, STEP)[21 * DAY + SIX] > 0.0) is is_habit


@pytest.mark.parametrize(("columns", "is_habit"), [(-2, True), (2, True), (18, False), (-18, False)])
def test_a_habit_has_half_an_hour_to_either_side(columns, is_habit):
    """A job waits for another, and is not excused three hours later."""
    assert bool(habitual(scores(), STEP)[-DAY + SIX + columns] > 0.0) is is_habit


def test_one_loud_day_is_no_habit():
    """The incident of yesterday must be told again when it comes back today."""
    row = np.zeros(10 * DAY)
    row[8 * DAY + SIX] = 50.0
    assert habitual(row, STEP).max() == 0.0


@pytest.mark.parametrize("row", [np.full(300, np.nan), np.zeros(20), np.full((2, 300), np.nan)])
def test_without_a_past_there_is_no_habit(row):
    """Zero, so that nothing is excused."""
    assert (habitual(row, STEP) == 0.0).all()
