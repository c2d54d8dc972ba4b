"""Figures of models on their way out: into a group of their own, or a file; a failure is told, never raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from agents import Agent, make_agent_site
from model_vitals import no_model_vitals, some_model_vitals
from repositories import isolate
from vitals import failed_vitals, some_vitals

from ai_ops.http_client import HttpClient
from ai_ops.notify.watchers.own_metrics import registry_of
from ai_ops.notify.watchers.pushgateway import push
from ai_ops.wiring.model_metrics import push_model_metrics, write_model_metrics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from running import RunningServer

    from ai_ops.domain.vitals import Vitals
    from ai_ops.wiring import Session


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pushgateway: RunningServer) -> Agent:
    """An agent that knows a Pushgateway."""
    isolate(monkeypatch)
    clone = make_agent_site(tmp_path).clone("checkout")
    return Agent(clone, {"PUSHGATEWAY_URL": pushgateway.url})


@pytest.fixture
def session(agent: Agent) -> Iterator[Session]:
    """A run that is about to tell."""
    with agent.session() as session:
        yield session


def groups(server: RunningServer) -> dict[tuple[str, str], dict[str, Any]]:
    """By job and service, what the Pushgateway holds."""
    listed = requests.get(f"{server.url}/api/v1/metrics", timeout=10).json()["data"]
    return {(one["labels"]["job"], one["labels"]["service"]): one for one in listed}


def figure(group: dict[str, Any], name: str) -> float:
    """The one figure of a metric without labels of its own."""
    (metric,) = group[name]["metrics"]
    return float(metric["value"])


def test_each_service_has_its_model_in_a_group_of_its_own(session: Session, pushgateway: RunningServer) -> None:
    """With the repository as instance, as the agent's own figures have it."""
    receipt = push_model_metrics(session, [some_model_vitals(), no_model_vitals(service="api")])
    assert receipt is not None
    assert (receipt.status, receipt.is_degraded) == ("sent", False)
    held = groups(pushgateway)
    assert held.keys() == {("neuropilot-model", "web"), ("neuropilot-model", "api")}
    assert held["neuropilot-model", "web"]["labels"]["instance"] == session.place.root.name
    assert figure(held["neuropilot-model", "web"], "ai_ops_model_auc") == 0.91
    assert "ai_ops_model_auc" not in held["neuropilot-model", "api"]


def test_a_model_that_is_gone_leaves_no_old_figures(session: Session, pushgateway: RunningServer) -> None:
    """The area under the curve of a model that is no longer in use would reassure."""
    push_model_metrics(session, [some_model_vitals()])
    push_model_metrics(session, [no_model_vitals()])
    group = groups(pushgateway)["neuropilot-model", "web"]
    assert figure(group, "ai_ops_model_loaded") == 0
    assert "ai_ops_model_auc" not in group


@pytest.mark.parametrize("cycle", [some_vitals(), failed_vitals(4)], ids=["went well", "failed"])
def test_a_cycle_leaves_the_figures_of_the_model_alone(
    cycle: Vitals, session: Session, pushgateway: RunningServer
) -> None:
    """Between two trainings several cycles replace all that they have pushed before."""
    push_model_metrics(session, [some_model_vitals()])
    group = {"instance": session.place.root.name, "service": "web"}
    client = HttpClient(allow_private=True)
    push(client, pushgateway.url, registry_of(cycle), group=group, is_whole=cycle.is_whole)
    held = groups(pushgateway)
    assert figure(held["neuropilot-model", "web"], "ai_ops_model_auc") == 0.91
    assert figure(held["neuropilot", "web"], "neuropilot_run_exit_code") == cycle.exit_code


def test_without_a_pushgateway_nothing_is_told(agent: Agent, pushgateway: RunningServer) -> None:
    """It is off until its setting is there."""
    agent.environment = {}
    with agent.session() as session:
        assert push_model_metrics(session, [some_model_vitals()]) is None
    assert groups(pushgateway) == {}


def test_a_pushgateway_that_does_not_answer_degrades(agent: Agent) -> None:
    """No figure is worth a failed run (H30)."""
    agent.environment = {"PUSHGATEWAY_URL": "http://127.0.0.1:1"}
    with agent.session() as session:
        receipt = push_model_metrics(session, [some_model_vitals()])
    assert receipt is not None
    assert receipt.is_degraded
    assert "http://127.0.0.1:1" in receipt.reason


def test_a_text_file_is_written_or_the_reason_told(tmp_path: Path) -> None:
    """For a node exporter on the same machine."""
    good, bad = tmp_path / "model.prom", tmp_path / "model.txt"
    assert write_model_metrics(good, [some_model_vitals()]).status == "sent"
    assert "ai_ops_model_auc" in good.read_text()
    refused = write_model_metrics(bad, [some_model_vitals()])
    assert refused.is_degraded
    assert ".prom" in refused.reason
