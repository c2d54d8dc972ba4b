"""Files are read below the repository's top level and nowhere else."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from repositories import git, isolate

from ai_ops.apply.settings_text import SIZE_LIMIT_BYTES
from ai_ops.apply.work_tree import work_tree_reader
from ai_ops.domain.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE = "infrastructure/terraform/terraform.tfvars"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A work tree with one settings file, and a secret beside it."""
    folder = tmp_path / "repository"
    (folder / FILE).parent.mkdir(parents=True)
    (folder / FILE).write_bytes(b"cpu = 80\r\n")
    (folder / ".git").mkdir()
    (tmp_path / "secret.tfvars").write_bytes(b"cpu = 99\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "terraform.tfvars").write_bytes(b"cpu = 99\n")
    return folder


def test_a_plain_file_is_read_byte_for_byte(root: Path) -> None:
    """Line ends are not translated on the way."""
    assert work_tree_reader(root)(FILE) == b"cpu = 80\r\n"


def test_the_root_itself_may_be_reached_through_a_link(root: Path) -> None:
    """Home folders and CI workspaces are often links; what counts is the way below the root."""
    link = root.parent / "link"
    link.symlink_to(root)

    assert work_tree_reader(link)(FILE) == b"cpu = 80\r\n"


@pytest.mark.parametrize("file", ["../secret.tfvars", "infrastructure/../../secret.tfvars", "/etc/passwd", ""])
def test_paths_that_leave_the_root_are_refused(root: Path, file: str) -> None:
    """A configuration cannot make the agent read or publish other files (H19)."""
    with pytest.raises(EditError, match="no plain path inside the repository"):
        work_tree_reader(root)(file)


def a_link_for_the_file(root: Path) -> None:
    """The file itself leads out."""
    (root / FILE).unlink()
    (root / FILE).symlink_to(root.parent / "secret.tfvars")


def a_link_inside_the_repository(root: Path) -> None:
    """The file leads to another file of the same repository."""
    (root / FILE).rename(root / "real.tfvars")
    (root / FILE).symlink_to("../../real.tfvars")


def a_link_that_leads_nowhere(root: Path) -> None:
    """The file leads to what does not exist."""
    (root / FILE).unlink()
    (root / FILE).symlink_to("nowhere")


def a_link_for_a_folder(root: Path) -> None:
    """A folder on the way leads out."""
    (root / FILE).unlink()
    (root / "infrastructure" / "terraform").rmdir()
    (root / "infrastructure" / "terraform").symlink_to(root.parent / "elsewhere")


@pytest.mark.parametrize(
    "put", [a_link_for_the_file, a_link_inside_the_repository, a_link_that_leads_nowhere, a_link_for_a_folder]
)
def test_symbolic_links_are_refused(root: Path, put: Callable[[Path], None]) -> None:
    """A link, in the last place or on the way, would let one file's review change another (H19)."""
    put(root)

    with pytest.raises(EditError, match=r"terraform\.tfvars was not read: terraform(\.tfvars)? is a symbolic link"):
        work_tree_reader(root)(FILE)


def test_a_submodule_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit here could not hold the change (H19)."""
    isolate(monkeypatch)
    other = root.parent / "other"
    subprocess.run(["git", "init", "-q", str(other)], check=True)
    (other / "terraform.tfvars").write_bytes(b"cpu = 80\n")
    git(other, "add", ".")
    git(other, "commit", "-qm", "first")
    (root / ".git").rmdir()
    git(root.parent, "init", "-q", str(root))
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "modules/other")

    with pytest.raises(EditError, match="other is a submodule or another repository"):
        work_tree_reader(root)("modules/other/terraform.tfvars")


def test_a_missing_file_is_named(root: Path) -> None:
    """The message says which part of the path is missing."""
    with pytest.raises(EditError, match=r"infra/a\.tfvars is missing: there is no infra; create it"):
        work_tree_reader(root)("infra/a.tfvars")


def test_a_missing_root_is_named(tmp_path: Path) -> None:
    """A wrong `--root` is told, not shown as a crash."""
    with pytest.raises(EditError, match=r"there is no .*nowhere"):
        work_tree_reader(tmp_path / "nowhere")(FILE)


def test_a_folder_is_no_settings_file(root: Path) -> None:
    """What is no plain file is never read."""
    (root / "a.tfvars").mkdir()

    with pytest.raises(EditError, match=r"a\.tfvars is no plain file"):
        work_tree_reader(root)("a.tfvars")


def test_a_named_pipe_does_not_hang_the_run(root: Path) -> None:
    """Opening a pipe would wait for a writer that never comes."""
    os.mkfifo(root / "a.tfvars")

    with pytest.raises(EditError, match=r"a\.tfvars is no plain file"):
        work_tree_reader(root)("a.tfvars")


def test_a_file_where_a_folder_should_be_is_refused(root: Path) -> None:
    """The operating system's own words say why."""
    with pytest.raises(EditError, match=r"cannot be opened \(Not a directory\)"):
        work_tree_reader(root)(f"{FILE}/a.tfvars")


def test_a_huge_file_is_refused(root: Path) -> None:
    """No more of it is read than the limit (H19)."""
    (root / FILE).write_bytes(b"#" * (SIZE_LIMIT_BYTES + 1))

    with pytest.raises(EditError, match="above the limit of 128 KiB"):
        work_tree_reader(root)(FILE)


def test_the_largest_file_is_read_whole(root: Path) -> None:
    """The limit itself is allowed."""
    (root / FILE).write_bytes(b"#" * SIZE_LIMIT_BYTES)

    assert len(work_tree_reader(root)(FILE)) == SIZE_LIMIT_BYTES


def lowest_free_descriptor() -> int:
    """The number that the next opened file gets."""
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.close(descriptor)
    return descriptor


def test_no_descriptor_stays_open(root: Path) -> None:
    """A service that reads every minute must not run out of them."""
    before = lowest_free_descriptor()

    work_tree_reader(root)(FILE)
    with pytest.raises(EditError):
        work_tree_reader(root)("infrastructure/nothing.tfvars")

    assert lowest_free_descriptor() == before
