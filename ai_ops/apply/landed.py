"""Which commit of a branch has really brought a decision: anybody can write a trailer."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import begin_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ai_ops.git_client import GitClient
    from ai_ops.git_client.trailers import Trailer


def landed(git: GitClient, base: str, files: Collection[str], episode: str | None = None) -> Iterator[Trailer]:
    """Each `Episode:` trailer of the last commits up to `base` that can be true, newest first; or those of one episode.

    It is none where the commit touches no settings file, or was made before the period that it speaks of: then it
    would count a decision as made that is still to come.
    """
    for one in git.trailers(base, "Episode"):
        if episode not in {None, one.value}:
            continue
        try:
            begin = begin_of(one.value)
        except ValueError:
            continue
        if one.at >= begin and _touches(git, one.commit, frozenset(files)):
            yield one


def landed_in(git: GitClient, base: str, files: Collection[str], episode: str) -> str | None:
    """The commit that has brought `episode`, or None."""
    return next((one.commit for one in landed(git, base, files, episode)), None)


@lru_cache(maxsize=512)  # a hash names one change for ever, and a run asks several times what has landed
def _touches(git: GitClient, commit: str, files: frozenset[str]) -> bool:
    """Whether a commit changes one of `files`; where a shallow checkout ends, nobody can tell, and it counts."""
    return git.parent(commit) is None or not files.isdisjoint(git.changed_files(commit))
