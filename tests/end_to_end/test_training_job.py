"""What is collected for a training, and what the job that trains believes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from agents import CONFIG, NOW, make_agent_site
from jobs import Jobs
from repositories import git

from ai_ops.domain.errors import DeliveryError, StateError
from ai_ops.store.budgets import HourlyBudget
from ai_ops.store.handover import collected_in, digest_of
from ai_ops.store.reconcile import BUDGETS
from ai_ops.wiring.jobs.train import open_training

STATE, HISTORY = "neuropilot/state", "ai_ops/models/metrics_history.json"
LATER = NOW + timedelta(hours=2)
"""Within the period that was decided at NOW."""

MODELLED = """\
mode: commit
metrics: {source: simulated}
tuning: {policy: model}
state: {store: branch}
"""


@pytest.fixture
def jobs(on_branch, tmp_path, dear_service) -> Jobs:
    """The jobs of a run."""
    folder = tmp_path / "run"
    folder.mkdir()
    return Jobs(on_branch, folder, {"PROMETHEUS_URL": dear_service.url})


def refs_of(site) -> str:
    """Every branch of the remote and its commit."""
    return git(site.remote, "for-each-ref")


def test_it_looks_again_where_the_period_was_decided(jobs, on_branch):
    """A training wants the newest rows, whatever was decided; it takes its past from its own memory (S001-22)."""
    assert jobs.run() == (0, 0, 0)
    before = refs_of(on_branch)
    assert jobs.collect(LATER) == 0
    assert jobs.documents()[0].services[0].recalled is not None
    assert jobs.collect(LATER, "training") == 0
    document = collected_in(jobs.collected.read_bytes(), "collected")
    (seen,) = document.services
    assert (document.purpose, seen.recalled, seen.failure) == ("training", None, None)
    assert seen.observation is not None
    assert seen.observation.window.end == LATER - timedelta(minutes=3)
    assert set(document.memory) == {HISTORY}
    assert refs_of(on_branch) == before


def test_it_asks_for_no_minutes(tmp_path):
    """They are the dearest part of a look, and a model of ten-minute rows has no use for them."""
    site = make_agent_site(tmp_path, settings=MODELLED)
    minutes = {}
    for purpose in ("cycle", "training"):
        jobs = Jobs(site, tmp_path, {})
        assert jobs.collect(NOW, purpose) == 0
        (seen,) = collected_in(jobs.collected.read_bytes(), "collected").services
        minutes[purpose] = set(seen.observation.minutes)
    assert minutes["cycle"]
    assert not minutes["training"]


def test_the_job_that_trains_opens_the_memory_and_keeps_what_was_fetched(jobs, on_branch):
    """The same figures to the bit, the real memory, and the next run asks only for what is new (S001-23)."""
    assert jobs.collect(purpose="training") == 0
    raw = jobs.collected.read_bytes()
    (seen,) = collected_in(raw, "collected").services
    with open_training(jobs.actor().place(NOW), raw, digest_of(raw)) as (session, observed):
        assert session.is_writing
        assert set(observed) == {"web"}
        assert {name: one.values.tobytes() for name, one in observed["web"].series.items()} == {
            name: one.values.tobytes() for name, one in seen.observation.series.items()
        }
        session.keep("trained")
    assert on_branch.content(HISTORY, STATE) == collected_in(raw, "collected").memory[HISTORY]


def canonical(document: object) -> bytes:
    """A document as the agent writes it."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_it_believes_no_document_that_it_cannot_check(jobs, on_branch):
    """Of another run, release, repository, source, time or purpose, or changed by one bit: nothing happens (H15)."""
    assert jobs.collect(purpose="training") == 0
    raw, before, place = jobs.collected.read_bytes(), refs_of(on_branch), jobs.actor().place(NOW)
    middle = len(raw) // 2
    flipped = raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]
    seven_hours_later = replace(place, clock=lambda: NOW + timedelta(hours=7))
    forged = [
        ({"purpose": "cycle"}, "it was collected for a cycle, and this is a training"),
        ({"purpose": "anything"}, "purpose: Input should be"),
        ({"agent": "17.2.0"}, "release 17.2.0 of the agent wrote it"),
        ({"settings": "0" * 64}, "under other settings"),
        ({"repository": "acme/other"}, "it is about another repository"),
        ({"source": "simulated"}, "the settings mean"),
        ({"memory": {"ai_ops/models/../../.git/config": ""}}, "should match pattern"),
    ]
    cases = [(place, canonical(json.loads(raw) | edit), None, words) for edit, words in forged]
    cases += [(place, flipped, digest_of(raw), "its SHA-256 is"), (place, raw, "", "says nothing")]
    cases += [(seven_hours_later, raw, None, "more than 6 hours ago")]
    for where, document, expected, words in cases:
        with pytest.raises(StateError, match=words), open_training(where, document, expected):
            pytest.fail(f"believed although {words}")
    assert refs_of(on_branch) == before


def test_a_cycle_believes_no_document_of_a_training(jobs, capsys):
    """It holds no minutes and asked for no period: the policy would decide on half of what it needs."""
    assert jobs.collect(purpose="training") == 0
    assert jobs.decide() == 2
    assert "it was collected for a training, and this is a cycle" in capsys.readouterr().err
    training = jobs.collected.read_bytes()
    assert (jobs.collect(), jobs.decide()) == (0, 0)
    jobs.collected.write_bytes(training)
    assert jobs.deliver() == 2
    assert "it was collected for a training, and this is a cycle" in capsys.readouterr().err


def test_the_requests_of_the_job_that_looked_count(jobs):
    """An hour's budget is one for all jobs, else a training would take it twice (S001-130)."""
    asked, left = (
        HourlyBudget(agent.clone / BUDGETS, "grafana_queries", 100, lambda: NOW)
        for agent in (jobs.looker(), jobs.actor())
    )
    asked.spend()
    assert jobs.collect(purpose="training") == 0
    assert left.left() == 100
    with open_training(jobs.actor().place(NOW), jobs.collected.read_bytes()):
        assert left.left() == 99


def test_a_service_that_could_not_be_observed_keeps_none_from_training_and_ends_red(jobs, on_branch):
    """One of two has no settings to read: it is told, the other is there, the run ends with its error (S001-123)."""
    settings = (jobs.looker().clone / CONFIG).read_text() + "  - {name: api, tfvars: {under: api}}\n"
    on_branch.human_pushes(CONFIG, settings.encode())
    fresh = Jobs(on_branch, jobs.folder.parent / "two", jobs.environment)
    fresh.folder.mkdir()
    assert fresh.collect(purpose="training") == 0
    trained: list[str] = []
    raw, place = fresh.collected.read_bytes(), fresh.actor().place(NOW)
    with pytest.raises(DeliveryError, match=r"terraform\.tfvars"), open_training(place, raw) as (_, observed):
        trained += observed
    assert trained == ["web"]
    assert any(one.startswith("api is not trained: ") for one in fresh.warnings)
