"""The probability of an incident in the next window: calibrated, cautious, and honest about what it rests on (R34)."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_ops.domain.warming_up import WarmingUp
from ai_ops.learn.incident_probability import AHEAD_HOURS, IncidentProbability, _follows, learn_probability

DAY = 24


def a_service(days: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Levels that come and go over some five hours, and incidents that begin when they are high; both shape (n,).

    One hour in forty is followed by an incident in the six hours after it; at the highest levels, one in three.
    """
    rng = np.random.default_rng(seed)
    noise = rng.normal(0.0, 0.6, days * DAY)
    state = np.zeros(days * DAY)
    for hour in range(1, state.size):
        state[hour] = 0.8 * state[hour - 1] + noise[hour]
    levels = np.exp(0.5 * state)
    return levels, rng.random(levels.size) < 1.0 / (1.0 + np.exp(4.0 - 3.0 * (levels - 2.6)))


def what_follows(begins: np.ndarray, ahead: int = AHEAD_HOURS) -> np.ndarray:
    """Whether an incident begins in the hours after each, counted one by one; shape (n - ahead,)."""
    return np.array([begins[hour + 1 : hour + 1 + ahead].any() for hour in range(begins.size - ahead)])


def learnt(levels: np.ndarray, begins: np.ndarray, ahead: int = AHEAD_HOURS) -> IncidentProbability:
    """A curve, from enough history."""
    curve = learn_probability(levels, begins, ahead)
    assert isinstance(curve, IncidentProbability)
    return curve


@pytest.fixture(scope="module")
def truth() -> tuple[np.ndarray, np.ndarray]:
    """Eight years of the service: levels in order, and how often something followed levels near each."""
    levels, begins = a_service(3000, 999)
    order = np.argsort(levels[:-AHEAD_HOURS])
    near = np.convolve(what_follows(begins)[order], np.ones(401) / 401, "valid")
    return levels[order][200:-200], near


def test_what_it_says_comes_true() -> None:
    """Learned on a year, tried on the next four: of the hours that are said to be so risky, so many are."""
    curve = learnt(*a_service(365, 1))
    levels, begins = a_service(1500, 2)
    said = np.array([curve.probability(level) for level in levels[:-AHEAD_HOURS]])
    follows = what_follows(begins)
    assert said.mean() == pytest.approx(follows.mean(), rel=0.35)
    bands = [(0.0, 0.02), (0.02, 0.1), (0.1, 1.0)]
    for low, high in bands:
        inside = (said >= low) & (said < high)
        assert inside.sum() > 200
        assert follows[inside].mean() == pytest.approx(said[inside].mean(), abs=0.02, rel=0.5)
    error, usual = np.mean((said - follows) ** 2), np.mean((follows.mean() - follows) ** 2)
    assert error < usual * 0.98, "it tells more than the rate of all hours does"


@pytest.mark.parametrize("days", [14, 60, 365])
def test_its_interval_holds_what_is_true(truth, days: int) -> None:
    """At any level, in at least nineteen of twenty services, after two weeks as after a year."""
    levels, rates = truth
    places = [int(share * levels.size) for share in (0.5, 0.9, 0.97, 0.995)]
    inside = []
    for seed in range(40):
        curve = learnt(*a_service(days, seed))
        estimates = [curve.estimate(float(levels[place])) for place in places]
        inside += [one.low <= rates[place] <= one.high for one, place in zip(estimates, places, strict=True)]
    assert np.mean(inside) >= 0.95


def test_without_incidents_nothing_is_promised() -> None:
    """Two quiet weeks are 55 windows: a small probability at every level, and an upper bound that says so."""
    levels, _ = a_service(14, 3)
    curve = learnt(levels, np.zeros(levels.size, bool))
    windows = (14 * DAY - AHEAD_HOURS) / AHEAD_HOURS
    for level in (0.0, 1.0, 100.0):
        assert curve.probability(level) == pytest.approx(0.5 / (windows + 1.0))
    assert curve.usual.high == pytest.approx(0.045, abs=0.005)
    assert curve.estimate(0.0).high == pytest.approx(curve.usual.high)
    assert curve.estimate(100.0).high > 0.3, "four windows at such levels show little"
    assert curve.incidents == 0


def test_more_quiet_time_allows_a_lower_bound() -> None:
    """Thrice the history, a third of what could be."""
    bounds = []
    for days in (14, 42, 126):
        levels, _ = a_service(days, 3)
        bounds.append(learnt(levels, np.zeros(levels.size, bool)).usual.high)
    assert bounds[1] / bounds[0] == pytest.approx(1 / 3, rel=0.1)
    assert bounds[2] / bounds[1] == pytest.approx(1 / 3, rel=0.1)


def test_one_incident_after_the_highest_level_makes_no_certainty() -> None:
    """It has been seen once: the number is moderate, the interval wide."""
    levels = np.linspace(0.1, 0.9, 14 * DAY)
    levels[200] = 5.0
    curve = learnt(levels, np.arange(levels.size) == 202)
    assert 0.02 < curve.probability(5.0) < 0.3
    assert curve.estimate(5.0).high > 0.5
    assert curve.probability(5.0) > curve.probability(0.2)


def test_an_incident_counts_for_the_hours_before_it() -> None:
    """For those whose window it begins in, and not for its own hour, in which it is no prediction any more."""
    begins = np.zeros(20 * DAY, bool)
    begins[240] = True
    assert np.flatnonzero(_follows(begins, 6)).tolist() == [234, 235, 236, 237, 238, 239]


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 8))
def test_what_follows_is_counted_as_one_would_by_hand(begins: list[bool], ahead: int) -> None:
    """Every hour with a known future."""
    hours = np.array(begins, bool)
    known = max(hours.size - ahead, 0)
    assert _follows(hours, ahead)[:known].tolist() == what_follows(hours, ahead).tolist()


def test_hours_without_a_known_future_are_not_counted() -> None:
    """The last window is still open: that nothing has begun yet says nothing."""
    levels, begins = a_service(14, 4)
    assert learnt(levels, begins).hours == 14 * DAY - AHEAD_HOURS
    levels[10:20] = np.nan
    assert learnt(levels, begins).hours == 14 * DAY - AHEAD_HOURS - 10


def test_too_little_history_says_so() -> None:
    """Two days with a known future, before which the prior would speak and not the service."""
    for hours, is_enough in ((48 + AHEAD_HOURS, True), (47 + AHEAD_HOURS, False), (3, False), (0, False)):
        answer = learn_probability(np.ones(hours), np.zeros(hours, bool))
        assert isinstance(answer, WarmingUp) is not is_enough
    assert str(answer) == "warming up: 0 of 48 hours"


def test_without_a_level_it_says_what_is_usual() -> None:
    """No metrics in this hour: neither a low level nor a high one."""
    curve = learnt(*a_service(60, 5))
    assert curve.estimate(math.nan) == curve.usual


def test_a_constant_level_gives_the_usual_rate() -> None:
    """Nothing can be told apart, so nothing is."""
    _, begins = a_service(60, 6)
    curve = learnt(np.ones(begins.size), begins)
    assert len(curve.knots) == 1
    assert curve.probability(1.0) == pytest.approx(curve.usual.value)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(60, 1200),
    st.floats(0.0, 0.3),
    st.integers(1, 12),
    st.sampled_from([1, 2, 5, 1000]),
)
def test_it_is_a_rising_curve_of_probabilities(seed: int, hours: int, rate: float, ahead: int, values: int) -> None:
    """Whatever the history: inside its own interval, between 0 and 1, never falling, its mean near the usual rate."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, values, hours) / values + 0.5
    begins = rng.random(hours) < rate
    curve = learn_probability(levels, begins, ahead)
    if isinstance(curve, WarmingUp):
        return
    estimates = [curve.estimate(float(level)) for level in np.sort(levels)]
    for kind in ("low", "value", "high"):
        assert (np.diff([getattr(one, kind) for one in estimates]) >= 0.0).all()
    assert all(0.0 <= one.low <= one.value <= one.high <= 1.0 for one in estimates)
    assert np.mean([one.value for one in estimates]) == pytest.approx(curve.usual.value, abs=0.05)
    assert len(curve.knots) < 20
    assert IncidentProbability.from_json(json.loads(json.dumps(curve.to_json(), allow_nan=False))) == curve


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": None},
        {"knots": []},
        {"knots": None},
        {"knots": [{"level": 1.0}]},
        {"knots": [{"level": 1.0, "probability": 0.5, "low": 0.6, "high": 0.9}]},
        {"knots": [{"level": 1.0, "probability": 1.5, "low": 0.1, "high": 2.0}]},
        {"knots": [{"level": math.nan, "probability": 0.5, "low": 0.1, "high": 0.9}]},
        {"knots": [{"level": level, "probability": 0.5, "low": 0.1, "high": 0.9} for level in (2.0, 1.0)]},
        {"knots": [{"level": 9 * p, "probability": p, "low": 0.0, "high": 1.0} for p in (-0.1, 0.5)]},
        {"knots": [{"level": -p, "probability": p, "low": 0.0, "high": 1.0} for p in (0.5, 0.4)]},
        {"usual": {"value": 0.5, "low": 0.6, "high": 0.7}},
        {"usual": {"value": 0.5}},
        {"usual": 0.5},
        {"ahead_hours": 0},
        {"hours": "many"},
    ],
)
def test_what_is_no_such_curve_is_not_read(change) -> None:
    """A falling curve, or numbers that are no probabilities, would be believed."""
    form = learnt(*a_service(30, 7)).to_json()
    with pytest.raises(ValueError, match=r"version|no curve|could not convert|invalid literal"):
        IncidentProbability.from_json({**form, **change})
