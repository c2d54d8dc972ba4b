"""The model of one service in a process that stays: it answers, and is exchanged without a request noticing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ai_ops.learn.measuring import measured
from ai_ops.learn.serving import Servable, Serving
from ai_ops.wiring.models.champion import champion_of
from ai_ops.wiring.models.flagged import past_of
from ai_ops.wiring.models.rows import kept_rows
from ai_ops.wiring.models.worth import SEED, set_exam

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ai_ops.domain.self_test import Estimate
    from ai_ops.settings.service import Service
    from ai_ops.wiring.models.champion import Version
    from ai_ops.wiring.session import Session

    Row = Mapping[str, float]

REMEMBERED = 4
"""Rows before the newest one that a score rests on."""


def serving_of(session: Session, service: Service, recent: Callable[[], Sequence[Row]] = tuple) -> Serving:
    """Serve the version that the ledger names, as it was promoted; `load` it first.

    Parameters
    ----------
    recent
        Gives the rows before the one that is asked about, oldest first. Without them a row is judged by itself, which
        is more nervous than the threshold was made for.
    """
    versions: dict[str, Version] = {}

    def fetch() -> Servable | None:
        version = champion_of(session, service.name)
        if version is None:
            return None
        versions.clear()
        versions[version.name] = version
        return _servable(version, recent)

    def examine(model: Servable) -> Estimate | None:
        rows, version = kept_rows(session, service), versions[model.version]
        if rows is None:
            return None
        exam = set_exam(rows.of(version.metrics), past_of(session, service))
        worth = measured(exam.sat_by(version.mixture, version.metrics), SEED)
        return None if worth is None else worth.auc

    return Serving(fetch, examine, session.place.clock)


def _servable(version: Version, recent: Callable[[], Sequence[Row]]) -> Servable:
    metrics, mixture, soon = version.metrics, version.mixture, version.soon

    def score(row: Row) -> float:
        rows = (*tuple(recent())[-REMEMBERED:], row)
        return float(mixture.score(np.array([[one.get(metric, np.nan) for metric in metrics] for one in rows]))[-1])

    return Servable(
        version=version.name,
        version_date=version.card.training.end,
        n_train=version.card.training.rows,
        signature=version.signature,
        score=score,
        probability=(lambda _level: float("nan")) if soon is None else soon.probability,
    )
