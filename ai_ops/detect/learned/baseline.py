"""What is usual of each metric, and how far that has moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ai_ops.domain.model_version import Movement

if TYPE_CHECKING:
    from collections.abc import Sequence


FAR_SIGMAS = 1.0
"""A baseline that has moved by its own spread since the last cold fit is another one."""

FAR_RATIO = 1.5
"""So is one that varies half as much again, or by a third less. At the greatest pace that a model may move
(`bounds.py`) either takes ten to fourteen days."""


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """What a model takes for usual, in the columns' own units.

    Parameters
    ----------
    means, deviations
        Shape (d,); NaN where a column was never measured.
    """

    means: np.ndarray
    deviations: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """What was usual at the last cold fit: many small steps since then add up to a long way, which shows here.

    Parameters
    ----------
    baseline
        As it was then.
    threshold
        The model's, in sigmas, as it was then.
    at
        When that was, as ISO text; None where the fit was not told.
    """

    baseline: Baseline
    threshold: float
    at: str | None = None


def movements(older: Baseline, newer: Baseline, metrics: Sequence[str]) -> tuple[Movement, ...]:
    """How far each column has moved, in standard deviations of the older model; those that neither knows are left out.

    The two may have been fitted on different scales: what is compared has the metrics' units.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        sigmas = (newer.means - older.means) / older.deviations
        ratios = newer.deviations / older.deviations
    return tuple(
        Movement(metric, float(shift), float(ratio))
        for metric, shift, ratio in zip(metrics, sigmas, ratios, strict=True)
        if np.isfinite(shift) and np.isfinite(ratio)
    )


def is_far(movement: Movement) -> bool:
    """Whether people should hear of a movement since the last cold fit: the mean or the spread is another (H04).

    >>> is_far(Movement("cpu_percent", 0.4, 1.1)), is_far(Movement("cpu_percent", 0.4, 0.6))
    (False, True)
    """
    return abs(movement.sigmas) > FAR_SIGMAS or not 1.0 / FAR_RATIO <= movement.spread_ratio <= FAR_RATIO
