"""Services unlike the usual one: answered within bounds, without an exception, and without an absurd minimum."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from simulations import Life, burn_of
from twins import DAY

from ai_ops.tune import Recommendation, recommend
from ai_ops.tune.search.limits import BOUNDS, Limits

if TYPE_CHECKING:
    import pandas as pd

    from ai_ops.simulator.service import SimulatedService

BEFORE, AFTER = 7, 2
CAREFUL = {"cpu_scale_out_percent": 55.0, "cpu_scale_in_percent": 30.0}


@dataclass(frozen=True)
class Answered:
    """A week of a service, what was recommended, and two days on it."""

    life: Life
    ran: dict[str, Any]
    service: SimulatedService
    advice: Recommendation

    @property
    def settings(self) -> dict[str, Any]:
        """What runs afterwards."""
        return self.advice.thresholds or self.ran

    def burn_after(self) -> float:
        """Share of the budget that the last two days spent."""
        return burn_of(self.service, self.life.platform, BEFORE * DAY)


def answered(life: Life, **changes: Any) -> Answered:
    """Let it live, ask, and let it live on what was recommended."""
    ran = life.thresholds(**changes)
    service = life.begun(**ran)
    service.advance(BEFORE * DAY)
    advice = recommend(service.history(BEFORE), ran, life.platform)
    is_sane(advice, ran)
    if advice.thresholds is not None:
        service.apply(advice.thresholds)
    service.advance(AFTER * DAY)
    return Answered(life, ran, service, advice)


def is_sane(advice: Recommendation, ran: dict[str, Any]) -> None:
    """Within limits, whole, JSON-able; a reason where it holds."""
    json.dumps(advice.state, allow_nan=False)
    if advice.thresholds is None:
        assert advice.hold_reason
        assert not advice.urgent
        return
    assert advice.hold_reason is None
    assert advice.thresholds == Limits().kept(advice.thresholds, ran)
    for name, (low, high) in BOUNDS.items():
        assert advice.thresholds[name] == ran[name] or low <= advice.thresholds[name] <= high


def most_wanted(settings: dict[str, Any]) -> int:
    """The highest minimum that the settings ask for at any time."""
    return max([settings["min_instances"], *(block["min_instances"] for block in settings["scheduled_minimum"])])


SERVICES = {
    "two instances": (Life("web", "daily", 2, BEFORE + AFTER), CAREFUL),
    "half an instance": (Life("web", "daily", 0.4, BEFORE + AFTER), CAREFUL | {"min_instances": 1}),
    "five hundred instances": (Life("web", "daily", 500, BEFORE + AFTER), CAREFUL | {"min_instances": 60}),
    "a nightly batch": (Life("web", "daily batch", 14, BEFORE + AFTER), CAREFUL),
    "flat traffic": (Life("web", "flat", 14, BEFORE + AFTER), CAREFUL),
}


@pytest.fixture(scope="module", params=SERVICES)
def odd(request) -> Answered:
    """One of them, asked and answered."""
    life, changes = SERVICES[request.param]
    return answered(life, **changes)


def test_the_promise_is_kept_on_what_is_recommended(odd):
    """Whatever the size and the shape."""
    assert odd.burn_after() < 0.8


def test_no_minimum_is_absurd(odd):
    """Never above what the busiest regular hour keeps at 30 %, nor above the maximum."""
    wanted = most_wanted(odd.settings)
    assert 1 <= wanted <= max(2.0, 2.0 * odd.life.instances)
    assert wanted <= odd.settings["max_instances"]
    assert odd.settings["max_instances"] >= odd.ran["max_instances"]


def test_it_costs_no_more_than_it_must(odd):
    """At most what the demand needs at 40 %, boots and whole instances included."""
    paid = odd.service.cost[BEFORE * DAY :].mean() * 60.0 / odd.life.platform.price_per_instance_hour
    rate = odd.service.total[BEFORE * DAY :].mean() / 60.0
    per_instance = odd.service.profile.instance_requests_per_second
    assert paid <= 2.0 + rate / (0.4 * per_instance)


# Metrics that are broken or missing change no decision


@pytest.fixture(scope="module")
def usual() -> tuple[Life, dict[str, Any], pd.DataFrame, Recommendation]:
    """A service whose metrics are whole, and what is recommended for it."""
    life = Life("web", "daily", 8, days=5)
    ran = life.thresholds(**CAREFUL)
    history = life.history(**ran)
    return life, ran, history, recommend(history, ran, life.platform)


COSTS = {
    "nothing": lambda size: np.full(size, np.nan),
    "zeros": np.zeros,
    "noise": lambda size: np.random.default_rng(1).exponential(9.0, size),
}


@pytest.mark.parametrize("cost", COSTS)
def test_a_broken_cost_metric_is_doubted_and_changes_no_decision(usual, cost):
    """The described price is used, and it is said."""
    life, ran, history, whole = usual
    advice = recommend(history.assign(cost_per_hour=COSTS[cost](len(history))), ran, life.platform)
    is_sane(advice, ran)
    assert advice.thresholds == whole.thresholds
    assert any("price is used" in reason or "is no price" in reason for reason in advice.reasons)
    assert advice.prediction.cost_per_hour.expected == pytest.approx(whole.prediction.cost_per_hour.expected, rel=0.01)


def test_without_what_is_nice_to_have_the_answer_is_as_sane(usual):
    """Only the four metrics that are needed; nobody says how many instances were wanted."""
    life, ran, history, whole = usual
    few = history[["cpu_percent", "requests_per_second", "slo_good_ratio", "instances"]]
    advice = recommend(few, ran, life.platform)
    is_sane(advice, ran)
    assert advice.thresholds is not None
    expected = advice.prediction.cost_per_hour.expected
    assert expected == pytest.approx(whole.prediction.cost_per_hour.expected, rel=0.1)


def test_hardly_any_request_holds(usual):
    """H44: five requests a minute are no service level."""
    life, ran, history, _ = usual
    advice = recommend(history.assign(requests_per_second=0.08), ran, life.platform)
    is_sane(advice, ran)
    assert advice.thresholds is None
    assert "requests in the last day" in advice.hold_reason


def test_a_service_that_is_down_is_not_tuned(usual):
    """Every request failed for a day at a low CPU: no number of instances mends that."""
    life, ran, history, _ = usual
    down = history.copy()
    down.loc[down.index[-DAY:], "slo_good_ratio"] = 0.0
    advice = recommend(down, ran, life.platform)
    is_sane(advice, ran)
    assert most_wanted(advice.thresholds or ran) <= 2 * life.instances
