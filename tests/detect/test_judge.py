"""The judgement: two alarms on one scale, for one series or for many."""

from __future__ import annotations

import numpy as np
import pytest
from examples import STEP, a_series
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rhythms import DAY, a_panel, demand, judged, level, many, pages

from ai_ops.detect import judge as judge_module
from ai_ops.detect.detect import Detection
from ai_ops.detect.judge import judge
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.metrics import Panel

PARTS = ("deviation", "novelty", "expected", "lower", "upper")
VALUES = arrays.arrays(np.float64, st.integers(0, 320), elements=st.floats(-1e9, 1e9) | st.just(np.nan))


def with_a_fault(days=14, seed=0):
    """Demand with half an hour of half as much again on the eleventh day."""
    values = demand(days, seed)
    values[1500:1503] *= 1.5
    return values


@pytest.mark.parametrize("cut", [1, 100, 288, 1000, 1501, 1503], ids="after {} values".format)
@pytest.mark.parametrize("future", [None, 0.0, np.nan, 1e18], ids=["none", "zeros", "gaps", "huge"])
def test_later_values_never_change_a_judgement(cut, future):
    """An alarm that was raised stays raised, and its figures stay what the message said."""
    ahead = np.empty(0) if future is None else np.full(DAY, future)
    whole, part = judged(with_a_fault()), judged(np.r_[with_a_fault()[:cut], ahead])
    for name in PARTS:
        np.testing.assert_allclose(getattr(part, name)[:cut], getattr(whole, name)[:cut], rtol=1e-9)


@settings(max_examples=20)
@given(VALUES, st.integers(0, 320))
def test_no_past_is_rewritten_whatever_it_is(values, cut):
    """The same on any values there can be; nothing is infinite or negative."""
    whole, part = judged(values), judged(values[:cut])
    np.testing.assert_array_equal(part.score, whole.score[:cut])
    for alarm in (whole.deviation, whole.novelty):
        assert alarm.shape == values.shape
        assert not np.isinf(alarm).any()
        assert not (alarm < 0.0).any()


def unlike_rows():
    """Rows that have nothing in common."""
    gappy = np.where(np.random.default_rng(1).random(14 * DAY) < 0.1, np.nan, demand(14, 2))
    rows = [with_a_fault(), gappy, np.cumsum(demand(14, 3)), np.full(14 * DAY, 7.0), np.full(14 * DAY, np.nan)]
    return np.stack([*rows, np.where(np.arange(14 * DAY) % 200 == 9, 5.0, 0.0), -demand(14, 4)])


@pytest.mark.parametrize("at_once", [1, 2 * 14 * DAY, 10**9], ids=["one by one", "two by two", "all at once"])
def test_a_panel_is_judged_as_its_rows_are_alone(at_once, monkeypatch):
    """A fleet gets the answers that its services would get one by one, however many share the cache."""
    monkeypatch.setattr(judge_module, "CACHED_VALUES", at_once)
    panel = a_panel(unlike_rows())
    whole = judge(panel)
    for number in range(len(panel.names)):
        alone = judge(panel.row(number))
        for name in PARTS:
            np.testing.assert_array_equal(getattr(whole, name)[number], getattr(alone, name))


def test_every_row_may_have_a_floor_of_its_own():
    """The spread of an error share depends on the traffic of its own service (R2)."""
    panel = a_panel([with_a_fault(), with_a_fault()])
    floors = np.stack([np.full(14 * DAY, 0.1), np.full(14 * DAY, 1e3)])
    scores = judge(panel, floor=floors).score
    assert scores[0, 1500] > 1.0 > scores[1, 1500]


@pytest.mark.parametrize("shape", [(0,), (0, 0), (3, 0), (0, 50)])
def test_nothing_is_judged_as_nothing(shape):
    """A query without series, or a window without points, is no error."""
    grid = (
        a_series("cpu_percent", np.empty(0)) if shape == (0,) else Panel("cpu_percent", (), *start(), np.empty(shape))
    )
    assert judge(grid).score.shape == shape


def start():
    """A grid."""
    series = a_series("cpu_percent", [1.0])
    return series.start, STEP


@pytest.mark.parametrize("factor", [1e-3, 1e3, 1e9])
def test_the_unit_does_not_matter(factor):
    """Seconds or milliseconds, the alarms are the same."""
    np.testing.assert_allclose(
        judged(factor * with_a_fault()).score, judged(with_a_fault()).score, rtol=1e-6, atol=1e-9
    )


def test_the_level_does_not_matter_when_the_floor_is_given():
    """What is derived from the level is the floor only: a thousandth of it is the least spread."""
    floor = np.full(14 * DAY, 0.5)
    lifted = judged(1000.0 + with_a_fault(), floor=floor).score
    np.testing.assert_allclose(lifted, judged(with_a_fault(), floor=floor).score, rtol=1e-6, atol=1e-9)


def test_a_larger_budget_narrows_the_band_and_raises_scores():
    """Who allows more false alarms misses less (S001-11, R1)."""
    strict, lax = (judged(with_a_fault(), budget_per_week=budget) for budget in (0.25, 4.0))
    assert np.nanmin((strict.upper - strict.lower) - (lax.upper - lax.lower)) >= 0.0
    assert np.nanmin(lax.deviation - strict.deviation) >= 0.0
    assert lax.deviation[1500] > strict.deviation[1500]


@pytest.mark.parametrize("make", [with_a_fault, lambda: level(14, seed=3)], ids=["demand", "noise"])
def test_a_value_outside_its_band_is_a_deviation(make):
    """The band in a chart is where alarms begin, also where the first quiet value after a spike is far from lately."""
    values = make()
    values[1700] += 400.0
    found = judged(values)
    outside = (values < found.lower) | (values > found.upper)
    assert outside[1700]
    assert (found.deviation[outside] > 1.0).all()


def newest(factor, values, wanted):
    """Deviation and edge of the newest of these values of a metric whose threshold people have moved."""
    series = a_series("requests_per_second", values)
    found = Detection((), 1.0, factors={(series.metric, Alarm.DEVIATION): factor}).judge(series, None)
    return found.deviation[-1], getattr(found, wanted)[-1]


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("edge", "outward"), [("lower", -1), ("upper", +1)])
@pytest.mark.parametrize("make", [lambda: demand(14, seed=6), lambda: level(14, seed=3)], ids=["demand", "noise"])
def test_the_band_is_drawn_where_a_single_value_begins_to_be_a_deviation(make, edge, outward, factor):
    """Also where labels have moved the threshold: whoever reads a chart sees the edge that alarms have."""
    for at in range(1500, 14 * DAY, 37):
        values = make()[: at + 1]
        # What lasts may alarm inside the band, so the values just before lie where they were expected.
        values[at - 2 : at] = newest(factor, values[: at - 1], "expected")[1]
        _, drawn = newest(factor, values, edge)
        for beyond in (1e-6, -1e-6):
            values[at] = drawn + outward * beyond * abs(drawn)
            deviation, again = newest(factor, values, edge)
            assert again == drawn
            assert deviation == pytest.approx(1.0, abs=1e-3)
            assert bool(deviation > 1.0) is (beyond > 0.0)


def test_inside_the_band_only_what_lasts_is_a_deviation():
    """A quarter of an hour may say together what none of its values says alone (S003-20)."""
    values = demand(21, seed=1)
    values[2904:2916] *= 1.1
    found = judged(values)
    inside = (values >= found.lower) & (values <= found.upper)
    told = [at for at in np.flatnonzero(inside & (found.deviation > 1.0)) if 2904 <= at < 2920]
    assert told
    for at in told:
        assert (values[at - 2 : at + 1] > found.expected[at - 2 : at + 1]).all()


def test_the_expectation_lies_in_its_band():
    """A message that says "expected 90 to 110" must not expect 120."""
    found = judged(with_a_fault())
    known = np.isfinite(found.lower)
    assert known.any()
    assert (found.lower[known] <= found.expected[known]).all()
    assert (found.expected[known] <= found.upper[known]).all()


@pytest.mark.parametrize(("harm", "rises", "falls"), [(0, True, True), (+1, True, False), (-1, False, True)])
def test_only_the_harmful_direction_is_an_alarm(harm, rises, falls):
    """An error rate that falls wakes nobody; traffic alarms both ways."""
    for change, is_alarm in ((+40.0, rises), (-40.0, falls)):
        values = level(14, sigma=4.0)
        values[1700:1706] += change
        found = judged(values, direction=harm)
        assert bool(np.nanmax(found.deviation[1700:1706]) > 1.0) is is_alarm
        assert bool(np.nanmax(found.novelty[1700:1706]) > 1.0) is is_alarm


def after_luck(hours, depth):
    """Latencies with a sigma of 4 that were lower for some hours, and the day on which that ended."""

    def latency(seed):
        values = level(16, seed, sigma=4.0)
        values[1700 : 1700 + 6 * hours] -= depth
        return values

    return many(latency), (1700 + 6 * hours) / DAY


@pytest.mark.parametrize("hours", [1, 3, 6])
def test_the_way_back_from_a_lucky_phase_is_no_alarm(hours):
    """What got better by five sigmas and then was as usual has never been worse than usual."""
    panel, back = after_luck(hours, depth=20.0)
    assert sum(pages(panel, since=1699 / DAY, until=back + 0.5, direction=+1)) <= 3  # by chance


@pytest.mark.parametrize("hours", [10, 30])
def test_what_is_better_than_ever_is_no_alarm(hours):
    """A new low of an error rate is new, and good. Its end, when half a day has made it usual, is told once at most."""
    panel, back = after_luck(hours, depth=60.0)
    assert pages(panel, since=1699 / DAY, until=back - 0.001, direction=+1) == [0] * 12
    assert max(pages(panel, since=back - 0.001, until=back + 0.5, direction=+1)) <= 1


def test_before_two_days_nothing_is_raised():
    """The first day of a service is not a day of alarms, whatever happens on it (R3)."""
    values = demand(3)
    values[50:56] = 2000.0
    values[200:206] = 0.0
    found = judged(values)
    assert np.isnan(found.score[: 2 * DAY]).all()


def test_after_four_days_both_alarms_have_a_say():
    """Two days for the season, a quarter for the scale, a day for the threshold (R3)."""
    found = judged(demand(5))
    assert np.isfinite(found.novelty[2 * DAY :]).all()
    assert np.isfinite(found.deviation[4 * DAY :]).all()


def test_a_gap_is_not_judged_and_hides_nothing():
    """The first value after an outage is judged by what was known before it."""
    values = with_a_fault()
    values[1480:1500] = np.nan
    found = judged(values)
    assert np.isnan(found.score[1480:1500]).all()
    assert found.score[1500] > 1.0


def test_the_second_saturday_is_no_alarm():
    """A weekend at six tenths of the traffic is news once (R3)."""

    def with_weekends(seed):
        weekend = (np.arange(21 * DAY) // DAY) % 7 >= 5
        return demand(21, seed) * np.where(weekend, 0.6, 1.0)

    panel = many(with_weekends)
    assert min(pages(panel, since=5, until=5.5)) >= 1
    assert sum(pages(panel, since=12, until=14.5)) <= 2  # chance: 12 services, two days and a half


@pytest.mark.parametrize("percent_a_day", [1, 2, 3])
def test_a_service_that_grows_steadily_raises_no_more_than_one_that_does_not(percent_a_day):
    """Success is no incident: all that is left is the budget of false alarms (R1)."""
    growing = many(lambda seed: demand(28, seed) * (1.0 + percent_a_day / 100.0 * np.arange(28 * DAY) / DAY))
    assert sum(pages(growing, since=14)) / (12 * 2) <= 1.0


@pytest.mark.parametrize("columns", [1, 2], ids=["10 minutes", "20 minutes"])
def test_a_day_that_comes_a_little_early_or_late_is_no_alarm(columns):
    """People do not start at the same minute every morning; what is left is within the budget (R1)."""

    def wandering(seed):
        rng = np.random.default_rng(seed)
        late = np.repeat(rng.integers(-columns, columns + 1, 28), DAY)
        rhythm = 1.0 + 0.4 * np.sin(2 * np.pi * (np.arange(28 * DAY) - late) / DAY)
        return 100.0 * rhythm * (1.0 + 0.02 * rng.normal(size=28 * DAY))

    assert sum(pages(many(wandering), since=14)) / (12 * 2) <= 1.0


def test_the_change_of_the_clock_is_news_for_one_day():
    """Local habits move by an hour against UTC twice a year: three alarms at most, then the budget."""
    moved = many(lambda seed: np.r_[demand(14, seed), demand(14, seed + 50, late=6)])
    assert max(pages(moved, since=14, until=15)) <= 3
    assert sum(pages(moved, since=15)) / (12 * 13 / 7) <= 1.0


@pytest.mark.parametrize(
    ("draw", "per_week"), [("normal", 1.0), ("standard_t", 2.0)], ids=["normal", "Student's t with 3 degrees"]
)
def test_noise_stays_near_the_budget(draw, per_week):
    """One alarm a week is allowed; the tails of Student's t with three degrees of freedom are the heaviest (R1)."""

    def noise(seed):
        rng = np.random.default_rng(seed)
        return 100.0 + 10.0 * (rng.normal(size=42 * DAY) if draw == "normal" else rng.standard_t(3.0, 42 * DAY))

    assert sum(pages(many(noise), since=14)) / (12 * 4) <= per_week


@pytest.mark.parametrize("values", [np.full(14 * DAY, 7.0), np.repeat([7.0, 7.1], 7 * DAY)], ids=["flat", "one step"])
def test_what_rests_has_no_deviation(values):
    """Without a spread there is no sigma; such a metric is known by its records alone."""
    found = judged(values)
    assert np.isnan(found.deviation[3 * DAY :]).all()
    assert np.isfinite(found.novelty[3 * DAY :]).all()
