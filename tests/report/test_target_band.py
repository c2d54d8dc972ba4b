"""What a utilisation is worth inside and outside of the band that the autoscaler keeps."""

from __future__ import annotations

import pytest
from gathered import all_knobs
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.tuning import Thresholds
from ai_ops.report.service.target_band import Band, band_score, target_bands

STANDING = Thresholds({"cpu_scale_in_percent": 40.0, "cpu_scale_out_percent": 75.0, "memory_scale_out_percent": 80.0})


def test_the_band_lies_between_the_thresholds_as_they_stand():
    """R7: memory has no lower end, since nothing scales in because of it."""
    bands = target_bands(STANDING, all_knobs())
    assert (bands["cpu"].low, bands["cpu"].high) == (40.0, 75.0)
    assert (bands["memory"].low, bands["memory"].high) == (0.0, 80.0)


def test_a_file_that_cannot_be_read_leaves_the_bounds_of_the_knobs():
    """CPU may scale in at 20 % and out at 90 %, memory out at 95 %."""
    bands = target_bands(None, all_knobs())
    assert (bands["cpu"].low, bands["cpu"].high) == (20.0, 90.0)
    assert (bands["memory"].low, bands["memory"].high) == (0.0, 95.0)
    assert bands["cpu"].whence == "the bounds of cpu_scale_in_percent, the bounds of cpu_scale_out_percent"


def test_without_knobs_it_is_as_usual():
    """A service of which nothing is known but its metrics."""
    bands = target_bands(None, {})
    assert (bands["cpu"].low, bands["cpu"].high, bands["memory"].high) == (30.0, 80.0, 85.0)


def test_thresholds_the_wrong_way_round_still_make_a_band():
    """A person's mistake in the file does not divide by anything."""
    band = target_bands(Thresholds({"cpu_scale_in_percent": 90.0, "cpu_scale_out_percent": 50.0}), {})["cpu"]
    assert (band.low, band.high) == (50.0, 50.0)


@pytest.mark.parametrize(
    ("percent", "score"),
    [(0.0, 50.0), (15.0, 75.0), (30.0, 100.0), (60.0, 100.0), (80.0, 100.0), (85.0, 75.0), (95.0, 25.0), (100.0, 0.0)],
)
def test_the_score_falls_in_straight_lines_outside(percent, score):
    """R7: to 0 at 100 % above the band, to 50 at 0 % below it."""
    assert band_score(percent, Band(30.0, 80.0, "")) == pytest.approx(score)


percents = st.floats(0.0, 100.0)


@given(percents, percents, st.floats(-1e15, 1e15))
def test_the_score_stays_between_0_and_100(one, other, percent):
    """Bands of no width and bands up to 100 % divide by nothing."""
    assert 0.0 <= band_score(percent, Band(min(one, other), max(one, other), "")) <= 100.0
