"""The metrics history: what earlier runs fetched, so that this one asks only for what is new."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.domain.metrics import Series
from ai_ops.files import replace_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from ai_ops.domain.metrics import Query, Window

VERSION = 1
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
    """

    path: Path
    warn: Callable[[str], None]
    is_kept: bool = True

    def load(self, service: str) -> Mapping[str, Series]:
        """Read the cached series of `service`, by `key` of their query."""
        return {key: Series.from_json(form) for key, form in self._read().get(service, {}).items()}

    def save(self, service: str, series: Mapping[str, Series]) -> None:
        """Replace what is kept of `service`; other services stay. Where the disk refuses, the old file stays."""
        if not self.is_kept:
            return
        services = self._read() | {service: {key: _rounded(one).to_json() for key, one in series.items()}}
        document = {"version": VERSION, "services": services}
        try:
            replace_atomically(self.path, json.dumps(document, sort_keys=True, separators=(",", ":")).encode())
        except OSError as error:
            self.warn(f"{self.path.name} cannot be written ({error.strerror}): the next run asks for more")

    def _read(self) -> dict[str, Any]:
        try:
            document = json.loads(self.path.read_bytes())
            if document["version"] != VERSION:
                self.warn(
                    f"{self.path.name} has version {document['version']}, not {VERSION}: fetching everything anew"
                )
                return {}
            services = document["services"]
            for kept in services.values():
                for form in kept.values():
                    if Series.from_json(form).start.tzinfo is None:
                        raise ValueError("a time without its zone")
        except FileNotFoundError:
            return {}
        except (OSError, *_UNREADABLE) as error:
            self.warn(f"{self.path.name} cannot be read ({error}): fetching everything anew")
            return {}
        return dict(services)


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
