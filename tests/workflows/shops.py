"""A shop whose repository runs the agent's workflow: a host that wants tokens, a GitHub, and machines for the jobs."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from fakes.github_state import Token
from repositories import Site, git
from runner import Event, Runner
from stand_ins import Artifacts, Checkout, python_is_there
from whole_runs import WorkflowRun, run_workflow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.git_host import GitHost
    from fakes.github import FakeGitHub

ROOT = Path(__file__).parents[2]
SCHEDULE = ROOT / ".github" / "workflows" / "ai-ops-daily.yml"
REPOSITORY, AGENT = "acme/shop", "acme/neuropilot"
ALL_WELL = {
    **dict.fromkeys(("collect", "decide", "deliver", "tidy"), "success"),
    **dict.fromkeys(("train", "report", "notice"), "skipped"),
}
"""Results of the jobs of a cycle in which nothing fails."""
CYCLE, TRAINING, REPORT, BRIEF = "17 */6 * * *", "17 3 * * *", "17 9 * * *", "47 9 * * 1"
"""The crons of the schedule."""

CONFIG = Path("ai_ops/config/ops_config.yaml")
# Without the shape of any real secret, so that no pattern hides a leak; random, because this file is in the clones too.
WRITES, READS, ACTS, NOTHING, APP = (f"canary-{token_hex(8)}" for _ in range(5))
"""Tokens: of a job that may push, of one that may read, of one that may tidy up, of one without rights; of an App."""

SOURCES = ("GRAFANA_API_KEY", "PROMETHEUS_TOKEN", "RAILWAY_TOKEN")
CHANNELS = ("NOTION_API_KEY", "GRAFANA_ANNOTATIONS_KEY")
CANARIES = {name: f"canary-{token_hex(8)}" for name in (*SOURCES, *CHANNELS)}


def tokens() -> dict[str, Token]:
    """What GitHub knows of them."""
    rights = {
        WRITES: {"contents": "write", "pull_requests": "write"},
        READS: {"contents": "read", "pull_requests": "read"},
        ACTS: {"actions": "write"},
        APP: {"contents": "write", "pull_requests": "write"},
    }
    return {name: Token("github-actions[bot]", may, is_workflow=True) for name, may in rights.items()}


def token_of(permissions: Mapping[str, str]) -> str:
    """The token of a job with these permissions."""
    if permissions.get("contents") == "write":
        return WRITES
    if permissions.get("contents") == "read":
        return READS
    return ACTS if permissions else NOTHING


@dataclass(frozen=True, slots=True)
class Shop:
    """A repository on a host that wants tokens, and machines that run its workflow.

    Parameters
    ----------
    adopted
        The commit with which everything begins.
    programs
        Folders of programs that come first on the machines' PATH, by name of the job.
    """

    folder: Path
    site: Site
    host: GitHost
    github: FakeGitHub
    adopted: str
    programs: dict[str, Path] = field(default_factory=dict)

    def run(
        self,
        name: str,
        secrets: Mapping[str, str],
        *,
        by_hand: Mapping[str, str] | None = None,
        cron: str = CYCLE,
        path: Path = SCHEDULE,
        spoil: str | None = None,
    ) -> WorkflowRun:
        """Run the whole workflow on fresh machines.

        Parameters
        ----------
        by_hand
            What a person asks for, such as a mode; None where a schedule starts it.
        cron
            Which schedule that is.
        spoil
            Name of an artifact of which one bit is changed on its way.
        """
        event = Event(
            github={
                "event_name": "schedule" if by_hand is None else "workflow_dispatch",
                "event": {"schedule": cron} if by_hand is None else {},
                "repository": REPOSITORY,
                "server_url": self.host.url,
                "api_url": self.github.url,
                "run_id": "42",
                "workflow_ref": f"{REPOSITORY}/.github/workflows/{path.name}@refs/heads/main",
            },
            inputs=by_hand or {},
            secrets={**CANARIES, **secrets},
            token=token_of,
        )
        artifacts = Artifacts(self.folder / name / "artifacts", self.github, "42", spoil)
        stand_ins = {
            "actions/checkout": Checkout(self.host, REPOSITORY, self.site.tip()),
            "actions/setup-python": python_is_there,
            "actions/upload-artifact": artifacts.upload,
            "actions/download-artifact": artifacts.download,
        }
        return run_workflow(
            path, event, lambda job: Runner(self.folder / name / job, self._machine(job), stand_ins), ROOT
        )

    def _machine(self, job: str) -> dict[str, str]:
        """Variables of a machine with this Python, where pip may reach no index: all it needs is here."""
        first = [self.programs[job]] if job in self.programs else []
        folders = [*first, Path(sys.executable).parent, "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        return {
            "PATH": ":".join(str(folder) for folder in folders),
            "LANG": "C.UTF-8",
            "PIP_NO_INDEX": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
        }


def publish(folder: Path, edits: Mapping[str, str], repository: str = REPOSITORY) -> Site:
    """Put this repository's own files, with edited settings, on a bare remote."""
    seed, remote = folder / f"seed of {repository.replace('/', ' ')}", folder / repository
    for path in git(ROOT, "ls-files", "-z").split("\0"):
        if path and (ROOT / path).is_file():
            (seed / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, seed / path)
    settings = (seed / CONFIG).read_text(encoding="utf-8")
    for before, after in edits.items():
        assert settings.count(before) == 1, before
        settings = settings.replace(before, after)
    (seed / CONFIG).write_text(settings, encoding="utf-8")
    return _on_remote(seed, remote)


def publish_stranger(folder: Path, edits: Mapping[str, str]) -> Site:
    """Put a repository on a bare remote that holds settings and Terraform, but not the agent."""
    seed = folder / "seed of a stranger"
    for path in (CONFIG, Path("infrastructure/terraform/terraform.tfvars")):
        (seed / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, seed / path)
    settings = (seed / CONFIG).read_text(encoding="utf-8")
    for before, after in edits.items():
        assert settings.count(before) == 1, before
        settings = settings.replace(before, after)
    (seed / CONFIG).write_text(settings, encoding="utf-8")
    return _on_remote(seed, folder / REPOSITORY)


def _on_remote(seed: Path, remote: Path) -> Site:
    git(seed, "init", "-q", "--initial-branch=main")
    git(seed, "add", "--all")
    git(seed, "commit", "-q", "-m", "Adopt NeuroPilot")
    git(seed.parent, "clone", "-q", "--bare", str(seed), str(remote))
    return Site(remote, "main")
