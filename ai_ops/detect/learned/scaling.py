"""Columns of unlike metrics on one robust scale."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from ai_ops.detect.learned.strict_form import array_of, checked_keys

CLIP = 20.0
"""Farther out than twenty spreads is simply far out: no single column may drown the others."""

SPREAD_OF_A_CONSTANT = 0.1
"""A column that never moved has no spread of its own. A departure by a tenth of its level is taken for one."""

ROUNDING = 1e-9

LEAST_VARIANCE = 1e-2
"""Added to every variance, in robust units: no direction counts as steadier than a tenth of a column's spread."""

VARIANCE_OF_A_CONSTANT = 1.0
"""The same of a column that never moved: its spread is assumed, and nothing has been measured that would narrow it."""

SCALING_SCHEMA = 2
"""1 had no `floor`."""


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """``(x - centre) / spread``, clipped.

    Parameters
    ----------
    centre, spread
        Shape (d,), in the columns' units; NaN where a column was never measured.
    floor
        Shape (d,), in robust units: the variance that is added to whatever a column shows. It stays the same as long as
        the scale does, so that the first move of a constant makes no column suddenly ten times as steady.
    """

    centre: np.ndarray
    spread: np.ndarray
    floor: np.ndarray

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Bring rows to the scale, shape (n, d); what is not finite becomes NaN.

        Raises
        ------
        ValueError
            When the number of columns is another.
        """
        if values.ndim != 2 or values.shape[1] != self.centre.size:  # noqa: PLR2004  # rows and columns
            raise ValueError(f"the model knows {self.centre.size} columns, the values have the shape {values.shape}")
        known = np.where(np.isfinite(values), values, np.nan)
        with np.errstate(over="ignore"):  # a counter near the end of the floats is clipped all the same
            return np.asarray(np.clip((known - self.centre) / self.spread, -CLIP, CLIP))

    def to_json(self) -> dict[str, Any]:
        """Readable form: lists, None for a column that was never measured."""
        measured = {name: [None if np.isnan(v) else float(v) for v in getattr(self, name)] for name in MEASURED}
        return {"schema": SCALING_SCHEMA, **measured, "floor": self.floor.tolist()}

    @classmethod
    def from_json(cls, form: object) -> Scaling:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            When it is anything else; the message says what is wrong.
        """
        known = checked_keys("scaler", form, {"schema", *MEASURED, "floor"}, SCALING_SCHEMA)
        centre, spread = (array_of("scaler", known, name, (None,), may_be_unknown=True) for name in MEASURED)
        floor = array_of("scaler", known, "floor", centre.shape)
        if not centre.size or spread.shape != centre.shape or (np.isnan(centre) != np.isnan(spread)).any():
            raise ValueError("the scaler's centre and spread do not know the same columns")
        if not ((np.isnan(spread) | (spread > 0.0)).all() and (floor >= LEAST_VARIANCE).all()):
            raise ValueError(f"the scaler has a spread that is not above zero, or a floor below {LEAST_VARIANCE}")
        return cls(centre, spread, floor)


MEASURED = ("centre", "spread")


def fit_scaling(values: np.ndarray) -> Scaling:
    """Median and interquartile range of every column.

    A column that rests at one value for most of the time has no interquartile range and is measured by its whole
    range; one that never moved, by a tenth of its level.

    Parameters
    ----------
    values
        Shape (n, d); NaN where nothing was measured.
    """
    known = np.where(np.isfinite(values), values, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column without any value has no quartiles: NaN is right
        low, lower, centre, upper, high = np.nanquantile(known, [0.0, 0.25, 0.5, 0.75, 1.0], axis=0)
    level = np.abs(centre)
    spread = np.where(upper - lower > ROUNDING * level, upper - lower, high - low)
    has_moved = spread > ROUNDING * level
    constant = SPREAD_OF_A_CONSTANT * np.maximum(level, 1.0)
    spread = np.where(has_moved, spread, np.where(np.isnan(level), np.nan, constant))
    return Scaling(centre, spread, np.where(has_moved, LEAST_VARIANCE, VARIANCE_OF_A_CONSTANT))
