"""The six pieces of advice: when each is given, on which figure, and what stands in the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from examples import STANDING, a_knob
from gathered import all_knobs, gathered, levels, nothing_gathered, span

from ai_ops.domain.prediction import Interval
from ai_ops.domain.schedule import ScheduledMinimum
from ai_ops.domain.tuning import CostDirection, Thresholds
from ai_ops.report.agent.recommendations import recommendations_of
from ai_ops.report.service.cost import cost_standing
from ai_ops.report.service.health import health_of
from ai_ops.report.service.trends import trends_of

if TYPE_CHECKING:
    from ai_ops.domain.tuning import KnobValue
    from ai_ops.report.agent.said import Recommendation
    from ai_ops.report.gathered import Gathered

WELL = {"latency_p95_ms": 40.0, "error_percent": 0.0, "cpu_percent": 50.0, "memory_percent": 20.0}
"""Health 83, and nothing beyond any limit."""


def advice(one: Gathered, variance_percent: float | None = None, low: float = 100.0) -> dict[str, Recommendation]:
    """By rule; the month's projection is as the test wants it, against a budget of 70."""
    projected = None if variance_percent is None else Interval(70.0 * (1 + variance_percent / 100), low, 200.0)
    cost = replace(cost_standing(one, span(), "EUR"), projected=projected, variance_percent=variance_percent)
    given = recommendations_of(one, health_of(one, span()), trends_of(one, span()), cost)
    assert [rec.rule for rec in given] == sorted(rec.rule for rec in given)
    return {rec.rule: rec for rec in given}


def a_service(settings: dict[str, KnobValue] | None = None, **measured: float) -> Gathered:
    """A service that is well but for what the test says."""
    knobs = all_knobs() | {
        "max_instances": a_knob(
            "max_instances", unit="instances", minimum=2, maximum=40, max_step=2, costs_money=CostDirection.UP
        )
    }
    standing = {"max_instances": 10.0} | STANDING | (settings or {})
    return gathered(series=levels(**(WELL | measured)), knobs=knobs, thresholds=Thresholds(standing))


def test_nothing_is_advised_where_nothing_calls_for_it():
    """S001-31: advice is not a habit."""
    assert advice(a_service(), 0.0) == {}
    assert advice(nothing_gathered()) == {}


@pytest.mark.parametrize(
    ("measured", "rule", "because"),
    [
        (
            {"cpu_percent": 79.0, "memory_percent": 64.0},
            "S001-109",
            "health is 68 of 100, below 70; cpu costs most, 16 points",
        ),
        (
            {"latency_p95_ms": 201.0, "memory_percent": 0.0},
            "S001-110",
            "p95 latency was 201 ms on average, above 200 ms",
        ),
        ({"error_percent": 2.01, "memory_percent": 0.0}, "S001-111", "2.01 % of requests failed on average, above 2 %"),
        ({"cpu_percent": 80.1}, "S001-113", "CPU was 80.1 % on average, above 80 %"),
        ({"cpu_percent": 29.9}, "S001-114", "CPU was 29.9 % on average, below 30 %"),
    ],
)
def test_each_rule_has_its_limit(measured: dict[str, float], rule: str, because: str):
    """S001-109 to S001-111, S001-113, S001-114; health: 27 + 30 + 0.2 * 21 + 0.2 * 36 = 68.4."""
    given = advice(a_service(**measured))
    assert list(given) == [rule]
    assert given[rule].because == because


@pytest.mark.parametrize(
    "measured",
    [
        {"cpu_percent": 75.0, "memory_percent": 60.0},  # health 27 + 30 + 5 + 8 = 70.0
        {"latency_p95_ms": 200.0, "memory_percent": 0.0},
        {"error_percent": 2.0, "memory_percent": 0.0},
        {"cpu_percent": 80.0},
        {"cpu_percent": 30.0},
    ],
)
def test_a_figure_at_its_limit_calls_for_nothing(measured: dict[str, float]):
    """The rules say below and above."""
    assert advice(a_service(**measured)) == {}


def test_the_cost_rule_goes_by_the_projection():
    """S001-112, R9: above 20 %, and honest while the budget may still hold."""
    assert advice(a_service(), 20.0) == {}
    certain = advice(a_service(), 20.5)["S001-112"]
    assert certain.because == "the month will cost 20.5 % more than its budget, above 20 %"
    assert "neuropilot what-if cpu_scale_in_percent=35 --service web" in certain.text
    assert "may still hold" not in certain.text
    assert "the budget may still hold" in advice(a_service(), 20.5, low=69.0)["S001-112"].text


def test_an_idle_service_at_its_minimum_is_told_that_thresholds_save_nothing():
    """Three instances run because `min_instances` says so: only that setting can save."""
    idle = advice(a_service({"min_instances": 3.0}, cpu_percent=12.0))["S001-114"]
    assert "`min_instances` 3 binds, so thresholds save nothing" in idle.text
    assert "neuropilot what-if min_instances=2 --service web" in idle.text
    assert ("instances", "3.00 on average") in idle.evidence.inputs
    assert ("min_instances", "3") in idle.evidence.inputs


def test_an_idle_service_above_its_minimum_gets_a_threshold_to_try():
    """One step of the knob, inside its bounds."""
    idle = advice(a_service(cpu_percent=12.0))["S001-114"]
    assert "neuropilot what-if cpu_scale_in_percent=35 --service web" in idle.text
    assert "binds" not in idle.text


def test_a_single_idle_instance_can_only_become_smaller():
    """Nobody runs on less than one."""
    idle = advice(a_service({"min_instances": 1.0}, cpu_percent=12.0, instances=1.0))["S001-114"]
    assert "only a smaller one saves" in idle.text


def test_a_schedule_that_may_hold_instances_is_named():
    """Its hours run whatever a threshold says."""
    schedule = (ScheduledMinimum(0, 600, 5),)
    idle = advice(a_service({"scheduled_minimum": schedule}, cpu_percent=12.0))["S001-114"]
    assert "`scheduled_minimum` keeps its instances" in idle.text


def test_a_knob_at_its_bound_is_no_advice():
    """`cpu_scale_in_percent` stands at 70 of at most 70: the next knob is tried."""
    idle = advice(a_service({"cpu_scale_in_percent": 70.0}, cpu_percent=12.0))["S001-114"]
    assert "neuropilot what-if cpu_scale_out_percent=85 --service web" in idle.text


def test_a_busy_service_at_its_maximum_needs_more_of_it():
    """All ten run: another threshold adds none."""
    busy = advice(a_service(cpu_percent=91.0, instances=10.0))["S001-113"]
    assert "`max_instances` 10 is reached" in busy.text
    assert "neuropilot what-if max_instances=11 --service web" in busy.text
    lower = advice(a_service(cpu_percent=91.0, instances=6.0))["S001-113"]
    assert "neuropilot what-if cpu_scale_out_percent=75 --service web" in lower.text


def test_latency_within_the_promise_is_said_to_be():
    """Slow, and still good by the SLI: up to 400 ms."""
    within = advice(a_service(latency_p95_ms=250.0))["S001-110"]
    assert "On average that is still below the 400 ms that count as good" in within.text
    assert "a query takes 12.0 ms on average" in within.text
    assert "count as good" not in advice(a_service(latency_p95_ms=450.0))["S001-110"].text


def test_a_score_that_only_punishes_use_says_so():
    """R7: 79 % CPU inside of its band costs 16 points, and no user anything."""
    used = advice(a_service(cpu_percent=79.0, memory_percent=64.0))["S001-109"]
    assert "if users felt it" in used.text
    assert "judged by their target band it is 97" in used.text
    unwell = advice(a_service(error_percent=5.0))["S001-109"]
    assert "target band" not in unwell.text


def test_settings_that_could_not_be_read_leave_the_advice_without_a_step():
    """No invented values."""
    blind = replace(a_service(cpu_percent=12.0), thresholds=None)
    assert advice(blind)["S001-114"].text == "Scale down to save costs"


def test_every_piece_of_advice_rests_on_evidence_of_its_own():
    """The figure, its source, and ids that differ."""
    given = advice(a_service(cpu_percent=91.0, latency_p95_ms=500.0, error_percent=9.0), 30.0)
    assert set(given) == {"S001-109", "S001-110", "S001-111", "S001-112", "S001-113"}
    assert len({rec.evidence.id for rec in given.values()}) == 5
    for rec in given.values():
        assert rec.evidence.inputs
        assert rec.evidence.source
        assert rec.because in rec.evidence.says
