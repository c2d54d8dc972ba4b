"""Where this agent was installed from, so that a workflow can install the same one."""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ai_ops
from ai_ops.apply.remote_url import github_name
from ai_ops.domain.adoption import Agent
from ai_ops.domain.errors import ConfigError
from ai_ops.git_client import GitClient

if TYPE_CHECKING:
    from collections.abc import Callable

GITHUB_API = "https://api.github.com"
PACKAGE = Path(ai_ops.__file__).resolve().parent

_WRITTEN = re.compile(r"(?P<repository>[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*)@(?P<commit>[0-9a-f]{40})")
_HELP = (
    "say where the workflow shall install the agent from: --agent OWNER/REPO@COMMIT, with all 40 digits of the commit"
)


def agent_source(written: str | None, note: Callable[[str], None], home: Path = PACKAGE.parent) -> Agent:
    """Find the repository and the commit of the agent.

    Parameters
    ----------
    written
        What the command line says; None asks the clone, or pip's own record, that this package comes from.
    note
        Told what a person should check.
    home
        The folder that the package lies in: perhaps a clone.

    Raises
    ------
    ConfigError
        When it cannot be told, or `written` has another form.
    """
    if written is not None:
        found = _WRITTEN.fullmatch(written)
        if not found:
            raise ConfigError(f"--agent {written} has another form; {_HELP}")
        return Agent(found["repository"], found["commit"], ai_ops.__version__)
    found_here = _of_clone(home, note) or agent_in_record(_record_of_pip())
    if found_here is None:
        raise ConfigError(
            f"this agent comes from no repository on GitHub that is known here; {_HELP}, or --workflow none"
        )
    return found_here


def _of_clone(folder: Path, note: Callable[[str], None]) -> Agent | None:
    """Ask the clone at `folder`; None where there is none, or where its remote is elsewhere."""
    if not (folder / ".git").exists():
        return None
    git = GitClient(folder)
    address = git.shell.run("remote", "get-url", git.remote).text
    repository = github_name(address, GITHUB_API) if address else None
    commit = git.shell.run("rev_parse", "--verify", "--quiet", "HEAD^{commit}").text
    if repository is None or not commit:
        return None
    if not git.shell.run("branch", "--remotes", "--contains", commit).text:
        note(f"commit {commit[:10]} of {repository} is not pushed, as far as this clone knows: push it first")
    return Agent(repository, commit, ai_ops.__version__)


def _record_of_pip() -> str:
    """What pip noted when it installed the package; empty where it was not installed from a repository."""
    try:
        return distribution("neuropilot").read_text("direct_url.json") or ""
    except PackageNotFoundError:
        return ""


def agent_in_record(record: str) -> Agent | None:
    """Read the repository and the commit out of pip's record (`direct_url.json`, PEP 610); None where it has none.

    >>> commit = "0123456789abcdef0123456789abcdef01234567"
    >>> text = f'{{"url": "https://github.com/acme/agent.git", "vcs_info": {{"vcs": "git", "commit_id": "{commit}"}}}}'
    >>> agent_in_record(text).repository
    'acme/agent'
    """
    document: dict[str, Any] = json.loads(record or "{}")
    commit = document.get("vcs_info", {}).get("commit_id", "")
    repository = github_name(document.get("url", ""), GITHUB_API)
    return Agent(repository, commit, ai_ops.__version__) if repository and commit else None
