"""Let a person's checkout follow a delivered commit, only where nothing of theirs is in the way.

Three things move: the branch, one file, its entry in the index. No file system moves three things at once, so a private
ref names the commit first and is deleted last; where it is found again, `finish_interrupted` does what is left.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ai_ops.domain.errors import DeliveryError, EditError, Overtaken
from ai_ops.files import replace_atomically
from ai_ops.git_client import Entry, ref_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ai_ops.git_client import GitClient

_UNFINISHED = "refs/worktree/neuropilot/unfinished"  # one per work tree, never pushed
_BUSY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG", "rebase-merge", "rebase-apply", "index.lock")


def holds(git: GitClient, commit: str) -> bool:
    """Whether the checkout stands at `commit` or at a later one."""
    return git.shell.run("merge_base", "--is-ancestor", commit, "HEAD").status == 0


def obstacle(git: GitClient, branch: str, commit: str) -> str | None:
    """Say why the checkout cannot follow from the parent of `commit` to `commit`; None when it can."""
    here, base = git.checked_out(), git.parent(commit)
    if here not in {None, branch}:
        return f"{here} is checked out, not {branch}"
    if base is None or _head(git) != base:
        return f"it does not stand at the commit that was changed; `git pull` updates {here or 'it'}"
    busy = git.shell.ask("the work tree cannot be read", "rev_parse", *_git_paths()).text.splitlines()
    if any((git.root / path).exists() for path in busy):
        return "another git operation is under way in it"
    changed = [path for path in git.changed_files(commit) if not _is_as_committed(git, base, path)]
    return f"{', '.join(changed)} holds changes that are not committed" if changed else None


def follow(git: GitClient, branch: str, commit: str, tell: Callable[[str], None]) -> str | None:
    """Move HEAD, files and index entries from the parent of `commit` to `commit`; `obstacle` must have said None.

    Returns
    -------
    str or None
        What kept a file or the index from following, which `finish_interrupted` makes up for later.

    Raises
    ------
    Overtaken
        When HEAD has moved since; nothing was changed then.
    """
    tell("note what begins")
    git.move(_UNFINISHED, commit, _resolve(git, _UNFINISHED))
    tell("move the checked-out branch")
    try:
        git.move(ref_of(branch) if git.checked_out() else "HEAD", commit, git.parent(commit) or "")
    except Overtaken:
        _forget(git)
        raise
    try:
        _finish(git, commit, tell)
    except (DeliveryError, OSError) as err:
        return f"{err}"
    return None


def finish_interrupted(git: GitClient, tell: Callable[[str], None] = lambda _: None) -> bool:
    """Finish what a killed run has begun in this checkout; returns whether there was something.

    Files that have been changed since are left alone.

    Raises
    ------
    DeliveryError
        When a file or the index cannot be written.
    """
    commit = _resolve(git, _UNFINISHED)
    if commit and _head(git) == commit:
        try:
            _finish(git, commit, tell)
        except OSError as err:
            raise DeliveryError(f"{err.filename or git.root}: the checkout cannot follow ({err.strerror})") from err
    elif commit:
        _forget(git)
    return bool(commit)


def _finish(git: GitClient, commit: str, tell: Callable[[str], None]) -> None:
    """Bring each changed file and its index entry to `commit`, unless somebody has changed them meanwhile."""
    base = git.parent(commit) or commit
    for path in git.changed_files(commit):
        tell(f"write {path}")
        if _file(git.root, path) == _checked_out_form(git, base, path):
            _write(git, commit, path)
        tell(f"update the index for {path}")
        if _index_entry(git, path) == git.entry(base, path):
            _set_index_entry(git, path, git.entry(commit, path))
    tell("forget what has begun")
    _forget(git)


def _is_as_committed(git: GitClient, base: str, path: str) -> bool:
    """Whether index and work tree hold at `path` what `base` holds."""
    with suppress(EditError):
        is_staged = _index_entry(git, path) != git.entry(base, path)
        return not is_staged and _file(git.root, path) == _checked_out_form(git, base, path)
    return False


def _checked_out_form(git: GitClient, commit: str, path: str) -> bytes | None:
    """Bytes that a checkout of `commit` puts at `path`: with the line ends that git is configured to write."""
    if git.entry(commit, path) is None:
        return None
    return git.shell.ask(f"{path} cannot be read", "cat_file", "--filters", f"{commit}:{path}").out


def _file(root: Path, path: str) -> bytes | None:
    """Bytes at `path`, or None when there is no plain file or a symbolic link leads elsewhere."""
    file = root / path
    if file.resolve() != file or not file.is_file():
        return None
    return file.read_bytes()


def _write(git: GitClient, commit: str, path: str) -> None:
    content = _checked_out_form(git, commit, path)
    if content is None:
        (git.root / path).unlink(missing_ok=True)
    else:
        replace_atomically(git.root / path, content)


def _index_entry(git: GitClient, path: str) -> Entry | None:
    """Entry at `path`, or None when there is none or a merge has left several."""
    rows = git.shell.ask("the index cannot be read", "ls_files", "--stage", "-z", "--", path).text.split("\0")
    entries = [row.partition("\t")[0].split(" ") for row in rows if row.endswith(f"\t{path}")]
    return Entry(*entries[0][:2]) if len(entries) == 1 and entries[0][2] == "0" else None


def _set_index_entry(git: GitClient, path: str, entry: Entry | None) -> None:
    failed = f"the index entry of {path} cannot be updated"
    if entry is None:
        git.shell.ask(failed, "update_index", "--force-remove", "--", path)
        return
    git.shell.ask(failed, "update_index", "--add", "--cacheinfo", f"{entry.mode},{entry.object},{path}")
    git.shell.run("add", "--refresh", "--", path)  # so that plumbing does not take it for modified


def _git_paths() -> tuple[str, ...]:
    return tuple(word for name in _BUSY for word in ("--git-path", name))


def _head(git: GitClient) -> str:
    return _resolve(git, "HEAD")


def _resolve(git: GitClient, ref: str) -> str:
    return git.shell.run("rev_parse", "--verify", "--quiet", f"{ref}^{{commit}}").text


def _forget(git: GitClient) -> None:
    git.shell.run("update_ref", "-d", _UNFINISHED)
