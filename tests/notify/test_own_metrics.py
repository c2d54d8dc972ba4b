"""The agent's own metrics: named as Prometheus wants it, true, and never invented."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from examples import NOON
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from servers import server_folder
from vitals import a_past, failed_vitals, some_vitals

from ai_ops.domain.cycle import CycleResult, Delivery, DeliveryStatus
from ai_ops.domain.finding import Finding, Severity
from ai_ops.domain.message import Receipt
from ai_ops.notify.watchers.own_metrics import OF_ANY_RUN, OWN_METRICS, registry_of

if TYPE_CHECKING:
    from ai_ops.domain.vitals import Vitals

NAMES = {metric.name for metric in OWN_METRICS}


def text_of(vitals: Vitals) -> str:
    """What would be pushed."""
    return generate_latest(registry_of(vitals)).decode()


def figures(vitals: Vitals) -> dict[str, dict[tuple[str, ...], float]]:
    """Every figure by its metric's name and the values of its labels, which come in the order of their names."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text_of(vitals)):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_everything_is_told_after_a_run_that_went_well() -> None:
    """Not a name is promised that never comes."""
    assert figures(some_vitals()).keys() == NAMES


def test_the_names_are_as_prometheus_wants_them() -> None:
    """Checked by promtool: base units, no type in the name, a sentence of help for each."""
    promtool = server_folder("prometheus") / "usr" / "bin" / "promtool"
    done = subprocess.run(
        [promtool, "check", "metrics"], input=text_of(some_vitals()), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_nothing_of_the_process_or_the_machine_is_told() -> None:
    """A memory figure of a job that has ended says nothing."""
    assert {name.split("_")[0] for name in figures(some_vitals())} == {"neuropilot"}


def test_a_run_that_failed_tells_only_of_itself() -> None:
    """It has seen nothing, and when the last one succeeded only the last one knows."""
    told = figures(failed_vitals(4))
    assert told.keys() == {one.name for one in OF_ANY_RUN} - {"neuropilot_last_success_timestamp_seconds"}
    assert told["neuropilot_run_exit_code"][()] == 4


def test_times_are_those_of_the_run() -> None:
    """Ages are Prometheus' business: it knows what time it is."""
    told = figures(some_vitals())
    ended = (NOON + timedelta(minutes=17)).timestamp()
    assert told["neuropilot_last_run_timestamp_seconds"][()] == ended
    assert told["neuropilot_last_success_timestamp_seconds"][()] == ended
    assert told["neuropilot_window_end_timestamp_seconds"][()] == NOON.timestamp()


def test_decisions_and_predictions_are_counted_over_fourteen_days() -> None:
    """What is older has left for the archive, or soon will."""
    old = [replace(one, id=f"old-{one.id}", decided_at=NOON - timedelta(days=15)) for one in a_past()]
    judged_long_ago = replace(old[1], outcomes=(replace(old[1].outcomes[0], judged_at=NOON - timedelta(days=15)),))
    told = figures(some_vitals(past=(old[0], judged_long_ago, *a_past())))
    assert told["neuropilot_recent_decisions"] == {("held",): 4, ("moved",): 4}
    predictions = told["neuropilot_recent_predictions"]
    assert predictions["live change", "hit"] == predictions["unchanged settings", "hit"] == 2
    assert predictions["live change", "miss"] == predictions["unchanged settings", "not judgeable"] == 0


@pytest.mark.parametrize("status", DeliveryStatus)
def test_exactly_one_delivery_is_the_case(status: DeliveryStatus) -> None:
    """So that a sum over a day says how often each happened."""
    result = CycleResult(a_past()[-1], Delivery(status, "so it is"))
    told = figures(some_vitals(result=result))["neuropilot_delivery"]
    assert [labels for labels, value in told.items() if value] == [(status.value,)]
    assert len(told) == len(DeliveryStatus)


@pytest.mark.parametrize(
    ("status", "standing"), [(DeliveryStatus.COMMITTED, 35.0), (DeliveryStatus.REFUSED, 30.0)], ids=str
)
def test_thresholds_are_those_that_stand_now(status: DeliveryStatus, standing: float) -> None:
    """What was only proposed is not in force."""
    result = CycleResult(a_past()[-1], Delivery(status, "so it is"))
    told = figures(some_vitals(result=result))["neuropilot_threshold"]
    assert told["cpu_scale_in_percent",] == standing


def test_a_share_is_a_share_and_a_cost_is_an_hour_s() -> None:
    """Base units: 99.97 percent is 0.9997; 0.54 in six hours is 0.09 in one."""
    told = figures(some_vitals())
    assert told["neuropilot_slo_good_ratio"][()] == pytest.approx(0.9997)
    assert told["neuropilot_slo_target_ratio"][()] == pytest.approx(0.9995)
    assert told["neuropilot_hourly_cost"][()] == pytest.approx(0.09)
    assert told["neuropilot_hourly_cost_budget"][()] == pytest.approx(0.1)


def test_the_error_budget_counts_each_window_once_and_forgets_after_thirty_days() -> None:
    """0.03 percent bad of the 0.05 that are allowed is six tenths of the budget, however often it was decided."""
    past = a_past()
    again = replace(past[-1], id=f"{past[-1].id}.2")
    old = replace(
        past[0],
        id="web-20260901T00Z",
        window=replace(past[0].window, start=NOON - timedelta(days=40), end=NOON - timedelta(days=39)),
        reward=replace(past[0].reward, slo_good_percent=10.0),
    )
    told = figures(some_vitals(past=(old, *past, again)))
    assert told["neuropilot_error_budget_spent_ratio"][()] == pytest.approx(0.6)


def test_what_was_not_measured_is_not_told() -> None:
    """A zero would look like an answer."""
    past = a_past()
    unknown = replace(past[-1].reward, value=None, slo_good_percent=None, burn=None, requests=None, cost=None)
    episode = replace(past[-1], reward=unknown, prediction=None, outcomes=())
    result = CycleResult(episode, Delivery(DeliveryStatus.NOTHING_TO_DO, "held"))
    told = figures(some_vitals(result=result, past=(episode,), live_changes=None))
    assert told.keys().isdisjoint(
        {
            "neuropilot_burn_ratio",
            "neuropilot_slo_good_ratio",
            "neuropilot_error_budget_spent_ratio",
            "neuropilot_hourly_cost",
            "neuropilot_reward",
            "neuropilot_predicted_burn_ratio",
            "neuropilot_realised_hourly_cost",
            "neuropilot_live_changes",
            "neuropilot_channel_degraded",
        }
    )


def test_findings_are_counted_by_severity() -> None:
    """With a zero for those that were not found, so that a line in a chart has no holes."""
    finding = Finding("cpu_percent", NOON, NOON, 95.0, 40.0, 2.0, Severity.HIGH, ("zscore",), "too high")
    episode = replace(a_past()[-1], findings=(finding, finding))
    result = CycleResult(episode, Delivery(DeliveryStatus.NOTHING_TO_DO, "held"))
    told = figures(some_vitals(result=result))["neuropilot_anomalies"]
    assert told == {("low",): 0, ("medium",): 0, ("high",): 2, ("critical",): 0}


def test_autonomy_channels_and_pause_are_numbers() -> None:
    """Prometheus knows no words."""
    receipts = (Receipt("slack", "failed", "it is down"), Receipt("email", "sent"))
    result = CycleResult(a_past()[-1], Delivery(DeliveryStatus.NOTHING_TO_DO, "held"), receipts)
    told = figures(some_vitals(result=result, is_paused=True))
    assert told["neuropilot_autonomy"] == {("save",): 0, ("safety",): 2}
    assert told["neuropilot_channel_degraded"] == {("slack",): 1, ("email",): 0}
    assert told["neuropilot_paused"][()] == 1
    assert told["neuropilot_mode"] == {("observe",): 0, ("propose",): 0, ("commit",): 1}
