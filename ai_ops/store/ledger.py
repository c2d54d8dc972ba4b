"""The ledger: a line per cycle and per decision about a model; only appended to, each sealed with the one before.

At the end of a month it says again which models stand, so that they are known when older months have left.

episodes-2026-10.jsonl  episodes-2026-11.jsonl  episodes.jsonl     the lines, oldest first
ledger_head.json                                                   the newest line's number and hash
ledger_archive.json                                                which older months stand on a branch of their own
episodes.torn                                                      what a crash left of unfinished lines
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeVar

from ai_ops.domain.errors import Overtaken, StateError
from ai_ops.redact import redact as redact_by_shape
from ai_ops.store import state_file
from ai_ops.store.ledger_check import Head, Problem, Row, check, check_head, is_one_behind, read_rows
from ai_ops.store.ledger_files import LedgerFiles, begins_month
from ai_ops.store.ledger_lines import ABOUT_MODELS, GENESIS, Line, Unreadable, canonical, seal, seal_again
from ai_ops.store.ledger_standing import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.model_version import ModelDecision
    from ai_ops.store.archived import Archived

Record = TypeVar("Record")


class Ledger:
    """What the agent saw and decided, in the order in which it did.

    An edit, a deletion or a change of order is refused, never skipped. What a crash can leave behind is recovered:
    a line that was cut off was never acted upon, and is set aside; a head that is one line behind is moved.

    Parameters
    ----------
    folder
        Where the files lie; made when the first line is written.
    warn
        Told, in a sentence, what was recovered.
    redact
        Takes secrets out of every text before it is written: a ledger is kept for years and cannot be edited.
    """

    def __init__(
        self, folder: Path, *, warn: Callable[[str], None], redact: Callable[[str], str] = redact_by_shape
    ) -> None:
        self._files = LedgerFiles(folder)
        self._warn = warn
        self._redact = redact

    def append(self, episode: Episode) -> Line:
        """Write `episode` behind the last line; it is on the disk when this returns.

        Not idempotent: a caller that crashed looks with `find` first. Only the end of the ledger is checked here,
        the rest by `episodes`, and where a month begins.

        Raises
        ------
        Overtaken
            When a line for this episode exists already: another run decided the same window.
        StateError
            When the end of the ledger was changed, or the disk refuses; nothing of the episode is then written.
        """
        return self._append(episode, episode.id)

    def append_model_decision(self, decision: ModelDecision) -> Line:
        """Write what was decided about a model behind the last line. Raises `StateError` as `append` does."""
        return self._append(decision, None)

    def episodes(self, service: str | None = None) -> tuple[Episode, ...]:
        """Every episode, or those of one service, oldest first; empty when nothing was written yet.

        Raises
        ------
        StateError
            When anything in the ledger is not as it was written.
        """
        with self._held():
            rows, lines, problems = self._read()
        if problems:
            raise self._untrusted(problems)
        return tuple(self._records(rows, lines, frozenset({"episode"}), service, Line.to_episode))

    def model_decisions(self, service: str | None = None) -> tuple[ModelDecision, ...]:
        """What was decided about models, or those of one service, oldest first, each once. Raises as `episodes` does.

        Of the months that have left it is what stood at the end of a later one: the model in use, and the one before.
        """
        with self._held():
            rows, lines, problems = self._read()
        if problems:
            raise self._untrusted(problems)
        return tuple(self._decided(rows, lines, service).values())

    def last(self, service: str) -> Episode | None:
        """Return the newest episode of `service`, or None. Raises as `episodes` does."""
        return next(reversed(self.episodes(service)), None)

    def find(self, episode_id: str) -> Episode | None:
        """Return the episode of that id, or None. Raises as `episodes` does."""
        return next((episode for episode in self.episodes() if episode.id == episode_id), None)

    def hash_of(self, episode_id: str) -> str | None:
        """Return the hash of the line that holds an episode, or None. What is wrong elsewhere does not matter here."""
        with self._held():
            lines = self._read()[1]
        whole = (one for one in lines if isinstance(one, Line) and one.kind == "episode")
        return next((one.hash for one in whole if one.content.get("id") == episode_id), None)

    def verify(self) -> tuple[Problem, ...]:
        """Everything that is not as it was written; empty for a whole ledger.

        Raises
        ------
        StateError
            When a file cannot be read at all.
        """
        with self._held():
            return self._read()[2]

    def archived(self) -> Archived | None:
        """Which months stand on the archive branch and perhaps no longer here; None where nothing was archived.

        Raises
        ------
        StateError
            When the file that says it is not what the agent wrote.
        """
        return self._files.read_archived()

    def _held(self) -> AbstractContextManager[None]:
        """Keep writers out while reading; where nothing can be written, nobody writes."""
        is_writable = os.access(self._files.folder, os.W_OK)
        return state_file.locked(self._files.current) if is_writable else nullcontext()

    def _read(self) -> tuple[list[Row], list[Line | Problem], tuple[Problem, ...]]:
        """Read the whole ledger without what a crash left, and what is wrong with it."""
        rows, head = self._files.rows(), self._files.read_head()
        lines = read_rows(rows)
        if self._is_torn(rows, lines, head):
            self._warn(
                f"{rows[-1].place}: a run ended while it wrote this line; it was never acted upon and is ignored"
            )
            rows, lines = rows[:-1], lines[:-1]
        elif lines and isinstance(lines[-1], Line) and is_one_behind(lines[-1], head or Head()):
            self._warn(f"{self._files.head.name}: a run ended before it moved it; the ledger itself is whole")
        archived = self._files.read_archived()
        return rows, lines, check(rows, lines, head, archived.ends if archived else ())

    def _settle(self, rows: list[Row]) -> Line | None:
        """Recover what a crash left at the end, take it out of `rows`, and return the last line."""
        head, lines = self._files.read_head(), read_rows(rows[-2:])
        if self._is_torn(rows[-2:], lines, head):
            torn = rows.pop()
            lines.pop()
            self._files.set_aside(torn)
            self._warn(f"{torn.place}: a run ended while it wrote this line; set aside in {self._files.torn.name}")
        last = lines[-1] if lines else None
        problems = [last] if isinstance(last, Problem) else list(check_head(lines[-1:], head))
        if problems or isinstance(last, Problem):
            raise self._untrusted(problems)
        if last and is_one_behind(last, head or Head()):
            self._files.write_head(last)
            self._warn(f"{self._files.head.name}: a run ended before it moved it; it now names line {last.sequence}")
        return last

    def _is_torn(self, rows: Sequence[Row], lines: Sequence[Line | Problem], head: Head | None) -> bool:
        """Whether the last row was never finished: it is unreadable, and the head stands right before it."""
        if not rows or not self._is_current(rows[-1]):
            return False
        last, before = lines[-1], lines[-2] if len(lines) > 1 else None
        known = Head(before.sequence, before.hash) if isinstance(before, Line) else Head()
        return isinstance(last, Problem) and last.kind == "edited" and known == (head or Head())

    def _is_current(self, row: Row) -> bool:
        return row.place.file == self._files.current.name

    def _append(self, record: Episode | ModelDecision, unique_id: str | None) -> Line:
        with state_file.locked(self._files.current):
            rows = self._files.rows(newest=2)
            last = self._settle(rows)
            if unique_id is not None and any(_has_id(row, unique_id) for row in rows):
                raise Overtaken(
                    f"episode {unique_id} stands in the ledger already: another run decided this window. "
                    f"`neuropilot explain {unique_id}` shows it"
                )
            line = seal(record, *_behind(last), self._redact)
            first = [row for row in rows if self._is_current(row)][:1]
            for earliest in self._each(first, read_rows(first), Line.moment):
                if begins_month(earliest, line.moment()):
                    line = seal(record, *_behind(self._end_month(last)), self._redact)
                    self._files.rotate(earliest)
            self._files.write(line)
        return line

    def _end_month(self, last: Line | None) -> Line | None:
        """Say again which models stand, where this month's file does not say it yet; return the last line then.

        Whatever ends a run in between, the next one finds the month unended, and says the rest.
        """
        rows, lines, problems = self._read()
        if problems:  # what somebody has altered must not be said again as if it were whole
            raise self._untrusted(problems)
        month = [(row, line) for row, line in zip(rows, lines, strict=True) if self._is_current(row)]
        said = self._decided([row for row, _ in month], [line for _, line in month])
        for number, decision in standing(self._decided(rows, lines)).items():
            if number not in said:
                last = seal_again(decision, number, *_behind(last))
                self._files.write(last)
        return last

    def _decided(
        self, rows: Sequence[Row], lines: Sequence[Line | Problem], service: str | None = None
    ) -> dict[int, ModelDecision]:
        """What was decided about models, by the number of the line that said it first."""
        numbered = self._records(
            rows, lines, ABOUT_MODELS, service, lambda line: (line.said_first, line.to_model_decision())
        )
        first: dict[int, ModelDecision] = {}
        for number, decision in numbered:
            first.setdefault(number, decision)
        return dict(sorted(first.items()))

    def _records(
        self,
        rows: Sequence[Row],
        lines: Sequence[Line | Problem],
        kinds: frozenset[str],
        service: str | None,
        read: Callable[[Line], Record],
    ) -> Iterator[Record]:
        """Read the lines of some kinds, and of one service where it is named."""
        wanted = [
            (row, line)
            for row, line in zip(rows, lines, strict=True)
            if isinstance(line, Problem) or (line.kind in kinds and service in {None, line.content.get("service")})
        ]
        return self._each([row for row, _ in wanted], [line for _, line in wanted], read)

    def _each(
        self, rows: Sequence[Row], lines: Sequence[Line | Problem], read: Callable[[Line], Record]
    ) -> Iterator[Record]:
        """Read something out of lines, each of which has to be whole."""
        for row, line in zip(rows, lines, strict=True):
            if isinstance(line, Problem):
                raise self._untrusted((line,))
            try:
                yield read(line)
            except Unreadable as err:
                raise self._untrusted((Problem(err.kind, row.place, str(err)),)) from err

    def _untrusted(self, problems: Sequence[Problem]) -> StateError:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return StateError(
            f"{self._files.folder}: the ledger cannot be trusted, so nothing is decided: {problems[0]}{more}. "
            f"`neuropilot ledger verify` lists every place; restore the folder from the branch neuropilot/state"
        )


def _behind(last: Line | None) -> tuple[int, str]:
    """Number of the line behind `last`, and the hash that it names."""
    return (last.sequence + 1, last.hash) if last else (1, GENESIS)


def _has_id(row: Row, episode_id: str) -> bool:
    return canonical({"id": episode_id})[1:-1] in row.raw
