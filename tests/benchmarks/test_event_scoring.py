"""The event scorer, on examples worked out by hand, and on detectors that must not win."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from event_scoring import Case, EventSweep, judge_pages, pages

STEP = 300.0
DAY = 288
ALL = np.ones(1, dtype=bool)


def case_with(*events, days=14, warm_up=DAY, name="one"):
    """A series of five-minute rows of which only the events matter."""
    times = np.datetime64("2026-01-01") + np.arange(days * DAY) * np.timedelta64(5, "m")
    return Case(name, "flat", times, np.zeros(times.size), tuple(events), warm_up)


def tally_of(case, rows):
    """What comes of alarms in just these rows."""
    scores = np.zeros(case.values.size)
    scores[list(rows)] = 1.0
    return EventSweep([case], [scores], np.array([1.0])).tally(0, ALL)


def test_near_alarm_rows_are_one_page_and_far_ones_two():
    """Nobody is paged twice for a line that crosses its threshold back and forth."""
    case = case_with((1000, 1010))
    assert tally_of(case, [500, 502, 506]).false_pages == 1
    assert tally_of(case, [500, 508]).false_pages == 2


def test_a_standing_alarm_pages_again_every_four_hours():
    """An alarm that nobody can switch off costs more the longer it stands."""
    rows = np.arange(1000)
    paged = pages(STEP * rows, (rows >= 100) & (rows < 200))
    assert paged.tolist() == [STEP * 100, STEP * 148, STEP * 196]


def test_an_event_is_found_once_and_its_delay_is_that_of_the_first_page():
    """Further pages within an event are neither good nor bad."""
    case = case_with((1000, 1100), (2000, 2010))
    found = tally_of(case, [1003, 1030, 1060])
    assert (found.found, found.events, found.false_pages, found.median_delay) == (1, 2, 0, 3 * STEP)
    assert (found.precision, found.recall, found.f1) == (1.0, 0.5, pytest.approx(2 / 3))


def test_a_page_just_after_an_event_belongs_to_it_and_one_just_before_does_not():
    """Recovery overshoots; but nobody can foresee an event."""
    case = case_with((1000, 1010))
    assert tally_of(case, [1016]).found == 1
    assert tally_of(case, [1017]).false_pages == 1
    assert tally_of(case, [999]).false_pages == 1


def test_an_alarm_that_stood_before_the_event_finds_it_only_by_a_new_page():
    """Whoever was paged for nothing an hour ago learns nothing from the same alarm still standing."""
    case = case_with((1000, 1010))
    standing = tally_of(case, range(980, 1011))
    assert (standing.found, standing.false_pages) == (0, 1)
    assert tally_of(case, range(1000 - 48, 1011)).found == 1


def test_warm_up_is_not_scored():
    """Nobody is charged for what they said while learning."""
    assert tally_of(case_with((1000, 1010)), [10, DAY - 1]).false_pages == 0


def test_a_series_without_events_has_only_false_pages():
    """Clean series measure false alarms; precision and recall mean nothing there."""
    tally = tally_of(case_with(), [500, 1500])
    assert (tally.false_pages, tally.false_per_week) == (2, pytest.approx(2 / (13 / 7), rel=1e-3))
    assert math.isnan(tally.recall)
    assert judge_pages(case_with(), np.array([1.0, 2.0]))[1] == 2


def many_cases():
    """Twelve series of two weeks, with an hour of trouble every third day."""
    return [case_with(*((first, first + 11) for first in range(600 + 13 * i, 4000, 3 * DAY))) for i in range(12)]


def best_f1(cases, scores):
    """F1 at the threshold that suits these very series best: no detector can hope for more."""
    sweep = EventSweep(cases, scores)
    everything = np.ones(len(cases), dtype=bool)
    return sweep.tally(sweep.best_place(everything), everything).f1, sweep.average_precision(everything)


@pytest.mark.parametrize("kind", ["always on", "blinking", "blinking slowly", "random"])
def test_a_detector_that_looks_at_nothing_scores_badly(kind):
    """An endless alarm once had an F1 of .95 with a scorer that charged it once; with its best threshold, even."""
    cases = many_cases()
    rows = np.arange(cases[0].values.size)
    rng = np.random.default_rng(8)
    score = {
        "always on": lambda: np.ones(rows.size),
        "blinking": lambda: (rows % 8 == 0).astype(float),
        "blinking slowly": lambda: (rows % DAY < 6).astype(float),
        "random": lambda: rng.random(rows.size),
    }[kind]
    f1, area = best_f1(cases, [score() for _ in cases])
    assert f1 < 0.2
    assert area < 0.15


def test_a_perfect_detector_scores_one():
    """The upper end of the scale."""
    cases = many_cases()
    scores = [np.zeros(case.values.size) for case in cases]
    for case, score in zip(cases, scores, strict=True):
        for first, last in case.events:
            score[first : last + 1] = 1.0 + score[first : last + 1]
    f1, area = best_f1(cases, scores)
    assert (f1, area) == (1.0, pytest.approx(1.0))


def test_the_threshold_within_a_budget_is_the_lowest_that_keeps_to_it():
    """At an equal budget of false pages, whoever finds more is better."""
    case = case_with((1000, 1010), (3000, 3010))
    scores = np.zeros(case.values.size)
    scores[[1000, 2000, 3000, 3500]] = [4.0, 3.0, 2.0, 1.0]
    sweep = EventSweep([case], [scores], np.array([4.0, 3.0, 2.0, 1.0]))
    assert sweep.thresholds[sweep.place_within(0.6, ALL)] == 2.0
    assert sweep.thresholds[sweep.place_within(2.0, ALL)] == 1.0
    assert sweep.thresholds[sweep.place_within(0.0, ALL)] == 4.0
    assert sweep.place_within(-1.0, ALL) is None


def test_what_was_found_is_told_by_what_it_was():
    """Where a detector is blind shows only when its finds are sorted by what happened."""
    case = replace(case_with((1000, 1010), (2000, 2010)), labels=("spike", "stuck"))
    scores = np.zeros(case.values.size)
    scores[1002] = 1.0
    sweep = EventSweep([case], [scores], np.array([1.0]))
    assert sweep.is_found(0, ALL) == [("spike", True), ("stuck", False)]
    assert sweep.is_found(None, ALL) == [("spike", False), ("stuck", False)]
