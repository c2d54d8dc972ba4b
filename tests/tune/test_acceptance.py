"""Which candidate may be proposed: bounds from whole days, stress, calm, and the cheapest of what is left."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.tune.search.acceptance import Figures, figures
from ai_ops.twin.replayed import Replayed

ALLOWED = 0.001


def replayed(daily_burns, *, stress=2.0, instances=None, events=None, lengths=None):
    """A replay in which each candidate burned this share of each day's budget; shape (candidates, days)."""
    burns = np.atleast_2d(np.asarray(daily_burns, dtype=np.float64))
    count, days = burns.shape
    requests = np.full((2, days), 1e6)
    paid = np.full((count, days), 240.0) if instances is None else np.outer(instances, np.full(days, 24.0))
    return Replayed(
        instance_hours=np.stack((paid, paid)),
        bad_requests=np.stack((burns, stress * burns)) * 1e6 * ALLOWED,
        requests=requests,
        day_lengths=np.ones(days) if lengths is None else np.asarray(lengths),
        scale_events=np.zeros((2, count)) if events is None else np.array([events, events], dtype=np.float64),
    )


def judged(*args, correction=1.0, **how):
    """Figures of such a replay."""
    return figures(replayed(*args, **how), ALLOWED, correction)


def test_burn_is_that_of_all_days_together():
    """Not the mean of daily flags."""
    seen = judged([[0.1, 0.1, 1.0, 0.4]])
    assert seen.burn[0] == pytest.approx(0.4)
    assert seen.daily_burn[0] == pytest.approx([0.1, 0.1, 1.0, 0.4])
    assert seen.stressed_burn[0] == pytest.approx(0.8)
    assert seen.instances[0] == pytest.approx(10.0)


def test_days_that_are_all_alike_leave_no_doubt():
    """The bound is the mean then."""
    assert judged([[0.3] * 14]).burn_bound[0] == pytest.approx(0.3)


@given(st.lists(st.floats(0.0, 5.0), min_size=3, max_size=15))
def test_the_bound_lies_between_the_mean_and_the_worst_day(burns):
    """Nine of ten fortnights made of such days burn no more."""
    seen = judged([burns])
    assert seen.burn[0] - 1e-9 <= seen.burn_bound[0] <= max(burns) + 1e-9


@pytest.mark.parametrize("days", [7, 14])
def test_the_bound_covers_the_mean_of_the_days_to_come_most_of_the_time(days):
    """Days with a tail as real ones have it: the bound is above the truth in about nine of ten histories."""
    rng = np.random.default_rng(5)
    burns = rng.lognormal(-1.5, 0.8, size=(400, days))
    covered = judged(burns).burn_bound >= np.exp(-1.5 + 0.8**2 / 2)
    assert 0.72 <= covered.mean() <= 0.95  # a bootstrap of few skewed days falls a little short of 0.9


def test_one_terrible_day_makes_the_bound_far_higher_than_the_mean():
    """It may come twice."""
    seen = judged([[0.1] * 13 + [3.0], [0.307] * 14])
    assert seen.burn[0] == pytest.approx(seen.burn[1], rel=0.01)
    assert seen.burn_bound[0] > 1.5 * seen.burn_bound[1]


def test_a_correction_makes_every_burn_larger():
    """What reality taught counts for bound and stress alike."""
    plain, corrected = judged([[0.2, 0.4]]), judged([[0.2, 0.4]], correction=2.0)
    for name in ("burn", "burn_bound", "stressed_burn", "daily_burn"):
        assert getattr(corrected, name) == pytest.approx(2.0 * getattr(plain, name))
    assert corrected.instances == pytest.approx(plain.instances)


def test_the_same_replay_gives_the_same_figures():
    """The bootstrap draws the same days every time."""
    burns = np.random.default_rng(2).lognormal(size=(5, 14))
    assert np.array_equal(judged(burns).burn_bound, judged(burns).burn_bound)


def test_a_candidate_is_safe_when_the_bound_the_stress_and_its_calm_are():
    """Any one of them is enough to refuse it."""
    seen = judged([[0.3] * 7, [0.7] * 7, [0.3] * 7], events=[0, 0, 7 * 200])
    assert seen.safe(0.6).tolist() == [True, False, False]
    assert judged([[0.3] * 7], stress=20.0).safe(0.6).tolist() == [False]


def test_a_fleet_that_flaps_already_may_go_on_but_no_worse():
    """H28: the incumbent sets the measure where it is above the limit."""
    seen = judged([[0.1] * 7] * 3, events=[7 * 80, 7 * 79, 7 * 81])
    assert seen.safe(0.6).tolist() == [True, True, False]


def test_a_tighter_margin_allows_no_more():
    """Whatever else is true of the candidates."""
    seen = judged(np.random.default_rng(1).uniform(0.0, 1.0, (60, 7)))
    allowed = [seen.safe(margin) for margin in (0.3, 0.45, 0.6, 0.9)]
    assert all((tight <= wide).all() for tight, wide in pairwise(allowed))
    assert allowed[0].sum() < allowed[-1].sum()


def test_the_cheapest_allowed_is_chosen_and_nothing_where_nothing_is():
    """Cost decides among the safe."""
    seen = judged([[0.9] * 7, [0.2] * 7, [0.3] * 7], instances=[5.0, 9.0, 7.0])
    assert seen.cheapest(seen.safe(0.6)) == 2
    assert seen.cheapest(np.zeros(3, dtype=bool)) is None


def test_on_a_plateau_the_safer_end_is_taken():
    """Half a percent of cost is less than what the replay can tell."""
    seen = judged([[0.4] * 7, [0.1] * 7], instances=[8.00, 8.02])
    assert seen.cheapest(seen.safe(0.6)) == 1


def test_the_safest_is_the_cheapest_of_those_that_are_as_safe():
    """A hundred instances are no safer than ten where ten are enough."""
    seen = judged([[2.0] * 7, [0.02] * 7, [0.02] * 7], instances=[3.0, 10.0, 100.0])
    assert seen.safest() == 1


def test_candidates_can_be_joined():
    """A second round stands behind the first."""
    first, second = judged([[0.1] * 7]), judged([[0.2] * 7, [0.3] * 7])
    assert isinstance(first.joined(second), Figures)
    assert first.joined(second).burn == pytest.approx([0.1, 0.2, 0.3])
    assert first.joined(second).daily_burn.shape == (3, 7)


def test_days_without_any_request_spend_nothing():
    """An empty day is neither good nor bad, and no division by nothing."""
    quiet = replayed([[0.2] * 7])
    quiet.requests[:, 3] = 0.0
    quiet.bad_requests[:, :, 3] = 0.0
    seen = figures(quiet, ALLOWED, 1.0)
    assert np.isfinite(seen.burn_bound).all()
    assert seen.daily_burn[0, 3] == 0.0


def test_a_part_of_a_day_counts_as_the_part_that_it_is():
    """Six hours of 10 instances are a mean of 10, and events are counted by day."""
    seen = judged([[0.1, 0.1]], lengths=[0.25, 1.0], events=[10])
    assert seen.events_per_day[0] == pytest.approx(8.0)
