"""A file of what people said: one line of JSON each, only ever appended to.

A line stands for itself, so two checkouts may each add theirs: `merged` keeps both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Generic, TypeVar

from ai_ops.domain.errors import StateError
from ai_ops.domain.one_line import one_line
from ai_ops.files import append_durably
from ai_ops.redact import redact as redact_by_shape
from ai_ops.store import state_file
from ai_ops.store.ledger_lines import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from pydantic import TypeAdapter

Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class LineForm(Generic[Said]):
    """How one thing that somebody said stands in its line.

    Parameters
    ----------
    kind
        What it is called: "label".
    version
        Of the form; a line of another version cannot be read.
    write
        Gives its fields as JSON values; free text goes through the callable.
    adapter
        Reads the fields back.
    """

    kind: str
    version: int
    write: Callable[[Said, Callable[[str], str]], Mapping[str, object]]
    adapter: Callable[[], TypeAdapter[Said]]


class LineBook(Generic[Said]):
    """One such file.

    Parameters
    ----------
    path
        Where the file lies; made with the first line.
    form
        How a line is written and read.
    warn
        Told, in a sentence, which line cannot be read: it counts as never said.
    redact
        Takes secrets out of what a person wrote.
    """

    def __init__(
        self,
        path: Path,
        form: LineForm[Said],
        *,
        warn: Callable[[str], None],
        redact: Callable[[str], str] = redact_by_shape,
    ) -> None:
        self._path = path
        self._form = form
        self._warn = warn
        self._redact = redact

    def append(self, said: Said) -> None:
        """Write `said` behind the others; it is on the disk when this returns.

        Raises
        ------
        StateError
            When the file cannot be read or written; it is then as it was.
        """
        fields = self._form.write(said, lambda text: one_line(self._redact(text)))
        line = canonical({"version": self._form.version, **fields}) + b"\n"
        with state_file.locked(self._path):
            # What a crash cut off stays a line of its own, instead of spoiling this one.
            separator = b"" if self._content()[-1:] in {b"", b"\n"} else b"\n"
            try:
                append_durably(self._path, separator + line)
            except OSError as err:
                raise state_file.not_written(self._path, err) from err

    def read(self) -> tuple[Said, ...]:
        """Everything that was said, oldest first. Raises `StateError` when the file cannot be read at all."""
        from pydantic import ValidationError

        found: list[Said] = []
        for number, line in enumerate(self._content().splitlines(), start=1):
            try:
                fields = json.loads(line)
                if fields.pop("version") != self._form.version:
                    raise ValueError("another version")  # noqa: TRY301  # told with the others
                found.append(self._form.adapter().validate_python(fields))
            except (AttributeError, KeyError, TypeError, ValueError, ValidationError, RecursionError):
                self._warn(f"{self._path.name}:{number}: is no {self._form.kind} of this release, and is ignored")
        return tuple(found)

    def _content(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as err:
            raise StateError(f"{self._path}: cannot be read ({err.strerror}): correct its permissions") from err


def merged(here: bytes | None, there: bytes | None) -> bytes | None:
    """Lines of both, those of the branch first, each of them once."""
    if here is None or there is None:
        return there if here is None else here
    known = there.splitlines()
    lines = [*known, *(line for line in here.splitlines() if line not in set(known))]
    return b"".join(line + b"\n" for line in lines)


def utc_text(moment: datetime) -> str:
    """Write a moment to the second: 2026-11-18T06:00:00Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
