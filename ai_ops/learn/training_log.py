"""`training_log.json`: every training and evaluation of the last year, one a line, so that git keeps little of each.

    {"version": 1, "records": [
    {"at":"2026-11-20T03:17:00Z","auc":0.934,"event":"training","loss":0.031,"service":"web",…},
    …
    ]}

It is for people and for trends. Nothing is decided on it, so one that cannot be read stops no training: it is set aside
and begun anew.
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import StateError
from ai_ops.domain.training_record import TrainingRecord
from ai_ops.files import read_plain, replace_atomically
from ai_ops.learn.plain_json import UNREADABLE, on_one_line, plain
from ai_ops.learn.prequential import SPAN
from ai_ops.markdown import one_visible_line
from ai_ops.redact import redact as redact_by_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from pydantic import TypeAdapter

VERSION = 1

KEPT = 400
"""Records of a service: a year of nights, and the weekly evaluations of eight months or a few trainings by hand."""

TOLD_IN_FULL = 30
"""Records of a service with all their gates; of an older one those are kept that it did not pass.

How rows fell is kept as long as the loss is taken over it, however often a team trains.
"""

LOCK_PATIENCE_SECONDS = 30.0

_ALWAYS = ("at", "service", "version", "event")


class TrainingLog:
    """The log of every service.

    Parameters
    ----------
    path
        Where the file lies; made with the first record.
    warn
        Told, in a sentence, what could not be read.
    redact
        Takes secrets out of notes and reasons.
    """

    def __init__(
        self, path: Path, *, warn: Callable[[str], None], redact: Callable[[str], str] = redact_by_shape
    ) -> None:
        self._path = path
        self._warn = warn
        self._redact = redact

    def read(self, service: str | None = None) -> tuple[TrainingRecord, ...]:
        """Give the records, or those of one service, oldest first; none where the file cannot be read."""
        try:
            known, problem = _records_in(self._content())
        except StateError as err:
            known, problem = (), str(err)
        if problem:
            self._warn(f"{self._path.name}: {problem}; the training log is shown without it")
        return tuple(one for one in known if service in {None, one.service})

    def append(self, record: TrainingRecord) -> None:
        """Add one; it is on the disk when this returns. What cannot be read is kept in a file beside.

        Raises
        ------
        StateError
            When the file cannot be read or written at all; it is then as it was.
        """
        with self._locked():
            raw = self._content()
            known, problem = _records_in(raw)
            try:
                if problem:
                    aside = self._path.with_name(f"{self._path.name}.{record.at:%Y%m%dT%H%M%SZ}.set-aside")
                    replace_atomically(aside, raw)
                    self._warn(f"{self._path.name}: {problem}; it is set aside as {aside.name} and goes on without it")
                replace_atomically(self._path, to_bytes([*known, self._clean(record)]))
            except OSError as err:
                raise StateError(f"{self._path}: could not be written ({err.strerror}): free space there") from err

    def _content(self) -> bytes:
        try:
            return read_plain(self._path)
        except FileNotFoundError:
            return b""
        except OSError as err:
            raise StateError(f"{self._path}: cannot be read ({err.strerror}): check who may read it") from err

    def _clean(self, record: TrainingRecord) -> TrainingRecord:
        gates = tuple(replace(gate, reason=self._one_line(gate.reason)) for gate in record.gates)
        return replace(record, note=self._one_line(record.note), gates=gates)

    def _one_line(self, text: str) -> str:
        return self._redact(one_visible_line(text))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        lock = FileLock(self._path.with_name(f"{self._path.name}.lock"), timeout=LOCK_PATIENCE_SECONDS)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as err:
            raise StateError(f"{self._path}: another training holds it: wait for that one") from err
        except OSError as err:
            raise StateError(
                f"{lock.lock_file}: cannot be locked ({err.strerror}): make it a plain file, or delete it"
            ) from err
        try:
            yield
        finally:
            lock.release()


def to_bytes(records: Iterable[TrainingRecord]) -> bytes:
    """Write the file: the newest records of each service, oldest first, each once."""
    lines = ",\n".join(on_one_line(_form(record)) for record in kept(records))
    return f'{{"version": {VERSION}, "records": [\n{lines}\n]}}\n'.encode("utf-8", "backslashreplace")


def kept(records: Iterable[TrainingRecord]) -> tuple[TrainingRecord, ...]:
    """Leave the newest records of each service, each once, the older ones of these without the gates they passed."""
    by_service = defaultdict[str, list[TrainingRecord]](list)
    each_once = {(one.at, one.service, one.version, one.event): one for one in records}
    for record in sorted(each_once.values(), key=lambda one: one.at):
        by_service[record.service].append(record)
    left = (one for ours in by_service.values() for one in _thinned(ours[-KEPT:]))
    return tuple(sorted(left, key=lambda one: (one.at, one.service)))


def _thinned(ours: Sequence[TrainingRecord]) -> Iterator[TrainingRecord]:
    for age, record in enumerate(reversed(ours)):
        noted = record.surprises if ours[-1].at - record.at < SPAN else ()
        gates = record.gates if age < TOLD_IN_FULL else tuple(gate for gate in record.gates if not gate.is_passed)
        yield replace(record, gates=gates, surprises=noted)


def _form(record: TrainingRecord) -> dict[str, Any]:
    """Leave out what is not known or empty: it is read back as such."""
    form = plain(asdict(record))
    return {key: value for key, value in form.items() if key in _ALWAYS or value not in (None, "", [])}


def _records_in(raw: bytes) -> tuple[tuple[TrainingRecord, ...], str]:
    """Read what can be read, and say what is wrong with the rest; empty when nothing is."""
    if not raw:
        return (), ""
    try:
        form = json.loads(raw)
        version, listed = form["version"], list(form["records"])
    except UNREADABLE:
        return (), "it is no training log"
    if version != VERSION:
        return (), f"it has version {version!r}, and this agent reads version {VERSION}"
    read = [_record_in(one) for one in listed]
    known = tuple(one for one in read if one is not None)
    lost = len(read) - len(known)
    return known, f"{lost} of {len(read)} records cannot be read" if lost else ""


def _record_in(form: Any) -> TrainingRecord | None:  # noqa: ANN401  # JSON
    try:
        return _adapter().validate_python({**_NOTHING, **form})
    except UNREADABLE:
        return None


_NOTHING = dict.fromkeys(("kind", "verdict", "loss", "auc", "auc_low", "learning"))
"""What a line leaves out where it is not known."""


@cache
def _adapter() -> TypeAdapter[TrainingRecord]:
    from pydantic import TypeAdapter

    return TypeAdapter(TrainingRecord)
