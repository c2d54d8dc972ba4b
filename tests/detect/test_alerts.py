"""The alert layer: one incident is one alarm."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from examples import STEP
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ai_ops.detect.alerts import LOUDER, REFRACTORY, REFRACTORY_VALUES, Span, alarms, leading_edge

SCORES = arrays.arrays(np.float64, 200, elements=st.floats(0.0, 4.0) | st.just(np.nan))
QUIET_FOR = 48
"""Eight hours of values."""


def scores(size=300, **at):
    """Quiet, except for the values named like `at_10=2.0`."""
    row = np.full(size, 0.5)
    for name, score in at.items():
        row[int(name.removeprefix("at_"))] = score
    return row


def test_an_alarm_has_a_beginning_a_worst_moment_and_an_end():
    """A message names all three."""
    assert alarms(scores(at_10=1.2, at_11=3.0, at_12=1.1), STEP) == (Span(10, 11, 12),)


@pytest.mark.parametrize(("second", "is_one"), [(12, True), (13, True), (14, False)])
def test_a_dip_of_up_to_half_an_hour_ends_nothing(second, is_one):
    """Most incidents look better for a moment in their midst."""
    first, *_ = alarms(scores(at_10=2.0, **{f"at_{second}": 2.0}), STEP)
    assert first == Span(10, 10, second if is_one else 10)


@pytest.mark.parametrize(("second", "told"), [(10 + QUIET_FOR, 1), (11 + QUIET_FOR, 2)])
def test_an_echo_within_eight_hours_is_the_same_alarm(second, told):
    """One shift hears of an incident once."""
    assert len(alarms(scores(at_10=2.0, **{f"at_{second}": 2.0}), STEP)) == told


@pytest.mark.parametrize(("later", "told"), [(2.0 * LOUDER, 1), (2.0 * LOUDER + 0.01, 2), (1.0, 1)])
def test_what_is_louder_by_a_band_of_severity_is_told_again(later, told):
    """From medium to high is news; a little worse is not (S001-90)."""
    assert len(alarms(scores(at_10=2.0, at_30=later), STEP)) == told


def test_a_single_incident_of_many_hours_is_one_alarm():
    """However long it lasts and however it trembles."""
    row = scores()
    row[20:220] = 2.0 + 0.3 * np.sin(np.arange(200.0))
    row[100:102] = 0.2
    assert len(alarms(row, STEP)) == 1


@pytest.mark.parametrize("row", [np.empty(0), np.full(9, np.nan), np.full(9, 1.0), np.zeros(9)])
def test_up_to_one_is_no_alarm(row):
    """A score is in units of its threshold, and the threshold itself is allowed."""
    assert alarms(row, STEP) == ()
    assert (leading_edge(row, STEP) <= 1.0).all()


def test_the_refractory_time_is_eight_hours_or_ninety_six_values():
    """At a value a minute eight hours would be many incidents."""
    assert timedelta(minutes=5) * REFRACTORY_VALUES == REFRACTORY
    minutes = scores(at_10=2.0, at_106=2.0, at_203=2.0)
    assert np.flatnonzero(leading_edge(minutes, timedelta(minutes=1)) > 1.0).tolist() == [10, 203]


def test_a_step_longer_than_the_refractory_time_forgets_nothing():
    """Daily values: the day before is still looked at, or every day of an incident would page."""
    days = np.array([0.0, 2.0, 2.0, 2.0])
    assert (leading_edge(days, timedelta(days=1)) > 1.0).tolist() == [False, True, False, False]


@settings(max_examples=50)
@given(SCORES)
def test_after_an_alarm_only_what_is_louder_by_a_band_is_reported(row):
    """Whoever reads scores at a threshold of one sees every onset, and beside it only what grew louder."""
    edge = leading_edge(row, STEP)
    for at in np.flatnonzero(edge > 1.0):
        before = np.nan_to_num(row[max(0, at - QUIET_FOR) : at])
        assert edge[at] == row[at]
        assert not (before > 1.0).any() or row[at] > LOUDER * before.max()


@settings(max_examples=50)
@given(SCORES)
def test_every_alarm_is_told_and_every_onset_belongs_to_one(row):
    """What is reported as a score and what becomes a finding never disagree."""
    spans = alarms(row, STEP)
    told = np.flatnonzero(leading_edge(row, STEP) > 1.0)
    assert all(any(span.since <= at <= span.until for span in spans) for at in told)
    assert all(any(span.since <= at <= span.until for at in told) for span in spans)
    assert all(before.until < after.since for before, after in pairwise(spans))
    assert all(row[span.loudest] == np.nanmax(row[span.since : span.until + 1]) for span in spans)


@settings(max_examples=30)
@given(SCORES, st.integers(0, 200))
def test_the_leading_edge_is_causal_and_only_silences(row, cut):
    """Later scores change nothing, and no score is made louder."""
    edge = leading_edge(row, STEP)
    np.testing.assert_array_equal(leading_edge(row[:cut], STEP), edge[:cut])
    assert ((edge == 0.0) | (edge == row)).all()


def test_the_rows_of_a_panel_do_not_silence_each_other():
    """The incident of one service is not that of another."""
    block = np.stack([scores(at_10=2.0), scores(at_20=2.0), np.full(300, np.nan)])
    whole = leading_edge(block, STEP)
    for number, row in enumerate(block):
        np.testing.assert_array_equal(whole[number], leading_edge(row, STEP))
