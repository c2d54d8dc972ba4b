"""How a model did in an examination: the scores of windows that no model was trained on, day by day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.self_test import Estimate

CONFIRMED = "confirmed incident"
"""The kind of a window in which people have confirmed a finding; the others were made by injecting a fault."""


def _none() -> np.ndarray:
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """What a model's scores were; two models that sat the same examination have the same windows in the same order.

    Parameters
    ----------
    quiet, quiet_days
        Largest score of each quiet window, shape (q,), and the day since the epoch that it is of.
    faulty, faulty_days
        The same of windows with a fault, shape (f,).
    kinds
        What is wrong in each window with a fault, f names: a fault's, or `CONFIRMED`.
    recall, recall_by_fault
        Share of the faults that raise an alarm which would not be there without them; None where there were none.
    alarms_per_week
        False alarms on the untouched held-out rows; None where there were no such rows.
    rows
        Held-out rows that were judged.
    pit, pit_days
        Probability-integral values of the held-out rows, 0 to 1, shape (r,), and their days; empty where not asked for.
    """

    quiet: np.ndarray
    quiet_days: np.ndarray
    faulty: np.ndarray
    faulty_days: np.ndarray
    kinds: tuple[str, ...]
    recall: Estimate | None
    recall_by_fault: Mapping[str, Estimate]
    alarms_per_week: Estimate | None
    rows: int
    pit: np.ndarray = field(default_factory=_none)
    pit_days: np.ndarray = field(default_factory=_none)

    @property
    def days(self) -> int:
        """Days that have windows of both kinds."""
        return int(np.intersect1d(self.quiet_days, self.faulty_days).size)
