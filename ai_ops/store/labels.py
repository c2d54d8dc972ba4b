"""`labels.jsonl`: what people said of findings, one line each, only ever appended to.

    {"alarm":"deviation","at":"2026-11-20T09:12:00Z","by":"ada","finding":"f3a9b21c0","is_true":false,"metric":…,"version":1}

A line stands for itself, so two checkouts may each add theirs: `merged` keeps both. Of two lines on the same finding
the later counts.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from ai_ops.domain.errors import StateError
from ai_ops.domain.one_line import one_line
from ai_ops.files import append_durably
from ai_ops.redact import redact as redact_by_shape
from ai_ops.store import state_file
from ai_ops.store.ledger_lines import canonical

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydantic import TypeAdapter

    from ai_ops.domain.label import Label

VERSION = 1


class LabelBook:
    """The labels of every service.

    Parameters
    ----------
    path
        Where the file lies; made with the first label.
    warn
        Told, in a sentence, which line cannot be read: it counts as never said.
    redact
        Takes secrets out of what a person wrote.
    """

    def __init__(
        self, path: Path, *, warn: Callable[[str], None], redact: Callable[[str], str] = redact_by_shape
    ) -> None:
        self._path = path
        self._warn = warn
        self._redact = redact

    def append(self, label: Label) -> None:
        """Write `label` behind the others; it is on the disk when this returns.

        Raises
        ------
        StateError
            When the file cannot be read or written; it is then as it was.
        """
        with state_file.locked(self._path):
            # What a crash cut off stays a line of its own, instead of spoiling this one.
            separator = b"" if self._content()[-1:] in {b"", b"\n"} else b"\n"
            try:
                append_durably(self._path, separator + canonical(self._form(label)) + b"\n")
            except OSError as err:
                raise state_file.not_written(self._path, err) from err

    def read(self) -> tuple[Label, ...]:
        """Every label, oldest first. Raises `StateError` when the file cannot be read at all."""
        from pydantic import ValidationError

        labels: list[Label] = []
        for number, line in enumerate(self._content().splitlines(), start=1):
            try:
                form = json.loads(line)
                if form.pop("version") != VERSION:
                    raise ValueError("another version")  # noqa: TRY301  # told with the others
                labels.append(_adapter().validate_python(form))
            except (AttributeError, KeyError, TypeError, ValueError, ValidationError, RecursionError):
                self._warn(f"{self._path.name}:{number}: is no label of this release, and is ignored")
        return tuple(labels)

    def _content(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as err:
            raise StateError(f"{self._path}: cannot be read ({err.strerror}): correct its permissions") from err

    def _form(self, label: Label) -> dict[str, object]:
        return {
            "version": VERSION,
            "finding": label.finding,
            "service": label.service,
            "metric": label.metric,
            "alarm": str(label.alarm),
            "since": _utc(label.since),
            "is_true": label.is_true,
            "at": _utc(label.at),
            "by": one_line(self._redact(label.by)),
            "note": one_line(self._redact(label.note)),
            "is_simulated": label.is_simulated,
        }


def merged(here: bytes | None, there: bytes | None) -> bytes | None:
    """Lines of both, those of the branch first, each of them once."""
    if here is None or there is None:
        return there if here is None else here
    known = there.splitlines()
    lines = [*known, *(line for line in here.splitlines() if line not in set(known))]
    return b"".join(line + b"\n" for line in lines)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@cache
def _adapter() -> TypeAdapter[Label]:
    from pydantic import TypeAdapter

    from ai_ops.domain.label import Label

    return TypeAdapter(Label)
