"""The policy `rules`: safety first, one knob at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from examples import (
    NOON,
    STANDING,
    a_finding,
    a_knob,
    a_reward,
    a_situation,
    an_episode,
    an_observation,
    healthy_series,
    the_knobs,
)

from ai_ops.domain.finding import Severity
from ai_ops.domain.tuning import Change, Decision, Exploration, Thresholds
from ai_ops.tune.rules import Rules

RULES = Rules(cost_budget_per_hour=0.0684, scale_gap_percent=20)


def moves(**changes) -> dict[str, tuple[float, float]]:
    """What the rules want, by knob."""
    return {one.knob: (one.before, one.after) for one in RULES.propose(a_situation(**changes)).changes}


def test_a_kept_promise_at_high_cost_raises_scale_in():
    """SLA met and cost high: scale less, and first where the money is (S001-78, R38)."""
    assert moves() == {"cpu_scale_in_percent": (30.0, 35.0)}


def test_scale_out_rises_once_scale_in_is_as_near_as_allowed():
    """With the gap used up, the scale-out threshold moves."""
    near = an_observation(thresholds=STANDING | {"cpu_scale_in_percent": 60.0})
    assert moves(observation=near) == {"cpu_scale_out_percent": (80.0, 85.0)}


def test_scale_out_rises_once_scale_in_is_at_its_bound():
    """A knob at its bound does not block the one beside it."""
    knobs = the_knobs() | {"cpu_scale_in_percent": a_knob(maximum=30)}
    assert moves(knobs=knobs) == {"cpu_scale_out_percent": (80.0, 85.0)}


def test_a_kept_promise_within_the_budget_stays():
    """There is nothing to gain."""
    cheap = an_observation(healthy_series(cost_per_hour=0.05))
    proposal = RULES.propose(a_situation(observation=cheap))
    assert proposal.changes == ()
    assert "within the budget" in proposal.reasons[0]


def test_a_broken_promise_lowers_scale_out_and_is_urgent():
    """SLA not met: scale more (S001-79)."""
    proposal = RULES.propose(a_situation(reward=a_reward(burn=1.4)))
    assert proposal.is_urgent
    assert [(one.knob, one.after) for one in proposal.changes] == [("cpu_scale_out_percent", 75.0)]


def test_where_scale_in_stands_in_the_way_it_goes_first():
    """A gap that is used up must not lock the policy out of safety."""
    near = an_observation(thresholds=STANDING | {"cpu_scale_in_percent": 60.0})
    proposal = RULES.propose(a_situation(observation=near, reward=a_reward(burn=1.4)))
    assert proposal.is_urgent
    assert [(one.knob, one.after) for one in proposal.changes] == [("cpu_scale_in_percent", 55.0)]


def test_at_its_bound_scale_out_leaves_safety_to_scale_in():
    """As long as any threshold can buy safety, a broken promise is answered."""
    low = an_observation(thresholds=STANDING | {"cpu_scale_out_percent": 50.0, "cpu_scale_in_percent": 25.0})
    assert moves(observation=low, reward=a_reward(burn=1.4)) == {"cpu_scale_in_percent": (25.0, 20.0)}
    least = an_observation(thresholds=STANDING | {"cpu_scale_out_percent": 50.0, "cpu_scale_in_percent": 20.0})
    proposal = RULES.propose(a_situation(observation=least, reward=a_reward(burn=1.4)))
    assert "look at the service itself" in proposal.reasons[0]


@pytest.mark.parametrize("metric", ["requests_per_second", "cpu_percent", "cost_per_hour"])
def test_what_users_do_not_feel_tightens_nothing(metric):
    """A drop in traffic is no reason to scale out on latency."""
    assert "latency_scale_out_ms" not in moves(findings=(a_finding(metric),))


def test_safety_comes_before_anomalies_and_savings():
    """The three rules have an order."""
    assert "cpu_scale_out_percent" in moves(reward=a_reward(burn=1.4), findings=(a_finding(),))


def test_an_anomaly_tightens_the_latency_threshold():
    """Anomalies detected: tighten latency (S001-80)."""
    assert moves(findings=(a_finding(),)) == {"latency_scale_out_ms": (300.0, 270.0)}


def test_a_trifle_tightens_nothing():
    """A low finding is shown and nothing more."""
    assert "latency_scale_out_ms" not in moves(findings=(a_finding(severity=Severity.LOW),))


def test_a_tightened_latency_threshold_goes_back_within_seven_days():
    """No ratchet: each quiet day gives some of it back (R37)."""
    tight = STANDING | {"latency_scale_out_ms": 270.0}
    dear = healthy_series()  # a dear service gives back as well, before it saves
    now, days = 270.0, 0
    past = [an_episode(30, decision=Decision((Change("latency_scale_out_ms", 300.0, 270.0),), ("anomaly",)))]
    while now < 300.0 and days < 8:
        days += 1
        moment = NOON + timedelta(days=days)
        observation = an_observation(dear, thresholds=tight | {"latency_scale_out_ms": now})
        situation = a_situation(observation=observation, past=tuple(past), now=moment)
        (change,) = RULES.propose(situation).changes
        assert change.knob == "latency_scale_out_ms"
        past.append(
            an_episode(
                -24 * days,
                thresholds=Thresholds(tight | {"latency_scale_out_ms": now}),
                decision=Decision((change,), ("relax",)),
            )
        )
        now = change.after
    assert now == 300.0
    assert days <= 7


def test_a_tightening_of_long_ago_is_not_forgotten():
    """However many days went by with something else in the way, it goes back (R37)."""
    tightened = an_episode(24 * 20, decision=Decision((Change("latency_scale_out_ms", 300.0, 270.0),), ("anomaly",)))
    tight = an_observation(thresholds=STANDING | {"latency_scale_out_ms": 270.0})
    assert moves(observation=tight, past=(tightened,)) == {"latency_scale_out_ms": (270.0, 300.0)}


def test_what_a_person_set_since_is_the_new_level():
    """Nothing is taken back from a person."""
    tightened = an_episode(48, decision=Decision((Change("latency_scale_out_ms", 300.0, 270.0),), ("anomaly",)))
    seen = an_episode(24, thresholds=Thresholds(STANDING | {"latency_scale_out_ms": 270.0}))
    set_by_hand = an_observation(thresholds=STANDING | {"latency_scale_out_ms": 250.0})
    assert "latency_scale_out_ms" not in moves(observation=set_by_hand, past=(tightened, seen))


def test_an_unknown_sli_moves_nothing():
    """Nobody can tell whether the promise was kept."""
    proposal = RULES.propose(a_situation(reward=a_reward(burn=None)))
    assert proposal.changes == ()
    assert "was not measured" in proposal.reasons[0]


@pytest.mark.parametrize(("day", "margin", "saves"), [(1, 0.45, False), (9, 0.60, True)])
def test_a_young_memory_saves_more_carefully(day, margin, saves):
    """The same burn allows a saving in the second week that it forbids in the first (S001-139)."""
    changes = moves(reward=a_reward(burn=0.5), exploration=Exploration("high", day, margin))
    assert bool(changes) is saves
