"""Past decisions are made again from what was kept of them, to the byte, or it is said why not."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
import yaml
from agents import CONFIG, NEXT_PERIOD, NOW, Agent, make_agent_site
from backfill import openmetrics
from repositories import isolate
from services import DEAR

from ai_ops.cli.main import app, exit_code_of
from ai_ops.cli.replay import sentences
from ai_ops.domain.errors import ConfigError, DataUnavailable, StateError
from ai_ops.wiring.replay import Basis, Difference, first_difference, rederive

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
SIMULATED = "mode: observe\nmetrics: {source: simulated}\nstate: {store: folders}\n"


@pytest.fixture(scope="module")
def clones(tmp_path_factory):
    """A clone on the embedded simulated service, twice: as it is, and after a run that proposes something."""
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch)
        folder = tmp_path_factory.mktemp("site")
        fresh = make_agent_site(folder, settings=SIMULATED).clone("checkout")
        ran = shutil.copytree(fresh, folder / "ran")
        decided(Agent(ran, ENVIRONMENT))
        yield fresh, ran


@pytest.fixture
def agent(clones, tmp_path, monkeypatch):
    """An agent that has decided nothing yet."""
    isolate(monkeypatch)
    return Agent(shutil.copytree(clones[0], tmp_path / "checkout"), ENVIRONMENT)


@pytest.fixture
def proposing(clones, tmp_path, monkeypatch):
    """The agent after its first proposal."""
    isolate(monkeypatch)
    return Agent(shutil.copytree(clones[1], tmp_path / "checkout"), ENVIRONMENT)


def last(agent):
    """The newest episode."""
    with agent.session() as session:
        return session.ledger.episodes()[-1]


def decided(agent, now=NOW):
    """The episode of a run at that time."""
    assert agent.run(now) == 0
    return last(agent)


def again(agent, episode):
    """The same decision, made once more."""
    with agent.session() as session:
        return rederive(session, episode.id)


def test_a_proposal_is_derived_from_its_snapshot_alone(proposing):
    """Whatever the settings and the source have become since; nobody is asked anything (S001-143)."""
    episode = last(proposing)
    assert episode.decision.changes
    size = (proposing.state / "snapshots" / f"{episode.id}.columns").stat().st_size
    assert size < 300_000
    document = yaml.safe_load(SIMULATED) | {
        "metrics": {"source": "prometheus"},
        "prometheus_url": "http://203.0.113.1:9090",
        "mode": "commit",
        "services": [{"name": "web", "sla_target": 99.0, "platform": {"boot_minutes": 20}}],
    }
    (proposing.clone / CONFIG).write_text(yaml.safe_dump(document))
    found = again(proposing, episode)
    assert found.difference is None
    assert found.recorded == found.derived
    assert (found.basis, found.held_by_guardrail) == (Basis.SNAPSHOT, False)
    assert b'"prediction":{' in found.recorded
    assert b'"rationale":{' in found.recorded


@pytest.mark.slow
def test_a_hold_is_derived_as_long_as_its_source_lives(on_branch, start_prometheus):
    """On a real Prometheus, with the memory on its branch; when the server is gone, it is said."""
    server = start_prometheus(openmetrics(DEAR))
    agent = Agent(on_branch.clone("ci", "--depth=1"), {"PROMETHEUS_URL": server.url})
    agent.configure(mode="observe", tuning={"policy": "model"})
    episode = decided(agent)
    assert episode.decision.is_hold
    assert episode.inputs_digest is not None
    found = again(agent, episode)
    assert (found.basis, found.difference) == (Basis.SOURCE, None)
    server.close()
    with pytest.raises(DataUnavailable):
        again(agent, episode)


def test_without_its_snapshot_it_is_derived_while_the_source_has_the_metrics(proposing):
    """The digest says whether they are the same."""
    episode = last(proposing)
    shutil.rmtree(proposing.state / "snapshots")
    found = again(proposing, episode)
    assert (found.basis, found.difference) == (Basis.SOURCE, None)


def test_once_the_source_says_something_else_it_cannot_be_derived(proposing):
    """Other bounds, other numbers: a decision on them would prove nothing."""
    episode = last(proposing)
    shutil.rmtree(proposing.state / "snapshots")
    proposing.configure({"name": "web", "platform": {"boot_minutes": 9}}, services=[{"name": "web"}])
    with pytest.raises(DataUnavailable, match="is not what it was decided on"):
        again(proposing, episode)


def test_a_hold_between_two_looks_needs_nothing_but_the_ledger(proposing):
    """It rests on when the last look was."""
    episode = decided(proposing, NEXT_PERIOD)
    assert (episode.decision.changes, episode.inputs_digest) == ((), None)
    found = again(proposing, episode)
    assert (found.basis, found.difference) == (Basis.LEDGER, None)
    assert not (proposing.state / "snapshots" / f"{episode.id}.columns").exists()


def test_what_a_guardrail_held_is_derived_as_far_as_the_policy_went(agent):
    """Its words are the ledger's; what the policy said before them is derived."""
    agent.pause("release day")
    episode = decided(agent)
    assert episode.decision.is_hold
    assert "release day" in episode.decision.reasons[-1]
    assert not (agent.state / "snapshots").exists()
    found = again(agent, episode)
    assert (found.basis, found.held_by_guardrail, found.difference) == (Basis.SOURCE, True, None)
    assert any("words are taken from the ledger" in line for line in sentences(found))


def test_a_day_later_the_past_is_part_of_what_is_derived(proposing):
    """The records come from the ledger up to the decision, not from all of it."""
    first = last(proposing)
    second = decided(proposing, NOW + timedelta(days=1))
    assert second.looked is not None
    assert [again(proposing, one).difference for one in (first, second)] == [None, None]


def test_the_first_difference_is_named(proposing, capsys):
    """A record that says something else than what follows from its inputs is told with its place: exit code 2."""
    episode = last(proposing)
    assert episode.prediction is not None
    bold = replace(episode.prediction, burn=replace(episode.prediction.burn, high=0.001))
    forged = replace(episode, prediction=bold)
    for file in proposing.state.glob("*.json*"):
        file.unlink()
    with proposing.session() as session:
        session.ledger.append(forged)  # a ledger that was written anew, its chain intact
    found = again(proposing, forged)
    assert found.difference is not None
    assert (found.difference.place, found.difference.recorded) == ("prediction.burn.high", 0.001)
    capsys.readouterr()
    assert exit_code_of(app, ["replay", forged.id, "--root", str(proposing.clone)]) == 2
    said = capsys.readouterr().out
    assert "it differs from the ledger" in said
    assert "  first at   prediction.burn.high" in said
    assert "  recorded   0.001" in said


def test_the_verb_says_that_it_is_the_same(proposing, capsys):
    """With the number of bytes and their digest, for a person and for a program."""
    episode = last(proposing)
    capsys.readouterr()
    assert exit_code_of(app, ["replay", episode.id, "--root", str(proposing.clone)]) == 0
    assert f"{episode.id}: derived again from the snapshot, it is the same, byte for byte" in capsys.readouterr().out
    assert exit_code_of(app, ["replay", episode.id, "--root", str(proposing.clone), "--json"]) == 0
    said = capsys.readouterr().out
    assert '"is_equal": true' in said


def test_a_damaged_snapshot_is_told_and_not_decided_on(proposing):
    """What the ledger means is its digest."""
    episode = last(proposing)
    path = proposing.state / "snapshots" / f"{episode.id}.columns"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(StateError, match=episode.id):
        again(proposing, episode)


def test_policies_without_inputs_say_so(agent):
    """The three rules keep no account of what they looked at."""
    document = yaml.safe_load(SIMULATED) | {"tuning": {"policy": "rules"}}
    (agent.clone / CONFIG).write_text(yaml.safe_dump(document))
    episode = decided(agent)
    assert episode.inputs_digest is None
    with pytest.raises(DataUnavailable, match="the policy rules decided it"):
        again(agent, episode)


def test_an_unknown_episode_is_refused(agent):
    """With the verb that lists them."""
    with agent.session() as session, pytest.raises(ConfigError, match="neuropilot history"):
        rederive(session, "web-20200101T00Z")


def test_a_dry_run_keeps_no_snapshot(agent):
    """It leaves nothing behind."""
    assert agent.run(is_acting=False) == 0
    assert not (agent.state / "snapshots").exists()


@pytest.mark.parametrize(
    ("recorded", "derived", "place"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": {"b": [1, 2.5]}}, {"a": {"b": [1, 2.25]}}, "a.b[1]"),
        ({"a": [1]}, {"a": [1, 2]}, "a[1]"),
        ({"a": None}, {"a": {"b": 1}}, "a"),
        ({"b": 1, "a": 2}, {"b": 2, "a": 1}, "a"),
        ({"a": 1}, {"a": 1.0}, "a"),
        ({"a": "x"}, {"a": "y"}, "a"),
        ({"a": 1}, {}, "a"),
    ],
)
def test_the_first_difference_follows_the_canonical_form(recorded, derived, place):
    """Keys in their order, lists by their places; 1 and 1.0 are other bytes."""
    found = first_difference(recorded, derived)
    assert (found.place if isinstance(found, Difference) else None) == place
