"""The guide to operations says what the rules, the metrics, the settings and the workflow really are (S004-25)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from model_cards import MEASURED
from promtool import promtool

from ai_ops.domain.chance import loss_of_chance
from ai_ops.domain.held_out import BLOCK_SECONDS, ONE_IN
from ai_ops.domain.model_status import Health
from ai_ops.domain.model_version import HISTORY_TO_KNOW, LEAST_SAMPLES, MIN_AUC
from ai_ops.learn.drift.drift import ROWS
from ai_ops.learn.gates import (
    CHAMPION_MARGIN,
    FARTHEST_SIGMAS,
    LEAST_WINDOWS,
    REFERENCE_MARGIN,
    WIDEST_RATIO,
    Terms,
    gates_of,
)
from ai_ops.learn.loss import CONVERGED, CONVERGING
from ai_ops.learn.prequential import SPAN
from ai_ops.learn.progress import LOSS_OF_CONCERN
from ai_ops.learn.registry import KEPT
from ai_ops.learn.schedule import REBUILD_DAYS
from ai_ops.learn.signature import new_key_pair
from ai_ops.learn.status import CRITICAL_AUC, STALE_HOURS
from ai_ops.notify.watchers.model_metrics import MODEL_METRICS
from ai_ops.settings import load_settings
from ai_ops.wiring.models.lesson import MATURE

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/ai_ops/PRODUCTION_OPS_GUIDE.md").read_text(encoding="utf-8")
RULES = yaml.safe_load((ROOT / "infrastructure/prometheus/model-rules.yml").read_text(encoding="utf-8"))
ALERTS = [rule["alert"] for group in RULES["groups"] for rule in group["rules"]]
WORKFLOWS = ROOT / ".github" / "workflows"
NIGHT_ROWS = 144
"""Of a day, at ten minutes."""

NAMES = {metric.name for metric in MODEL_METRICS}
SETTINGS = [block for block in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL) if "groups:" not in block]
(OLD_NAMES,) = re.findall(r"```yaml\n(groups:.*?)```", GUIDE, re.DOTALL)
(QUERIES,) = re.findall(r"```promql\n(.*?)```", GUIDE, re.DOTALL)


def section(title: str) -> str:
    """What stands under a heading, up to the next of its rank."""
    marks = re.search(rf"^(#+) {re.escape(title)}$", GUIDE, re.MULTILINE)[1]
    return re.split(rf"^#{{1,{len(marks)}}} ", GUIDE.split(f"\n{marks} {title}\n")[1], flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Cells of the tables in a text, without headers."""
    lines = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    headers = {n for mark, line in enumerate(lines) if set(line) <= set("-| ") for n in (mark - 1, mark)}
    return [line.split(" | ") for number, line in enumerate(lines) if number not in headers]


def test_every_alert_has_its_own_heading():
    """Whoever is woken by one finds what to do under its name (S004-17, S004-33)."""
    assert sorted(re.findall(r"^### (Model\w+)$", GUIDE, re.MULTILINE)) == sorted(ALERTS)
    for alert in ALERTS:
        assert len(section(alert).split()) >= 8, alert


def test_no_metric_is_made_up():
    """Every name in a query, a panel or a table is one that is told (S004-28)."""
    named = set(re.findall(r"ai_ops_model_[a-z_]+", GUIDE))
    assert {"ai_ops_model_auc", "ai_ops_model_drift_score", "ai_ops_model_version"} <= named <= NAMES


def test_prometheus_understands_every_query(tmp_path):
    """Those to copy, and those of the panels (S004-18, S004-28)."""
    lines = [line for line in QUERIES.splitlines() if line and not line.startswith("#")]
    cells = [
        one for row in rows(section("On a dashboard")) for one in re.findall(r"`([^`]*model[^`]*)`", " ".join(row))
    ]
    rules = [{"record": f"guide:query:{n}", "expr": query} for n, query in enumerate([*lines, *cells])]
    assert len(lines) >= 6
    assert len(cells) >= 6
    file = tmp_path / "guide.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "guide", "rules": rules}]}), encoding="utf-8")
    done = promtool("check", "rules", file)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_old_names_lead_to_the_new_ones(tmp_path):
    """The table and the recording rules name the same pairs, and Prometheus takes these (R34, S004-15, S004-16)."""
    file = tmp_path / "old.yml"
    file.write_text(OLD_NAMES, encoding="utf-8")
    done = promtool("check", "rules", file)
    recorded = {rule["record"]: rule["expr"] for rule in yaml.safe_load(OLD_NAMES)["groups"][0]["rules"]}
    table = {old.strip("`"): new.strip("`") for old, new in rows(section("Names from elsewhere"))}

    assert done.returncode == 0, done.stdout + done.stderr
    assert recorded == {old: new for old, new in table.items() if old.startswith("lead_model")}
    assert set(recorded.values()) <= NAMES
    assert table["LeadModelHighDrift"] == "[ModelHighDrift](#modelhighdrift)"


@pytest.mark.parametrize("block", SETTINGS)
def test_every_setting_is_one(tmp_path, block):
    """Copied into the settings, it is loaded."""
    file = tmp_path / "ops_config.yaml"
    file.write_text(block.replace("THE PUBLIC HALF", new_key_pair().public), encoding="utf-8")
    load_settings(file, root=tmp_path, environment={})


def test_the_states_are_those_of_the_code_and_in_its_order():
    """The first that is the case (S004-06 to S004-11)."""
    assert [row[0].strip("`") for row in rows(section("Is it well?"))][: len(Health)] == list(Health)


def test_the_gates_are_those_of_the_code():
    """A refusal names a gate, and the guide says what to do about it."""
    told = [name for row in rows(section("ModelCandidatesRefused")) for name in re.findall(r"`(\w+)`", row[0])]
    assert told == [*(gate.name for gate in gates_of(MEASURED, None, None, Terms())), "running"]


@pytest.mark.parametrize(
    ("said", "figure"),
    [
        ("fewer than {} rows", LEAST_SAMPLES),
        ("`model.min_auc` ({})", MIN_AUC),
        ("AUC below {}", CRITICAL_AUC),
        ("older than {:g} hours", STALE_HOURS),
        ("the newest {:,} rows", ROWS),
        ("at most every {} days", REBUILD_DAYS),
        ("below {} *converged*", CONVERGED),
        ("below {} *converging*", CONVERGING),
        ("stays above {:.2f}", LOSS_OF_CONCERN),
        ("at least {} quiet hours", LEAST_WINDOWS),
        ("at worst {} of AUC below the model in use", CHAMPION_MARGIN),
        ("at worst {} below a version", REFERENCE_MARGIN),
        ("by more than {:g} sigmas", FARTHEST_SIGMAS),
        ("by more than a factor of {:g}", WIDEST_RATIO),
        ("at most {} rows of two weeks", 14 * NIGHT_ROWS // ONE_IN),
    ],
)
def test_every_figure_is_the_real_one(said, figure):
    """A number that is tuned in the code is told anew here (S001-108, S001-122, S001-140)."""
    assert said.format(figure) in " ".join(GUIDE.split())


def test_the_first_weeks_promise_nothing_that_chance_forbids():
    """What a perfect model would show on as many rows as there are by then (R27, S001-118, S001-119, S001-120)."""
    first, *nights, day, days = rows(section("The first weeks"))
    known = {first[1]: 14 * NIGHT_ROWS // ONE_IN}
    known |= {row[1]: int(row[0].split()[0]) * NIGHT_ROWS for row in nights}
    known |= {row[1]: int(row[0].split()[0]) * NIGHT_ROWS // ONE_IN for row in (day, days)}
    assert [row[0] for row in nights] == ["7 nights", "14 nights", f"{SPAN.days} nights"]
    for _, said, loss, _ in (first, *nights, day, days):
        assert int(said.replace(",", "")) == known[said]
        assert loss == f"{loss_of_chance(known[said]):.3f}"
    assert loss_of_chance(known[first[1]]) > CONVERGED > loss_of_chance(known["4,032"])


def test_a_model_is_gone_on_from_when_it_knows_as_much_as_it_says():
    """Cold until then, warm from then on (S001-17)."""
    assert "nine tenths of two weeks" in " ".join(GUIDE.split())
    assert MATURE == 0.9
    assert timedelta(weeks=2) == HISTORY_TO_KNOW


def test_as_many_versions_are_kept_as_it_says():
    """Whoever goes back knows how far that is possible (S004-26)."""
    assert "Twelve versions are kept" in GUIDE
    assert KEPT == 12
    assert BLOCK_SECONDS == 2 * 3600


def test_the_workflow_has_the_modes_and_the_schedule_that_it_names():
    """What somebody types in a hurry works (S001-70, S001-123, S001-125, S004-27)."""
    daily = yaml.safe_load((WORKFLOWS / "ai-ops-daily.yml").read_text("utf-8").replace("\non:", "\n'on':"))
    inputs = daily["on"]["workflow_dispatch"]["inputs"]
    given = re.findall(r"-f (\w+)=(\w+)", GUIDE)

    assert {name for name, _ in given} == {"mode", "lookback_hours"}
    assert {value for name, value in given if name == "mode"} <= set(inputs["mode"]["options"])
    assert "`17 3 * * *`" in GUIDE
    assert "17 3 * * *" in [one["cron"] for one in daily["on"]["schedule"]]
    named = set(re.findall(r"[\w-]+\.yml", section("The workflow does not start")))
    assert named == {"ai-ops-daily.yml"}


@pytest.mark.parametrize("message", [row[0].strip("`") for row in rows(section("What it says, and what to do"))])
def test_every_message_is_one_that_the_agent_says(message):
    """Whoever searches for what they saw finds it (S001-121, S001-122)."""
    assert any(message in path.read_text(encoding="utf-8") for path in (ROOT / "ai_ops").rglob("*.py"))


def test_every_module_of_the_checklist_can_be_ticked_off():
    """Poor model refused, status, drift figure, rules loaded (S004-34)."""
    items = re.findall(r"^- \[ \] ", GUIDE, re.MULTILINE)
    assert len(items) >= 6
    for word in ("refused", "status", "ai_ops_model_drift_score", "neuropilot-model", "rollback"):
        assert word in section("Checklist after installing")
