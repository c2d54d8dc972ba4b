"""Guardrails: what they let pass, what they cut, and that a doubt holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from examples import (
    NOON,
    STANDING,
    STEP,
    a_finding,
    a_knob,
    a_reward,
    a_series,
    a_situation,
    an_episode,
    an_observation,
    healthy_series,
    the_knobs,
)

from ai_ops.domain.metrics import Series
from ai_ops.domain.tuning import Change, Decision, Thresholds
from ai_ops.tune import cuts, guardrails
from ai_ops.tune.standstill import Standstill
from ai_ops.tune.tune import Tuner

SAVE = Change("cpu_scale_in_percent", 30.0, 35.0)
SAFER = Change("cpu_scale_out_percent", 80.0, 75.0)
DAY, SIX_HOURS = timedelta(hours=24), timedelta(hours=6)


def says(guardrail, changes=(SAVE,), **situation) -> str | None:
    """Ask one guardrail; None means that all passed unchanged."""
    verdict = guardrail(changes, a_situation(**situation))
    if verdict.changes == changes:
        assert verdict.said is None
    return verdict.said


def test_a_quiet_situation_passes_every_guardrail():
    """Nothing is held for no reason."""
    for guardrail in (
        guardrails.nothing_stops(Standstill()),
        guardrails.memory_fits_branch(DAY),
        guardrails.complete_data,
        guardrails.fresh_data(timedelta(minutes=30)),
        guardrails.enough_history,
        guardrails.enough_requests,
        guardrails.not_ignored,
        guardrails.knob_is_live,
        guardrails.no_savings_after_harm,
        guardrails.cooled_down(DAY, SIX_HOURS),
        guardrails.respect_people(DAY),
        cuts.sane_latency,
        cuts.limit_step,
        cuts.keep_gap(20),
        cuts.within_bounds,
    ):
        assert says(guardrail) is None


def test_a_pause_holds():
    """The kill switch (H26)."""
    stop = guardrails.nothing_stops(Standstill(paused=lambda: "release day"))
    assert says(stop) == "paused: release day; `neuropilot resume` ends it"


def test_a_doubtful_ledger_holds():
    """Corrupt state never moves a threshold (H32)."""
    assert "cannot be trusted" in says(guardrails.nothing_stops(Standstill(doubt=lambda: "line 3 was edited")))


def test_a_freeze_window_holds_while_it_lasts():
    """Both ends are honoured."""
    start, end = NOON, NOON + timedelta(hours=2)
    freeze = guardrails.nothing_stops(Standstill(freeze_windows=((start, end, "holidays"),)))
    assert "holidays" in says(freeze)
    assert says(freeze, now=end) is None
    assert says(freeze, now=start - timedelta(seconds=1)) is None


def test_a_lost_memory_holds_until_its_last_change_has_rested():
    """The branch carries a change that the ledger does not know: missing state moves nothing (H32)."""
    unknown = {"web-20261118T06Z": NOON - timedelta(hours=6)}
    fits = guardrails.memory_fits_branch(DAY)
    assert "the memory was lost" in says(fits, delivered=unknown)
    assert "the memory was lost" in says(fits, (SAFER,), delivered=unknown)
    assert says(fits, delivered=unknown, past=(an_episode(6, decision=Decision((SAVE,), ("dear",))),)) is None
    assert says(fits, delivered={"web-20261117T06Z": NOON - timedelta(hours=30)}) is None


def test_a_saving_needs_to_have_seen_a_day():
    """Six busy hours say nothing of the night; safety need not wait."""
    young = {
        metric: Series(metric, NOON - 36 * STEP, STEP, series.values[-36:])
        for metric, series in healthy_series().items()
    }
    assert "a day, whatever the hour" in says(guardrails.enough_history, observation=an_observation(young))
    assert says(guardrails.enough_history, (SAFER,), observation=an_observation(young)) is None


def test_partial_answers_hold():
    """A warning of the source means that data is missing."""
    partial = an_observation(warnings=("results truncated due to limit",))
    assert "partial" in says(guardrails.complete_data, observation=partial)


def test_a_window_full_of_holes_holds():
    """Nine tenths of the points are needed of every metric that matters."""
    series = healthy_series()
    values = series["cpu_percent"].values.copy()
    values[-10:] = np.nan
    holes = series | {"cpu_percent": a_series("cpu_percent", values)}
    assert says(guardrails.complete_data, observation=an_observation(holes)).startswith("cpu_percent has 72%")


def test_safety_may_be_bought_at_an_unknown_price():
    """A missing cost holds savings, never the answer to a broken promise."""
    series = healthy_series()
    del series["cost_per_hour"]
    assert "cost_per_hour has 0%" in says(guardrails.complete_data, observation=an_observation(series))
    assert says(guardrails.complete_data, (SAFER,), observation=an_observation(series)) is None
    assert says(guardrails.fresh_data(timedelta(minutes=30)), (SAFER,), observation=an_observation(series)) is None


def test_stale_metrics_hold():
    """Old data says nothing of now."""
    fresh = guardrails.fresh_data(timedelta(minutes=30))
    assert "old" in says(fresh, now=NOON + timedelta(hours=3))
    assert "in the future" in says(fresh, now=NOON - timedelta(hours=3))


def test_few_requests_hold():
    """An SLI of a handful of requests is noise (H44)."""
    assert "80 requests" in says(guardrails.enough_requests, reward=a_reward(requests=80.0))
    assert "unknown" in says(guardrails.enough_requests, reward=a_reward(requests=None))


def test_an_ignored_knob_stays():
    """`neuropilot: ignore` beside a value is a person's word."""
    ignored = an_observation(thresholds=STANDING)
    ignored = replace(ignored, thresholds=Thresholds(STANDING, frozenset({"cpu_scale_in_percent"})))
    assert "neuropilot: ignore" in says(guardrails.not_ignored, observation=ignored)


@pytest.mark.parametrize(("live", "words"), [({}, "does not say"), ({"cpu_scale_in_percent": 45.0}, "runs 45")])
def test_a_knob_that_is_not_live_holds(live, words):
    """A file that the platform does not follow must not be tuned."""
    knobs = the_knobs() | {"cpu_scale_in_percent": a_knob(live_query="scale_in")}
    assert words in says(guardrails.knob_is_live, knobs=knobs, observation=an_observation(live=live))
    ok = an_observation(live={"cpu_scale_in_percent": 30.0})
    assert says(guardrails.knob_is_live, knobs=knobs, observation=ok) is None


def test_no_saving_within_a_day_of_harm_but_safety_may_be_bought():
    """Anomalies that users felt pause savings for 24 h (R37)."""
    assert "no saving" in says(guardrails.no_savings_after_harm, findings=(a_finding(),))
    before = an_episode(18, findings=(a_finding(),))
    assert "no saving" in says(guardrails.no_savings_after_harm, past=(before,))
    long_ago = an_episode(30, findings=(a_finding(),))
    assert says(guardrails.no_savings_after_harm, past=(long_ago,)) is None
    assert says(guardrails.no_savings_after_harm, (SAFER,), findings=(a_finding(),)) is None


def test_a_landed_change_must_show_what_it_does_before_the_next():
    """One change a day towards savings, one a period towards safety (H28)."""
    landed = an_episode(
        7,
        thresholds=Thresholds(STANDING | {"cpu_scale_in_percent": 25.0}),
        decision=Decision((Change("cpu_scale_in_percent", 25.0, 30.0),), ("dear",)),
    )
    cooldown = guardrails.cooled_down(DAY, SIX_HOURS)
    assert "24 h must pass" in says(cooldown, past=(landed,))
    assert says(cooldown, (SAFER,), past=(landed,)) is None


def test_a_change_that_never_landed_needs_no_cooldown():
    """What is not in the repository cannot need time to show."""
    never = an_episode(7, decision=Decision((Change("cpu_scale_in_percent", 30.0, 35.0),), ("dear",)))
    assert says(guardrails.cooled_down(DAY, SIX_HOURS), past=(never,)) is None


def test_a_knob_that_a_person_moved_is_theirs_for_a_day():
    """A human edit wins (H42)."""
    before = an_episode(6, thresholds=Thresholds(STANDING | {"cpu_scale_in_percent": 40.0}))
    said = says(guardrails.respect_people(DAY), past=(before,))
    assert "a person moved cpu_scale_in_percent from 40 to 30" in said
    assert says(guardrails.respect_people(DAY), (SAFER,), past=(before,)) is None
    seen = an_episode(25)  # saw the person's value a day ago
    assert says(guardrails.respect_people(DAY), past=(replace(before, decided_at=NOON - 2 * DAY), seen)) is None
    just_now = replace(before, decided_at=NOON - 2 * DAY)
    assert "a person moved" in says(guardrails.respect_people(DAY), past=(just_now,))


def test_a_change_that_a_person_took_back_within_the_period_is_theirs():
    """The commit on the branch is the witness: the next run sees the old value, and a person's hand in it (H42)."""
    reverted = an_episode(6, decision=Decision((SAVE,), ("dear",)))
    delivered = {reverted.id: NOON - timedelta(hours=6)}
    said = says(guardrails.respect_people(DAY), past=(reverted,), delivered=delivered)
    assert "a person moved cpu_scale_in_percent from 35 to 30" in said
    assert "24 h must pass" in says(guardrails.cooled_down(DAY, SIX_HOURS), past=(reverted,), delivered=delivered)


def test_harm_is_named_with_its_own_time():
    """The latest thing that users felt."""
    early = a_finding("latency_p95_ms", at=NOON - timedelta(hours=3))
    late = a_finding("error_percent", at=NOON - timedelta(hours=1))
    assert "(error_percent, 11-18 11:00 UTC)" in says(guardrails.no_savings_after_harm, findings=(early, late))


def test_the_latency_threshold_stays_in_its_band():
    """Within 1.5 times the normal p95 and 0.9 times the SLO (R37)."""
    tight = (Change("latency_scale_out_ms", 300.0, 200.0),)
    (cut,) = cuts.sane_latency(tight, a_situation()).changes
    assert 220 <= cut.after <= 230
    slow = an_observation(healthy_series(latency_p95_ms=300.0))
    assert "above 0.9 times the SLO" in says(cuts.sane_latency, tight, observation=slow)


def test_a_cut_never_turns_a_change_round():
    """A threshold below its band is not raised by a rule that wanted it lower."""
    low = (Change("latency_scale_out_ms", 150.0, 140.0),)
    assert cuts.sane_latency(low, a_situation()).changes == ()


def test_a_cut_never_makes_a_change_larger():
    """A gap that was too small before is no reason to leap: every step towards it may pass (H41)."""
    narrow = an_observation(thresholds=STANDING | {"cpu_scale_out_percent": 70.0, "cpu_scale_in_percent": 65.0})
    down = (Change("cpu_scale_in_percent", 65.0, 60.0),)
    assert cuts.keep_gap(20)(down, a_situation(observation=narrow)).changes == down
    up = (Change("cpu_scale_out_percent", 70.0, 75.0),)
    assert cuts.keep_gap(20)(up, a_situation(observation=narrow)).changes == up


FUTURE = an_episode(
    -365 * 24,
    thresholds=Thresholds(STANDING | {"cpu_scale_in_percent": 25.0}),
    decision=Decision((Change("cpu_scale_in_percent", 25.0, 30.0),), ("dear",)),
    findings=(a_finding("slo_good_ratio"),),
)


def test_a_clock_that_went_back_is_named():
    """A change of next year counts as made when it was first seen: now, where nobody saw it before (H18)."""
    said = says(guardrails.cooled_down(DAY, SIX_HOURS), past=(FUTURE,))
    assert "lies in the future (2027-11-18 12:05 UTC; check the clocks)" in said
    assert "first seen, 0.0 h ago, 24 h must pass" in said


def test_a_change_of_the_future_holds_no_longer_than_any_other():
    """Safety waits once for its six hours, a saving for its day, and neither until next year (H18, S001-83)."""
    cooled_down = guardrails.cooled_down(DAY, SIX_HOURS)
    for hours, change, is_held in (
        (5, (SAFER,), True),
        (6, (SAFER,), False),
        (23, (SAVE,), True),
        (24, (SAVE,), False),
    ):
        held = says(cooled_down, change, past=(FUTURE, an_episode(hours))) is not None
        assert held is is_held, (hours, change)


def test_harm_and_a_persons_edit_of_the_future_pass_as_well():
    """What was felt, or moved by hand, rests a day from when it was first seen (R37)."""
    edited = replace(FUTURE, decision=Decision.hold("calm"))
    for hours, is_held in ((23, True), (25, False)):
        for guardrail, past in (
            (guardrails.no_savings_after_harm, (FUTURE, an_episode(hours))),
            (guardrails.respect_people(DAY), (edited, an_episode(hours))),
        ):
            assert (says(guardrail, past=past) is not None) is is_held


def test_a_hold_of_the_same_period_does_not_make_a_lost_change_known():
    """The run after a lost memory writes a hold under the very name that the branch carries (H32)."""
    held = an_episode(6)
    assert "the memory was lost" in says(
        guardrails.memory_fits_branch(DAY), past=(held,), delivered={held.id: NOON - timedelta(hours=6)}
    )


def test_steps_gaps_and_bounds_cut_and_say_so():
    """A cut names the knob, what was wanted and what is left."""
    wide = (Change("cpu_scale_in_percent", 30.0, 68.0),)
    assert "35 (step)" in cuts.limit_step(wide, a_situation()).said
    assert "60 (gap)" in cuts.keep_gap(20)(wide, a_situation()).said
    above = (Change("cpu_scale_in_percent", 30.0, 99.0),)
    assert "70 (bounds)" in cuts.within_bounds(above, a_situation()).said


def test_a_value_that_a_person_set_outside_the_bounds_is_left_alone():
    """It is theirs, and not the agent's to repair."""
    outside = (Change("cpu_scale_in_percent", 75.0, 70.0),)
    assert "somebody set it there" in cuts.within_bounds(outside, a_situation()).said


class Wanting:
    """A policy that always wants the same."""

    name = "wanting"

    def __init__(self, *changes: Change) -> None:
        self.changes = changes

    def propose(self, situation):
        """Want it."""
        from ai_ops.domain.tuning import Proposal

        return Proposal(self.changes, ("because",))


def test_a_guardrail_that_cannot_be_computed_holds():
    """Fail closed: a broken guardrail is no permission."""

    def broken(changes, situation):
        raise ZeroDivisionError("0/0")

    decision = Tuner(Wanting(SAVE), (broken,)).decide(a_situation())
    assert decision.is_hold
    assert "broken could not be computed" in decision.reasons[-1]


def test_a_decision_keeps_every_reason_in_order():
    """The policy's reason first, then what each guardrail cut."""
    wide = Change("cpu_scale_in_percent", 30.0, 68.0)
    decision = Tuner(Wanting(wide), (cuts.limit_step, cuts.within_bounds)).decide(a_situation())
    assert decision.changes == (Change("cpu_scale_in_percent", 30.0, 35.0),)
    assert decision.reasons == ("because", "cpu_scale_in_percent: 68 cut to 35 (step)")


def test_a_policy_cannot_move_a_knob_that_is_not_the_services():
    """Only configured knobs exist."""
    assert Tuner(Wanting(Change("max_instances", 5, 50)), ()).decide(a_situation()).is_hold
