"""Whatever the search wants: what reaches the guardrails has nothing left to cut (H41)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from examples import NOON, a_situation, a_window
from hypothesis import assume, given
from hypothesis import strategies as st
from modelled import the_service

from ai_ops.domain.foresight import Foresight
from ai_ops.domain.metrics import Observation
from ai_ops.domain.tuning import Proposal, Thresholds
from ai_ops.settings.knobs import DEFAULT_KNOBS
from ai_ops.tune.changes import changes_between, thresholds_of
from ai_ops.tune.cuts import keep_gap, limit_step, within_bounds
from ai_ops.tune.learning.ledger_state import settings_of
from ai_ops.tune.search.team_limits import team_limits
from ai_ops.tune.tune import Tuner

KNOBS = the_service().knobs
NUMBERS = [name for name, knob in KNOBS.items() if knob.unit]
NUMBERS.remove("scheduled_minimum")
GAP = 8.0
LAST = (limit_step, keep_gap(GAP), within_bounds)

anything = st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 100)
block = st.fixed_dictionaries(
    {
        "from_minute_of_week": st.integers(0, 10_079),
        "to_minute_of_week": st.integers(0, 10_080),
        "min_instances": st.integers(1, 40),
    }
)
standing = st.fixed_dictionaries(
    {
        "scaling_mode": st.sampled_from(["threshold", "target"]),
        **{name: st.integers(int(KNOBS[name].minimum), int(KNOBS[name].maximum)).map(float) for name in NUMBERS},
        "scheduled_minimum": st.just([]),
    }
)
wanted = st.fixed_dictionaries(
    {},
    optional={
        "scaling_mode": st.sampled_from(["threshold", "target"]),
        **dict.fromkeys(NUMBERS, anything),
        "scheduled_minimum": st.lists(block, max_size=1),
    },
)


class Wants:
    """A policy whose changes were proven together."""

    name = "wants"

    def __init__(self, changes, *, is_urgent: bool) -> None:
        self.proposal = Proposal(changes, ("wanted",), is_urgent, is_proven_whole=True, foresight=Foresight(NOON))

    def propose(self, situation) -> Proposal:
        """Want them."""
        return self.proposal


def seeing(values, **changes):
    """A situation with these settings."""
    observation = Observation("web", a_window(), "prometheus", False, {}, Thresholds(values, **changes))  # noqa: FBT003
    return a_situation(observation=observation, knobs=KNOBS)


@given(standing, wanted, st.booleans())
def test_what_the_limits_keep_no_guardrail_cuts(current, wish, is_rescue):
    """Neither bounds nor steps nor the gap have anything to say to it, in a rescue as in a saving."""
    assume(current["cpu_scale_in_percent"] <= current["cpu_scale_out_percent"] - GAP)
    assume(current["min_instances"] <= current["max_instances"])
    assume(all(one["from_minute_of_week"] != one["to_minute_of_week"] for one in wish.get("scheduled_minimum", [])))
    before = thresholds_of(current)
    situation = seeing(before.values)
    limits = team_limits(situation, frozenset(KNOBS), GAP, is_rescue=is_rescue)
    kept = limits.kept({**current, **wish}, current)
    changes = changes_between(before, thresholds_of(kept))
    decision = Tuner(Wants(changes, is_urgent=is_rescue), LAST).decide(situation)
    assert decision.changes == changes, decision.reasons


@given(wanted)
def test_what_is_fixed_stays(wish):
    """Whatever is wanted of it."""
    current = {**{name: KNOBS[name].minimum for name in NUMBERS}, "scaling_mode": "threshold", "scheduled_minimum": []}
    current |= {"cpu_scale_out_percent": 80.0, "max_instances": 12.0}
    for name in KNOBS:
        situation = seeing(thresholds_of(current).values)
        limits = team_limits(situation, frozenset(KNOBS) - {name}, GAP, is_rescue=True)
        assert limits.kept({**current, **wish}, current)[name] == current[name]


@pytest.mark.parametrize(
    ("written", "is_kept"),
    [([(0, 600, 6)], True), ([(0, 600, 21)], False), ([(hour * 60, hour * 60 + 30, 6) for hour in range(29)], False)],
)
def test_a_schedule_that_the_team_would_cut_is_none(written, is_kept):
    """Half of it was never replayed, so today's stays."""
    assert DEFAULT_KNOBS["scheduled_minimum"].most_entries == 28
    fields = ("from_minute_of_week", "to_minute_of_week", "min_instances")
    blocks = [dict(zip(fields, one, strict=True)) for one in written]
    current = {**settings_of(Thresholds({"min_instances": 2.0, "max_instances": 40.0})), "scheduled_minimum": []}
    situation = seeing(thresholds_of(current).values)
    limits = team_limits(situation, frozenset(KNOBS), GAP, is_rescue=False)
    assert limits.kept({**current, "scheduled_minimum": blocks}, current)["scheduled_minimum"] == (
        blocks if is_kept else []
    )


def test_a_wider_gap_of_the_team_is_kept():
    """The gap is the team's, also where it is wider than ours."""
    current = {"cpu_scale_out_percent": 80.0, "cpu_scale_in_percent": 30.0, "scaling_mode": "threshold"}
    limits = team_limits(seeing(current), frozenset(KNOBS), 40.0, is_rescue=False)
    kept = limits.kept({**current, "cpu_scale_in_percent": 50.0}, current)
    assert kept["cpu_scale_in_percent"] == 40.0
    assert replace(limits, gap_percent=8.0).kept({**current, "cpu_scale_in_percent": 50.0}, current) == {
        **current,
        "cpu_scale_in_percent": 50.0,
    }
