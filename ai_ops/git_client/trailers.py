"""What the trailers of a history say, and when each of them reached the branch.

A pull request may arrive as it is, squashed, or behind a merge. What a merge brings counts from the moment of the
merge: the commit behind it may be days older, and nothing of it was live before.

Git takes the last paragraph of a message for its trailers. A host that squashes names the co-authors behind it, and
perhaps in a paragraph of their own, under a rule: then the one before them counts.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.git_client.shell import Shell

_MERGED_PER_COMMIT = 4
"""So many commits are read for each one of the branch's own line: requests are small."""

_CREDIT = re.compile(r"co-authored-by:.*|-{3,}", re.IGNORECASE)
_TRAILER = re.compile(r"([A-Za-z0-9-]+)[ \t]*:(.*)|[ \t].*")
_BETWEEN_PARAGRAPHS = re.compile(r"\n(?:[ \t\r]*\n)+")


class Trailer(NamedTuple):
    """One trailer: the commit of the branch's own line that brought it, when, and its value."""

    commit: str
    at: datetime
    value: str


class _Commit(NamedTuple):
    parents: tuple[str, ...]
    at: datetime
    values: tuple[str, ...]


def list_trailers(shell: Shell, commit: str, key: str, within: int) -> tuple[Trailer, ...]:
    """Each trailer `key` that the last `within` commits of the branch's own line brought, newest first."""
    shape = f"--format=%H%x1f%P%x1f%ct%x1f%(trailers:key={key},valueonly,unfold,separator=%x1f)%x00%B%x00"
    most = f"--max-count={within * _MERGED_PER_COMMIT}"
    log = shell.ask("the history cannot be read", "log", "--topo-order", most, shape, commit)
    known = dict(_commits(log.text.split("\0"), key))
    brought = dict(_brought(known, _own_line(known, commit)[:within]))
    return tuple(
        Trailer(by, known[by].at, value) for name, by in brought.items() for value in known[name].values if value
    )


def _commits(parts: list[str], key: str) -> Iterator[tuple[str, _Commit]]:
    """Each commit by its hash, from heads and messages in turn."""
    for head, message in zip(parts[::2], parts[1::2], strict=False):  # what follows the last message is no head
        name, parents, at, *values = head.strip("\n").split("\x1f")
        found = tuple(values) if any(values) else _above_credits(message, key)
        yield name, _Commit(tuple(parents.split()), _moment(at), found)


def _moment(seconds: str) -> datetime:
    """When a commit says that it was made; git lets everybody say anything, and what is no time is still to come."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def _above_credits(message: str, key: str) -> tuple[str, ...]:
    """Values of `key` in the trailers above a last paragraph of co-authors; none where there is no such paragraph."""
    paragraphs = [part.split("\n") for part in _BETWEEN_PARAGRAPHS.split(message.strip())]
    credits_from = len(paragraphs)
    while credits_from > 1 and all(_CREDIT.fullmatch(line.strip()) for line in paragraphs[credits_from - 1]):
        credits_from -= 1
    if credits_from in {1, len(paragraphs)}:  # a subject is no trailer
        return ()
    trailers = [_TRAILER.fullmatch(line.rstrip()) for line in paragraphs[credits_from - 1]]
    if not all(trailers):
        return ()
    return tuple(one[2].strip() for one in trailers if one and (one[1] or "").lower() == key.lower())


def _own_line(known: Mapping[str, _Commit], commit: str) -> list[str]:
    """The branch's commits by first parents, newest first, as far as they are here."""
    line: list[str] = []
    while commit in known:
        line.append(commit)
        commit = next(iter(known[commit].parents), "")
    return line


def _brought(known: Mapping[str, _Commit], line: list[str]) -> Iterator[tuple[str, str]]:
    """Each commit with the one of the own line that brought it, newest of the line first."""
    taken = {name for one in line for name in [one, *known[one].parents[:1]]}
    by: dict[str, list[str]] = {}
    for own in reversed(line):  # the oldest merge that reaches a commit has brought it
        by[own] = [own]
        waiting = list(known[own].parents[1:])
        while waiting:
            name = waiting.pop()
            if name in known and name not in taken:
                taken.add(name)
                by[own].append(name)
                waiting += known[name].parents
    for own in line:
        yield from ((name, own) for name in by[own])
