"""Columns of unlike metrics on one robust scale."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

CLIP = 20.0
"""Farther out than twenty spreads is simply far out: no single column may drown the others."""

SPREAD_OF_A_CONSTANT = 0.1
"""A column that never moved has no spread of its own. A departure by a tenth of its level is taken for one."""

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """``(x - centre) / spread``, clipped.

    Parameters
    ----------
    centre, spread
        Shape (d,), in the columns' units; NaN where a column was never measured.
    """

    centre: np.ndarray
    spread: np.ndarray

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
        return np.asarray(np.clip((known - self.centre) / self.spread, -CLIP, CLIP))

    def to_json(self) -> dict[str, Any]:
        """Readable form: lists, None for a column that was never measured."""
        return {name: [None if np.isnan(v) else float(v) for v in getattr(self, name)] for name in ("centre", "spread")}

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> Scaling:
        """Read what `to_json` wrote."""
        centre, spread = ([np.nan if v is None else v for v in form[name]] for name in ("centre", "spread"))
        return cls(np.array(centre, dtype=np.float64), np.array(spread, dtype=np.float64))


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
    constant = SPREAD_OF_A_CONSTANT * np.maximum(level, 1.0)
    return Scaling(centre, np.where(spread > ROUNDING * level, spread, np.where(np.isnan(level), np.nan, constant)))
