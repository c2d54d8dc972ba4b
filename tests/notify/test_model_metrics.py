"""The metrics of a model: named as Prometheus wants it, true, of every service, and never invented."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from examples import NOON
from model_vitals import DRIFT, MEASURED, STATUS, TRAINED, a_decision, a_record, no_model_vitals, some_model_vitals
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from servers import server_folder

from ai_ops.domain.model_status import Health, Signature
from ai_ops.domain.model_version import Gate, TrainingKind, Verdict
from ai_ops.domain.self_test import Estimate
from ai_ops.domain.training_record import Learning
from ai_ops.notify.watchers.model_metrics import MODEL_METRICS, registry_of_models

if TYPE_CHECKING:
    from ai_ops.domain.model_vitals import ModelVitals

KNOWN_WITHOUT_A_MODEL = {
    "loaded",
    "health",
    "signature_wanted",
    "told_timestamp_seconds",
    "min_auc",
    "drift_threshold",
    "false_alarm_budget_per_week",
    "training_wanted",
    "refused_candidates_recent",
    "refused_candidates_in_a_row",
    "waiting",
}


def figures(*services: ModelVitals) -> dict[str, dict[tuple[str, ...], float]]:
    """Every figure by its metric's short name and the values of its labels, in the order of the labels' names."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(generate_latest(registry_of_models(services)).decode()):
        assert family.type == "gauge"
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name.removeprefix("ai_ops_model_"), {})[labels] = sample.value
    return found


def figure(vitals: ModelVitals, name: str) -> float:
    """The one figure of a metric without labels of its own."""
    return figures(vitals)[name]["web",]


def test_everything_is_told_of_a_model_of_which_all_is_known() -> None:
    """At least the seventeen that were asked for, and not a name is promised that never comes (S004-33)."""
    told = figures(some_model_vitals())
    assert {f"ai_ops_model_{name}" for name in told} == {metric.name for metric in MODEL_METRICS}
    assert len(told) == len(MODEL_METRICS) >= 17


def test_promtool_finds_nothing_wrong_with_the_names() -> None:
    """Base units, no type in the name, a sentence of help for each."""
    promtool = server_folder("prometheus") / "usr" / "bin" / "promtool"
    text = generate_latest(registry_of_models([some_model_vitals()])).decode()
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_without_a_model_only_limits_and_states_are_told() -> None:
    """A zero for an area under a curve would look like a bad model."""
    told = figures(no_model_vitals())
    assert told.keys() == KNOWN_WITHOUT_A_MODEL
    assert told["loaded"]["web",] == 0
    assert [labels for labels, value in told["health"].items() if value] == [("web", "no_model")]


def test_several_services_stand_side_by_side() -> None:
    """In one file or on one page each family comes once, with a line for each service."""
    told = figures(some_model_vitals(), some_model_vitals(service="api", status=replace(STATUS, auc=0.7)))
    assert told["auc"] == {("web",): 0.91, ("api",): 0.7}
    assert {labels[-1] for labels in told["feature_drift_sigmas"]} == {"web", "api"}


def test_times_are_unix_seconds_so_that_prometheus_counts_the_age() -> None:
    """`(time() - ai_ops_model_version) / 3600` is the model's age in hours (S004-16, S004-28)."""
    vitals = some_model_vitals()
    assert (NOON.timestamp() - figure(vitals, "version")) / 3600 == pytest.approx(STATUS.age_hours)
    assert figure(vitals, "last_reload_ts") == (NOON - timedelta(minutes=1)).timestamp()
    assert figure(vitals, "told_timestamp_seconds") == NOON.timestamp()
    assert figure(vitals, "history_end_timestamp_seconds") == (NOON - timedelta(minutes=10)).timestamp()


def test_drift_is_told_as_a_score_and_by_feature_with_its_direction() -> None:
    """The score is a distance, each feature says where it went (S004-14, S004-15)."""
    told = figures(some_model_vitals())
    assert told["drift_score"]["web",] == 1.4
    assert told["feature_drift_sigmas"] == {("cpu_percent", "web"): -1.4, ("score", "web"): 0.5}
    assert told["drifted_features"]["web",] == 1
    assert told["psi_max"]["web",] == pytest.approx(0.14)
    assert told["alarm_ratio"] == {("recent", "web"): 0.004, ("training", "web"): 0.002}


def test_drift_that_could_not_be_judged_is_not_told() -> None:
    """Too few rows are no evidence that nothing has drifted."""
    nothing = replace(DRIFT, rows=12, features=(), drift_score=0.0, reason="12 rows are too few")
    told = figures(some_model_vitals(drift=nothing, status=replace(STATUS, drift_score=None)))
    assert told.keys().isdisjoint({"drift_score", "feature_drift_sigmas", "drifted_features", "psi_max", "alarm_ratio"})


@pytest.mark.parametrize("health", Health)
def test_exactly_one_state_of_health_is_the_case(health: Health) -> None:
    """All the states of S004-06 to S004-11, with a zero for those that are not."""
    told = figures(some_model_vitals(status=replace(STATUS, health=health)))["health"]
    assert len(told) == len(Health)
    assert [labels for labels, value in told.items() if value] == [("web", health.value)]


@pytest.mark.parametrize(("signature", "expected"), [(Signature.SIGNED, 1.0), (Signature.UNSIGNED, 0.0)], ids=str)
def test_a_signature_is_told_beside_whether_one_is_wanted(signature: Signature, expected: float) -> None:
    """A team without a key misses nothing (S004-36)."""
    vitals = some_model_vitals(status=replace(STATUS, signature=signature), is_signing_wanted=True)
    assert (figure(vitals, "signed"), figure(vitals, "signature_wanted")) == (expected, 1.0)


def test_what_was_measured_comes_with_the_end_of_its_interval_that_matters() -> None:
    """An alert may ask whether even the lucky end is bad."""
    told = {name: values.get(("web",)) for name, values in figures(some_model_vitals()).items()}
    assert (told["auc"], told["auc_lower_bound"], told["min_auc"]) == (0.91, 0.88, 0.65)
    assert (told["recall"], told["recall_upper_bound"]) == (0.8, 0.9)
    assert (told["false_alarms_per_week"], told["false_alarms_per_week_lower_bound"]) == (1.5, 0.5)
    assert (told["loss"], told["loss_of_chance"]) == (0.06, pytest.approx(0.0387, abs=1e-4))
    assert figures(some_model_vitals())["fault_recall"] == {("spike", "web"): 0.95, ("ramp", "web"): 0.6}


def test_a_figure_that_is_no_number_is_left_out() -> None:
    """It would compare as false with every limit, and show as a hole that nobody can explain."""
    unknown = replace(MEASURED, recall=Estimate(float("nan"), 0.0, 1.0), loss=float("inf"))
    told = figures(some_model_vitals(measured=unknown, records=()))
    assert told.keys().isdisjoint({"recall", "loss"})
    assert told["recall_upper_bound"]["web",] == 1.0


def test_refused_candidates_are_counted_over_fourteen_days_and_in_a_row() -> None:
    """One refusal is the gate at work; several nights in a row are a model that no longer learns."""
    decisions = (
        a_decision(Verdict.REFUSED, 15),
        a_decision(Verdict.REFUSED, 13),
        a_decision(Verdict.PROMOTED, 3),
        a_decision(Verdict.REFUSED, 1),
        a_decision(Verdict.REFUSED),
    )
    vitals = some_model_vitals(decisions=decisions)
    assert figure(vitals, "refused_candidates_recent") == 3
    assert figure(vitals, "refused_candidates_in_a_row") == 2
    assert figure(some_model_vitals(decisions=decisions[:2]), "refused_candidates_in_a_row") == 2
    assert figure(some_model_vitals(), "refused_candidates_in_a_row") == 0


def test_a_rebuild_waits_until_something_is_decided_about_itself() -> None:
    """What nights learn meanwhile, going on from the model in use, is no answer."""
    asked = a_decision(Verdict.WAITING, 2, "a-rebuild", kind=TrainingKind.REBUILD)
    meanwhile = a_decision(Verdict.PROMOTED, 1)
    waiting = some_model_vitals(decisions=(asked, meanwhile))
    assert waiting.waiting == "a-rebuild"
    assert figure(waiting, "waiting") == 1
    for answer in (Verdict.PROMOTED, Verdict.REFUSED):
        answered = (asked, meanwhile, a_decision(answer, 0, "a-rebuild", by="ada"))
        assert figure(some_model_vitals(decisions=answered), "waiting") == 0


def test_a_night_of_a_pause_asks_nobody() -> None:
    """H26: who paused the agent knows, and the first night behind the pause goes on by itself."""
    running, movement = (Gate(name, is_passed=False, reason="") for name in ("running", "movement"))
    asked = a_decision(Verdict.WAITING, 0, "last-night")
    for gates, waiting in (((running,), 0), ((running, movement), 1)):
        record = a_record(version="last-night", verdict=Verdict.WAITING, gates=gates)
        assert figure(some_model_vitals(decisions=(asked,), records=(record,)), "waiting") == waiting


def test_only_the_newest_question_waits() -> None:
    """A later rebuild takes the place of one that nobody answered."""
    asked = (a_decision(Verdict.WAITING, 20, "old"), a_decision(Verdict.WAITING, 2, "new"))
    answered = (*asked, a_decision(Verdict.PROMOTED, 0, "new", by="ada"))
    assert some_model_vitals(decisions=asked).waiting == "new"
    assert some_model_vitals(decisions=answered).waiting is None


def test_an_examination_after_the_promotion_counts_more_than_the_one_before() -> None:
    """The weekly evaluation of the model in use; one of another version, or without a figure, says nothing about it."""
    weekly = a_record(0, event="evaluation", auc=0.7, auc_low=0.6, loss=0.12, loss_rows=504)
    candidate = a_record(0, version="another", auc=0.5, auc_low=0.4, loss=0.3)
    unmeasured = a_record(0, event="evaluation", auc=None, auc_low=None, loss=None)
    told = figures(some_model_vitals(records=(a_record(8), weekly, candidate, unmeasured)))
    assert (told["auc_lower_bound"]["web",], told["loss"]["web",]) == (0.6, 0.12)
    assert figure(some_model_vitals(records=()), "auc_lower_bound") == MEASURED.auc.low


def test_a_loss_is_told_beside_what_chance_makes_of_as_many_rows() -> None:
    """Four weeks of rows show less of it than the held-out hours of two; one must not be held against the other."""
    weekly = a_record(0, event="evaluation", loss=0.05, loss_rows=504)
    for records, loss, of_chance in [
        ((a_record(loss=0.03, loss_rows=4032),), 0.03, 0.0137),
        ((a_record(1, loss=0.03, loss_rows=4032), weekly), 0.05, 0.0387),
        ((), MEASURED.loss, MEASURED.loss_of_chance),
    ]:
        vitals = some_model_vitals(records=records)
        told = figure(vitals, "loss"), figure(vitals, "loss_of_chance")
        assert told == (loss, pytest.approx(of_chance, abs=1e-4))
    assert "loss_of_chance" not in figures(some_model_vitals(records=(a_record(loss_rows=None),)))


@pytest.mark.parametrize("verdict", [Verdict.PROMOTED, Verdict.ROLLED_BACK], ids=str)
def test_going_back_to_a_version_puts_it_in_use_as_well(verdict: Verdict) -> None:
    """So the time of the last promotion is that of the last change of models."""
    decisions = (a_decision(Verdict.PROMOTED, 4), a_decision(verdict, 2), a_decision(Verdict.REFUSED))
    told = figure(some_model_vitals(decisions=decisions), "last_promotion_timestamp_seconds")
    assert told == (TRAINED - timedelta(days=2)).timestamp()


def test_an_evaluation_is_no_training() -> None:
    """The weekly look at the champion must not hide that nothing is trained any more."""
    records = (a_record(3), a_record(0, event="evaluation", kind=None, verdict=None, learning=Learning.CONVERGED))
    vitals = some_model_vitals(records=records)
    assert figure(vitals, "last_training_timestamp_seconds") == (TRAINED - timedelta(days=3)).timestamp()
    assert figures(vitals)["learning"] == {
        ("web", "converged"): 1.0,
        ("web", "converging"): 0.0,
        ("web", "training"): 0.0,
    }


def test_how_far_a_model_was_let_move_is_told() -> None:
    """Slow poisoning shows in the way since the last cold fit, and nowhere else (H04)."""
    told = figures(some_model_vitals())
    assert told["baseline_shift_sigmas"] == {("cpu_percent", "web"): 0.25, ("latency_p95_ms", "web"): -0.5}
    assert told["baseline_spread_ratio"].keys() == told["baseline_shift_sigmas"].keys()
    assert told["movement_allowed_ratio"]["web",] == 0.75


def test_what_there_is_to_learn_from_is_told() -> None:
    """Rows, and how many of the model's metrics are gone (S004-37)."""
    told = figures(some_model_vitals())
    assert (told["history_rows"]["web",], told["missing_metrics"]["web",]) == (2016, 1)
    assert told["history_seconds"]["web",] == 14 * 86400
