"""Safety first and at once, savings slowly and only when they are sure: what is chosen from figures that are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from examples import NOON
from twins import DAY, STEPPED, a_twin, calm, measured

from ai_ops.tune.learning.learned import learned
from ai_ops.tune.search.acceptance import Figures
from ai_ops.tune.search.candidates import Candidate
from ai_ops.tune.search.choice import choose, margin_of
from ai_ops.tune.search.fitness import Fitness
from ai_ops.tune.search.replays import Replays
from ai_ops.tune.search.study import Study
from ai_ops.twin.gate import Fit

OPEN = Fit(cost_error=0.004, observed_burn=0.3, replayed_burn=0.3, last_day=(0.3, 0.3))
SHUT = Fit(cost_error=0.2, observed_burn=0.3, replayed_burn=0.3, last_day=None)
BEGINNER = learned((), STEPPED, NOON)
FIT_FOR_IT = Fitness(None)


def a_study(instances, bounds, fit=OPEN, margin=0.5, **knobs):
    """Candidates that cost and burn this much; the first is today's. Each moves one threshold."""
    count = len(instances)
    burn = np.asarray(bounds, dtype=np.float64)
    candidates = [Candidate(STEPPED | {"cpu_scale_in_percent": 40.0 + place}) for place in range(count)]
    candidates[1:] = [Candidate(one.settings | knobs) for one in candidates[1:]]
    known = {
        "instances": np.asarray(instances, dtype=np.float64),
        "burn": 0.9 * burn,
        "burn_bound": burn,
        "stressed_burn": burn,
        "daily_burn": np.tile(burn, (14, 1)).T,
    }
    rest = {name: np.zeros(count) for name in Figures.__slots__ if name not in known}
    replays = Replays(measured(14 * DAY, instances=4.0), a_twin(), calm(np.ones(14 * DAY)))
    return Study(replays, fit, candidates, Figures(**known, **rest), 1.0, margin)


def chosen(*args, past=BEGINNER, **how):
    """What is chosen now."""
    return choose(a_study(*args, **how), past, NOON)


def test_safe_settings_are_made_cheaper():
    """The cheapest that keeps the margin, not the cheapest of all."""
    choice = chosen([10.0, 8.0, 6.0], [0.1, 0.3, 0.7])
    assert (choice.index, choice.is_urgent) == (1, False)
    assert "20.0% less" in choice.reasons[-1]


def test_nothing_cheaper_is_safe_and_today_stays():
    """The reason says what today's settings spend."""
    choice = chosen([10.0, 8.0, 12.0], [0.1, 0.7, 0.05])
    assert choice.index is None
    assert "no cheaper settings" in choice.reasons[-1]


def test_a_saving_too_small_for_a_review_is_left():
    """Half a percent is nobody's while; a fifth is."""
    assert chosen([10.0, 9.95], [0.1, 0.1]).index is None
    assert "not worth" in chosen([10.0, 9.95], [0.1, 0.1]).reasons[-1]
    assert chosen([10.0, 8.0], [0.1, 0.1]).index == 1


def test_another_mode_or_schedule_must_save_more_than_a_threshold():
    """It is more to review, and a larger doubt."""
    small = [10.0, 9.7]
    assert chosen(small, [0.1, 0.1]).index == 1
    assert chosen(small, [0.1, 0.1], scaling_mode="target").index is None
    assert chosen([10.0, 8.0], [0.1, 0.1], scaling_mode="target").index == 1


def test_a_broken_promise_is_urgent_whatever_it_costs():
    """The cheapest safe settings, though they are dearer than today's."""
    choice = chosen([10.0, 14.0, 12.0, 9.0], [3.0, 0.1, 0.2, 2.0])
    assert (choice.index, choice.is_urgent) == (2, True)


def test_where_nothing_is_safe_the_safest_is_taken():
    """Better is better than nothing."""
    kept = chosen([10.0, 14.0, 12.0], [3.0, 0.9, 2.0])
    assert (kept.index, kept.is_urgent) == (1, True)
    assert "keep the promise" in kept.reasons[-1]
    nearest = chosen([10.0, 14.0, 12.0], [3.0, 1.4, 2.0])
    assert (nearest.index, nearest.is_urgent) == (1, True)
    assert "come nearest" in nearest.reasons[-1]


def test_settings_that_keep_the_promise_need_not_halve_the_breach():
    """A promise that is just kept is kept, however near the breach was."""
    choice = chosen([10.0, 12.0, 14.0], [1.5, 0.95, 0.8])
    assert (choice.index, choice.is_urgent) == (1, True)


def test_where_nothing_helps_nothing_is_moved():
    """Requests that fail for another reason are not mended by instances."""
    choice = chosen([10.0, 14.0, 12.0], [3.0, 2.95, 2.99])
    assert (choice.index, choice.is_urgent) == (None, False)
    assert "look at the service itself" in choice.reasons[-1]


def test_a_twin_that_does_not_tell_what_is_known_moves_nothing():
    """Neither a saving nor a rescue rests on it."""
    assert chosen([10.0, 5.0], [0.1, 0.1], fit=SHUT).index is None
    assert chosen([10.0, 20.0], [3.0, 0.1], fit=SHUT).index is None
    assert chosen([10.0, 5.0], [0.1, 0.1], fit=SHUT).reasons[-1] == SHUT.reason


def test_where_both_see_a_broken_promise_the_rescue_is_made_and_no_saving():
    """By how much it is broken may be told wrongly; that it is, may not."""
    broken = replace(OPEN, cost_error=0.1, observed_burn=30.0, replayed_burn=4.0)
    assert chosen([10.0, 14.0], [4.0, 0.1], fit=broken).index == 1
    assert chosen([10.0, 8.0], [0.9, 0.1], fit=broken).index is None


def test_a_change_that_did_harm_is_taken_back_at_once():
    """Though the replay finds nothing wrong with it."""
    harmed = replace(BEGINNER, is_taking_back=True)
    choice = chosen([10.0, 12.0, 9.0], [0.4, 0.1, 0.2], past=harmed)
    assert choice.is_urgent
    assert choice.index in (1, 2)
    assert "taken back" in choice.reasons[0]


def test_a_fresh_change_is_watched_before_the_next_saving_and_never_before_a_rescue():
    """A day; safety waits for nothing."""
    fresh = replace(BEGINNER, first_at=NOON - timedelta(days=20), live_since=NOON - timedelta(hours=12))
    assert "watched" in chosen([10.0, 5.0], [0.1, 0.1], past=fresh).reasons[-1]
    assert chosen([10.0, 14.0], [3.0, 0.1], past=fresh).index == 1
    rested = replace(fresh, live_since=NOON - timedelta(hours=24))
    assert chosen([10.0, 5.0], [0.1, 0.1], past=rested).index == 1


def test_a_team_that_was_never_changed_need_not_rest():
    """What runs has run for as long as anybody knows."""
    begun = replace(BEGINNER, first_at=NOON - timedelta(hours=1), live_since=NOON - timedelta(hours=1))
    assert chosen([10.0, 5.0], [0.1, 0.1], past=begun).index == 1


@pytest.mark.parametrize("bound", [np.nan, np.inf])
def test_a_burn_that_is_no_number_is_not_safe(bound):
    """Whatever went wrong in the replay."""
    assert chosen([10.0, 5.0], [0.1, bound]).index is None


PROVED = (True,) * 20


def known_for(days, hits=(), **changes):
    """A past that began so many days ago, with predictions that came true or did not."""
    return replace(BEGINNER, first_at=NOON - timedelta(days=days), hits=tuple(hits), **changes)


def test_the_margin_widens_with_what_is_known_and_never_to_the_whole_budget():
    """Days of beginning, then the usual, then more where predictions have proved themselves (S001-139)."""
    margins = [
        margin_of(past, FIT_FOR_IT, NOON) for past in (BEGINNER, known_for(8), known_for(30), known_for(30, PROVED))
    ]
    assert margins == sorted(margins)
    assert margins[0] < margins[1] == margins[2] < margins[3] < 1.0


def test_a_past_that_came_out_worse_earns_nothing():
    """However many predictions were judged."""
    usual = margin_of(known_for(30), FIT_FOR_IT, NOON)
    assert margin_of(known_for(30, PROVED, correction=2.0), FIT_FOR_IT, NOON) == usual
    assert margin_of(known_for(30, [*PROVED, False, True, False]), FIT_FOR_IT, NOON) == usual


def test_a_saving_does_not_send_a_knob_back_the_way_it_came_and_a_rescue_may():
    """To and fro is no search (H28)."""
    lowered = known_for(20, recent_moves={"cpu_scale_in_percent": -1})
    assert chosen([10.0, 5.0], [0.1, 0.1], past=lowered).index is None
    assert chosen([10.0, 14.0], [3.0, 0.1], past=lowered).index == 1
    raised = known_for(20, recent_moves={"cpu_scale_in_percent": 1})
    assert chosen([10.0, 5.0], [0.1, 0.1], past=raised).index == 1


def test_a_doubtful_history_narrows_every_margin():
    """Gaps, or too few days."""
    careful = Fitness(None, 0.75, ("gaps",))
    for past in (BEGINNER, known_for(8), known_for(30, PROVED)):
        assert margin_of(past, careful, NOON) == pytest.approx(0.75 * margin_of(past, FIT_FOR_IT, NOON))
