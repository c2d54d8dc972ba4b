"""A model's parts as readable JSON; what is not exactly one of ours is refused, with what is wrong.

A model is two documents: this one, and that of its scaling (`Scaling.to_json`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.detect.learned.baseline import Anchor, Baseline
from ai_ops.detect.learned.levels import PROBABILITIES
from ai_ops.detect.learned.moments import Moments
from ai_ops.detect.learned.steadied import steadied
from ai_ops.detect.learned.strict_form import array_of, checked_keys, number_of, same_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.detect.learned.scaling import Scaling

SCHEMA = 2
"""1 kept covariances with what had been added to them, and neither rows nor levels nor an anchor."""

MOMENTS = ("weights", "means", "covariances")
BASELINE = ("means", "deviations")
KEYS = {"schema", "rows", *MOMENTS, "threshold", "levels", "anchor"}

MOST = 1e6
"""Scaled rows are clipped, and what is expected of their gaps is not much greater: this only keeps sums finite."""

ALMOST = 1e-9
"""Rounding of what should be exact."""


def to_form(moments: Moments, threshold: float, levels: np.ndarray, anchor: Anchor) -> dict[str, Any]:
    """Readable form of all that a model knows, but for its scaling."""
    return {
        "schema": SCHEMA,
        "rows": moments.rows,
        **{name: getattr(moments, name).tolist() for name in MOMENTS},
        "threshold": threshold,
        "levels": levels.tolist(),
        "anchor": {
            "at": anchor.at,
            "threshold": anchor.threshold,
            **{name: [None if np.isnan(v) else float(v) for v in getattr(anchor.baseline, name)] for name in BASELINE},
        },
    }


def from_form(form: object, scaling: Scaling) -> tuple[Moments, float, np.ndarray, Anchor]:
    """Read what `to_form` wrote.

    Raises
    ------
    ValueError
        When it is of another schema, has a key too many or too few, a number that is none or not finite, or arrays
        that do not fit together or describe no mixture.
    """
    known = checked_keys("model", form, KEYS, SCHEMA)
    threshold, levels = number_of("model", known, "threshold"), array_of("model", known, "levels", PROBABILITIES.shape)
    if not threshold > 0.0 or (np.diff(levels) < 0.0).any():
        raise ValueError("the model's threshold is not above zero, or its levels fall")
    return _moments(known, scaling), threshold, levels, _anchor(known["anchor"], scaling)


def _moments(form: Mapping[str, Any], scaling: Scaling) -> Moments:
    weights = array_of("model", form, "weights", (None,))
    k, d = weights.size, scaling.centre.size
    means, covariances = array_of("model", form, "means", (k, d)), array_of("model", form, "covariances", (k, d, d))
    moments = Moments(number_of("model", form, "rows"), weights, means, covariances)
    if not moments.rows > 0.0:
        raise ValueError("the model's rows are not above zero")
    if not k or (weights < 0.0).any() or not np.isclose(weights.sum(), 1.0, rtol=0.0, atol=ALMOST):
        raise ValueError("the model's weights are no shares that sum to 1")
    _check(moments, scaling)
    return moments


def _check(moments: Moments, scaling: Scaling) -> None:
    """Refuse numbers that could never have come from scaled rows, then what is no covariance."""
    if np.abs(moments.means).max() > MOST or np.abs(moments.covariances).max() > MOST**2:
        raise ValueError("the model has a mean or a covariance that is greater than any scaled row")
    if not np.allclose(moments.covariances, np.swapaxes(moments.covariances, 1, 2), rtol=0.0, atol=ALMOST):
        raise ValueError("the model has a covariance that is not symmetric")
    least = np.linalg.eigvalsh(moments.covariances).min()
    judged = np.linalg.eigvalsh(steadied(moments, scaling.floor)).min()
    largest = max(1.0, float(np.abs(moments.covariances).max()))
    if least < -ALMOST * largest or judged < scaling.floor.min() / 2.0:
        raise ValueError("the model has a covariance that is not positive definite")


def _anchor(form: object, scaling: Scaling) -> Anchor:
    known = same_keys("model's anchor", form, {"at", "threshold", *BASELINE})
    means, deviations = (
        array_of("model's anchor", known, name, scaling.centre.shape, may_be_unknown=True) for name in BASELINE
    )
    at, threshold = known["at"], number_of("model's anchor", known, "threshold")
    if not (at is None or isinstance(at, str)):
        raise ValueError("the model's anchor has a time that is no text")
    if not threshold > 0.0 or not (np.isnan(deviations) | (deviations > 0.0)).all():
        raise ValueError("the model's anchor has a spread or a threshold that is not above zero")
    if (np.isnan(means) != np.isnan(deviations)).any():
        raise ValueError("the model's anchor has a mean without a spread, or a spread without a mean")
    return Anchor(Baseline(means, deviations), threshold, at)
