"""`neuropilot label`: what a person says of a finding is kept, and heeded by the next run."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import yaml
from agents import CONFIG, Agent, make_agent_site
from prompt import neuropilot
from repositories import git, isolate

from ai_ops.cli.label import in_words
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.label import Label, finding_id
from ai_ops.store.labels import LabelBook
from ai_ops.wiring.labels import Effect, factors_of, record
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.detect.feedback import Factors

SIMULATED = "mode: observe\ntuning: {policy: rules}\nmetrics: {source: simulated}\nstate: {store: %(store)s}\n"
NOW = datetime(2026, 11, 3, 18, 3, tzinfo=UTC)
"""In the six hours before, the simulated service answered so slowly that its promise broke."""

PROMISE = ("slo_good_ratio", Alarm.DEVIATION)


@pytest.fixture(autouse=True)
def no_foreign_git(monkeypatch):
    """Keep this machine's git configuration out of it."""
    isolate(monkeypatch)


def an_agent(folder: Path, store: str = "folders") -> Agent:
    """An agent that has recorded one episode with findings."""
    agent = Agent(make_agent_site(folder, store, settings=SIMULATED).clone("checkout"), {})
    assert agent.run(NOW) == 0
    return agent


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A checkout with that episode, its memory in folders; to be copied."""
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch)
        return an_agent(tmp_path_factory.mktemp("recorded")).clone


@pytest.fixture
def agent(recorded, tmp_path):
    """An agent in a copy of it."""
    return Agent(shutil.copytree(recorded, tmp_path / "checkout"), {})


def promise_finding(agent: Agent) -> str:
    """The id of the finding in the promise."""
    with open_session(agent.place(NOW), is_writing=False) as session:
        (episode,) = session.ledger.episodes()
    (found,) = [one for one in episode.findings if (one.metric, one.alarm) == PROMISE]
    return finding_id("web", found.metric, found.since)


def factors(agent: Agent) -> Factors:
    """What the next run multiplies thresholds by."""
    with open_session(agent.place(NOW), is_writing=False) as session:
        return factors_of(session, "web")


def say_false(agent: Agent, times: int) -> None:
    """So many other false alarms of the promise."""
    book = LabelBook(agent.state / "labels.jsonl", warn=pytest.fail)
    for number in range(times):
        name = f"f{number:08x}"
        book.append(Label(name, "web", *PROMISE, NOW, is_true=False, at=NOW, by="ada", is_simulated=True))


def test_a_finding_is_labelled_by_the_id_that_every_listing_shows(agent):
    """history, explain and the run itself speak of the same id (S000-52)."""
    name = promise_finding(agent)
    assert name in neuropilot("history", cwd=agent.clone).stdout
    (episode,) = json.loads(neuropilot("history", "--json", cwd=agent.clone).stdout)
    assert name in {found["id"] for found in episode["findings"]}
    assert f"finding    {name} " in neuropilot("explain", "web-20261103T18Z", cwd=agent.clone).stdout
    done = neuropilot("label", name, "false", "--note", "nightly import", cwd=agent.clone)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{name}: slo_good_ratio of web since 2026-11-03 ")
    assert "was a false alarm" in done.stdout
    (line,) = [json.loads(line) for line in (agent.state / "labels.jsonl").read_text().splitlines()]
    assert (line["finding"], line["is_true"], line["note"]) == (name, False, "nightly import")


def test_with_json_there_is_one_document(agent):
    """For a program that labels."""
    name = promise_finding(agent)
    document = json.loads(neuropilot("label", name, "true", "--json", cwd=agent.clone).stdout)
    assert document["label"]["finding"] == name
    assert document["label"]["is_true"] is True
    assert document["label"]["since"].endswith("Z")
    effect = {"label", "true", "false", "before", "after", "trial", "is_overruled"}
    assert document.keys() == effect | {"version", "exit_code", "error"}


def test_it_says_what_changes(agent):
    """Thresholds before and after, and what the kept history would have raised."""
    say_false(agent, 4)
    with open_session(agent.place(NOW), is_writing=True) as session:
        effect = record(session, promise_finding(agent), is_true=False, by="ada", note="")
    assert (effect.true, effect.false) == (0.0, 5.0)
    assert effect.before == pytest.approx(5**0.25)
    assert effect.after == pytest.approx(6**0.25)
    assert effect.trial is not None
    assert effect.trial.days == pytest.approx(14.0)
    assert effect.trial.after <= effect.trial.before


def test_it_says_when_no_label_can_move_the_threshold():
    """A burn of the error budget is measured by a promise; a factor that does nothing must not be shown."""
    said = Label("f00000000", "web", "slo_good_ratio", Alarm.BURN_RATE, NOW, is_true=False, at=NOW, by="ada")
    effect = Effect(said, true=0.0, false=1.0, before=1.0, after=1.0, trial=None, is_overruled=False)
    *_, last = in_words(effect)
    assert last == "  threshold  that of a burn rate alarm is not learned from history, so no label moves it"


def test_the_next_run_heeds_it(agent, capsys):
    """The score is in units of a threshold that is 1.5 times as high."""

    def score() -> float:
        capsys.readouterr()
        assert agent.run(NOW, is_acting=False, as_json=True) == 0
        (result,) = json.loads(capsys.readouterr().out)["results"]
        return next(one["score"] for one in result["episode"]["findings"] if one["metric"] == PROMISE[0])

    before = score()
    say_false(agent, 4)
    assert score() == pytest.approx(before / 5**0.25)


def test_the_repository_wins_over_a_command(agent):
    """What was reviewed counts more than what one person typed."""
    name = promise_finding(agent)
    neuropilot("label", name, "true", cwd=agent.clone)
    assert factors(agent)[PROMISE] == pytest.approx(0.5**0.25)
    agent.configure(detection={"labels": {name: False}})
    assert factors(agent)[PROMISE] == pytest.approx(2**0.25)
    done = neuropilot("label", name, "true", cwd=agent.clone)
    assert "detection.labels says otherwise, and counts" in done.stdout


def test_a_label_in_the_repository_needs_no_command(agent):
    """The ledger knows what the id means; an id that nobody knows is told, and changes nothing."""
    name = promise_finding(agent)
    agent.configure(detection={"labels": {name: False, "f00000000": False}})
    assert factors(agent) == {PROMISE: pytest.approx(2**0.25)}
    assert any("no episode knows the finding f00000000" in warning for warning in agent.warnings)


def test_what_was_simulated_says_nothing_of_the_real_service(agent):
    """The day Prometheus is connected, its thresholds are its own."""
    say_false(agent, 4)
    agent.configure(metrics={"source": "prometheus"}, prometheus_url="http://127.0.0.1:9")
    assert factors(agent) == {}


def test_labels_that_cannot_be_read_stop_no_run(agent):
    """They are an improvement, not a condition."""
    (agent.state / "labels.jsonl").mkdir()
    assert factors(agent) == {}
    assert any("labels of findings are not heeded" in warning for warning in agent.warnings)


@pytest.mark.parametrize("arguments", [("f00000000", "false"), ("f00000000", "maybe"), ("f00000000",), ()])
def test_what_cannot_be_labelled_is_exit_1(agent, arguments):
    """An unknown finding, a third verdict, or none; nothing is written."""
    done = neuropilot("label", *arguments, cwd=agent.clone)
    assert (done.returncode, done.stdout) == (1, "")
    assert not (agent.state / "labels.jsonl").exists()


def test_a_ledger_that_cannot_be_trusted_is_the_reason_that_is_given(agent):
    """It is not the id that is wrong, and nobody should look for another one."""
    ledger = agent.state / "episodes.jsonl"
    name = promise_finding(agent)
    ledger.write_text(ledger.read_text().replace("web", "wbe"))
    done = neuropilot("label", name, "false", cwd=agent.clone)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the ledger cannot be trusted" in done.stderr
    assert "no recorded episode" not in done.stderr


def test_an_id_in_the_settings_that_is_none_is_told(agent):
    """A typing error is found before it is needed."""
    document = yaml.safe_load((agent.clone / CONFIG).read_text()) | {"detection": {"labels": {"web-1": True}}}
    (agent.clone / CONFIG).write_text(yaml.safe_dump(document))
    done = neuropilot("history", cwd=agent.clone)
    assert done.returncode == 1
    assert "must be the id of a finding" in done.stderr


def test_a_label_reaches_the_branch_that_ci_reads(tmp_path):
    """A person labels from any clone; the next run in CI heeds it."""
    agent = an_agent(tmp_path, store="branch")
    done = neuropilot("label", promise_finding(agent), "false", cwd=agent.clone)
    assert done.returncode == 0, done.stderr
    remote = tmp_path / "remote.git"
    assert "labels.jsonl" in git(remote, "ls-tree", "-r", "--name-only", "neuropilot/state")
