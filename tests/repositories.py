"""Real git repositories for tests: a bare remote, clones of it, and the people who work in them."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

TFVARS = "infrastructure/terraform/terraform.tfvars"
TERRAFORM = Path(__file__).parent.parent / "infrastructure" / "terraform"
_PERSON = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")


def isolate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide this machine's git configuration and whatever a surrounding hook has set."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in _environment().items():
        monkeypatch.setenv(name, value)


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """Run git as a person would and return what it printed."""
    call = ["git", *_PERSON, *arguments]
    done = subprocess.run(call, cwd=folder, env=_clean(), input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr.decode()}"
    return done.stdout.decode().removesuffix("\n")


@dataclass(frozen=True, slots=True)
class Site:
    """A bare remote with the Terraform folder on its default branch, and room for clones beside it."""

    remote: Path
    branch: str

    @property
    def url(self) -> str:
        """Address of the remote; `file://` makes git talk to it as to a server."""
        return f"file://{self.remote}"

    def clone(self, name: str, *options: str) -> Path:
        """Clone the remote into a new folder."""
        git(self.remote.parent, "clone", "-q", *options, self.url, name)
        return self.remote.parent / name

    def tip(self, branch: str | None = None) -> str:
        """Hash of the newest commit of a branch of the remote, or "" when there is none."""
        return git(self.remote, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch or self.branch}")

    def content(self, path: str = TFVARS, branch: str | None = None) -> bytes:
        """Bytes of a file on the remote."""
        call = ["git", "cat-file", "blob", f"{branch or self.branch}:{path}"]
        return subprocess.run(call, cwd=self.remote, env=_clean(), capture_output=True, check=True).stdout

    def message(self, branch: str | None = None) -> str:
        """Message of the newest commit of a branch of the remote."""
        return git(self.remote, "log", "-1", "--format=%B", branch or self.branch)

    def human_pushes(self, path: str, content: bytes, branch: str | None = None) -> str:
        """Let a colleague commit one file and push it; returns the commit's hash."""
        clone = self.clone(f"colleague-{self.tip(branch)[:10]}", f"--branch={branch or self.branch}")
        commit_file(clone, path, content)
        git(clone, "push", "-q", "origin", f"HEAD:{branch or self.branch}")
        return git(clone, "rev-parse", "HEAD")

    def refuse_pushes(self, words: str) -> None:
        """Let the remote refuse every push with these words."""
        hook = self.remote / "hooks" / "pre-receive"
        hook.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 1\n")
        hook.chmod(0o755)


def make_site(folder: Path, branch: str = "main", tfvars: bytes | None = None) -> Site:
    """Make a remote whose only commit holds a README and the Terraform folder."""
    work = folder / "seed"
    git(folder, "init", "-q", f"--initial-branch={branch}", "seed")
    (work / "README.md").write_text("# A service\n")
    shutil.copytree(TERRAFORM, work / "infrastructure" / "terraform")
    if tfvars is not None:
        (work / TFVARS).write_bytes(tfvars)
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "Describe the service")
    git(folder, "clone", "-q", "--bare", "seed", "remote.git")
    return Site(folder / "remote.git", branch)


def commit_file(clone: Path, path: str, content: bytes) -> str:
    """Commit one file as a person does; returns the commit's hash."""
    (clone / path).parent.mkdir(parents=True, exist_ok=True)
    (clone / path).write_bytes(content)
    git(clone, "add", "--", path)
    git(clone, "commit", "-q", "-m", f"Edit {path}")
    return git(clone, "rev-parse", "HEAD")


def _environment() -> dict[str, str]:
    return {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | _environment()
