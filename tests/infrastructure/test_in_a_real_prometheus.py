"""From a run to an alert: the agent pushes, a real Prometheus scrapes the Pushgateway, and the rules fire."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from agents import Agent, make_agent_site
from backfill import openmetrics
from model_vitals import STATUS, some_model_vitals
from repositories import isolate
from services import DEAR
from vitals import some_vitals

from ai_ops.domain.model_status import Health
from ai_ops.http_client import HttpClient
from ai_ops.notify.watchers.model_metrics import MODEL_JOB, registry_of_models
from ai_ops.notify.watchers.own_metrics import registry_of
from ai_ops.notify.watchers.pushgateway import push

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import RunningServer

FOLDER = Path(__file__).parents[2] / "infrastructure"
DASHBOARDS = [json.loads((FOLDER / f"grafana/{one}.json").read_text()) for one in ("neuropilot", "model")]
PANELS = [panel for dashboard in DASHBOARDS for panel in dashboard["panels"]]
EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel.get("targets", ())]
QUESTIONS = re.findall(r"^\| [^`|]+ \| `(.+)` \|$", (FOLDER / "prometheus/README.md").read_text(), flags=re.MULTILINE)
CONFIGURATION = """\
global: {{scrape_interval: 500ms, evaluation_interval: 500ms}}
rule_files: [{rules}]
scrape_configs:
  - job_name: pushgateway
    honor_labels: true
    static_configs: [{{targets: ["{gateway}"]}}]
"""
PATIENCE_SECONDS = 30.0


@pytest.fixture
def watching(start_prometheus: Callable[..., RunningServer], pushgateway: RunningServer) -> RunningServer:
    """A Prometheus set up as the README says, only in more of a hurry."""
    rules = ", ".join(str(FOLDER / f"prometheus/{one}-rules.yml") for one in ("neuropilot", "model"))
    gateway = pushgateway.url.removeprefix("http://")
    return start_prometheus("", configuration=CONFIGURATION.format(rules=rules, gateway=gateway))


@pytest.fixture
def old_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start_prometheus: Callable[..., RunningServer],
    pushgateway: RunningServer,
) -> str:
    """A run of the whole agent at the time of its backfill, which was more than 13 hours ago; its instance."""
    isolate(monkeypatch)
    service = start_prometheus(openmetrics(DEAR))
    clone = make_agent_site(tmp_path).clone("checkout")
    agent = Agent(clone, {"PROMETHEUS_URL": service.url, "PUSHGATEWAY_URL": pushgateway.url})
    assert agent.run() == 0
    return clone.name


def asked(server: RunningServer, path: str, **parameters: str) -> Any:
    """What a Prometheus answers."""
    reply = requests.get(f"{server.url}/api/v1/{path}", params=parameters, timeout=10).json()
    assert reply["status"] == "success", reply
    return reply["data"]


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds, as soon as it is something."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


def rules_of(server: RunningServer) -> list[dict[str, Any]]:
    """Every rule that a Prometheus has loaded."""
    return [rule for group in asked(server, "rules")["groups"] for rule in group["rules"]]


def push_all(pushgateway: RunningServer, service: str = "web", **of_the_model: Any) -> None:
    """Everything that a run pushes, of itself and of the model."""
    now, group, client = (
        datetime.now(UTC),
        {"instance": "acme/shop", "service": service},
        HttpClient(allow_private=True),
    )
    push(client, pushgateway.url, registry_of(some_vitals(at=now)), group=group, is_whole=True)
    model = registry_of_models([some_model_vitals(at=now, service=service, **of_the_model)])
    push(client, pushgateway.url, model, group=group, is_whole=True, job=MODEL_JOB)


def test_an_old_run_is_silence_and_a_new_one_is_not(
    watching: RunningServer, pushgateway: RunningServer, old_run: str
) -> None:
    """The alarm of the dead man, for real (H21, R29)."""
    fresh = some_vitals(at=datetime.now(UTC), service="api")
    group = {"instance": old_run, "service": "api"}
    push(HttpClient(allow_private=True), pushgateway.url, registry_of(fresh), group=group, is_whole=True)

    (silent,) = eventually(
        lambda: [one for one in asked(watching, "alerts")["alerts"] if one["labels"]["alertname"] == "NeuroPilotSilent"]
    )
    assert silent["state"] == "firing"
    assert (silent["labels"]["service"], silent["labels"]["instance"]) == ("web", old_run)
    seen = asked(watching, "query", query="neuropilot_run_exit_code")["result"]
    assert {one["metric"]["service"] for one in seen} == {"web", "api"}


def test_every_panel_of_the_dashboards_has_figures(watching: RunningServer, pushgateway: RunningServer) -> None:
    """Each expression is valid, and finds what the agent pushes; so do the questions of the README (S004-18)."""
    push_all(pushgateway)
    assert eventually(lambda: asked(watching, "query", query="count_over_time(ai_ops_model_auc[1m]) > 2")["result"])
    for expression in EXPRESSIONS:
        query = expression.replace("$instance", ".*").replace("$service", "web")
        assert asked(watching, "query", query=query)["result"], query
    assert len(QUESTIONS) >= 6
    for query in QUESTIONS:
        assert asked(watching, "query", query=query)["result"] or "offset" in query, query


def test_an_alert_about_a_model_is_loaded_and_fires(watching: RunningServer, pushgateway: RunningServer) -> None:
    """A model that cannot be loaded is told at once, high drift after an hour (S004-17, S004-34)."""
    push_all(pushgateway, status=replace(STATUS, health=Health.ERROR, drift_score=3.4))
    alerts = eventually(
        lambda: (
            {one["labels"]["alertname"]: one for one in asked(watching, "alerts")["alerts"]}.keys()
            >= {"ModelLoadFails", "ModelHighDrift"}
            and asked(watching, "alerts")["alerts"]
        )
    )
    found = {one["labels"]["alertname"]: (one["state"], one["labels"]["severity"]) for one in alerts}
    assert found["ModelLoadFails"] == ("firing", "critical")
    assert found["ModelHighDrift"] == ("pending", "warning")


def test_no_rule_fails_to_evaluate(watching: RunningServer, pushgateway: RunningServer) -> None:
    """A many-to-many match shows only with data."""
    for service in ("web", "api"):
        push_all(pushgateway, service)
    assert eventually(lambda: all(rule.get("lastEvaluation") for rule in rules_of(watching)))
    assert eventually(
        lambda: asked(watching, "query", query="neuropilot_burn_ratio and on () ai_ops_model_auc")["result"]
    )
    time.sleep(1.5)  # two more evaluations
    rules = rules_of(watching)
    assert {rule["name"] for rule in rules} >= {"NeuroPilotSilent", "ModelHighDrift"}
    assert {rule["name"]: rule.get("lastError", "") for rule in rules if rule["health"] != "ok"} == {}
