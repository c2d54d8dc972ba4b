"""The agent's workflow, run for real, job by job: hosts that want their tokens, a real Prometheus, a fake Slack."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml
from backfill import STEP_SECONDS, lines
from fakes.slack import PATH, FakeSlack
from leaked import assert_nothing_leaked
from repositories import TFVARS, git
from shops import (
    ACTS,
    AGENT,
    ALL_WELL,
    APP,
    CANARIES,
    CHANNELS,
    READS,
    REPOSITORY,
    SCHEDULE,
    SOURCES,
    WRITES,
    Shop,
    publish,
    publish_stranger,
)

from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.metrics import aligned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from running import RunningServer
    from whole_runs import WorkflowRun

STATE = "neuropilot/state"
LEDGER = "ai_ops/state/episodes.jsonl"
DEAR_AND_COMMITTING = {
    "mode: observe": "mode: commit",
    "policy: model ": "policy: rules ",
    "cost_budget: 50.0": "cost_budget: 10.0",
    "price_per_instance_hour: ": "price_per_instance_hour: 0.0208 ",
}


def a_calm_service(end: datetime) -> str:
    """Three days of a service in which nothing ever changes: all is good, and two instances cost money."""
    times = np.arange((end - timedelta(days=3)).timestamp(), end.timestamp(), STEP_SECONDS)
    so_far = 1.0 + np.arange(times.size)
    hosts = [f'job="web",instance="10.0.0.{number}:9100"' for number in (1, 2)]
    job = 'job="web",code="200"'
    families = {
        ("up", "gauge"): {f"up{{{host}}}": 1.0 for host in hosts},
        ("node_cpu_seconds", "counter"): {
            f'node_cpu_seconds_total{{{host},mode="{mode}"}}': share * STEP_SECONDS * so_far
            for host in hosts
            for mode, share in (("idle", 0.7), ("user", 0.3))
        },
        ("node_memory_MemAvailable_bytes", "gauge"): {
            f"node_memory_MemAvailable_bytes{{{host}}}": 2e9 for host in hosts
        },
        ("node_memory_MemTotal_bytes", "gauge"): {f"node_memory_MemTotal_bytes{{{host}}}": 4e9 for host in hosts},
        ("http_request_duration_seconds", "histogram"): {
            **{
                f'http_request_duration_seconds_bucket{{{job},le="{bound}"}}': count * so_far
                for bound, count in (("0.1", 3000), ("0.4", 3600), ("+Inf", 3600))
            },
            f"http_request_duration_seconds_sum{{{job}}}": 180 * so_far,
            f"http_request_duration_seconds_count{{{job}}}": 3600 * so_far,
        },
        ("db_query_duration_seconds", "summary"): {
            'db_query_duration_seconds_sum{job="web"}': 40 * so_far,
            'db_query_duration_seconds_count{job="web"}': 9000 * so_far,
        },
    }
    blocks = (
        "".join([f"# TYPE {name} {kind}\n", *lines({key: value + 0 * times for key, value in samples.items()}, times)])
        for (name, kind), samples in families.items()
    )
    return "".join([*blocks, "# EOF\n"])


@pytest.fixture(scope="module")
def calm_prometheus(start_prometheus: Callable[..., RunningServer]) -> RunningServer:
    """A real Prometheus whose newest sample lies half an hour ahead, so that it is fresh while the tests run."""
    return start_prometheus(a_calm_service(datetime.now(UTC) + timedelta(minutes=30)))


def wait_for_room_in_this_period() -> None:
    """Let the agent's period end first when it is about to: two runs on both sides of its end rightly decide twice."""
    now = datetime.now(UTC)
    left = aligned(now, PERIOD) + PERIOD - now
    if left < timedelta(seconds=90):
        time.sleep(left.total_seconds())


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_runs_from_fresh_clones_make_one_change(
    open_shop: Callable[..., Shop], calm_prometheus: RunningServer, slack: FakeSlack
) -> None:
    """A run by hand commits one line; the schedule then finds it done (S001-14, -67, -69, -83, H09, H17, H18)."""
    wait_for_room_in_this_period()
    shop = open_shop(DEAR_AND_COMMITTING)
    before = shop.site.content()
    secrets = {"PROMETHEUS_URL": calm_prometheus.url, "SLACK_WEBHOOK_URL": slack.url}

    by_hand = shop.run("first", secrets, by_hand={"mode": "ops_cycle"})
    assert by_hand.results == ALL_WELL, by_hand.output
    assert git(shop.site.remote, "rev-parse", "main^") == shop.adopted
    assert git(shop.site.remote, "diff", "--numstat", shop.adopted, "main") == f"1\t1\t{TFVARS}"
    assert shop.site.content() == before.replace(b"cpu_scale_in_percent     = 30", b"cpu_scale_in_percent     = 35")
    assert shop.site.message().startswith("ai-ops: web cpu_scale_in_percent 30 -> 35\n")
    assert {"Episode", "Reason"} <= {line.partition(": ")[0] for line in shop.site.message().splitlines()}
    assert len(shop.site.content(LEDGER, STATE).splitlines()) == 1
    assert len(slack.cards) == 1
    assert "### web: raise cpu_scale_in_percent from 30 to 35" in by_hand.jobs["deliver"].summary
    assert "\n+cpu_scale_in_percent     = 35" in by_hand.summary
    decided, episodes = shop.site.tip(), shop.site.content(LEDGER, STATE)

    on_schedule = shop.run("second", secrets)
    assert on_schedule.results == ALL_WELL, on_schedule.output
    assert "already decided" in on_schedule.output
    assert (shop.site.tip(), shop.site.content(LEDGER, STATE), len(slack.cards)) == (decided, episodes, 1)

    for name, run in (("first", by_hand), ("second", on_schedule)):
        assert_nothing_leaked(shop, name, run, PATH)
        assert_each_job_holds_its_own(run)
    assert [one.name for one in shop.github.state.artifacts.values()] == ["neuropilot-decided-42"] * 2
    assert shop.github.state.enabled_workflows == {"ai-ops-daily.yml": True}


def assert_each_job_holds_its_own(run: WorkflowRun) -> None:
    """The sources' keys where it is looked, the channels' where it is acted, and nothing where it is thought (H15)."""
    held = {
        job: {name for step in one.steps for name, value in step.environment.items() if value in CANARIES.values()}
        for job, one in run.jobs.items()
    }
    assert held == {
        "collect": set(SOURCES),
        "decide": set(),
        "deliver": {"NOTION_API_KEY", "GRAFANA_API_KEY"},
        "train": set(),
        "report": set(),
        "tidy": set(),
        "notice": set(),
    }
    held_tokens = {
        job: {value for step in one.steps for value in step.environment.values()} & {WRITES, READS, ACTS}
        for job, one in run.jobs.items()
    }
    nothing: dict[str, set[str]] = {job: set() for job in ("decide", "train", "report", "notice")}
    assert held_tokens == {"collect": {READS}, "deliver": {WRITES}, "tidy": {ACTS}, **nothing}
    held_by = [step.name for step in run.jobs["deliver"].steps if WRITES in step.environment.values()]
    assert held_by == ["Deliver"]
    assert CANARIES[CHANNELS[1]] in run.jobs["deliver"].steps[-1].environment["GRAFANA_API_KEY"]


def test_a_fork_without_secrets_says_that_it_simulates_and_commits_nothing(open_shop: Callable[..., Shop]) -> None:
    """Made-up metrics never move a real file, whatever the settings allow; the summary does not pretend."""
    # The simulated service has calm and wild hours; with this promise a saving is wanted in all of them.
    shop = open_shop(DEAR_AND_COMMITTING | {"sla_target: 99.95": "sla_target: 95.0 "})
    run = shop.run("fork", dict.fromkeys(CANARIES, ""))
    assert run.results == ALL_WELL, run.output
    assert shop.site.tip() == shop.adopted
    assert "(simulated)" in run.summary
    assert "no service of yours was measured" in run.summary
    assert "refused: the metrics are simulated because no source is configured" in run.summary
    assert len(shop.site.content(LEDGER, STATE).splitlines()) == 1


def test_a_run_that_fails_says_so_and_moves_nothing(open_shop: Callable[..., Shop], slack: FakeSlack) -> None:
    """Nothing follows a job that failed but the notice: to its reader, and to Slack (S001-123, H09, H10, H21)."""
    shop = open_shop(DEAR_AND_COMMITTING)
    secrets = {"GRAFANA_CLOUD_URL": "https://shop.grafana.example", "SLACK_WEBHOOK_URL": slack.url}
    run = shop.run("unlucky", secrets)
    assert run.results == {
        **dict.fromkeys(ALL_WELL, "skipped"),
        "collect": "failure",
        "tidy": "success",
        "notice": "success",
    }
    assert "grafana needs grafana_datasource_uid" in run.output
    where = f"{shop.host.url}/{REPOSITORY}/actions/runs/42"
    assert f"[log]({where})" in run.summary
    assert slack.cards == [{"text": f"A run of NeuroPilot failed. What it says, and what to do next: {where}"}]
    assert shop.site.tip() == shop.adopted
    assert_nothing_leaked(shop, "unlucky", run, PATH)


def test_without_a_webhook_a_failure_is_only_written_down(open_shop: Callable[..., Shop]) -> None:
    """Nobody has to use Slack."""
    shop = open_shop({})
    run = shop.run("silent", {"GRAFANA_CLOUD_URL": "https://shop.grafana.example"})
    assert run.jobs["notice"].statuses == {"Say where to look": "success", "Tell Slack": "success"}
    assert "No webhook is set" in run.output


PROBE = """
import json, os, socket, sys
from pathlib import Path

def reach(address):
    try:
        socket.create_connection(address, 5).close()
    except OSError as error:
        return error.strerror
    return "reached"

status = Path("/proc/self/status").read_text()
seen = {
    "environment": dict(os.environ),
    "interfaces": [name for _, name in socket.if_nameindex()],
    "loopback": reach(("127.0.0.1", int(Path("PORT_FILE").read_text()))),
    "world": reach(("192.0.2.1", 443)),
    "processes": [int(one) for one in os.listdir("/proc") if one.isdigit()],
    "user": os.getuid(),
    "groups": os.getgroups(),
    "status": dict(line.split(":\\t", 1) for line in status.splitlines() if ":\\t" in line),
    "arguments": sys.argv[1:],
}
Path(sys.argv[-1]).write_text(json.dumps(seen))
"""


def put_probe(shop: Shop, folder: Path) -> None:
    """Let the job that thinks run a probe instead of the agent, by the very same command."""
    folder.mkdir()
    port = folder / "port"
    port.write_text(shop.host.url.rpartition(":")[2])
    (folder / "probe.py").write_text(PROBE.replace("PORT_FILE", str(port)))
    probing = f'[[ "$*" == *"ai_ops decide"* ]] && exec {sys.executable} {folder}/probe.py "$@"'
    put_program(folder, "python", f'{probing}\nexec {sys.executable} "$@"')
    shop.programs["decide"] = folder


def put_program(folder: Path, name: str, script: str) -> None:
    """Put a small program into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/bash\n{script}\n")
    (folder / name).chmod(0o755)


def test_the_job_that_thinks_has_no_secret_no_network_and_no_way_out(open_shop: Callable[..., Shop]) -> None:
    """A probe in the agent's place sees four variables, nobody else's process, and cannot reach this machine (H15)."""
    shop = open_shop(DEAR_AND_COMMITTING)
    put_probe(shop, shop.folder / "probe")
    run = shop.run("probed", {})
    assert run.results == {**ALL_WELL, "deliver": "failure", "notice": "success"}, run.output
    assert "the decided document is refused" in run.output
    assert shop.site.tip() == shop.adopted
    seen = json.loads((shop.folder / "probed" / "decide" / "temp" / "decided.json").read_text())
    assert seen["environment"].keys() - {"LC_CTYPE", "PWD", "SHLVL", "_"} == {"PATH", "HOME", "LANG", "PYTHONPATH"}
    assert seen["interfaces"] == ["lo"]
    assert (seen["loopback"], seen["world"]) == ("Network is unreachable",) * 2
    assert len(seen["processes"]) == 1
    assert (seen["user"], seen["groups"]) == (os.getuid(), [])
    assert seen["status"]["NoNewPrivs"] == "1"
    assert {int(seen["status"][name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
    assert seen["arguments"][:5] == ["-P", "-m", "ai_ops", "decide", "--isolated"]


def test_the_probe_would_reach_the_host_without_the_isolation(open_shop: Callable[..., Shop]) -> None:
    """Otherwise its silence would prove nothing."""
    shop = open_shop({})
    put_probe(shop, shop.folder / "probe")
    out = shop.folder / "seen.json"
    subprocess.run([shop.programs["decide"] / "python", "-m", "ai_ops decide", out], check=True)
    assert json.loads(out.read_text())["loopback"] == "reached"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "script"),
    [
        ("unshare", "echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1"),
        ("unshare", 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'),
        ("setpriv", "exit 1"),
        ("id", "echo 1000"),
    ],
)
def test_where_isolation_is_not_permitted_nothing_is_decided(
    open_shop: Callable[..., Shop], program: str, script: str
) -> None:
    """Refused, without effect, or no way to become root: the job fails, and nothing is delivered (fail closed)."""
    shop = open_shop(DEAR_AND_COMMITTING)
    put_program(shop.folder / "programs", program, script)
    shop.programs["decide"] = shop.folder / "programs"
    run = shop.run("held", {})
    assert run.results == {**ALL_WELL, "decide": "failure", "deliver": "skipped", "notice": "success"}
    assert (shop.site.tip(), shop.site.tip(STATE)) == (shop.adopted, "")


@pytest.mark.slow
@pytest.mark.parametrize(("document", "stops"), [("collected", "decide"), ("decided", "deliver")])
def test_a_document_that_was_changed_on_its_way_is_refused(
    open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch, document: str, stops: str
) -> None:
    """One bit between two jobs: the next one fails, and nothing is delivered (H15)."""
    shop = open_shop(DEAR_AND_COMMITTING)
    put_program(shop.folder / "programs", "curl", "exit 0")
    run = shop.run("tampered", {}, spoil=f"neuropilot-{document}-42")
    assert run.results[stops] == "failure"
    assert "collected.json: FAILED" in run.output or "the decided document is refused" in run.output
    assert (shop.site.tip(), shop.site.tip(STATE)) == (shop.adopted, "")


@pytest.mark.slow
def test_another_repository_s_agent_runs_in_a_stranger_s(
    open_shop: Callable[..., Shop], calm_prometheus: RunningServer, tmp_path: Path
) -> None:
    """A repository without `ai_ops/` names where the agent comes from, and which commit of it (S001-69)."""
    shop = open_shop(DEAR_AND_COMMITTING, publish_stranger)
    agent = publish(tmp_path, {}, AGENT)
    caller = yaml.safe_load(SCHEDULE.read_text(encoding="utf-8"))
    caller["jobs"]["neuropilot"]["with"] |= {"agent_repository": AGENT, "agent_ref": agent.tip()}
    path = tmp_path / "ai-ops-daily.yml"
    path.write_text(yaml.safe_dump(caller), encoding="utf-8")
    run = shop.run("stranger", {"PROMETHEUS_URL": calm_prometheus.url}, path=path)
    assert run.results == ALL_WELL, run.output
    assert git(shop.site.remote, "diff", "--numstat", shop.adopted, "main") == f"1\t1\t{TFVARS}"


@pytest.mark.slow
def test_a_proposal_becomes_one_pull_request(open_shop: Callable[..., Shop], calm_prometheus: RunningServer) -> None:
    """Opened with the job's own token, by the one job that may; the next run leaves it as it is (S001-14, H17)."""
    wait_for_room_in_this_period()
    shop = open_shop({**DEAR_AND_COMMITTING, "mode: observe": "mode: propose"})
    for name in ("first", "second"):
        run = shop.run(name, {"PROMETHEUS_URL": calm_prometheus.url})
        assert run.results == ALL_WELL, run.output
        assert_nothing_leaked(shop, name, run)
    (pull,) = shop.github.pulls
    assert (pull.branch, pull.base, shop.site.tip()) == ("neuropilot/web", "main", shop.adopted)


@pytest.mark.slow
def test_an_app_s_token_takes_the_place_of_the_job_s(
    open_shop: Callable[..., Shop], calm_prometheus: RunningServer
) -> None:
    """What it pushes starts other workflows; where it is set, git and the host's API get it (H16)."""
    shop = open_shop(DEAR_AND_COMMITTING, pushes=APP)
    run = shop.run("app", {"PROMETHEUS_URL": calm_prometheus.url, "NEUROPILOT_GITHUB_TOKEN": APP})
    assert run.results == ALL_WELL, run.output
    assert git(shop.site.remote, "rev-parse", "main^") == shop.adopted
    assert_nothing_leaked(shop, "app", run)


def test_a_mode_that_nobody_knows_runs_nothing(open_shop: Callable[..., Shop]) -> None:
    """The input chooses, and a slip in a schedule of one's own is told (S001-68)."""
    run = open_shop({}).run("another", {}, by_hand={"mode": "ops-cycle"})
    assert run.results["collect"] == "failure"
    assert "There is no such mode" in run.jobs["collect"].output
    assert {run.results[job] for job in ("decide", "deliver", "train", "report")} == {"skipped"}


def test_the_host_lets_in_by_token_and_lets_push_by_right(open_shop: Callable[..., Shop]) -> None:
    """Otherwise the runs above would prove nothing about which token gets to git."""
    shop = open_shop({})
    address = f"{shop.host.url}/{REPOSITORY}"
    with pytest.raises(AssertionError, match=r"could not read Username|terminal prompts disabled"):
        git(shop.folder, "-c", "core.askPass=", "ls-remote", address)
    reader = base64.b64encode(f"x-access-token:{READS}".encode()).decode()
    header = f"http.extraheader=Authorization: Basic {reader}"
    assert shop.adopted in git(shop.folder, "-c", header, "ls-remote", address)
    with pytest.raises(AssertionError, match=r"403|not permitted|unable to access"):
        git(shop.site.remote, "-c", header, "push", address, "main:refs/heads/more")
