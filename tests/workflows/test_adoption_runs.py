"""From a stranger's repository to its first decision on GitHub, with nothing but `neuropilot init` in between."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from backfill import Service, openmetrics
from fakes.git_host import GitHost
from fakes.github import FakeGitHub
from repositories import Site, git, isolate
from shops import AGENT, ALL_WELL, READS, REPOSITORY, ROOT, WRITES, Shop, publish, tokens

from ai_ops.adopt.workflow_draft import CALLED, WORKFLOW
from ai_ops.cli.main import app, exit_code_of

if TYPE_CHECKING:
    from pathlib import Path

TFVARS = "cpu_threshold = 70\ncpu_low = 30\nmin_size = 2\nmax_size = 8\n"


@pytest.fixture
def adopted(tmp_path, monkeypatch, start_prometheus):
    """Adopts the agent in a new repository by `init`, commits what that wrote, and opens the shop."""
    isolate(monkeypatch)
    now = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=20)
    prometheus = start_prometheus(openmetrics(Service("web", days=3, end=now)))
    agent = publish(tmp_path, {}, AGENT)
    with ExitStack() as hosts:

        def adopt(kind: str) -> tuple[Shop, str]:
            seed = tmp_path / "seed"
            git(tmp_path, "init", "-q", "--initial-branch=main", "seed")
            (seed / "prod.tfvars").write_text(TFVARS, encoding="utf-8")
            monkeypatch.chdir(seed)
            asked = ["--agent", f"{AGENT}@{agent.tip()}", "--prometheus-url", prometheus.url]
            assert exit_code_of(app, ["init", "--workflow", kind, *asked, "--apply"]) == 0
            git(seed, "add", "--all")
            git(seed, "commit", "-q", "-m", "Adopt NeuroPilot")
            git(tmp_path, "clone", "-q", "--bare", "seed", REPOSITORY)
            site = Site(tmp_path / REPOSITORY, "main")
            host = hosts.enter_context(GitHost(tmp_path, WRITES, readers=[READS, WRITES]))
            github = hosts.enter_context(FakeGitHub(site.remote, REPOSITORY, tokens=tokens()))
            github.state.enabled_workflows["ai-ops-daily.yml"] = False
            return Shop(tmp_path, site, host, github, site.tip()), prometheus.url

        yield adopt


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["caller", "full"])
def test_what_init_wrote_runs_on_github_and_decides(adopted, tmp_path: Path, kind: str) -> None:
    """All jobs, with the agent from its own repository, on the stranger's metrics and knobs (S001-69, S001-137)."""
    shop, url = adopted(kind)
    written = shop.site.content(WORKFLOW).decode()
    path = tmp_path / "ai-ops-daily.yml"
    commit = git(tmp_path / AGENT, "rev-parse", "main")
    # The machines here call workflows of this checkout alone, which is where that commit of the agent comes from.
    path.write_text(written.replace(f"uses: {AGENT}/{CALLED}@{commit} #", f"uses: ./{CALLED} #"), encoding="utf-8")
    assert (ROOT / CALLED).is_file()
    run = shop.run("first", {"PROMETHEUS_URL": url}, path=path)
    assert run.results == ALL_WELL, run.output
    assert "(simulated)" not in run.summary
    assert "CPU" in run.summary
    assert shop.site.tip() == shop.adopted
    assert shop.site.tip("neuropilot/state")
