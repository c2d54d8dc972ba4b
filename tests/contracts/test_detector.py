"""What every detector owes its callers, run over each of them."""

from __future__ import annotations

import numpy as np
import pytest
from examples import STEP, a_series
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rhythms import DAY, a_panel, demand

from ai_ops.detect.change_point import ChangePoint
from ai_ops.detect.detect import ratio
from ai_ops.detect.ewma import Ewma, LiteralEwma
from ai_ops.detect.iqr import Iqr
from ai_ops.detect.novelty import Novelty
from ai_ops.detect.seasonal import LiteralSeasonal, Seasonal
from ai_ops.detect.zscore import LiteralZScore, ZScore

CALIBRATED = (ZScore(), Ewma(), Seasonal(), Iqr(), Novelty(), ChangePoint())
CAUSAL = (*CALIBRATED, LiteralZScore(0.92), LiteralEwma())
"""All but the literal seasonal formula, which decomposes the whole row at once, the future included (S001-88)."""
ALL = (*CAUSAL, LiteralSeasonal())

QUIET = demand(8)
SHAPES = {
    "demand": QUIET,
    "no values": np.empty(0),
    "one value": np.ones(1),
    "constant": np.full(QUIET.size, 3.0),
    "zeros": np.zeros(QUIET.size),
    "gaps only": np.full(QUIET.size, np.nan),
    "one value among gaps": np.where(np.arange(QUIET.size) == 600, 1.0, np.nan),
    "single gaps": np.where(np.arange(QUIET.size) % 9 == 4, np.nan, QUIET),
    "born late": np.where(np.arange(QUIET.size) < 400, np.nan, QUIET),
    "an outage of a day": np.where(np.arange(QUIET.size) // DAY == 4, np.nan, QUIET),
    "bytes": 1e15 * QUIET,
    "nanoseconds": 1e-12 * QUIET,
    "negative": -QUIET,
    "on a large level": 1e9 + QUIET,
    "one leap at the end": np.r_[np.zeros(QUIET.size - 1), 1e12],
    "a step": np.repeat([0.0, 1.0], QUIET.size // 2),
}

NUMBERS = st.integers(-(10**15), 10**15).map(lambda millionths: millionths / 1e6)
"""Up to a billion, to six digits after the point: of 1e-300 no exporter has ever heard."""

every_detector = pytest.mark.parametrize("detector", ALL, ids=lambda one: one.name)
every_causal_detector = pytest.mark.parametrize("detector", CAUSAL, ids=lambda one: one.name)
every_calibrated_detector = pytest.mark.parametrize("detector", CALIBRATED, ids=lambda one: one.name)


def a_floor(values):
    """A spread that is small for all of the shapes but the smallest."""
    return np.full(values.shape, 0.01)


def scored(detector, values):
    """Scores of one row, shape (n,)."""
    return detector.score(a_series("cpu_percent", values), a_floor(values)).values


@every_detector
@pytest.mark.parametrize("shape", SHAPES)
def test_a_score_is_a_number_that_is_not_negative_or_unknown(detector, shape):
    """An infinity would swallow every mean, and a warning would end the run (H29)."""
    found = detector.score(a_series("cpu_percent", SHAPES[shape]), a_floor(SHAPES[shape]))
    assert found.values.shape == found.expected.shape == SHAPES[shape].shape
    assert not np.isinf(found.values).any()
    assert not (found.values < 0.0).any()


@every_detector
@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_not_measured_is_not_scored(detector, shape):
    """A gap is neither normal nor abnormal."""
    values = SHAPES[shape]
    assert np.isnan(scored(detector, values)[np.isnan(values)]).all()


@every_detector
def test_scoring_leaves_no_trace(detector):
    """The same detector object judges every metric, so nothing may be learned or changed on the way."""
    first, kept = scored(detector, QUIET), QUIET.copy()
    scored(detector, SHAPES["bytes"])
    np.testing.assert_array_equal(scored(detector, QUIET), first)
    np.testing.assert_array_equal(QUIET, kept)


@every_detector
def test_the_callers_arrays_are_left_alone(detector):
    """Values and floor belong to the caller, who may have locked them."""
    values, floor = SHAPES["single gaps"].copy(), a_floor(QUIET)
    values.flags.writeable = floor.flags.writeable = False
    detector.score(a_series("cpu_percent", values), floor)


@every_causal_detector
@pytest.mark.parametrize("cut", [1, 30, 288, 500, 1001], ids="after {} values".format)
@pytest.mark.parametrize("future", [None, 0.0, np.nan, 1e18], ids=["none", "zeros", "gaps", "huge"])
def test_later_values_never_change_a_score(detector, cut, future):
    """What a run said of this morning stands, whatever the evening brings."""
    ahead = np.empty(0) if future is None else np.full(QUIET.size - cut, future)
    other = scored(detector, np.r_[QUIET[:cut], ahead])
    np.testing.assert_allclose(other[:cut], scored(detector, QUIET)[:cut], rtol=1e-9)


@every_detector
def test_a_block_of_rows_is_scored_as_each_row_alone(detector):
    """A fleet in one matrix gets the answers that its services would get one by one."""
    rows = np.stack([values for values in SHAPES.values() if values.size == QUIET.size])
    block = detector.score(a_panel(rows), a_floor(rows))
    for number, row in enumerate(rows):
        alone = detector.score(a_series("requests_per_second", row), a_floor(row))
        np.testing.assert_array_equal(block.values[number], alone.values)
        np.testing.assert_array_equal(block.expected[number], alone.expected)


@every_detector
@settings(max_examples=15)
@given(values=arrays.arrays(np.float64, st.integers(0, 320), elements=NUMBERS | st.just(np.nan)))
def test_no_row_breaks_it(detector, values):
    """Whatever a query returns is scored or left unknown."""
    scores = scored(detector, values)
    assert scores.shape == values.shape
    assert not np.isinf(scores).any()
    assert not (scores < 0.0).any()


@every_causal_detector
def test_after_what_it_needs_it_has_a_say(detector):
    """`needs` is shown to people as the time to wait, so it must be enough (R3)."""
    ratios = ratio(detector, a_series("cpu_percent", QUIET), a_floor(QUIET), 1.0)
    assert np.isfinite(ratios[detector.needs // STEP :]).all()


@every_calibrated_detector
def test_before_what_it_needs_it_says_nothing(detector):
    """A detector that speaks before it knows is a false alarm on the first day (R3)."""
    ratios = ratio(detector, a_series("cpu_percent", QUIET), a_floor(QUIET), 1.0)
    assert np.isnan(ratios[: detector.needs // STEP]).all()


@every_detector
def test_what_lies_farther_out_scores_higher(detector):
    """More unusual is higher, in whatever measure."""
    far = QUIET.copy()
    far[1000] += 200.0
    assert scored(detector, far)[1000] > scored(detector, QUIET)[1000]


@every_detector
def test_the_name_is_short_and_its_own(detector):
    """It stands in every finding that the detector agrees with."""
    assert sum(one.name == detector.name for one in ALL) == 1
    assert len(detector.name) <= 20
