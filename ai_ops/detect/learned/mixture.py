"""Learned: how unlikely a row of metrics is under the mixture of Gaussians that its own past suggests.

Fitting and scoring are apart. What is fitted is a few arrays that can be written as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.detect.learned import density, model_json
from ai_ops.detect.learned.baseline import Anchor, Baseline
from ai_ops.detect.learned.levels import PROBABILITIES
from ai_ops.detect.learned.scaling import Scaling

if TYPE_CHECKING:
    from ai_ops.detect.learned.moments import Moments


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A fitted mixture of k Gaussians over d columns; with k = 1 the surprise is the Mahalanobis distance.

    Parameters
    ----------
    scaling
        Brings the columns to a common, robust scale.
    moments
        What the rows were like, on that scale.
    threshold
        The surprise, in sigmas, that a normal week exceeds as often as the false-alarm budget allows.
    levels
        Quantiles of the training's surprise at `PROBABILITIES`, rising, in sigmas.
    anchor
        What was usual at the last cold fit.
    """

    scaling: Scaling
    moments: Moments
    threshold: float
    levels: np.ndarray
    anchor: Anchor

    @property
    def rows(self) -> float:
        """Weight of the rows that it knows."""
        return self.moments.rows

    @property
    def components(self) -> int:
        """How many Gaussians it has."""
        return int(self.moments.weights.size)

    @property
    def columns(self) -> int:
        """How many metrics it knows."""
        return int(self.scaling.centre.size)

    @property
    def baseline(self) -> Baseline:
        """What is usual of each column, in its own units."""
        return baseline(self.scaling, self.moments)

    def surprise(self, values: np.ndarray) -> np.ndarray:
        """How far rows lie outside, in sigmas, in the order of time; may be negative.

        Causal: it rests on a row and the four before it. A row with gaps is judged by the columns it has.

        Parameters
        ----------
        values
            Shape (n, d), in the metrics' own units; NaN where nothing was measured.

        Returns
        -------
        numpy.ndarray
            Shape (n,); NaN where a row has no known column.

        Raises
        ------
        ValueError
            When the number of columns is not the fitted one.
        """
        return density.surprise(self.moments, self.scaling.floor, self.scaling.apply(values))

    def score(self, values: np.ndarray) -> np.ndarray:
        """Surprise in units of the model's own threshold: never negative, above 1 is abnormal; see `surprise`."""
        return np.asarray(np.maximum(self.surprise(values), 0.0) / self.threshold)

    def pit(self, values: np.ndarray) -> np.ndarray:
        """Share of the training that was less surprising than each row, 0 to 1 (its probability integral transform).

        Of rows like those of the training it is uniform; how far it is from that says how well the model fits (R27).
        """
        return np.asarray(np.interp(self.surprise(values), self.levels, PROBABILITIES))

    def to_json(self) -> dict[str, Any]:
        """Readable form of all but the scaling, which is a document of its own (`scaling.to_json()`)."""
        return model_json.to_form(self.moments, self.threshold, self.levels, self.anchor)

    @classmethod
    def from_json(cls, form: object, scaler_form: object) -> Mixture:
        """Read what `to_json` and `scaling.to_json` wrote.

        Raises
        ------
        ValueError
            When one of them is anything else, or they do not belong together; the message says what is wrong.
        """
        scaling = Scaling.from_json(scaler_form)
        return cls(scaling, *model_json.from_form(form, scaling))


def baseline(scaling: Scaling, moments: Moments) -> Baseline:
    """What is usual of each column by these moments, in its own units."""
    deviations = np.sqrt(np.maximum(moments.variance, 0.0) + scaling.floor)
    return Baseline(scaling.centre + scaling.spread * moments.mean, scaling.spread * deviations)
