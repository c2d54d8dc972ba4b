"""From a run to an alert: the agent pushes, a real Prometheus scrapes the Pushgateway, and the rules fire."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from agents import Agent, make_agent_site
from backfill import openmetrics
from repositories import isolate
from services import DEAR
from vitals import some_vitals

from ai_ops.http_client import HttpClient
from ai_ops.notify.own_metrics import registry_of
from ai_ops.notify.pushgateway import push

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import RunningServer

FOLDER = Path(__file__).parents[2] / "infrastructure"
DASHBOARD = json.loads((FOLDER / "grafana/neuropilot.json").read_text(encoding="utf-8"))
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
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
    rules, gateway = FOLDER / "prometheus/neuropilot-rules.yml", pushgateway.url.removeprefix("http://")
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


def test_every_panel_of_the_dashboard_has_figures(watching: RunningServer, pushgateway: RunningServer) -> None:
    """Each expression is valid, and finds what the agent pushes."""
    fresh = some_vitals(at=datetime.now(UTC))
    group = {"instance": "acme/shop", "service": "web"}
    push(HttpClient(allow_private=True), pushgateway.url, registry_of(fresh), group=group, is_whole=True)

    assert eventually(lambda: asked(watching, "query", query="count_over_time(neuropilot_reward[1m]) > 2")["result"])
    for expression in EXPRESSIONS:
        query = expression.replace("$instance", ".*").replace("$service", "web")
        assert asked(watching, "query", query=query)["result"], query


def test_no_rule_fails_to_evaluate(watching: RunningServer, pushgateway: RunningServer, old_run: str) -> None:
    """A many-to-many match shows only with data."""
    (group,) = eventually(
        lambda: [
            one
            for one in asked(watching, "rules")["groups"]
            if all(rule.get("lastEvaluation") for rule in one["rules"])
        ]
    )
    assert eventually(lambda: asked(watching, "query", query="neuropilot_burn_ratio")["result"])
    time.sleep(1.5)  # two more evaluations
    (group,) = asked(watching, "rules")["groups"]
    assert {rule["name"]: rule.get("lastError", "") for rule in group["rules"] if rule["health"] != "ok"} == {}
