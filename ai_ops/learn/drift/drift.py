"""Drift: whether the newest rows are still of the distribution that the model was trained on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.model_drift import DriftReport, FeatureDrift
from ai_ops.learn.drift.began import began_at
from ai_ops.learn.drift.distances import Farthest, farthest, p_value, population_stability, wasserstein
from ai_ops.learn.drift.features import SCORE, Features
from ai_ops.learn.drift.reference import LEAST_ROWS, share_above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.learn.drift.reference import FeatureReference, Reference

ROWS = 1000
"""The newest rows that are compared (S004-13): at ten minutes a week less eight rows."""

ALPHA = 0.05
"""Probability that a report without drift names any feature."""

LEAST_SHIFT = 0.2
"""In standard deviations: what Cohen (1988) calls a small effect. The daily training, which may follow by 0.1 a day,
has caught up with less after two days."""


def drift_of(reference: Reference, features: Features) -> DriftReport:
    """Compare the newest rows with those of the training.

    The gauge is that of S004-14: the largest ``abs(mean now - mean in training) / std in training``, of values as they
    are. Whether a feature *has drifted* is another question, see `_judged`.

    Parameters
    ----------
    reference
        Of the training; its features must be among those of the rows.
    features
        Recent rows in the order of time, at least one; the newest `ROWS` count.

    Raises
    ------
    ValueError
        When a feature of the training is not among those of the rows.
    """
    newest = features.newest(ROWS)
    compared = tuple(
        _compared(one, newest.times, newest.column(one.name))
        for one in reference.features
        if np.isfinite(newest.column(one.name)).sum() >= LEAST_ROWS
    )
    return DriftReport(
        at=datetime.fromtimestamp(float(newest.times[-1]), UTC),
        rows=newest.times.size,
        drift_score=max((abs(one.drift.shift_sigmas) for one in compared), default=0.0),
        features=_judged(compared),
        reason="" if compared else _reason(reference, newest),
        alarm_share=share_above(newest.column(SCORE), reference.threshold),
        expected_alarm_share=reference.alarm_share,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """One feature before it is judged among all: its figures, and what its beginning is looked for in."""

    drift: FeatureDrift
    farthest: Farthest
    times: np.ndarray
    residual: np.ndarray


def _compared(reference: FeatureReference, times: np.ndarray, values: np.ndarray) -> _Compared:
    known = np.isfinite(values)
    times, values = times[known], values[known]
    residual, usual = reference.residual(times, values), np.asarray(reference.quantiles)
    apart = farthest(usual, residual)
    worth = reference.autocorrelation_rows
    drift = FeatureDrift(
        feature=reference.name,
        rows=values.size,
        effective_rows=values.size / worth,
        shift_sigmas=float((values.mean() - reference.mean) / reference.sigma),
        psi=population_stability(np.asarray(reference.edges), np.asarray(reference.shares), residual),
        ks=apart.distance,
        ks_p=p_value(apart.distance, values.size / worth, reference.rows / worth) if reference.can_be_compared else 1.0,
        wasserstein=wasserstein(usual, residual),
        has_drifted=False,
    )
    return _Compared(drift, apart, times, residual)


def _judged(compared: Sequence[_Compared]) -> tuple[FeatureDrift, ...]:
    """Which features have drifted: significantly among all of them, and by as much as means anything.

    False discoveries are held by Benjamini and Yekutieli (2001), which holds for any dependence: the metrics of one
    service move together, the score is made of all of them, and two-sided tests lack the positive dependence that
    Benjamini and Hochberg (1995) need. While nothing has drifted, its rate is the probability of naming any feature.
    """
    if not compared:
        return ()
    from scipy.stats import false_discovery_control

    adjusted = false_discovery_control([one.drift.ks_p for one in compared], method="by")
    return tuple(
        replace(one.drift, has_drifted=True, since=_since(one))
        if p <= ALPHA and one.drift.wasserstein >= LEAST_SHIFT
        else one.drift
        for one, p in zip(compared, adjusted, strict=True)
    )


def _since(one: _Compared) -> datetime:
    """When rows began to fall otherwise on either side of the level at which the distributions are farthest apart."""
    row = began_at(one.farthest.counts(one.residual) - one.farthest.share)
    return datetime.fromtimestamp(float(one.times[row]), UTC)


def _reason(reference: Reference, newest: Features) -> str:
    if not reference.features:
        return f"the training had {reference.rows} rows; {LEAST_ROWS} with the same feature are needed"
    return f"{LEAST_ROWS} rows with the same feature are needed, and there are {newest.times.size} rows"
