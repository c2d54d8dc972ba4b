"""Whatever a server sends, it becomes numbers on the window's grid or a clear error."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.collect.matrix import lay_on_grid, read_matrix
from ai_ops.domain.errors import SourceError
from ai_ops.domain.metrics import Window

START = datetime(2026, 11, 1, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(minutes=50))


def answer(*series: dict[str, Any], **beside: object) -> dict[str, Any]:
    """A successful answer with these series."""
    return {"status": "success", "data": {"resultType": "matrix", "result": list(series)}, **beside}


def on_grid(*points: tuple[float, float]) -> list[float | None]:
    """What `points` (minutes after the start, value) become; None for a gap."""
    values = np.full(WINDOW.points, np.nan)
    times = [(START.timestamp() + 60 * minute, value) for minute, value in points]
    lay_on_grid(np.array(times, dtype=float).reshape(-1, 2), WINDOW, values)
    return [None if math.isnan(value) else value for value in values]


def test_numbers_come_as_strings() -> None:
    """NaN and both infinities are written as words (H29)."""
    points = read_matrix(answer({"metric": {}, "values": [[1, "0.5"], [2.5, "NaN"], [3, "+Inf"], [4, "-Inf"]]}))
    np.testing.assert_array_equal(points.series["{}"], [[1, 0.5], [2.5, np.nan], [3, np.inf], [4, -np.inf]])


def test_labels_have_one_spelling() -> None:
    """Servers differ in the order of labels, and a value may hold anything."""
    one = read_matrix(answer({"metric": {"job": "web", "a": 'x"y'}, "values": []}))
    other = read_matrix(answer({"metric": {"a": 'x"y', "job": "web"}, "values": []}))
    assert list(one.series) == list(other.series) == ['{a="x\\"y", job="web"}']


def test_warnings_and_infos_are_kept_apart() -> None:
    """A warning means partial data, an info is advice about the expression."""
    matrix = read_matrix(answer(warnings=["truncated"], infos=["not a counter"]))
    assert (matrix.warnings, matrix.infos) == (("truncated",), ("not a counter",))
    assert read_matrix(answer(warnings="truncated")).warnings == ("truncated",)
    assert read_matrix(answer(isPartial=True)).warnings == ("the server says that its answer is partial",)
    assert read_matrix(answer(isPartial=False, stats={"seriesFetched": "1"}, warnings=None)).warnings == ()


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {"data": None},
        {"data": {"resultType": "vector", "result": []}},
        {"data": {"resultType": "matrix", "result": None}},
        answer({"metric": {}}),
        answer({"metric": None, "values": []}),
        answer({"metric": {}, "values": [[1]]}),
        answer({"metric": {}, "values": [[1, None]]}),
        answer({"metric": {}, "values": [["soon", "1"]]}),
        answer({"metric": {}, "values": [[1, "one"]]}),
        answer(warnings=7),
    ],
)
def test_another_form_is_an_error(document: object) -> None:
    """A server of another kind, or a broken proxy, gives a gap with a reason, not a crash."""
    with pytest.raises(SourceError):
        read_matrix(document)


def test_native_histograms_are_explained() -> None:
    """They hold no single number per time; the message says what to write."""
    with pytest.raises(SourceError, match="histogram_quantile"):
        read_matrix(answer({"metric": {}, "histograms": [[1, {}]]}))


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["data", "resultType", "result", "metric", "values"]), inner, max_size=3)
        ),
    )
)
def test_no_document_crashes_the_reader(document: object) -> None:
    """Any JSON is read or refused (H29)."""
    with suppress(SourceError):
        read_matrix(json.loads(json.dumps(document)))


def test_what_is_missing_or_not_finite_is_a_gap() -> None:
    """Servers leave holes out; on the grid they are visible (H29)."""
    assert on_grid((0, 1.0), (20, math.nan), (30, math.inf), (40, 5.0)) == [1.0, None, None, None, 5.0]
    assert on_grid() == [None] * 5


def test_only_the_window_is_filled_and_the_last_duplicate_counts() -> None:
    """Points before and after the window do not wrap around; a time that comes twice is taken as it came last."""
    assert on_grid((-10, 9.0), (0, 1.0), (0, 2.0), (50, 9.0), (1e12, 9.0)) == [2.0, None, None, None, None]


@pytest.mark.parametrize("minute", [5, 9.99, -4])
def test_times_between_the_grid_points_are_refused(minute: float) -> None:
    """Values moved to the nearest grid point would be wrong by half a step without anybody noticing."""
    with pytest.raises(SourceError, match=r"other times than every 600 s from 2026-11-01 00:00:00"):
        on_grid((minute, 1.0))


@pytest.mark.parametrize("time", [math.nan, math.inf, -math.inf])
def test_times_that_are_none_are_left_out(time: float) -> None:
    """Python's JSON reader takes the words NaN and Infinity as numbers."""
    values = np.full(WINDOW.points, np.nan)
    lay_on_grid(np.array([[time, 1.0]]), WINDOW, values)
    assert np.isnan(values).all()
