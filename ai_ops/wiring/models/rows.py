"""The metrics of a service as rows: one for each moment, one column for each metric."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.collect.history import MetricsHistory, key
from ai_ops.detect.learned.aligned_rows import aligned_rows
from ai_ops.detect.learned.held_out_hours import rows_inside
from ai_ops.domain.cycle import window_at
from ai_ops.domain.errors import DataUnavailable
from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.wiring.observe import HISTORY, observe
from ai_ops.wiring.settings_files import SettingsFiles
from ai_ops.wiring.sources import origin, queries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_ops.domain.metrics import Observation, Series
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session

COPIES = frozenset({"instances_desired", "cost_per_hour"})
"""What follows `instances` by its nature says nothing more of how metrics move together."""

LEAST_KNOWN = 0.5
"""A metric that was mostly not measured would teach how the exporter fails."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Metrics side by side, on a regular grid.

    Parameters
    ----------
    metrics
        Canonical names, one per column.
    start, step
        Time of the first row, aware UTC, and the distance between two.
    values
        Shape (n, d); NaN where nothing was measured.
    """

    metrics: tuple[str, ...]
    start: datetime
    step: timedelta
    values: np.ndarray

    @property
    def end(self) -> datetime:
        """When the last row ends."""
        return self.start + len(self.values) * self.step

    def times(self) -> np.ndarray:
        """Epoch seconds of the rows, shape (n,)."""
        return np.asarray(self.start.timestamp() + self.step.total_seconds() * np.arange(len(self.values)))

    def since(self, moment: datetime) -> np.ndarray:
        """Which rows are not older than `moment`; boolean, shape (n,)."""
        return np.asarray(self.times() >= moment.timestamp())

    def inside(self, spans: Sequence[tuple[datetime, datetime]]) -> np.ndarray:
        """Which rows lie in one of `spans`, both ends included; boolean, shape (n,)."""
        step = self.step.total_seconds()
        return rows_inside(self.times(), ((begin.timestamp(), end.timestamp() + step) for begin, end in spans))

    def known_ratio(self) -> dict[str, float]:
        """By metric, the share of rows in which it was measured."""
        return dict(zip(self.metrics, np.isfinite(self.values).mean(axis=0).tolist(), strict=True))

    def of(self, metrics: tuple[str, ...]) -> Rows:
        """The same rows with these columns; one that was not measured is a gap throughout."""
        columns = [
            self.values[:, self.metrics.index(one)] if one in self.metrics else np.full(len(self.values), np.nan)
            for one in metrics
        ]
        return replace(self, metrics=metrics, values=np.stack(columns, axis=1))


def kept_rows(session: Session, service: Service) -> Rows | None:
    """What earlier runs have kept of the metrics that are asked for now; None where there is nothing."""
    return rows_of(kept_series(session, service))


def kept_series(session: Session, service: Service) -> Mapping[str, Series]:
    """By metric, the history that earlier runs kept.

    What was kept of the very query and server that the settings name wins. A job that trains or delivers knows no
    address, so for it the newest of what was kept of a metric counts: each run replaces all that is kept of a service.
    """
    history = MetricsHistory(session.memory / HISTORY, session.place.warn, is_kept=False, now=session.place.clock())
    kept = history.load(service.name)
    exact = {key(query, origin(session.settings)) for query in queries(session.settings, service)}
    found: dict[str, Series] = {}
    for name in sorted(kept, key=lambda name: (name in exact, kept[name].start, name)):
        found[kept[name].metric] = kept[name]
    return found


def rows_of(series: Mapping[str, Series]) -> Rows | None:
    """Lay metrics side by side, from the first measured value to the last; None where none was measured at all.

    Left out are copies of other metrics, and those that were mostly not measured.
    """
    metrics = tuple(metric for metric in CANONICAL_METRICS if metric in series and metric not in COPIES)
    aligned = aligned_rows(series, metrics)
    measured = np.flatnonzero(np.isfinite(aligned.values).any(axis=1)) if aligned is not None else np.empty(0)
    if aligned is None or not measured.size:
        return None
    first, last = int(measured[0]), int(measured[-1])
    start = datetime.fromtimestamp(float(aligned.times[first]), UTC)
    rows = Rows(metrics, start, aligned.step, aligned.values[first : last + 1])
    return rows.of(tuple(metric for metric, known in rows.known_ratio().items() if known >= LEAST_KNOWN))


def rows_to_learn(session: Session, service: Service, observation: Observation | None) -> Rows:
    """The history that a training may learn from: what another job has observed, else what is asked for now.

    Where the sources are silent, what earlier runs have kept is learned from, with a warning.

    Raises
    ------
    DataUnavailable
        When there is no history at all, with what to check.
    """
    series = _asked(session, service) if observation is None else observation.series
    rows = rows_of(series)
    if rows is None:
        raise DataUnavailable(
            f"No metrics history found for {service.name}: no metric has a value. `neuropilot doctor` tries every query"
        )
    return rows


def _asked(session: Session, service: Service) -> Mapping[str, Series]:
    files = SettingsFiles(session, service)
    window = window_at(session.place.clock(), timedelta(minutes=session.settings.metrics.step_minutes), None)
    try:
        return observe(session, service, window, files.thresholds, with_minutes=False).series
    except DataUnavailable as error:
        kept = kept_series(session, service)
        if not kept:
            raise
        session.place.warn(f"{service.name} is trained on what earlier runs have kept: {error}")
        return kept
