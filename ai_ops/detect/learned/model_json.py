"""A model as two readable documents, the model and its scaling; what is not exactly one of ours is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.detect.learned.baseline import Anchor, Baseline
from ai_ops.detect.learned.levels import PROBABILITIES
from ai_ops.detect.learned.mixture import Mixture
from ai_ops.detect.learned.moments import Moments
from ai_ops.detect.learned.scaling import Scaling
from ai_ops.detect.learned.steadied import steadied
from ai_ops.detect.learned.strict_form import array_of, checked_keys, number_of, same_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = 2
"""1 kept covariances with what had been added to them, and neither rows nor levels nor an anchor."""

KEYS = {"schema", "rows", "weights", "means", "covariances", "threshold", "levels", "anchor"}

ALMOST = 1e-9
"""Rounding of what should be exact."""


def to_json(model: Mixture) -> tuple[dict[str, Any], dict[str, Any]]:
    """Readable forms of a model and of its scaling: `anomaly_model.json` and `scaler.json`."""
    moments = model.moments
    form = {
        "schema": SCHEMA,
        "rows": moments.rows,
        "weights": moments.weights.tolist(),
        "means": moments.means.tolist(),
        "covariances": moments.covariances.tolist(),
        "threshold": model.threshold,
        "levels": model.levels.tolist(),
        "anchor": _anchor_form(model.anchor),
    }
    return form, model.scaling.to_json()


def from_json(form: object, scaler_form: object) -> Mixture:
    """Read what `to_json` wrote.

    Raises
    ------
    ValueError
        When a document is of another schema, has a key too many or too few, a number that is none or not finite, or
        arrays that do not fit together or describe no mixture.
    """
    known = checked_keys("model", form, KEYS, SCHEMA)
    scaling = Scaling.from_json(scaler_form)
    moments = _moments(known, scaling)
    threshold, levels = number_of("model", known, "threshold"), array_of("model", known, "levels", PROBABILITIES.shape)
    if not threshold > 0.0 or (np.diff(levels) < 0.0).any():
        raise ValueError("the model's threshold is not above zero, or its levels fall")
    return Mixture(scaling, moments, threshold, levels, _anchor(known["anchor"], scaling))


def _moments(form: Mapping[str, Any], scaling: Scaling) -> Moments:
    weights = array_of("model", form, "weights", (None,))
    k, d = weights.size, scaling.centre.size
    means, covariances = array_of("model", form, "means", (k, d)), array_of("model", form, "covariances", (k, d, d))
    moments = Moments(number_of("model", form, "rows"), weights, means, covariances)
    if not moments.rows > 0.0:
        raise ValueError("the model's rows are not above zero")
    if not k or (weights < 0.0).any() or abs(weights.sum() - 1.0) > ALMOST:
        raise ValueError("the model's weights are no shares that sum to 1")
    _check_covariances(moments, scaling)
    return moments


def _check_covariances(moments: Moments, scaling: Scaling) -> None:
    try:
        with np.errstate(all="raise"):
            sizes = np.linalg.eigvalsh(moments.covariances)
            np.linalg.cholesky(steadied(moments, scaling.floor))
    except (np.linalg.LinAlgError, FloatingPointError):
        raise ValueError("the model has a covariance that is not positive definite") from None
    largest = np.maximum(np.abs(sizes).max(axis=-1, keepdims=True), 1.0)
    if (sizes < -ALMOST * largest).any():
        raise ValueError("the model has a covariance that is not positive definite")
    if not np.allclose(moments.covariances, np.swapaxes(moments.covariances, 1, 2), rtol=ALMOST, atol=ALMOST):
        raise ValueError("the model has a covariance that is not symmetric")


def _anchor_form(anchor: Anchor) -> dict[str, Any]:
    return {
        "at": anchor.at,
        "threshold": anchor.threshold,
        **{name: [None if np.isnan(v) else float(v) for v in getattr(anchor.baseline, name)] for name in BASELINE},
    }


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
    return Anchor(Baseline(means, deviations), threshold, at)


BASELINE = ("means", "deviations")
