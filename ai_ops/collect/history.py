"""The metrics history: what earlier runs fetched, so that this one asks only for what is new."""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.collect.kept_form import kept_series
from ai_ops.domain.metrics import Series
from ai_ops.domain.one_line import one_line
from ai_ops.files import read_plain, replace_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from ai_ops.domain.metrics import Query, Window

VERSION = 1
MOST_BYTES = 64 * 1024**2
"""Two weeks at ten minutes are 0.2 MB a service, and 90 days 1.2 MB: room for fifty of those."""

SIGNIFICANT_DIGITS = 7
"""Kept of each value: finer than any exporter measures, and half the file."""

_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading JSON of any other shape ends in."""


@dataclass(frozen=True, slots=True)
class MetricsHistory:
    """`metrics_history.json`: one series per service and metric, tied to its query and its server.

    It is a cache and nothing more: a missing or unreadable file costs one longer fetch.

    Parameters
    ----------
    path
        Where the file lies.
    warn
        Told, in one sentence, when the file cannot be used.
    is_kept
        False only reads: a dry run leaves nothing behind.
    now
        What claims to be of later is not believed; None where nobody knows.
    most_bytes
        A larger file is neither written nor read.
    """

    path: Path
    warn: Callable[[str], None]
    is_kept: bool = True
    now: datetime | None = None
    most_bytes: int = MOST_BYTES

    def load(self, service: str) -> Mapping[str, Series]:
        """Read the cached series of `service`, by `key` of their query."""
        return self._read(self.warn).get(service, {})

    def save(self, service: str, series: Mapping[str, Series]) -> None:
        """Replace what is kept of `service`; other services stay. Where the disk refuses, the old file stays."""
        if not self.is_kept:
            return
        services = self._read(_quietly) | {service: {key: _rounded(one) for key, one in series.items()}}
        forms = {name: {key: one.to_json() for key, one in kept.items()} for name, kept in services.items()}
        document = {"version": VERSION, "services": forms}
        content = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
        if len(content) > self.most_bytes:
            self._warn_of_more("it would be too large to be read again")
            return
        try:
            replace_atomically(self.path, content)
        except OSError as error:
            self._warn_of_more(error.strerror)

    def _warn_of_more(self, why: str | None) -> None:
        self.warn(f"{self.path.name} cannot be written ({why}): the next run asks for more")

    def _read(self, warn: Callable[[str], None]) -> dict[str, dict[str, Series]]:
        try:
            document = json.loads(_content(self.path, self.most_bytes))
            if document["version"] != VERSION:
                raise ValueError(f"it has version {document['version']!r:.20}, not {VERSION}")
            return {
                service: {key: kept_series(form, self.now) for key, form in kept.items()}
                for service, kept in document["services"].items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, *_UNREADABLE) as error:
            why = one_line(error.strerror or "") if isinstance(error, OSError) else one_line(f"{error}")
            warn(f"{self.path.name} cannot be read ({why}): fetching everything anew; it is safe to delete")
            return {}


def _quietly(_sentence: str) -> None:
    """Whoever saves has loaded before, and has been told then."""


def _content(path: Path, most_bytes: int) -> bytes:
    """Bytes of the file; OSError where they are not of a plain file of a size that was written here."""
    if path.is_symlink():
        raise OSError(errno.ELOOP, "a symbolic link is not followed")
    content = read_plain(path, most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {most_bytes / 1024**2:g} MB")
    return content


def key(query: Query, origin: str) -> str:
    """Name a cached series so that neither an edited query nor another server meets the old values."""
    asked = f"{origin}\n{query.expression}"
    return f"{query.metric}@{sha256(asked.encode()).hexdigest()[:12]}"


def joined(parts: Iterable[Series], window: Window) -> Series:
    """Lay `parts` over each other on the window's grid; a later part wins wherever it reaches.

    Parameters
    ----------
    parts
        Series of one metric with the window's step; what lies outside the window is dropped.
    """
    values = np.full(window.points, np.nan)
    metric = ""
    for part in parts:
        metric = part.metric
        first = round((part.start - window.start) / window.step)
        begin, end = max(0, first), min(window.points, first + part.values.size)
        if begin < end:
            values[begin:end] = part.values[begin - first : end - first]
    return Series(metric, window.start, window.step, values)


def resume_at(known: Series | None, window: Window, overlap_points: int) -> datetime:
    """Where to start asking: a little before the newest known point, since late data may have changed it."""
    if known is None or known.step != window.step or (newest := known.newest()) is None:
        return window.start
    if known.start > window.start or (known.start - window.start) % window.step:
        return window.start
    return max(window.start, min(newest, window.end) - overlap_points * window.step)


def _rounded(series: Series) -> Series:
    values = np.array([float(f"{v:.{SIGNIFICANT_DIGITS}g}") for v in series.values])
    return Series(series.metric, series.start, series.step, values)
