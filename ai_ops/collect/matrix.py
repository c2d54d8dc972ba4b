"""The answer to a range query, as JSON, read into numbers on a window's grid."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.domain.errors import SourceError
from ai_ops.domain.one_line import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.metrics import Window

_OFF_GRID_SECONDS = 0.002  # servers keep milliseconds


@dataclass(frozen=True, slots=True)
class Matrix:
    """What a server answered.

    Parameters
    ----------
    series
        By label set, written `{job="web"}`: times (epoch seconds) and values, shape (points, 2).
    warnings
        Why the answer may be partial.
    infos
        Advice about the expression; the answer is whole.
    """

    series: Mapping[str, np.ndarray]
    warnings: tuple[str, ...]
    infos: tuple[str, ...]


def read_matrix(document: Any) -> Matrix:  # noqa: ANN401  # JSON may be anything
    """Read the JSON of a successful answer.

    Raises
    ------
    SourceError
        When it does not have the form of one.
    """
    try:
        if document["data"]["resultType"] != "matrix":
            raise SourceError(f"a range of numbers was asked for, {one_line(str(document['data']['resultType']))} came")
        warnings = _texts(document.get("warnings"))
        if document.get("isPartial"):  # VictoriaMetrics, when one of its stores does not answer
            warnings.append("the server says that its answer is partial")
        return Matrix(
            series={label_text(one["metric"]): _points(one) for one in document["data"]["result"]},
            warnings=tuple(warnings),
            infos=tuple(_texts(document.get("infos"))),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        found = one_line(repr(error))
        raise SourceError(f"the answer is not in the form of the Prometheus HTTP API ({found})") from error


def lay_on_grid(points: np.ndarray, window: Window, values: np.ndarray) -> None:
    """Write `points` into `values` at their places on the grid of `window`; what is not finite stays a gap.

    Parameters
    ----------
    points
        Times and values, shape (n, 2). Those outside the window are left out.
    values
        Shape (window.points,), changed in place.

    Raises
    ------
    SourceError
        When a time lies between two points of the grid.
    """
    start, step = window.start.timestamp(), window.step.total_seconds()
    finite = points[np.isfinite(points).all(axis=1)]
    places = (finite[:, 0] - start) / step
    nearest = np.rint(places)
    if np.any(np.abs(places - nearest) * step > _OFF_GRID_SECONDS):
        raise SourceError(f"the server answered for other times than every {step:g} s from {window.start:%F %T}")
    inside = (nearest >= 0) & (nearest < window.points)
    values[nearest[inside].astype(np.intp)] = finite[inside, 1]


def _texts(said: Any) -> list[str]:  # noqa: ANN401  # JSON may be anything
    """What a server said beside its answer; a lone text is one text, not its letters."""
    return [said] if isinstance(said, str) else [str(text) for text in said or ()]


def _points(series: Mapping[str, Any]) -> np.ndarray:
    """Times and values of one series; "NaN", "+Inf" and "-Inf" come as strings like every value."""
    if "histograms" in series:
        raise SourceError("the query gives native histograms; put histogram_quantile(...) or a sum around it")
    if not series["values"]:
        return np.empty((0, 2))
    times, texts = zip(*series["values"], strict=True)
    return np.array([times, list(map(float, texts))], dtype=np.float64).T


def label_text(labels: Mapping[str, str]) -> str:
    """The label set as PromQL writes it, sorted, since servers differ in their order."""
    return "{" + ", ".join(f"{name}={json.dumps(value)}" for name, value in sorted(labels.items())) + "}"
