"""The agent can be watched like any other service: marks in Grafana, its own metrics, a heartbeat; none fails a run."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
from aftermath import check, commits
from agents import NEXT_PERIOD, NOW, Agent, make_agent_site
from canaries import left_in
from fakes import flaky
from fakes.flaky import FlakyServer, answer
from fakes.grafana import TOKEN, FakeGrafana
from repositories import TFVARS, commit_file, git

from ai_ops.doctor import examine
from ai_ops.domain.check import Health
from ai_ops.notify.watchers.pushgateway import JOB
from ai_ops.wiring.session import open_session
from ai_ops.wiring.watcher_checks import watcher_checks

EPISODE = "web-20261102T00Z"
SECRET = "4f2a11c0-made-up-heartbeat"
KNOBS = {
    "cpu_scale_out_percent": 80,
    "cpu_scale_in_percent": 30,
    "memory_scale_out_percent": 85,
    "latency_scale_out_ms": 350,
    "min_instances": 2,
    "max_instances": 12,
    "cooldown_minutes": 5,
}


@pytest.fixture
def grafana():
    """A Grafana without marks."""
    with FakeGrafana() as server:
        yield server


@pytest.fixture
def pulse():
    """A service that expects a heartbeat."""
    with FlakyServer(answer(200, b"OK")) as server:
        yield server


@pytest.fixture
def marking(agent, grafana):
    """The agent of a team that wants its changes marked; metrics come from Prometheus itself."""
    agent.environment = {**agent.environment, "GRAFANA_URL": grafana.url, "GRAFANA_API_KEY": TOKEN}
    agent.configure(grafana_annotations=True)
    return agent


def figures(pushgateway) -> dict[str, dict[str, object]]:
    """By service, what the Pushgateway holds of the agent itself; of its models see `tests/infrastructure`."""
    listed = requests.get(f"{pushgateway.url}/api/v1/metrics", timeout=10).json()["data"]
    return {group["labels"]["service"]: group for group in listed if group["labels"]["job"] == JOB}


def figure(group, name, **labels) -> float:
    """One figure of a group."""
    fitting = [one for one in group[name]["metrics"] if labels.items() <= one["labels"].items()]
    (found,) = fitting
    return float(found["value"])


class TestMarks:
    """A change that went live is seen on every dashboard."""

    def test_a_change_is_marked_once_however_often_the_agent_runs(self, marking, grafana, site, capsys):
        """At the time of its commit, with what moved and why."""
        assert marking.run() == 0
        assert "Watchers: grafana annotations sent (1 added)" in capsys.readouterr().out
        assert marking.run(NOW + timedelta(minutes=20)) == 0
        assert "grafana annotations already sent" in capsys.readouterr().out
        (mark,) = grafana.annotations
        assert mark["tags"] == ["neuropilot", "web", EPISODE]
        assert "→" in mark["text"]
        committed = int(git(site.remote, "log", "-1", "--format=%ct", "main"))
        assert mark["time"] == min(committed, int(NOW.timestamp())) * 1000

    def test_a_hold_is_not_marked(self, marking, grafana):
        """A run that moves nothing asks nothing."""
        marking.configure(cost_budget=10_000)
        assert marking.run() == 0
        assert grafana.asked == []

    def test_observing_marks_nothing(self, marking, grafana):
        """Nothing went live, so there is nothing to mark."""
        marking.configure(mode="observe")
        assert marking.run() == 0
        assert grafana.asked == []

    def test_a_dry_run_marks_nothing(self, marking, grafana):
        """It writes nowhere."""
        assert marking.run() == 0
        grafana.annotations.clear()
        assert marking.run(is_acting=False) == 0
        assert grafana.annotations == []

    def test_grafana_away_is_made_up_for(self, marking, grafana, capsys):
        """The run is degraded and no more; the next one marks what is missing."""
        grafana.permissions = ()
        assert marking.run() == 0
        said = capsys.readouterr().out
        assert "Degraded: grafana annotations" in said
        assert "annotations:create" in said
        grafana.permissions = ("annotations:read", "annotations:create")
        assert marking.run(NOW + timedelta(minutes=20)) == 0
        assert [mark["tags"][2] for mark in grafana.annotations] == [EPISODE]

    def test_a_spent_hour_is_no_fault(self, marking, grafana, capsys):
        """Marks share the hundred requests an hour with the metrics (R44, S001-130)."""
        marking.configure(rate_limits={"grafana_queries_per_hour": 1})
        assert marking.run() == 0
        said = capsys.readouterr().out
        assert "grafana annotations skipped (0 added; all 1 of this hour are spent" in said
        assert "Degraded" not in said
        assert marking.run(NEXT_PERIOD - timedelta(hours=3)) == 0
        assert len(grafana.asked) == 2
        assert grafana.annotations == []

    def test_without_a_key_it_says_so(self, agent, capsys):
        """Switched on and not set up is told, not passed over."""
        agent.configure(grafana_annotations=True)
        assert agent.run() == 0
        assert "grafana_annotations needs GRAFANA_URL and GRAFANA_API_KEY" in capsys.readouterr().out

    def test_one_question_is_enough_for_all_services(self, tmp_path_factory, grafana, capsys):
        """The hour's requests are few; each service has its own mark."""
        agent = two_services(tmp_path_factory.mktemp("two"), {"GRAFANA_URL": grafana.url, "GRAFANA_API_KEY": TOKEN})
        assert agent.run(datetime(2026, 11, 19, 18, 5, tzinfo=UTC)) == 0
        assert "grafana annotations sent (2 added)" in capsys.readouterr().out
        assert [method for method, _ in grafana.asked] == ["GET", "POST", "POST"]
        assert {mark["tags"][1] for mark in grafana.annotations} == {"web", "api"}
        assert all("(simulated figures)" in mark["text"] for mark in grafana.annotations)


def two_services(folder, environment) -> Agent:
    """The agent of a team with two simulated services, whose thresholds will move."""
    settings = (
        "mode: commit\ntuning: {policy: rules}\nmetrics: {source: simulated}\nstate: {store: folders}\n"
        "grafana_annotations: true\n"
        "services: [{name: web, tfvars: {under: web}}, {name: api, tfvars: {under: api}}]\n"
    )
    site = make_agent_site(folder, settings=settings)
    clone = site.clone("editor")
    knobs = "".join(f"  {name} = {value}\n" for name, value in KNOBS.items())
    commit_file(clone, TFVARS, f"web = {{\n{knobs}}}\n\napi = {{\n{knobs}}}\n".encode())
    git(clone, "push", "-q", "origin", "HEAD")
    return Agent(site.clone("checkout"), environment)


class TestOwnMetrics:
    """A real Pushgateway holds what the run had to say."""

    @pytest.fixture
    def pushing(self, agent, pushgateway):
        """The agent of a team that has a Pushgateway."""
        agent.environment = {**agent.environment, "PUSHGATEWAY_URL": pushgateway.url}
        return agent

    def test_a_run_that_committed(self, pushing, pushgateway, capsys):
        """From the ledger, the decision and the branch, for this repository and service."""
        assert pushing.run() == 0
        assert "Watchers: pushgateway sent" in capsys.readouterr().out
        group = figures(pushgateway)["web"]
        assert group["labels"]["instance"] == pushing.clone.name
        assert figure(group, "neuropilot_run_exit_code") == 0
        assert figure(group, "neuropilot_last_success_timestamp_seconds") == NOW.timestamp()
        assert figure(group, "neuropilot_recent_decisions", outcome="moved") == 1
        assert figure(group, "neuropilot_delivery", status="committed") == 1
        assert figure(group, "neuropilot_live_changes") == 1
        assert figure(group, "neuropilot_hourly_cost") > figure(group, "neuropilot_hourly_cost_budget")
        kept = sum(file.stat().st_size for file in (pushing.clone / "ai_ops").glob("[ms]*/*.json*"))
        assert figure(group, "neuropilot_state_size_bytes") == kept

    def test_a_run_that_failed_says_so_and_keeps_the_last_success(self, pushing, pushgateway):
        """The one figure that nobody may lose is when it last went well."""
        assert pushing.run() == 0
        pushing.environment = {**pushing.environment, "PROMETHEUS_URL": "http://127.0.0.1:1"}
        assert pushing.run(NEXT_PERIOD) == 2
        group = figures(pushgateway)["web"]
        assert figure(group, "neuropilot_run_exit_code") == 2
        assert figure(group, "neuropilot_last_run_timestamp_seconds") == NEXT_PERIOD.timestamp()
        assert figure(group, "neuropilot_last_success_timestamp_seconds") == NOW.timestamp()

    def test_a_spoilt_ledger_is_a_failed_run(self, pushing, pushgateway):
        """What is counted from the past stays as it was told before, and the exit code tells why."""
        assert pushing.run() == 0
        (pushing.state / "episodes.jsonl").write_text(pushing.ledger[0].replace("cpu", "gpu") + "\n")
        assert pushing.run(NEXT_PERIOD) == 2
        group = figures(pushgateway)["web"]
        assert figure(group, "neuropilot_run_exit_code") == 2
        assert figure(group, "neuropilot_recent_decisions", outcome="moved") == 1

    @pytest.mark.parametrize(
        ("url", "words"),
        [("http://127.0.0.1:1", "PUT http://127.0.0.1:1"), ("http://169.254.169.254", "metadata")],
        ids=["nobody there", "a metadata address"],
    )
    def test_a_pushgateway_that_cannot_be_told_degrades(self, agent, url, words, capsys):
        """The cycle is done all the same (H30)."""
        agent.environment = {**agent.environment, "PUSHGATEWAY_URL": url}
        assert agent.run() == 0
        said = capsys.readouterr().out
        assert "Degraded: pushgateway" in said
        assert words in said


class TestHeartbeat:
    """Somebody notices when none comes (H21)."""

    @pytest.fixture
    def beating(self, agent, pulse):
        """The agent of a team that expects a heartbeat."""
        address = f"{pulse.url}/ping/{SECRET}"
        agent.environment = {**agent.environment, "HEARTBEAT_URL": address}
        agent.configure(log={"file": str(agent.state / "ops_brain.log"), "level": "debug"})
        return agent

    def test_it_comes_after_a_run_that_went_well(self, beating, pulse, capsys):
        """Once, and its address is told nowhere, not even in the log of what was asked."""
        assert beating.run(is_debugging=True) == 0
        assert [one.path for one in pulse.asked] == [f"/ping/{SECRET}"]
        said = capsys.readouterr()
        assert "Watchers: heartbeat sent" in said.out
        left = json.dumps([said.out, said.err, left_in(beating.clone)])
        assert SECRET not in left

    def test_it_does_not_come_after_a_run_that_failed(self, beating, pulse):
        """Silence is the message."""
        beating.environment = {**beating.environment, "PROMETHEUS_URL": "http://127.0.0.1:1"}
        assert beating.run() == 2
        assert pulse.asked == []

    def test_it_does_not_come_from_a_dry_run(self, beating, pulse):
        """A laptop does not vouch for the job in CI."""
        assert beating.run(is_acting=False) == 0
        assert pulse.asked == []

    def test_nobody_listening_degrades(self, beating, pulse, capsys):
        """And the address stays a secret."""
        pulse.behave(answer(404))
        assert beating.run() == 0
        said = capsys.readouterr()
        assert "HEARTBEAT_URL answered HTTP 404" in said.out
        assert "Degraded: heartbeat" in said.out
        assert SECRET not in said.out + said.err


class TestWhatGoesLiveLater:
    """Where people merge, a change is live from the merge on."""

    def test_a_merged_proposal_is_marked_at_the_time_of_its_merge(self, marking, grafana, site):
        """The commit is the proposal's, the moment is the merge's."""
        marking.configure(mode="propose", tuning={"policy": "rules"})
        assert marking.run() == 0
        assert grafana.annotations == []
        reviewer = site.clone("reviewer")
        git(reviewer, "fetch", "-q", "origin", "neuropilot/web")
        git(reviewer, "merge", "-q", "--no-ff", "-m", "Merge what the agent proposed", "FETCH_HEAD")
        git(reviewer, "push", "-q", "origin", "HEAD")
        assert marking.run(NEXT_PERIOD) == 0
        (mark,) = grafana.annotations
        assert mark["tags"][2] == EPISODE
        merged = int(git(site.remote, "log", "-1", "--format=%ct", "main"))
        assert mark["time"] == min(merged, int(NEXT_PERIOD.timestamp())) * 1000


class TestDoctor:
    """`neuropilot doctor` tries those that are configured, and does no harm."""

    def tried(self, agent) -> dict[str, tuple[Health, str]]:
        """What it says of each watcher."""
        with open_session(agent.place(), is_writing=False) as session:
            return {result.name: (result.health, result.words) for result in examine(watcher_checks(session))}

    def test_nobody_watches(self, agent):
        """Then there is nothing to try."""
        assert self.tried(agent) == {}

    def test_everybody_answers(self, marking, grafana, pushgateway, pulse):
        """A heartbeat is sent by runs alone: it would say that one went well."""
        watched = {"PUSHGATEWAY_URL": pushgateway.url, "HEARTBEAT_URL": pulse.url}
        marking.environment = {**marking.environment, **watched}
        assert {health for health, _ in self.tried(marking).values()} == {Health.OK}
        assert (grafana.annotations, figures(pushgateway), pulse.asked) == ([], {}, [])

    def test_each_trouble_comes_with_what_to_do(self, marking, grafana):
        """And is a note only: the agent does its work without them."""
        grafana.permissions = ()
        marking.environment = {**marking.environment, "PUSHGATEWAY_URL": grafana.url}
        tried = self.tried(marking)
        assert {health for health, _ in tried.values()} == {Health.NOTE}
        assert "annotations:read" in tried["grafana annotations"][1]
        assert "is PUSHGATEWAY_URL the address of its start page?" in tried["pushgateway"][1]


def test_watchers_that_hang_do_not_hold_the_run(agent, site, slack, capsys):
    """Each is given what it may take at most, 10 seconds unless somebody says less; the change has landed before."""
    assert agent.telling_seconds == 10.0
    agent.telling_seconds = 1.0
    with FlakyServer(flaky.silent) as hanging:
        listeners = {"PUSHGATEWAY_URL": hanging.url, "HEARTBEAT_URL": hanging.url, "GRAFANA_URL": hanging.url}
        agent.environment = {**agent.environment, **listeners, "GRAFANA_API_KEY": TOKEN}
        agent.configure(grafana_annotations=True)
        began = time.monotonic()
        assert agent.run() == 0
        assert time.monotonic() - began < 3 * 1.0 + 15
    check(agent, site, slack)
    assert commits(site) == {EPISODE: 1}
    assert "Degraded: grafana annotations, pushgateway, pushgateway (model), heartbeat" in capsys.readouterr().out
