"""A decision in which every text that comes from outside is the same text, for tests of what people and hosts see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from examples import NOON, a_choice, a_finding, a_reward, an_episode, the_knobs
from predictions import a_prediction, an_outcome

from ai_ops.apply.pull_request_body.facts import Facts, Similar
from ai_ops.domain.cycle import CycleResult, Delivery, DeliveryStatus, Episode
from ai_ops.domain.metrics import Gap
from ai_ops.domain.prediction import Interval, Verdict
from ai_ops.domain.rationale import Cause, Option, Rationale, RiskyHour, Role
from ai_ops.domain.tuning import Change, Decision, Thresholds

PICTURE = "https://github.com/team/web/blob/neuropilot/state/charts/web.svg?raw=true"


def infested_episode(text: str) -> Episode:
    """An episode with `text` in every field that holds words, those included that settings would refuse."""
    changes = (
        Change("cpu_scale_in_percent", 30.0, 35.0),
        Change("scaling_mode", text, f"{text}2"),
        Change(text, 1.0, 2.0),
    )
    expected = a_prediction(0.0)
    name = text.encode("utf-8", "replace").decode()  # names come from the settings, which are a file in UTF-8
    return an_episode(
        id=name,
        service=name,
        source=text,
        policy=text,
        mode=text,
        thresholds=Thresholds({"cpu_scale_in_percent": 30.0, "scaling_mode": text, text: 1.0}),
        findings=(a_finding(reason=text), a_finding(name, detectors=(text,), reason=text)),
        reward=a_reward(formula=text, reason=text, terms={text: 1.0}, beside={text: 1.0}),
        decision=Decision(changes, (text, f"it is so: {text}")),
        gaps=(Gap("cpu_percent", text), Gap(text, text)),
        warnings=(text,),
        prediction=expected,
        if_unchanged=replace(expected, cost_per_hour=Interval(2.5, 2.1, 2.9)),
        outcomes=(an_outcome(2.0, reason=text),),
        inputs_digest=text,
        rationale=infested_rationale(text),
    )


def infested_rationale(text: str) -> Rationale:
    """Grounds with `text` wherever they have words."""
    move = (Change(text, text, f"{text}2"),)
    figures = {"cost_per_hour": 2.0, "burn": 0.3, "burn_bound": 0.4, "stressed_burn": 0.5, "events_per_day": 6.0}
    return Rationale(
        window_start=NOON - timedelta(days=14),
        window_end=NOON,
        margin=0.45,
        options=(Option(Role.TODAY, (), **figures), *(Option(role, move, **figures, obstacle=text) for role in Role)),
        riskiest=(RiskyHour(NOON - timedelta(days=3), 0.02, 120.0, 91.0, 2.0, Cause.ELSEWHERE),),
        what_would_change=(text, f"if it were not for {text}"),
    )


def infested_facts(text: str) -> Facts:
    """All that a body is written from, with `text` wherever there is a choice of words."""
    knobs = the_knobs() | {"scaling_mode": a_choice(words=(text, f"{text}2"))}
    outcome = an_outcome(9.0, Verdict.MISS, reason=text, is_live_change=True)
    commented = "\n # ".join(text.splitlines())
    return Facts(
        episode=infested_episode(text),
        knobs=knobs,
        diff=f"--- a/x.tfvars\n+++ b/x.tfvars\n@@ -1,2 +1,2 @@\n {commented}\n-in = 30\n+in = 35\n",
        similar=(Similar(text, NOON - timedelta(days=9), (Change(text, text, text),), outcome),),
        checks=(text, f"checked: {text}"),
        expires_at=NOON + timedelta(days=7),
        chart_url=PICTURE,
        ledger_hash=text,
        currency=text,
    )


def infested_result(text: str) -> CycleResult:
    """A finished cycle with `text` in every field that holds words."""
    return CycleResult(
        infested_episode(text), Delivery(DeliveryStatus.RECORDED, text, infested_facts(text).diff, text, text)
    )
