"""Names that may stand in a git command: what could be read as an option, a range or a way out is refused."""

from __future__ import annotations

import re

from ai_ops.domain.errors import ConfigError, EditError

_NAME = re.compile(r"(?!.*(\.\.|//|\.lock(/|$)|/\.|@\{|[/.]$))[A-Za-z0-9][A-Za-z0-9._/+#@=-]{0,199}")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def ref_of(branch: str) -> str:
    """Full name of a branch: "main" is "refs/heads/main".

    Raises
    ------
    ConfigError
        When git would not take the name, or it holds more than letters, digits and `._/+#@=-`.
    """
    if not _NAME.fullmatch(branch):
        raise ConfigError(f"{branch!r} is no branch name that is safe to use: letters, digits and ._/+#@=- only")
    return f"refs/heads/{branch}"


def remote_name(remote: str) -> str:
    """`remote` itself; an address is no name.

    Raises
    ------
    ConfigError
        When it is not the plain name of a remote.
    """
    if not _NAME.fullmatch(remote):
        raise ConfigError(f"repository.remote: {remote!r} is no name of a remote; `git remote` lists them")
    return remote


def commit_hash(commit: str) -> str:
    """`commit` itself.

    Raises
    ------
    ConfigError
        When it is not a full hash.
    """
    if not _COMMIT.fullmatch(commit):
        raise ConfigError(f"{commit!r} is no full commit hash; `git rev-parse` gives it")
    return commit


def inside(path: str) -> str:
    """`path` itself, relative to the top level, with "/" between its parts.

    Raises
    ------
    EditError
        When it leads out of the repository, into `.git`, or holds control characters.
    """
    parts = path.split("/")
    is_inside = all(part not in {"", ".", ".."} and part.lower() != ".git" for part in parts)
    if not is_inside or not path.isprintable():
        raise EditError(f"{path!r} is no path inside the repository: write it relative to the top level")
    return path
