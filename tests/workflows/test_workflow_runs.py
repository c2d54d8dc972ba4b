"""The commands of the agent's workflow, run for real: a host that wants its token, a real Prometheus, a fake Slack."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

import numpy as np
import pytest
from backfill import STEP_SECONDS, lines
from expressions import Scope, holds
from fakes.git_host import GitHost
from fakes.slack import PATH, FakeSlack
from repositories import TFVARS, Site, git
from runner import Event, JobRun, Runner, load

from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.metrics import aligned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from running import RunningServer

ROOT = Path(__file__).parents[2]
WORKFLOW = load(ROOT / ".github" / "workflows" / "ai-ops-daily.yml")
REPOSITORY = "acme/shop"
STATE = "neuropilot/state"
LEDGER = "ai_ops/state/episodes.jsonl"
# Without the shape of any real secret, so that no pattern hides a leak; random, because this file is in the clones too.
TOKEN, *_KEYS = (f"canary-{token_hex(8)}" for _ in range(5))
CANARIES = dict(zip(("GRAFANA_API_KEY", "PROMETHEUS_TOKEN", "NOTION_API_KEY", "RAILWAY_TOKEN"), _KEYS, strict=True))
CONFIG = Path("ai_ops/config/ops_config.yaml")
SUCCESS = {
    "Check out": "success",
    "Set up Python": "success",
    "Install": "success",
    "Run the cycle": "success",
    "Say where to look": "skipped",
}
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


@dataclass(frozen=True, slots=True)
class Shop:
    """A repository on a host that wants the token, and machines that run its workflow."""

    folder: Path
    site: Site
    host: GitHost
    adopted: str  # the commit with which everything begins

    def run(self, name: str, secrets: Mapping[str, str], *, mode: str | None = None) -> JobRun:
        """Run the job on a fresh machine; without a `mode` as the schedule does."""
        event = Event(
            github={
                "repository": REPOSITORY,
                "server_url": self.host.url,
                "run_id": "42",
                "token": TOKEN,
            },
            inputs={} if mode is None else {"mode": mode},
            secrets={**CANARIES, **secrets},
        )
        stand_ins = {"actions/checkout": self._check_out, "actions/setup-python": _python_is_there}
        return Runner(self.folder / name, _machine(), stand_ins).run(WORKFLOW, "ops_cycle", event)

    def _check_out(self, workspace: Path, inputs: Mapping[str, str]) -> None:
        """Do what the action does on a branch: one commit deep, and no credentials left behind."""
        assert inputs == {"persist-credentials": "false"}
        git(workspace, "init", "-q")
        git(workspace, "remote", "add", "origin", f"{self.host.url}/{REPOSITORY}")
        options = ("-q", "--no-tags", "--prune", "--no-recurse-submodules", "--depth=1")
        refspec = f"+{self.site.tip()}:refs/remotes/origin/main"
        git(workspace, "-c", f"http.extraheader={self.host.header}", "fetch", *options, "origin", refspec)
        git(workspace, "checkout", "-q", "-B", "main", "refs/remotes/origin/main")

    def assert_nothing_leaked(self, *runs: JobRun, secrets: Iterable[str]) -> None:
        """No secret in what anyone can read: logs, summaries, commits; and the token only where git asks for it."""
        by_the_agent = ("--all", "--not", self.adopted)
        history = git(self.site.remote, "log", "-p", "--format=fuller", *by_the_agent)
        told = "".join(run.output + run.summary for run in runs)
        for secret in (TOKEN, *secrets):
            assert secret not in told
            assert secret not in history
        for run in runs:
            assert [step.name for step in run.steps if TOKEN in step.environment.values()] == ["Run the cycle"]
            files = [path for path in run.workspace.rglob("*") if path.is_file()]
            assert not [path for path in files if TOKEN.encode() in path.read_bytes()]


def _machine() -> dict[str, str]:
    """Variables of a machine with this Python, where pip may reach no index: all it needs is here."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PIP_NO_INDEX": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def _python_is_there(_workspace: Path, inputs: Mapping[str, str]) -> None:
    assert inputs == {"python-version": "3.11"}


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A webhook that enforces Slack's limits."""
    with FakeSlack() as server:
        yield server


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Opens a shop: `open_shop({"mode: observe": "mode: commit"})` has that edit of the settings on its main."""
    with ExitStack() as hosts:

        def opened(edits: Mapping[str, str]) -> Shop:
            site = _publish(tmp_path, edits)
            return Shop(tmp_path, site, hosts.enter_context(GitHost(tmp_path, TOKEN)), site.tip())

        yield opened


def _publish(folder: Path, edits: Mapping[str, str]) -> Site:
    """Put this repository's own files, with edited settings, on a bare remote."""
    seed, remote = folder / "seed", folder / REPOSITORY
    for path in git(ROOT, "ls-files", "-z").split("\0"):
        if path and (ROOT / path).is_file():
            (seed / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, seed / path)
    settings = (seed / CONFIG).read_text(encoding="utf-8")
    for before, after in edits.items():
        assert settings.count(before) == 1, before
        settings = settings.replace(before, after)
    (seed / CONFIG).write_text(settings, encoding="utf-8")
    git(seed, "init", "-q", "--initial-branch=main")
    git(seed, "add", "--all")
    git(seed, "commit", "-q", "-m", "Adopt NeuroPilot")
    git(folder, "clone", "-q", "--bare", str(seed), str(remote))
    return Site(remote, "main")


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

    by_hand = shop.run("first", secrets, mode="ops_cycle")
    assert by_hand.statuses == SUCCESS, by_hand.output
    assert git(shop.site.remote, "rev-parse", "main^") == shop.adopted
    assert git(shop.site.remote, "diff", "--numstat", shop.adopted, "main") == f"1\t1\t{TFVARS}"
    assert shop.site.content() == before.replace(b"cpu_scale_in_percent     = 30", b"cpu_scale_in_percent     = 35")
    assert shop.site.message().startswith("ai-ops: web cpu_scale_in_percent 30 -> 35\n")
    assert {"Episode", "Reason"} <= {line.partition(": ")[0] for line in shop.site.message().splitlines()}
    assert len(shop.site.content(LEDGER, STATE).splitlines()) == 1
    assert len(slack.cards) == 1
    assert "### web: raise cpu_scale_in_percent from 30 to 35" in by_hand.summary
    assert "\n+cpu_scale_in_percent     = 35" in by_hand.summary
    decided, episodes = shop.site.tip(), shop.site.content(LEDGER, STATE)

    on_schedule = shop.run("second", secrets)
    assert on_schedule.statuses == SUCCESS, on_schedule.output
    assert "already decided" in on_schedule.output
    assert (shop.site.tip(), shop.site.content(LEDGER, STATE), len(slack.cards)) == (decided, episodes, 1)

    shop.assert_nothing_leaked(by_hand, on_schedule, secrets=[*CANARIES.values(), PATH])


def test_a_fork_without_secrets_says_that_it_simulates_and_commits_nothing(open_shop: Callable[..., Shop]) -> None:
    """Made-up metrics never move a real file, whatever the settings allow; the summary does not pretend."""
    # The simulated service has calm and wild hours; with this promise a saving is wanted in all of them.
    shop = open_shop(DEAR_AND_COMMITTING | {"sla_target: 99.95": "sla_target: 95.0 "})
    run = shop.run("fork", dict.fromkeys(CANARIES, ""))
    assert run.statuses == SUCCESS, run.output
    assert shop.site.tip() == shop.adopted
    assert "(simulated)" in run.summary
    assert "no service of yours was measured" in run.summary
    assert "refused: the metrics are simulated because no source is configured" in run.summary
    assert len(shop.site.content(LEDGER, STATE).splitlines()) == 1


def test_a_run_that_fails_says_where_to_look(open_shop: Callable[..., Shop]) -> None:
    """A red run leads its reader to the log, leaks nothing and moves nothing (S001-123, H09, H10)."""
    shop = open_shop(DEAR_AND_COMMITTING)
    run = shop.run("unlucky", {"GRAFANA_CLOUD_URL": "https://shop.grafana.example"})
    assert run.statuses == {**SUCCESS, "Run the cycle": "failure", "Say where to look": "success"}
    assert "grafana needs grafana_datasource_uid" in run.output
    assert f"[log]({shop.host.url}/{REPOSITORY}/actions/runs/42)" in run.summary
    assert shop.site.tip() == shop.adopted
    shop.assert_nothing_leaked(run, secrets=CANARIES.values())


def test_another_mode_does_not_run_the_cycle() -> None:
    """The input chooses; a schedule, which has none, runs the cycle (S001-68)."""
    condition = WORKFLOW["jobs"]["ops_cycle"]["if"]
    due = {mode: holds(condition, Scope({"inputs": {"mode": mode}})) for mode in (None, "", "ops_cycle", "train_model")}
    assert due == {None: True, "": True, "ops_cycle": True, "train_model": False}


def test_the_host_lets_nobody_in_without_the_token(open_shop: Callable[..., Shop]) -> None:
    """Otherwise the runs above would prove nothing about how the token gets to git."""
    shop = open_shop({})
    with pytest.raises(AssertionError, match=r"could not read Username|terminal prompts disabled"):
        git(shop.folder, "-c", "core.askPass=", "ls-remote", f"{shop.host.url}/{REPOSITORY}")
