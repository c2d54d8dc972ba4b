"""The alerts about the agent and its models: promtool accepts them, each fires when it must and not before."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from promtool import promtool
from servers import later_server_folder

from ai_ops.notify.watchers.model_metrics import MODEL_METRICS
from ai_ops.notify.watchers.own_metrics import OWN_METRICS

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "infrastructure" / "prometheus"
FILES = {"NeuroPilot": "neuropilot-rules", "Model": "model-rules"}
"""By the beginning of the alerts' names, where they stand."""

METRICS = {metric.name for metric in (*OWN_METRICS, *MODEL_METRICS)}


def rules_of(file: str) -> list[dict[str, Any]]:
    """Every alert of a file."""
    groups = yaml.safe_load((FOLDER / f"{file}.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for file in FILES.values() for rule in rules_of(file)}


def slugs(markdown: str) -> set[str]:
    """Anchors of all headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", markdown, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def blamed(file: str, folder: Path, spoil: Callable[[dict[str, Any]], None]) -> set[str]:
    """The alerts that the unit tests complain about once every rule of the file is spoilt."""
    document = yaml.safe_load((FOLDER / f"{file}.yml").read_text())
    for rule in document["groups"][0]["rules"]:
        spoil(rule)
    (folder / f"{file}.yml").write_text(yaml.safe_dump(document))
    shutil.copy(FOLDER / f"{file}.test.yml", folder)
    done = promtool("test", "rules", folder / f"{file}.test.yml")
    return set(re.findall(r"alertname: (\w+)", done.stdout + done.stderr))


@pytest.mark.parametrize("file", FILES.values())
def test_prometheus_can_load_them(file: str) -> None:
    """Syntax, templates and all."""
    done = promtool("check", "rules", FOLDER / f"{file}.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules_of(file))} rules found" in done.stdout


@pytest.mark.parametrize("file", FILES.values())
def test_each_alert_does_what_its_unit_tests_say(file: str) -> None:
    """Silence after two missed runs and not after one, high drift after an hour, and so on (H21, R29, S004-17)."""
    done = promtool("test", "rules", FOLDER / f"{file}.test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_later_prometheus_agrees() -> None:
    """Version 3 counts the ends of a range in another way; only the rules about the agent itself have ranges."""
    program = later_server_folder("promtool") / "usr" / "bin" / "promtool"
    tests = FOLDER / f"{FILES['NeuroPilot']}.test.yml"
    done = subprocess.run([program, "test", "rules", tests], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not any(re.search(r"\[\w+\]", rule["expr"]) for rule in rules_of(FILES["Model"]))


@pytest.mark.parametrize("file", FILES.values())
def test_the_unit_tests_notice_an_alert_that_never_fires(file: str, tmp_path: Path) -> None:
    """Else they would pass for an alert that nobody has tested."""

    def silence(rule: dict[str, Any]) -> None:
        rule["expr"] = "vector(0) > 1"

    assert blamed(file, tmp_path, silence) == {rule["alert"] for rule in rules_of(file)}


def test_the_unit_tests_notice_an_alert_about_a_model_that_does_not_wait(tmp_path: Path) -> None:
    """Each that must hold for a while has a case in which it has not held for long enough."""
    patient = {rule["alert"] for rule in rules_of(FILES["Model"]) if "for" in rule}
    assert blamed(FILES["Model"], tmp_path, lambda rule: rule.pop("for", None)) == patient


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_what_it_means_and_what_to_do(alert: str) -> None:
    """A runbook that exists, and only metrics that are pushed."""
    rule = ALERTS[alert]
    assert alert.startswith(tuple(FILES))
    assert rule["labels"]["severity"] in {"info", "warning", "critical"}
    assert rule["annotations"].keys() == {"summary", "description", "runbook"}
    document, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert anchor in slugs((ROOT / document).read_text(encoding="utf-8"))
    assert alert.lower() in anchor
    named = set(re.findall(r"(?:neuropilot|ai_ops_model)_[a-z_]+", rule["expr"]))
    assert named
    assert named <= METRICS


def test_there_are_as_many_alerts_about_a_model_as_were_asked_for() -> None:
    """Sixteen, and each about something of its own (S004-33)."""
    expressions = {rule["expr"] for rule in rules_of(FILES["Model"])}
    assert len(expressions) == len(rules_of(FILES["Model"])) >= 16


def test_high_drift_is_a_warning_at_the_threshold_of_the_settings() -> None:
    """Above it for an hour: 3.0 unless the team chose another, in the status as in the alert (S004-17, S004-18)."""
    rule = ALERTS["ModelHighDrift"]
    assert rule["expr"] == "ai_ops_model_drift_score > ai_ops_model_drift_threshold"
    assert (rule["for"], rule["labels"]["severity"]) == ("1h", "warning")
