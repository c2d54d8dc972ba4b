"""`neuropilot rules export`: alarms that survive the agent's own outage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import requests
import yaml
from agents import CONFIG, SETTINGS, make_agent_site, tree_of
from backfill import END
from prompt import neuropilot
from promtool import promtool
from repositories import isolate

from ai_ops.wiring.rules import export_rules
from ai_ops.wiring.session import Place, open_session

if TYPE_CHECKING:
    from running import RunningServer

SIMULATED = "metrics: {source: simulated}\nstate: {store: folders}\n"
FILES = [
    "neuropilot-web-metrics.rules.yml",
    "neuropilot-web-alerts.rules.yml",
    "tests/neuropilot-web-alerts.test.yml",
]


@pytest.fixture(autouse=True)
def no_foreign_git(monkeypatch):
    """Keep this machine's git configuration out of it."""
    isolate(monkeypatch)


@pytest.fixture
def clone(tmp_path):
    """A checkout whose agent watches the embedded simulated service."""
    return make_agent_site(tmp_path, settings=SIMULATED).clone("checkout")


@pytest.mark.slow
def test_the_rules_of_the_simulated_service_pass_promtool(clone):
    """Every preset expression, every band and every burn rate, checked and run by the real thing."""
    done = neuropilot("rules", "export", "--out", "rules", cwd=clone)
    assert done.returncode == 0, done.stderr
    paths = [clone / "rules" / name for name in FILES]
    assert done.stdout.splitlines() == [f"rules/{name}" for name in FILES]
    assert promtool("check", "rules", "--lint-fatal", *paths[:2]).returncode == 0
    tested = promtool("test", "rules", paths[2])
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "warning: web: learned from the simulated service" in done.stderr
    alerts = yaml.safe_load(paths[1].read_text())
    falls = [
        rule for group in alerts["groups"] for rule in group["rules"] if rule.get("alert") == "NeuroPilotBelowBand"
    ]
    assert {rule["labels"]["metric"] for rule in falls} & {"error_percent", "latency_p95_ms"} == set()


def test_without_a_folder_they_are_shown_and_nothing_is_written(clone):
    """A dry run is to look at."""
    before = tree_of(clone)
    done = neuropilot("rules", "export", "--service", "web", cwd=clone)
    assert done.returncode == 0, done.stderr
    assert [line[6:] for line in done.stdout.splitlines() if line.startswith("# --- ")] == FILES
    assert tree_of(clone) == before


def test_with_json_there_is_one_document(clone):
    """Files, what was learned, and what was left out, for a program."""
    (clone / CONFIG).write_text(SIMULATED.replace("{source: simulated}", "{source: simulated, history_days: 3}"))
    document = json.loads(neuropilot("rules", "export", "--json", cwd=clone).stdout)
    (web,) = document["services"]
    assert list(web["files"]) == sorted(FILES)
    assert web["is_simulated"] is True
    assert web["left_out"]["cpu_percent"] == "warming up: 3 of 7 days"
    assert (document["written"], document["exit_code"], document["error"]) == ([], 0, None)


def test_what_is_still_warming_up_is_left_out_with_its_reason(clone):
    """In the file for those who read it, and on stderr for who made it (R3); the error budget needs no history."""
    (clone / CONFIG).write_text(SIMULATED.replace("{source: simulated}", "{source: simulated, history_days: 3}"))
    done = neuropilot("rules", "export", cwd=clone)
    assert done.returncode == 0
    assert "web: left out cpu_percent: warming up: 3 of 7 days" in done.stderr
    assert "# Left out: cpu_percent: warming up: 3 of 7 days" in done.stdout
    assert "NeuroPilotErrorBudgetBurn" in done.stdout
    assert "AboveBand" not in done.stdout


def test_where_there_is_nothing_to_write_it_says_why(clone):
    """Exit code 2: the data is not there yet."""
    settings = SIMULATED.replace("{source: simulated}", "{source: simulated, history_days: 3}")
    (clone / CONFIG).write_text(f"{settings}services: [{{name: web, preset: none}}]\n")
    done = neuropilot("rules", "export", "--out", "rules", cwd=clone)
    assert done.returncode == 2
    assert "no query asks Prometheus for it" in done.stderr
    assert not (clone / "rules").exists()


def test_a_promise_that_cannot_be_asked_over_days_has_no_burn_rate(clone):
    """Four windows that all ask the same ten minutes would be four times the same alarm."""
    promise = "{good: 'sum(rate(good[5m]))', total: 'sum(rate(all[5m]))'}"
    (clone / CONFIG).write_text(f"{SIMULATED}services: [{{name: web, slo: {promise}}}]\n")
    done = neuropilot("rules", "export", cwd=clone)
    assert "left out the error budget: its query does not say $window" in done.stderr
    assert "NeuroPilotErrorBudgetBurn" not in done.stdout


@pytest.mark.parametrize("out", ["rules.yml", "README.md"])
def test_a_file_is_no_place_for_three(clone, out):
    """Said before anything is asked."""
    (clone / "README.md").write_text("mine")
    done = neuropilot("rules", "export", "--out", out, cwd=clone)
    assert (done.returncode, done.stdout) == (1, "")
    assert "must be a folder" in done.stderr


def test_a_folder_that_cannot_be_written_is_exit_4(clone):
    """And no file is half there."""
    (clone / "rules").mkdir()
    (clone / "rules" / "tests").write_text("in the way")
    done = neuropilot("rules", "export", "--out", "rules", cwd=clone)
    assert done.returncode == 4
    assert "cannot be written" in done.stderr


def test_an_unknown_service_is_named_with_the_known_ones(clone):
    """A typing error is told with its remedy."""
    done = neuropilot("rules", "export", "--service", "wbe", cwd=clone)
    assert done.returncode == 1
    assert "web" in done.stderr


def test_every_recorded_expression_has_one_answer_in_a_real_prometheus(tmp_path, prometheus: RunningServer):
    """What the agent learned from is what the rules watch."""
    clone = make_agent_site(tmp_path, settings=SETTINGS).clone("checkout")
    warnings: list[str] = []
    place = Place(clone, None, {"PROMETHEUS_URL": prometheus.url}, lambda: END, warnings.append)
    with open_session(place, is_writing=False) as session:
        exported = export_rules(session, session.settings.services[0], lambda _metric: None)
    assert not exported.is_simulated
    assert not warnings
    rules = [rule for group in yaml.safe_load(exported.files[FILES[0]])["groups"] for rule in group["rules"]]
    assert len(rules) > 12
    for rule in rules:
        asked = {"query": rule["expr"], "time": END.timestamp() - 60}
        answer = requests.get(f"{prometheus.url}/api/v1/query", asked, timeout=30).json()
        assert len(answer["data"]["result"]) == 1, rule
