"""The policy `model`: what it proposes in a team's name, and when it stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from modelled import Loop, make_service, the_service, the_tuner

from ai_ops.domain import prediction
from ai_ops.domain.metrics import Gap
from ai_ops.domain.prediction import Looked
from ai_ops.domain.tuning import Change, Decision, Proposal, Thresholds
from ai_ops.simulator.profiles import platform
from ai_ops.tune.advice import advise
from ai_ops.tune.autonomy.evidence import evidence
from ai_ops.tune.guardrails import Verdict
from ai_ops.tune.model import Model
from ai_ops.tune.tune import CUT, Tuner

if TYPE_CHECKING:
    from ai_ops.domain.situation import Situation
    from ai_ops.tune.guardrails import Changes

SERVICE = the_service()
EVERY_KNOB = frozenset(SERVICE.knobs)


@cache
def calm() -> Loop:
    """Ten instances on 60/30 that could do with fewer; four days of history."""
    simulated, standing = make_service("daily", 10, days=1, warm_days=4, cpu_scale_out_percent=60.0)
    return Loop(simulated, standing, SERVICE, the_tuner(SERVICE).decide)


def a_model(**changes: Any) -> Model:
    """The policy of a team that lets every knob move."""
    return Model(**{"platform": SERVICE.platform, "movable": EVERY_KNOB, "gap_percent": 8.0} | changes)


def watched(situation: Situation, **changes: Any) -> Situation:
    """The same situation, with something else observed."""
    return replace(situation, observation=replace(situation.observation, **changes))


def test_one_decision_moves_several_knobs_and_says_what_it_expects():
    """All were proven together; one prediction is of what will run, the other of what runs (S001-93…98)."""
    proposal = a_model().propose(calm().situation())
    assert len(proposal.changes) > 1
    assert proposal.is_proven_whole
    assert not proposal.is_urgent
    foresight = proposal.foresight
    assert foresight.at == calm().simulated.now == foresight.prediction.made_at
    assert foresight.prediction.cost_per_hour.expected < foresight.if_unchanged.cost_per_hour.expected
    assert foresight.prediction.burn.expected < 0.6
    assert "they cost" in proposal.reasons[-1]


def test_the_same_inputs_give_the_same_decision():
    """Whoever replays a decision gets it again, to the last digit."""
    assert a_model().propose(calm().situation()) == a_model().propose(calm().situation())


def test_all_guardrails_let_what_it_proposes_pass():
    """None cuts what was searched for within the same limits."""
    situation = calm().situation()
    decision = the_tuner(SERVICE).decide(situation)
    proposal = a_model().propose(situation)
    assert decision.changes == proposal.changes
    assert decision.foresight == proposal.foresight


def test_without_minutes_it_stays_and_says_why():
    """It says which of three reasons holds."""
    situation = watched(calm().situation(), minutes={})
    assert "no minutes of cpu_percent" in a_model().propose(situation).reasons[0]
    refused = watched(situation, minute_gaps=(Gap("instances", "no query is configured for it"),))
    assert a_model().propose(refused) == Proposal.stay(
        "the service cannot be modelled: instances minute by minute: no query is configured for it"
    )
    loop = calm()
    looked = replace(loop.episode(Decision.hold("settled")), looked=Looked(0.1, 0.1))
    assert "the next look is due a day after it" in a_model().propose(replace(situation, past=(looked,))).reasons[0]


def test_a_file_that_lacks_a_threshold_cannot_be_replayed():
    """It names the threshold, and how to keep it from moving."""
    situation = calm().situation()
    values = {name: value for name, value in situation.observation.thresholds.values.items() if name != "max_instances"}
    (reason,) = a_model().propose(watched(situation, thresholds=Thresholds(values))).reasons
    assert "without max_instances" in reason
    assert "neuropilot: ignore" in reason


@pytest.mark.parametrize(
    "why", ["ignored", "not movable", "no knob", "another value is live", "the platform is silent"]
)
def test_what_must_not_move_is_replayed_as_it_stands(why: str):
    """Whatever keeps a knob where it is, the others may move around it."""
    situation, model, name = calm().situation(), a_model(), "cpu_scale_out_percent"
    knobs = dict(situation.knobs)
    if why == "ignored":
        thresholds = replace(situation.observation.thresholds, ignored=frozenset({name, "scaling_mode"}))
        situation = watched(situation, thresholds=thresholds)
    elif why == "not movable":
        model = a_model(movable=EVERY_KNOB - {name, "scaling_mode"})
    elif why == "no knob":
        situation = replace(situation, knobs={one: knob for one, knob in knobs.items() if one != name})
    else:
        knobs[name] = replace(knobs[name], live_query="whatever")
        live = {name: 55.0} if why == "another value is live" else {}
        situation = watched(replace(situation, knobs=knobs), live=live)
    proposal = model.propose(situation)
    assert proposal.changes
    assert name not in {change.knob for change in proposal.changes}


def test_a_promise_in_danger_is_rescued_beyond_the_teams_steps():
    """Savings take the steps that the team set, safety goes as far as it must, in one urgent decision."""
    narrow = dict(the_service().movable)
    for name in ("cpu_scale_out_percent", "cpu_scale_in_percent"):
        narrow[name] = narrow[name].model_copy(update={"max_step": 2.0})
    narrow["min_instances"] = narrow["min_instances"].model_copy(update={"max_step": 1.0})
    service = the_service().model_copy(update={"movable": narrow})
    danger = {"cpu_scale_out_percent": 90.0, "cpu_scale_in_percent": 70.0, "cooldown_minutes": 5}
    simulated, standing = make_service("daily", 10, days=1, warm_days=4, **danger)
    loop = Loop(simulated, standing, service, the_tuner(service).decide)
    decision = loop.decide(loop.situation())
    assert decision.is_urgent
    moved = {change.knob: change for change in decision.changes}
    knobs = service.knobs
    for name, change in moved.items():
        if isinstance(change.after, float) and abs(change.after - change.before) > knobs[name].max_step:
            assert knobs[name].is_safer(change.before, change.after)
    assert any(
        isinstance(change.after, float) and abs(change.after - change.before) > knobs[name].max_step
        for name, change in moved.items()
    )


class Cuts:
    """A guardrail that leaves only the first change, or makes it smaller."""

    def __init__(self, *, is_smaller: bool) -> None:
        self.is_smaller = is_smaller

    def __call__(self, changes: Changes, situation: Situation) -> Verdict:
        """Cut."""
        first = changes[0]
        return Verdict((replace(first, after=first.before + 1.0),) if self.is_smaller else (first,), "cut")


class Wants:
    """A policy that wants what it is told."""

    name = "wants"

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal

    def propose(self, situation: Situation) -> Proposal:
        """Want it."""
        return self.proposal


@pytest.mark.parametrize("is_smaller", [True, False])
def test_a_part_of_what_was_proven_together_is_proven_by_nothing(*, is_smaller: bool):
    """When a guardrail cuts one of several changes, none is made; what was expected of today's settings stays."""
    wanted = a_model().propose(calm().situation())
    assert len(wanted.changes) > 1
    whole = replace(wanted, changes=tuple(sorted(wanted.changes, key=lambda one: not isinstance(one.after, float))))
    decision = Tuner(Wants(whole), (Cuts(is_smaller=is_smaller),)).decide(calm().situation())
    assert decision.is_hold
    assert decision.reasons[-2:] == ("cut", CUT)
    assert decision.foresight.prediction == wanted.foresight.if_unchanged
    piecemeal = replace(whole, is_proven_whole=False)
    assert not Tuner(Wants(piecemeal), (Cuts(is_smaller=is_smaller),)).decide(calm().situation()).is_hold


def test_a_rescue_that_trades_one_knob_for_another_is_not_taken_for_a_saving():
    """After harm nothing is saved for a day, and what a replay has proven to be safer passes (R37)."""
    from examples import a_finding

    from ai_ops.tune.guardrails import no_savings_after_harm

    trade = (Change("cpu_scale_out_percent", 80.0, 60.0), Change("cpu_scale_in_percent", 30.0, 40.0))
    harmed = replace(calm().situation(), findings=(a_finding(at=calm().simulated.now),))
    for is_proven_whole in (True, False):
        proposal = Proposal(trade, ("danger",), is_urgent=True, is_proven_whole=is_proven_whole)
        assert Tuner(Wants(proposal), (no_savings_after_harm,)).decide(harmed).is_hold is not is_proven_whole


def test_a_price_is_read_from_what_was_paid():
    """Where nobody wrote one down, the measured cost and the instances tell it (R43)."""
    unwritten = replace(SERVICE.platform, price_per_instance_hour=0.0)
    question = a_model(platform=unwritten).question(calm().situation())
    real = platform(calm().simulated.profile).price_per_instance_hour
    assert question.platform.price_per_instance_hour == pytest.approx(real, rel=1e-3)


def test_nothing_is_predicted_at_an_unknown_price():
    """Without a price and without a cost no figure is made up; safety could still be bought."""
    situation = calm().situation()
    minutes = {name: one for name, one in situation.observation.minutes.items() if name != "cost_per_hour"}
    unwritten = a_model(platform=replace(SERVICE.platform, price_per_instance_hour=0.0))
    proposal = unwritten.propose(watched(situation, minutes=minutes))
    assert proposal.foresight.prediction is None
    assert proposal.foresight.if_unchanged is None
    assert proposal.foresight.looked is not None
    assert "what an instance costs is not known" in proposal.reasons[-1]


def test_a_young_or_lost_memory_leaves_wider_margins():
    """S001-139: below a week of looks a proposal may spend less of the error budget; and a lost memory is young."""
    loop, situation = calm(), calm().situation()
    week = tuple(
        replace(loop.episode(Decision.hold("settled")), looked=Looked(0.1, 0.1), decided_at=situation.now - age)
        for age in (timedelta(days=8), timedelta(days=1))
    )
    model = a_model()
    margins = [advise(model.question(replace(situation, past=past))).choice.margin for past in (week, ())]
    assert margins[1] == pytest.approx(margins[0] * 0.45 / 0.60)


def test_a_look_of_next_year_neither_waits_nor_stays_open():
    """A clock that was ahead once must not keep the model, safety included, from looking until then (H18)."""
    loop = calm()
    situation, now = loop.situation(), loop.simulated.now
    ahead = replace(
        loop.episode(Decision((Change("min_instances", 2.0, 4.0),), ("danger",), is_urgent=True)),
        decided_at=now + timedelta(days=365),
        looked=Looked(0.1, 0.1),
    )
    asked = a_model().question(replace(situation, past=(ahead,)))
    assert asked.records == ()
    assert a_model().propose(replace(situation, past=(ahead,))).changes


def test_a_team_that_only_watches_sees_every_day_whether_it_is_right():
    """What nobody takes does not keep the next day from being predicted, and autonomy from being earned (S001-135)."""
    simulated, standing = make_service("daily", 10, days=3, warm_days=4, cpu_scale_out_percent=60.0)
    loop = Loop(simulated, standing, SERVICE, the_tuner(SERVICE).decide, review_cycles=None)
    loop.run(9)
    advised, second, third = (episode for episode in loop.past if episode.looked is not None)
    assert advised.decision.changes
    assert "is open; one at a time" in second.decision.reasons[-1]
    assert third.decision.changes  # nobody answered for two days
    assert all(not outcome.is_live_change for one in (second, third) for outcome in one.outcomes)
    days = {one.source for one in evidence(loop.past, (), SERVICE.knobs) if one.verdict is prediction.Verdict.HIT}
    assert len(days) == 2


def test_too_few_requests_mean_nothing():
    """At a hundred requests an hour one bad one is the budget of a day: nothing moves (H44)."""
    situation = calm().situation()
    minutes = dict(situation.observation.minutes)
    rate = minutes["requests_per_second"]
    minutes["requests_per_second"] = replace(rate, values=np.full(rate.values.size, 0.03))
    (reason,) = a_model().propose(watched(situation, minutes=minutes)).reasons
    assert "requests in the last day" in reason
