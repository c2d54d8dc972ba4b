"""What a commit holds, and how a new one is built in an index of its own."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from ai_ops.domain.errors import DeliveryError, EditError
from ai_ops.git_client.names import commit_hash, inside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.git_client.shell import Shell

MAX_BYTES = 32 * 1024 * 1024  # a settings or state file beyond this is a mistake; hosts refuse at 100 MB

_FAILED = "the commit cannot be built"

_PLAIN = {"100644", "100755"}
_FOLDER = {"040000"}
_KINDS = {"040000": "a folder", "120000": "a symbolic link", "160000": "a submodule"}


class Entry(NamedTuple):
    """One path of a commit or of the index: mode such as "100644", and the object's hash."""

    mode: str
    object: str


def list_tree(shell: Shell, commit: str, *options: str) -> dict[str, Entry]:
    """Entries by path; `options` as of `git ls-tree`."""
    answer = shell.ask("a commit cannot be read", "ls_tree", "-z", "--full-tree", commit_hash(commit), *options)
    rows = (row.partition("\t") for row in answer.text.split("\0") if row)
    return {path: Entry(about.split(" ")[0], about.split(" ")[2]) for about, _, path in rows}


@lru_cache(maxsize=64)  # a hash names one content for ever, and each question costs a process
def find_entry(shell: Shell, commit: str, path: str) -> Entry | None:
    """What `commit` holds at `path`, or None.

    Raises
    ------
    EditError
        When it is a folder, or when it is or lies behind a symbolic link or a submodule.
    """
    parents = [str(parent) for parent in PurePosixPath(inside(path)).parents][:-1]
    entries = list_tree(shell, commit, "-t", "--", *parents, path)
    for name in (path, *parents):
        found = entries.get(name)
        if found and found.mode not in (_PLAIN if name == path else _FOLDER):
            kind = _KINDS.get(found.mode, "a file")
            raise EditError(f"{path}: {name} is {kind} in commit {commit[:10]}; name a plain file of this repository")
    return entries.get(path)


@lru_cache(maxsize=4)  # the same; a run reads one settings file again and again
def read_blob(shell: Shell, path: str, entry: Entry) -> bytes:
    """Bytes of an entry, exactly as committed; `path` is for the message.

    Raises
    ------
    EditError
        When it is larger than `MAX_BYTES`.
    """
    _check_size(path, int(shell.ask(f"{path} cannot be read", "cat_file", "-s", entry.object).text))
    return shell.ask(f"{path} cannot be read", "cat_file", "blob", entry.object).out


def build_tree(shell: Shell, base: str | None, files: Mapping[str, bytes | None]) -> str:
    """Make the tree of `base` with new bytes for `files` (None deletes); return its hash.

    Raises
    ------
    EditError
        When a path is no plain file of this repository.
    DeliveryError
        When the disk does not take it.
    """
    try:
        changes = "".join(_index_line(shell, base, path, content) for path, content in files.items())
        with tempfile.TemporaryDirectory(prefix="neuropilot-") as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            shell.ask(_FAILED, "read_tree", commit_hash(base) if base else "--empty", env=index)
            shell.ask(_FAILED, "update_index", "-z", "--index-info", stdin=changes.encode(), env=index)
            return shell.ask(_FAILED, "write_tree", env=index).text
    except OSError as err:
        raise _no_room(err) from err


def is_exactly(shell: Shell, commit: str, base: str, files: Mapping[str, bytes | None]) -> bool:
    """Whether `commit` holds what `base` holds with new bytes for `files`, and nothing else, modes included."""
    tree = shell.ask("a commit cannot be read", "rev_parse", "--verify", f"{commit_hash(commit)}^{{tree}}").text
    return tree == build_tree(shell, base, files)


def build_commit(shell: Shell, tree: str, parent: str | None, message: str) -> str:
    """Make a commit of `tree`, and return its hash; without a parent it starts a history.

    Raises
    ------
    DeliveryError
        When the disk does not take it.
    """
    parents = ("-p", commit_hash(parent)) if parent else ()
    text = message.encode("utf-8", "replace")
    try:
        return shell.ask(_FAILED, "commit_tree", "--no-gpg-sign", tree, *parents, stdin=text).text
    except OSError as err:
        raise _no_room(err) from err


def _index_line(shell: Shell, base: str | None, path: str, content: bytes | None) -> str:
    """One line for `update-index -z --index-info`; a file that exists keeps its mode."""
    old = find_entry(shell, base, path) if base else None
    if content is None:
        return f"0 {'0' * len(base or '')}\t{inside(path)}\0"
    _check_size(path, len(content))
    arguments = ("-w", "--stdin", "--no-filters")
    blob = shell.ask(f"{path} cannot be stored", "hash_object", *arguments, stdin=content).text
    return f"{old.mode if old else '100644'} {blob}\t{inside(path)}\0"


def _no_room(err: OSError) -> DeliveryError:
    return DeliveryError(f"{_FAILED}: {err}. Next: free space in the temporary folder")


def _check_size(path: str, size: int) -> None:
    if size > MAX_BYTES:
        raise EditError(f"{path}: {size} bytes are more than the {MAX_BYTES} that make sense; is it the right file?")
