"""What runs in place of the actions that our workflows use, and does what they do."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from repositories import git

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.git_host import GitHost
    from fakes.github import FakeGitHub
    from runner import Machine


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Files that one job leaves and another takes, in a folder; the code host knows of each.

    Parameters
    ----------
    folder
        Where they lie, a folder for each.
    spoiled
        Name of the artifact of which one bit is changed on its way.
    """

    folder: Path
    github: FakeGitHub
    run_id: str
    spoiled: str | None = None

    def upload(self, machine: Machine, inputs: Mapping[str, str]) -> dict[str, str]:
        """Keep files under a name; take the place of what an earlier attempt of the job left."""
        assert inputs.keys() == {"name", "path", "if-no-files-found", "overwrite", "retention-days"}
        files = [file for path in inputs["path"].split() for file in _files_at(machine.workspace / path)]
        if not files:
            assert inputs["if-no-files-found"] == "ignore"
            return {}
        folder = self.folder / inputs["name"]
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        copies = [Path(shutil.copy(file, folder)) for file in files]
        if inputs["name"] == self.spoiled:
            _spoil(copies[0])
        return {"artifact-id": str(self.github.run_leaves(int(self.run_id), inputs["name"]).id)}

    def download(self, machine: Machine, inputs: Mapping[str, str]) -> dict[str, str]:
        """Put the files of one artifact into a folder."""
        assert inputs.keys() == {"name", "path"}
        shutil.copytree(self.folder / inputs["name"], machine.workspace / inputs["path"], dirs_exist_ok=True)
        return {"download-path": inputs["path"]}


def _files_at(path: Path) -> list[Path]:
    """The file, the files of the folder, or none: a pattern that matches nothing is no error beside one that does."""
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path] * path.is_file()


def _spoil(file: Path) -> None:
    """Change one bit."""
    content = file.read_bytes()
    middle = len(content) // 2
    file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])


@dataclass(frozen=True, slots=True)
class Checkout:
    """Checks out as the action does on a branch: one commit deep, and no credentials left behind.

    Parameters
    ----------
    repository
        As owner/name: what is checked out when nothing else is asked for.
    commit
        The commit of it that the run is about.
    """

    host: GitHost
    repository: str
    commit: str
    done: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, machine: Machine, inputs: Mapping[str, str]) -> dict[str, str]:
        """Check out the run's own repository into the workspace, or another one into a folder of it."""
        assert inputs["persist-credentials"] == "false"
        assert inputs.keys() <= {"persist-credentials", "repository", "ref", "path"}
        repository, commit = inputs.get("repository", self.repository), inputs.get("ref", self.commit)
        folder = machine.workspace / inputs.get("path", ".")
        folder.mkdir(exist_ok=True)
        git(folder, "init", "-q")
        git(folder, "remote", "add", "origin", f"{self.host.url}/{repository}")
        options = ("-q", "--no-tags", "--prune", "--no-recurse-submodules", "--depth=1")
        refspec = f"+{commit}:refs/remotes/origin/main"
        git(folder, "-c", f"http.extraheader={self.host.header}", "fetch", *options, "origin", refspec)
        git(folder, "checkout", "-q", "-B", "main", "refs/remotes/origin/main")
        self.done.append((machine.job, repository))
        return {}


def python_is_there(_machine: Machine, inputs: Mapping[str, str]) -> dict[str, str]:
    """Let this very Python stand for the one that is asked for."""
    assert inputs == {"python-version": "3.11"}
    return {}
