"""A prediction is held against what really happened."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from examples import NOON
from hypothesis import given
from hypothesis import strategies as st
from predictions import a_prediction, seen

from ai_ops.domain.prediction import Interval, Verdict
from ai_ops.tune.learning.outcome import Seen, judge, needs_way_back


def judged(what: Seen, *, is_live_change: bool = False):
    """The outcome of the usual prediction, a day later."""
    return judge(a_prediction(), what, is_live_change=is_live_change, judged_at=NOON)


@pytest.mark.parametrize(
    ("what", "verdict", "words"),
    [
        (seen(), Verdict.HIT, "burn 0.30 of at most 0.60"),
        (seen(burn=0.6, cost_per_hour=2.4), Verdict.HIT, "cost per hour 2.4 of at most 2.4"),
        (seen(burn=0.0, cost_per_hour=0.5), Verdict.HIT, "burn 0.00"),
        (seen(burn=0.61), Verdict.MISS, "burn 0.61, where at most 0.60 was predicted"),
        (seen(cost_per_hour=3.1), Verdict.MISS, "cost per hour 3.1, where at most 2.4"),
        (seen(burn=2.0, cost_per_hour=3.1), Verdict.MISS, "burn 2.00, where at most 0.60 was predicted; cost"),
        (seen(burn=math.inf), Verdict.MISS, "burn inf"),
        (seen(burn=2.0, cost_per_hour=None), Verdict.MISS, "burn 2.00"),
        (seen(burn=2.0, burn_elsewhere=1.5), Verdict.NOT_JUDGEABLE, "burn 2.00, of which 1.50 in deploys or incidents"),
        (seen(burn=2.0, burn_elsewhere=1.3), Verdict.MISS, "burn 2.00, where at most 0.60 was predicted"),
        (seen(burn=0.5, burn_elsewhere=0.4), Verdict.HIT, "burn 0.50 of at most 0.60"),
        (seen(cost_per_hour=None), Verdict.NOT_JUDGEABLE, "the cost was not measured"),
        (seen(burn=math.nan), Verdict.NOT_JUDGEABLE, "the burn was not measured"),
        (seen(requests_per_second=None), Verdict.NOT_JUDGEABLE, "the demand was not measured"),
        (seen(measured_ratio=0.89), Verdict.NOT_JUDGEABLE, "only 89% of the time was measured"),
        (seen(measured_ratio=math.nan), Verdict.NOT_JUDGEABLE, "of the time was measured"),
        (seen(overridden=("min_instances",)), Verdict.NOT_JUDGEABLE, "min_instances did not stay as predicted"),
        (seen(burn=9.0, requests_per_second=400.0), Verdict.NOT_JUDGEABLE, "demand shifted: 400 requests/s"),
    ],
)
def test_every_case_has_its_verdict_and_its_figure(what, verdict, words):
    """Hit, miss and not judgeable, each with the number that decided it."""
    outcome = judged(what)
    assert outcome.verdict is verdict
    assert words in outcome.reason


@pytest.mark.parametrize(("demand", "is_judged"), [(64.0, True), (63.9, False), (150.0, True), (150.1, False)])
def test_demand_may_leave_its_interval_by_a_quarter(demand, is_judged):
    """80 to 120 requests/s were predicted; 64 to 150 is still the same service."""
    assert (judged(seen(requests_per_second=demand)).verdict is not Verdict.NOT_JUDGEABLE) is is_judged


def test_an_outcome_is_named_after_its_prediction_and_keeps_what_was_seen():
    """The past is folded by that name, and the next intervals by those figures."""
    outcome = judged(seen(), is_live_change=True)
    assert outcome.made_at == a_prediction().made_at
    assert (outcome.judged_at, outcome.is_live_change) == (NOON, True)
    assert (outcome.burn, outcome.cost_per_hour, outcome.burn_high) == (0.3, 2.0, 0.6)


def test_a_change_that_somebody_overrode_was_not_live():
    """What a person has set is neither our merit nor our fault."""
    assert not judged(seen(overridden=("min_instances",), burn=5.0), is_live_change=True).is_live_change


@pytest.mark.parametrize(
    ("burn", "high", "is_needed"),
    [(0.95, 0.2, False), (1.01, 0.2, True), (1.2, 0.8, False), (1.21, 0.8, True), (3.0, 3.1, False)],
)
def test_a_miss_beyond_tolerance_needs_the_way_back(burn, high, is_needed):
    """Above 1 and above 1.5 times what was expected at most."""
    prediction = replace(a_prediction(), burn=Interval(high / 2, 0.0, high))
    assert needs_way_back(judge(prediction, seen(burn=burn), is_live_change=True, judged_at=NOON)) is is_needed


def test_an_outcome_whose_bound_nobody_wrote_down_is_held_to_the_promise():
    """What is missing must not excuse a broken promise (H42)."""
    broken = replace(judged(seen(burn=1.1)), burn_high=None)
    assert needs_way_back(broken)


AMOUNTS = st.none() | st.floats(min_value=0, max_value=10) | st.sampled_from([math.nan, math.inf])


@given(burn=AMOUNTS, cost=AMOUNTS, demand=AMOUNTS, ratio=st.floats(min_value=0, max_value=1))
def test_no_hit_without_everything_measured(burn, cost, demand, ratio):
    """Whatever is missing, a hit rests on all of its figures (H42)."""
    what = Seen(burn=burn, cost_per_hour=cost, requests_per_second=demand, measured_ratio=ratio)
    if judged(what).verdict is Verdict.HIT:
        assert all(value is not None and math.isfinite(value) for value in (burn, cost, demand))
        assert ratio >= 0.9
