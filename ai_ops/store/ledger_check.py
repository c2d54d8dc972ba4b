"""Is the ledger as it was written? Names every edit, deletion, insertion, copy and change of order."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from ai_ops.store.ledger_lines import GENESIS, Line, Unreadable, read_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_ROW = re.compile(rb"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands: the file's name, and the line's number in it from 1."""

    file: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line as found on the disk, with its newline if it has one."""

    place: Place
    raw: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """What `ledger_head.json` says: the newest line's sequence and hash. It shows a deletion at the end."""

    sequence: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Parameters
    ----------
    kind
        "edited", "deleted", "inserted", "duplicated", "reordered", "version" or "head".
    place
        The line where it shows; None when it is about the whole ledger.
    explanation
        What is wrong, in words.
    """

    kind: str
    place: Place | None
    explanation: str

    def __str__(self) -> str:
        return f"{self.place or 'ledger_head.json'}: {self.kind}: {self.explanation}"


def rows_in(file: str, content: bytes) -> list[Row]:
    """Every row of a file of that name."""
    return [Row(Place(file, number), raw) for number, raw in enumerate(_ROW.findall(content), start=1)]


def read_rows(rows: Sequence[Row]) -> list[Line | Problem]:
    """Read every row by itself; one that is not what the ledger wrote becomes a problem."""
    return [_read_row(row) for row in rows]


def check(
    rows: Sequence[Row], lines: Sequence[Line | Problem], head: Head | None, archived: Sequence[Head] = ()
) -> tuple[Problem, ...]:
    """Compare the lines with one another and with the head.

    Parameters
    ----------
    lines
        `read_rows(rows)`.
    archived
        The last line of each month that was archived: the lines may begin behind any of them.
    """
    return (*check_chain(rows, lines, archived), *check_head(lines, head))


def check_chain(
    rows: Sequence[Row], lines: Sequence[Line | Problem], archived: Sequence[Head] = ()
) -> Iterator[Problem]:
    """Walk the lines in the order of the files, with what the next one has to be in mind; parameters as of `check`."""
    kept = sorted({line.sequence for line in lines if isinstance(line, Line)})
    first_place: dict[str, Place] = {}
    start = _before(lines, archived)
    expected, before = start.sequence + 1, start.hash
    for row, line in zip(rows, lines, strict=True):
        if isinstance(line, Problem):
            yield line
            # It stands where a line belongs; what follows can no longer be tied to it.
            expected, before = expected + 1, ""
            continue
        if line.hash in first_place:
            yield Problem("duplicated", row.place, f"the same line stands at {first_place[line.hash]}")
            continue
        if line.sequence < expected:
            yield _out_of_place(row, line, lines)
            continue
        yield from _skipped(row, expected, line.sequence, kept)
        if line.sequence == expected and before and line.previous != before:
            yield Problem("inserted", row.place, "it does not follow the line before it: one of the two was put in")
        first_place[line.hash] = row.place
        expected, before = line.sequence + 1, line.hash


def check_head(lines: Sequence[Line | Problem], head: Head | None) -> Iterator[Problem]:
    """Compare the newest line with the head; the last lines of a ledger are enough."""
    intact = [line for line in lines if isinstance(line, Line)]
    last = max(intact, key=lambda line: line.sequence, default=None)
    sequence, digest = (last.sequence, last.hash) if last else (0, GENESIS)
    known = head or Head()
    unreadable_at_the_end = sum(1 for _ in takewhile(lambda line: isinstance(line, Problem), reversed(lines)))
    if (known.sequence, known.hash) == (sequence, digest) or (last and is_one_behind(last, known)):
        return
    if head is None:
        yield Problem("head", None, f"it is missing, and the ledger has {sequence} lines")
    elif known.sequence <= sequence:
        yield Problem("head", None, f"it does not name the newest line, number {sequence}")
    elif known.sequence > sequence + unreadable_at_the_end:
        yield Problem("deleted", None, f"{known.sequence - sequence} line(s) are missing at the end")


def is_one_behind(line: Line, head: Head) -> bool:
    """Whether `line` was written and the run ended before it could move the head: a crash, not a change."""
    return (head.sequence, head.hash) == (line.sequence - 1, line.previous)


def _before(lines: Sequence[Line | Problem], archived: Sequence[Head]) -> Head:
    """The archived line behind which the lines begin; none where they begin with the first of all."""
    first = next((line.sequence - place for place, line in enumerate(lines) if isinstance(line, Line)), 1)
    ends = (end for end in archived if end.sequence < first)
    return max(ends, key=lambda end: end.sequence, default=Head())


def _out_of_place(row: Row, line: Line, lines: Sequence[Line | Problem]) -> Problem:
    rivals = sum(isinstance(other, Line) and other.sequence == line.sequence for other in lines)
    if rivals > 1:
        return Problem("inserted", row.place, f"{rivals} different lines claim to be number {line.sequence}")
    return Problem("reordered", row.place, f"line number {line.sequence} stands behind later ones")


def _skipped(row: Row, expected: int, found: int, kept: Sequence[int]) -> Iterator[Problem]:
    """Say what became of the lines `expected` to `found - 1`: moved elsewhere, or gone."""
    elsewhere = bisect_left(kept, found) - bisect_left(kept, expected)
    gone = found - expected - elsewhere
    if elsewhere:
        yield Problem("reordered", row.place, f"line number {found} stands before {elsewhere} earlier one(s)")
    if gone:
        yield Problem("deleted", row.place, f"{gone} line(s) are missing before line number {found}")


def _read_row(row: Row) -> Line | Problem:
    if not row.raw.endswith(b"\n"):
        return Problem("edited", row.place, "its end is cut off")
    try:
        return read_line(row.raw[:-1])
    except Unreadable as err:
        return Problem(err.kind, row.place, str(err))
