"""What the job that acts believes of a handed-over decision: what it can work out by itself, it works out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from examples import a_finding
from modelled import Loop, make_service, the_service, the_tuner
from predictions import a_prediction

from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.prediction import Interval, Looked, Verdict
from ai_ops.domain.tuning import Change, Decision
from ai_ops.settings.model import Settings
from ai_ops.wiring.jobs.foresight_again import judged_again
from ai_ops.wiring.jobs.handed import Handed
from ai_ops.wiring.jobs.second_look import objection

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Observation
    from ai_ops.domain.situation import Situation

DAY = timedelta(days=1)
SERVICE = the_service()


@pytest.fixture(scope="module")
def honest_ones() -> list[Handed]:
    """Five decisions of the policy `model` in a row, as they are handed over: the last one judges the first."""
    tuner, made = the_tuner(SERVICE), []

    def decide(situation: Situation) -> Decision:
        made.append(handed(situation, tuner.decide(situation)))
        return made[-1].decision

    Loop(*make_service("weekly", 6, days=2), SERVICE, decide, review_cycles=None).run(5)
    return made


@pytest.fixture
def judging(honest_ones: list[Handed]) -> Handed:
    """The decision that judges an earlier prediction."""
    return honest_ones[-1]


def handed(situation: Situation, decision: Decision, **settings: object) -> Handed:
    """A decision beside what it was made on."""
    return Handed(
        settings=Settings.model_validate(settings),
        service=SERVICE,
        past=situation.past,
        observation=situation.observation,
        findings=situation.findings,
        reward=situation.reward,
        decision=decision,
        at=situation.now,
        delivered=situation.delivered,
    )


def saying(honest: Handed, **changes: object) -> Handed:
    """The same with something else in what it knows."""
    foresight = replace(honest.decision.foresight, **changes)
    return replace(honest, decision=replace(honest.decision, foresight=foresight))


def test_what_is_honest_passes_in_every_cycle(honest_ones: list[Handed]) -> None:
    """Looks, holds between looks, and a judgement: none of them differs from what is worked out again."""
    assert [objection(one) for one in honest_ones] == [None] * 5
    for one in honest_ones:
        assert judged_again(one) == one.decision.foresight
    assert [len(one.decision.foresight.outcomes) for one in honest_ones] == [0, 0, 0, 0, 1]
    assert [one.decision.foresight.prediction is not None for one in honest_ones][0::4] == [True, True]


FORGED = {
    "a hit in place of what came": lambda one: (replace(one, verdict=Verdict.NOT_JUDGEABLE),),
    "another burn": lambda one: (replace(one, burn=one.burn + 0.01),),
    "another bound": lambda one: (replace(one, burn_high=50.0),),
    "a change that was live": lambda one: (replace(one, is_live_change=True),),
    "another time": lambda one: (replace(one, judged_at=one.judged_at - DAY),),
    "twice": lambda one: (one, one),
    "of predictions that nobody made": lambda one: tuple(
        replace(one, made_at=one.made_at - n * DAY) for n in range(30)
    ),
    "none": lambda one: (),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_outcomes_that_the_metrics_do_not_show_are_refused(judging: Handed, forge: Callable) -> None:
    """Autonomy is earned by outcomes; whoever takes over the job that thinks earns none by writing them (H42, H15)."""
    (outcome,) = judging.decision.foresight.outcomes
    forged = saying(judging, outcomes=forge(outcome))
    assert objection(forged) == "it judges earlier predictions otherwise than the metrics do"


def test_the_words_of_an_outcome_are_those_of_the_job_that_acts(judging: Handed) -> None:
    """And figures that differ by how a machine adds are no lie; what is recorded was judged here (H42)."""
    (outcome,) = judging.decision.foresight.outcomes
    told = saying(judging, outcomes=(replace(outcome, reason="trust me", burn=outcome.burn * (1 + 1e-12)),))
    assert objection(told) is None
    assert judged_again(told).outcomes == (outcome,)


def test_a_policy_that_predicts_nothing_has_nothing_to_judge(judging: Handed) -> None:
    """Also a hold, which moves nothing, may not bring outcomes to the ledger (H42)."""
    other = replace(judging, settings=Settings.model_validate({"tuning": {"policy": "rules"}}))
    assert objection(other) == "it does not say of the future what its policy says"
    bare = replace(other, decision=Decision.hold("calm"))
    assert objection(bare) is None
    assert judged_again(bare) is None


def test_a_look_cannot_be_left_out(judging: Handed) -> None:
    """Else a miss could be kept from being judged (H42)."""
    assert objection(replace(judging, decision=Decision.hold("calm"))) is not None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"horizon_hours": 1.0}, "figures are none"),
        ({"burn": Interval(0.3, 0.0, float("inf"))}, "figures are none"),
        ({"cost_per_hour": Interval(2.0, 3.0, 4.0)}, "figures are none"),
        ({"cost_per_hour": Interval(float("nan"), 1.0, 4.0)}, "figures are none"),
        ({"slo_good_percent": Interval(99.0, 98.0, 120.0)}, "figures are none"),
        ({"requests_per_second": Interval(1.0, -1.0, 2.0)}, "figures are none"),
    ],
)
def test_a_prediction_that_is_none_is_refused(judging: Handed, changes: dict[str, object], words: str) -> None:
    """What can never miss, or cannot be read, would earn hits for nothing (H42)."""
    prediction = judging.decision.foresight.prediction
    assert words in objection(saying(judging, prediction=replace(prediction, **changes)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prediction": a_prediction()}, "made at another time"),
        ({"looked": None}, "has not looked at"),
        ({"looked": Looked(7.0, 0.1)}, "another last day"),
        ({"looked": Looked(None, -1.0)}, "a burn that is none"),
        ({"looked": Looked(None, float("inf"))}, "a burn that is none"),
    ],
)
def test_a_look_at_another_time_or_day_is_refused(judging: Handed, changes: dict[str, object], words: str) -> None:
    """The last day is what the metrics show; a prediction is of the moment in which it is made (H42, H18)."""
    assert words in objection(saying(judging, **changes))


def test_a_hold_says_one_thing_of_the_future(judging: Handed) -> None:
    """What would be without the change is no question where nothing changes."""
    expected = judging.decision.foresight.prediction
    hold = replace(judging, decision=Decision((), ("calm",), foresight=judging.decision.foresight))
    assert "without the change" in objection(saying(hold, if_unchanged=expected))


RULES = {"tuning": {"policy": "rules"}}
WIDE = (Change("min_instances", 2.0, 20.0),)
"""Ten steps at once, which only safety may take."""


@pytest.fixture(scope="module")
def calm() -> Handed:
    """A decision of the policy `model` on a service that keeps its promise."""
    situation = Loop(*make_service("weekly", 6, days=0, cpu_scale_out_percent=60.0), SERVICE, Decision.hold).situation()
    return handed(situation, the_tuner(SERVICE).decide(situation))


def urgent(one: Handed, **changes: object) -> Handed:
    """What whoever took over the job that thinks makes of it."""
    decision = replace(one.decision, changes=WIDE, is_urgent=True)
    return replace(one, decision=decision, reward=replace(one.reward, burn=5.0, slo_good_percent=90.0), **changes)


def test_what_the_model_does_not_call_urgent_is_not(calm: Handed) -> None:
    """Saying so lifts no step and merges nothing by itself, whatever burn is claimed beside it (H15, S001-83)."""
    assert not calm.decision.is_urgent
    assert objection(calm) is None
    assert "it calls urgent what its policy does not: replayed on 14 days" in objection(urgent(calm))
    assert "step" in objection(replace(calm, decision=replace(calm.decision, changes=WIDE)))


def test_what_the_model_calls_urgent_is_urgent(honest_ones: list[Handed]) -> None:
    """Settings that break the promise in a bad fortnight: the rescue passes, though today was a quiet day (H03)."""
    assert honest_ones[0].decision.is_urgent
    assert honest_ones[0].reward.burn < 1.0
    assert objection(honest_ones[0]) is None


@pytest.mark.parametrize("policy", ["rules", "literal"])
def test_a_rule_calls_urgent_only_what_the_metrics_do(calm: Handed, policy: str) -> None:
    """The promise is counted again from the observation; a burn that a document claims is worth nothing (H15)."""
    settings = Settings.model_validate({"tuning": {"policy": policy}})
    forged = urgent(replace(calm, decision=Decision((), ("danger",))), settings=settings)
    assert "it calls urgent what its policy does not" in objection(forged)
    assert objection(replace(forged, observation=broken(calm))) is None


def test_a_hold_is_never_urgent(calm: Handed) -> None:
    """It would stand in the ledger as one."""
    hold = replace(calm, decision=Decision((), ("calm",), is_urgent=True), settings=Settings.model_validate(RULES))
    assert objection(hold) == "it calls urgent what moves nothing"


def broken(one: Handed) -> Observation:
    """The same service with every tenth request bad."""
    good = one.observation.series["slo_good_ratio"]
    bad = replace(good, values=good.values * 0.0 + 0.9)
    return replace(one.observation, series={**one.observation.series, "slo_good_ratio": bad})


def a_late_finding(judging: Handed, **changes: object) -> Finding:
    """A finding an hour before the window ends."""
    at = judging.observation.window.end - timedelta(hours=1)
    return a_finding("cpu_percent", **({"since": at, "at": at} | changes))


def test_findings_are_of_what_was_looked_at(judging: Handed) -> None:
    """They reach people; one of another metric, time or measure was never found (H15)."""
    end, fine = judging.observation.window.end, a_late_finding(judging)
    forecast = replace(fine, alarm=Alarm.FORECAST, since=end + PERIOD / 2, at=end + PERIOD)
    assert objection(replace(judging, findings=(fine, forecast))) is None
    for forged, words in (
        (replace(fine, metric="bank_balance"), "a metric that was not observed"),
        (replace(fine, at=end), "outside of the window"),
        (replace(fine, at=fine.at - DAY, since=fine.since - DAY), "outside of the window"),
        (replace(fine, since=end), "outside of the window"),
        (replace(fine, since=fine.since - 1000 * DAY), "outside of the window"),
        (replace(forecast, at=end + 3 * PERIOD), "outside of the window"),
        (replace(fine, value=float("inf")), "figures that are none"),
        (replace(fine, score=float("nan")), "figures that are none"),
        (replace(fine, score=-1.0), "figures that are none"),
    ):
        assert words in objection(replace(judging, findings=(forged,)))
    assert "more than" in objection(replace(judging, findings=(fine,) * 6))
