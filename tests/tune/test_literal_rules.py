"""The policy `literal`: the three rules as they were first written, behind the same guardrails."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from examples import STANDING, a_finding, a_knob, a_reward, a_situation, an_episode, an_observation, the_knobs

from ai_ops.domain.finding import Severity
from ai_ops.domain.tuning import Change, Decision
from ai_ops.settings import load_settings
from ai_ops.tune import cuts
from ai_ops.tune.literal import LiteralRules
from ai_ops.tune.rules import Rules
from ai_ops.tune.standstill import Standstill
from ai_ops.tune.tune import Tuner
from ai_ops.wiring.sources import tuner

MET_AND_DEAR = a_reward(slo_good_percent=99.95, cost=0.5, budget=0.4)
MET_AND_CHEAP = a_reward(slo_good_percent=100.0, cost=0.4, budget=0.4)
NOT_MET = a_reward(slo_good_percent=99.94, burn=1.2, cost=0.5, budget=0.4)


def moves(**changes) -> dict[str, tuple[float, float]]:
    """What the rules want, by knob."""
    return {one.knob: (one.before, one.after) for one in LiteralRules().propose(a_situation(**changes)).changes}


def test_sla_met_and_cost_high_raises_both_thresholds():
    """SLA met and cost high: raise thresholds, scale less (S001-78)."""
    assert moves(reward=MET_AND_DEAR) == {
        "cpu_scale_out_percent": (80.0, 85.0),
        "cpu_scale_in_percent": (30.0, 35.0),
    }


def test_sla_not_met_lowers_both_thresholds_and_is_urgent():
    """SLA not met: lower thresholds, scale more, whatever it costs (S001-79)."""
    assert moves(reward=NOT_MET) == {"cpu_scale_out_percent": (80.0, 75.0), "cpu_scale_in_percent": (30.0, 25.0)}
    assert LiteralRules().propose(a_situation(reward=NOT_MET)).is_urgent


@pytest.mark.parametrize("metric", ["latency_p95_ms", "requests_per_second"])
def test_anomalies_detected_tighten_the_latency_threshold(metric):
    """Any anomaly, of whatever metric and severity (S001-80)."""
    trifle = a_finding(metric, severity=Severity.LOW)
    assert moves(reward=MET_AND_CHEAP, findings=(trifle,)) == {"latency_scale_out_ms": (300.0, 250.0)}


def test_two_rules_may_speak_in_one_cycle():
    """Nothing as first written puts them in an order (S001-78 to S001-80)."""
    wanted = moves(reward=NOT_MET, findings=(a_finding(),))
    assert wanted == {
        "cpu_scale_out_percent": (80.0, 75.0),
        "cpu_scale_in_percent": (30.0, 25.0),
        "latency_scale_out_ms": (300.0, 250.0),
    }


def test_no_rule_no_change():
    """SLA met, cost within the budget, no anomalies: maintain (S001-94)."""
    proposal = LiteralRules().propose(a_situation(reward=MET_AND_CHEAP))
    assert proposal.changes == ()
    assert proposal.reasons == ("SLA met (100 % of 99.95 %), cost not high, no anomalies: no rule applies",)


def test_the_sla_is_a_flag():
    """Exactly the target is met; a thousandth less is not (S001-95)."""
    assert moves(reward=replace(MET_AND_DEAR, slo_good_percent=99.95))["cpu_scale_out_percent"] == (80.0, 85.0)
    assert moves(reward=replace(MET_AND_DEAR, slo_good_percent=99.949))["cpu_scale_out_percent"] == (80.0, 75.0)


def test_an_unknown_sla_moves_nothing():
    """An unknown is no success, and no failure either."""
    assert moves(reward=replace(NOT_MET, slo_good_percent=None), findings=(a_finding(),)) == {}


def test_an_unknown_cost_is_not_high():
    """Nothing is saved at an unknown price."""
    assert moves(reward=replace(MET_AND_DEAR, cost=None)) == {}


def test_a_knob_stops_at_its_bound():
    """And one that a person set beyond it is not moved the other way (H41)."""
    knobs = the_knobs() | {"cpu_scale_out_percent": a_knob("cpu_scale_out_percent", minimum=50, maximum=82)}
    assert moves(reward=MET_AND_DEAR, knobs=knobs)["cpu_scale_out_percent"] == (80.0, 82.0)
    beyond = an_observation(thresholds=STANDING | {"cpu_scale_out_percent": 88.0, "cpu_scale_in_percent": 70.0})
    proposal = LiteralRules().propose(a_situation(reward=MET_AND_DEAR, knobs=knobs, observation=beyond))
    assert proposal.changes == ()
    assert proposal.reasons[-1].startswith("every threshold that the rules would move is at its bound")


def test_where_a_target_is_tracked_the_target_moves_alone():
    """Scale-in means nothing there."""
    tracking = an_observation(thresholds=STANDING | {"scaling_mode": "target"})
    assert moves(reward=MET_AND_DEAR, observation=tracking) == {"cpu_scale_out_percent": (80.0, 85.0)}


def test_it_can_be_chosen_and_stands_behind_the_same_guardrails(tmp_path):
    """`tuning.policy: literal` changes who proposes, and nothing of what may pass."""

    def chosen(policy: str) -> Tuner:
        file = tmp_path / "ops_config.yaml"
        file.write_text(f"tuning: {{policy: {policy}}}")
        settings = load_settings(file, root=tmp_path, environment={})
        return tuner(settings, settings.services[0], Standstill())

    literal, rules = chosen("literal"), chosen("rules")
    assert (type(literal.policy), type(rules.policy)) == (LiteralRules, Rules)
    names = [[one.__qualname__ for one in chosen.guardrails] for chosen in (literal, rules)]
    assert names[0] == names[1]
    dear = a_situation(reward=MET_AND_DEAR)
    assert [one.knob for one in literal.decide(dear).changes] == ["cpu_scale_out_percent", "cpu_scale_in_percent"]
    harmed = a_situation(reward=MET_AND_DEAR, findings=(a_finding(),))
    assert literal.decide(harmed).is_hold
    just_moved = Decision((Change("cpu_scale_in_percent", 25.0, 30.0),), ("dear",))
    assert literal.decide(a_situation(reward=MET_AND_DEAR, past=(an_episode(6, decision=just_moved),))).is_hold


def test_the_guardrail_is_what_keeps_it_from_being_a_ratchet():
    """A month of anomalies runs the threshold down to its bound; the latency band stops it at 1.5 x normal (R37)."""

    def after_a_month(*guardrails) -> float:
        latency_ms = 300.0
        for _ in range(120):
            observation = an_observation(thresholds=STANDING | {"latency_scale_out_ms": latency_ms})
            situation = a_situation(reward=MET_AND_CHEAP, findings=(a_finding(),), observation=observation)
            for change in Tuner(LiteralRules(), (*guardrails, cuts.within_bounds)).decide(situation).changes:
                latency_ms = change.after
        return latency_ms

    normal_ms = float(np.nanmedian(an_observation().series["latency_p95_ms"].values))
    assert after_a_month() == 100.0
    assert after_a_month(cuts.sane_latency) == np.ceil(1.5 * normal_ms)
