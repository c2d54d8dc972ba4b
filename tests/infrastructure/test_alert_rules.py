"""The alerts about the agent itself: promtool accepts them, and each fires when it must and not before."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from promtool import promtool
from servers import later_server_folder

from ai_ops.notify.own_metrics import OWN_METRICS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "infrastructure" / "prometheus"
RULES, TESTS = FOLDER / "neuropilot-rules.yml", FOLDER / "neuropilot-rules.test.yml"
ALERTS = {rule["alert"]: rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}


def slugs(markdown: str) -> set[str]:
    """Anchors of all headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", markdown, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_prometheus_can_load_them() -> None:
    """Syntax, templates and all."""
    done = promtool("check", "rules", RULES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ALERTS)} rules found" in done.stdout


def test_each_alert_does_what_its_unit_tests_say() -> None:
    """Silence after two missed runs and not after one, and so on (H21, R29)."""
    done = promtool("test", "rules", TESTS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_later_prometheus_agrees() -> None:
    """Version 3 counts the ends of a range in another way."""
    program = later_server_folder("promtool") / "usr" / "bin" / "promtool"
    done = subprocess.run([program, "test", "rules", TESTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("alert", ALERTS)
def test_the_unit_tests_notice_an_alert_that_never_fires(alert: str, tmp_path: Path) -> None:
    """Else they would pass for an alert that nobody has tested."""
    document = yaml.safe_load(RULES.read_text())
    for rule in document["groups"][0]["rules"]:
        if rule["alert"] == alert:
            rule["expr"] = "vector(0) > 1"
    (tmp_path / RULES.name).write_text(yaml.safe_dump(document))
    shutil.copy(TESTS, tmp_path)
    assert promtool("test", "rules", tmp_path / TESTS.name).returncode != 0


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_what_it_means_and_what_to_do(alert: str) -> None:
    """A runbook that exists, and only metrics that are pushed."""
    rule = ALERTS[alert]
    assert alert.startswith("NeuroPilot")
    assert rule["labels"]["severity"] in {"info", "warning", "critical"}
    assert rule["annotations"].keys() == {"summary", "description", "runbook"}
    document, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert anchor in slugs((ROOT / document).read_text(encoding="utf-8"))
    assert alert.lower() in anchor
    named = set(re.findall(r"neuropilot_[a-z_]+", rule["expr"]))
    assert named
    assert named <= {metric.name for metric in OWN_METRICS}
