"""What is left of the error budget, how long it lasts, and how that is said."""

from __future__ import annotations

import numpy as np
import pytest
from examples import an_observation
from gathered import END, PER_DAY, bad_day, episodes, first_day, gathered, levels, nothing_gathered, span, with_gap
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.metrics import Window
from ai_ops.domain.slo import Attainment, Slo, attainment
from ai_ops.report.service.hours import Known
from ai_ops.report.service.slo_standing import budget_hours_left, slo_standing
from ai_ops.report.service.slo_words import slo_in_words

PROMISE = Slo(target_percent=99.95, latency_ms=400, minimum_requests=1000)
WHOLE = Known(5e8, 720.0)


def a_month(**other):
    """Thirty days of metrics: 99.99 % good, or as you say."""
    return gathered(series=levels(days=30, **other))


def test_a_steady_month_spends_what_it_spends():
    """One in 10,000 is bad where five are allowed: a burn of 0.2, and 80 % are left."""
    standing = slo_standing(a_month(), span())
    assert standing.good_percent == pytest.approx(99.99)
    assert standing.burn == pytest.approx(0.2)
    assert standing.good_percent_30d == pytest.approx(99.99)
    assert standing.budget_left_ratio == pytest.approx(0.8)
    assert standing.hours_known == pytest.approx(720.0)
    assert standing.budget_hours_left is None


def test_a_bad_day_is_told_with_how_long_the_rest_lasts():
    """29 days at 0.2 and one at 4: (5.8 + 4) / 30 is spent, and at 4 the rest lasts 720 x 0.6733 / 4 = 121.2 hours."""
    standing = slo_standing(a_month(slo_good_ratio=np.full(PER_DAY, 0.998)), span())
    assert standing.burn == pytest.approx(4.0)
    assert standing.budget_left_ratio == pytest.approx(1 - 9.8 / 30)
    assert standing.budget_hours_left == pytest.approx(121.2)
    assert standing.words == "67 % of the 30-day error budget is left; at the rate of the last day it lasts 5 days."


def test_busy_hours_count_for_more():
    """A request is a request: the same share of bad ones at ten times the load spends ten times as much."""
    quiet = slo_standing(a_month(slo_good_ratio=np.full(6, 0.9)), span())
    busy = slo_standing(
        a_month(slo_good_ratio=np.full(6, 0.9), requests_per_second=np.full(6, 2000.0)),
        span(),
    )
    assert quiet.burn == pytest.approx((23 * 1e-4 + 0.1) / 24 / 5e-4)
    assert busy.burn == pytest.approx((23 * 1e-4 + 1.0) / 33 / 5e-4)


def test_it_agrees_with_what_a_cycle_says_of_the_same_window():
    """The reward of an episode and the report judge the same requests alike (R6)."""
    day = bad_day()
    known = attainment(an_observation(day.series, window=Window(span().span.start, END)), PROMISE)
    standing = slo_standing(day, span())
    assert isinstance(known, Attainment)
    assert standing.burn == pytest.approx(known.burn)
    assert standing.good_percent == pytest.approx(known.good_percent)


def test_days_before_the_metrics_come_from_the_ledger():
    """16 days of episodes at 0.02 % bad, a burn of 0.4, and 14 days of metrics at 0.2."""
    past = episodes(30, reward_slo_good_percent=99.98)
    standing = slo_standing(gathered(episodes=past), span())
    assert standing.hours_known == pytest.approx(720.0)
    assert standing.budget_left_ratio == pytest.approx(1 - (16 * 0.4 + 14 * 0.2) / 30)


def test_missing_hours_are_said():
    """Nobody is told of 30 days where 7 hours were measured."""
    standing = slo_standing(first_day(), span())
    assert standing.hours_known == pytest.approx(7.0)
    assert standing.words.endswith("(measured for 7 hours of 30 days).")


def test_a_gap_of_a_day_changes_no_picture_of_a_month():
    """One day of thirty may be missing without a word."""
    series = with_gap(levels(days=30), hours=23, hours_ago=100)
    assert slo_standing(gathered(series=series), span()).words == (
        "80 % of the 30-day error budget is left; at the rate of the last day it is never used up."
    )


def test_nothing_measured_says_so():
    """An unknown is no success."""
    standing = slo_standing(nothing_gathered(), span())
    assert (standing.good_percent, standing.burn, standing.budget_left_ratio) == (None, None, None)
    assert standing.words == "The 30-day error budget is not known: nobody measured whether requests were good."


def test_too_few_requests_say_nothing():
    """R6: below the promise's minimum of requests there is no SLI, however good they were."""
    standing = slo_standing(a_month(requests_per_second=np.full(30 * PER_DAY, 1e-4)), span())
    assert (standing.good_percent_30d, standing.budget_left_ratio, standing.burn) == (None, None, None)
    assert standing.words == (
        "The 30-day error budget is not known: 259 requests were measured, and it takes 1000 to say anything."
    )


@pytest.mark.parametrize(
    ("left", "burn", "words"),
    [
        (0.41, 1.64, "41 % of the 30-day error budget is left; at the rate of the last day it lasts 8 days."),
        (0.41, 9.84, "41 % of the 30-day error budget is left; at the rate of the last day it lasts 30 hours."),
        (0.04, 60.0, "4 % of the 30-day error budget is left; at the rate of the last day it lasts less than an hour."),
        (0.41, 0.41, "41 % of the 30-day error budget is left; at the rate of the last day it is never used up."),
        (0.41, 0.0, "41 % of the 30-day error budget is left; none of it was spent in the last day."),
        (0.41, None, "41 % of the 30-day error budget is left; how fast it was spent in the last day is not known."),
        (0.004, 0.0, "Less than 1 % of the 30-day error budget is left; none of it was spent in the last day."),
        (0.999, 0.0, "More than 99 % of the 30-day error budget is left; none of it was spent in the last day."),
        (1.0, 0.0, "100 % of the 30-day error budget is left; none of it was spent in the last day."),
        (
            -0.4,
            2.3,
            (
                "The 30-day error budget is used up: 140 % of it was spent; "
                "in the last day it was spent 2.3 times as fast as the promise allows."
            ),
        ),
    ],
)
def test_a_manager_understands_it(left, burn, words):
    """One sentence, no burn rate in it, and never "0 %" of what there still is."""
    hours_left = budget_hours_left(left, burn)
    assert slo_in_words(left, burn, hours_left, WHOLE, days=1, slo=PROMISE) == words


def test_a_week_is_called_a_week():
    """The weekly brief speaks of its own span."""
    words = slo_in_words(0.5, 0.2, None, WHOLE, days=7, slo=PROMISE)
    assert words == "50 % of the 30-day error budget is left; at the rate of the last 7 days it is never used up."


@given(st.floats(-100.0, 1.0), st.floats(0.0, 1e6))
def test_what_is_left_lasts_no_longer_than_the_budgets_own_period(left, burn):
    """Above that it is never used up: all that was spent before has left the window by then."""
    hours = budget_hours_left(left, burn)
    assert hours is None or 0.0 <= hours < 720.0
    assert (hours is None) == (left > 0 and burn <= left)


@given(st.lists(st.floats(0.0, 1.0) | st.just(np.nan), min_size=1, max_size=30))
def test_no_quality_spends_less_than_nothing(shares):
    """Whatever the SLI does: figures are finite or unknown, and good requests are between none and all."""
    standing = slo_standing(gathered(series=levels(days=2, slo_good_ratio=np.array(shares)), episodes=()), span())
    assert standing.good_percent is not None
    assert 0.0 <= standing.good_percent <= 100.0
    assert standing.budget_left_ratio is not None
    assert standing.budget_left_ratio <= 1.0


def test_the_evidence_is_enough_to_work_it_out_again():
    """H45: bad and all requests of both spans, with the hours that they were measured in."""
    evidence = slo_standing(a_month(), span()).evidence
    assert evidence.id == "web-slo"
    assert dict(evidence.inputs) == {
        "target_percent": "99.95 %",
        "minimum_requests": "1000 requests",
        "requests of the span": "17280000 requests in 24.0 h that were measured",
        "bad of the span": "1728 requests in 24.0 h that were measured",
        "requests of 30 days": "518400000 requests in 720.0 h that were measured",
        "bad of 30 days": "51840 requests in 720.0 h that were measured",
    }
