"""A comparison is worth something only when the peers are what they claim to be."""

from __future__ import annotations

import numpy as np
import pytest
from peers import PEERS, mad, netdata_consensus, record, rolling_z, rows_of, three_sigma

FIVE_MINUTES = np.timedelta64(5, "m")
BATCH = 72
"""Rows in six hours: the replayed peers see their own batch."""


def daily_series(days=5, seed=4):
    """A daily rhythm with noise, five-minute rows, one gap; and its timestamps."""
    rng = np.random.default_rng(seed)
    rows = days * 288
    times = np.datetime64("2026-01-01") + np.arange(rows) * FIVE_MINUTES
    values = 100 + 30 * np.sin(2 * np.pi * np.arange(rows) / 288) + rng.normal(0, 2, rows)
    values[500] = np.nan
    return times, values


@pytest.mark.parametrize("name", [name for name in PEERS if name not in {"always on", "random"}])
def test_a_peer_sees_no_future_and_finds_the_obvious(name):
    """A batch that it has judged keeps its scores when more comes; a huge step is among its highest scores."""
    times, values = daily_series()
    values[1300:] += 400.0
    whole = PEERS[name](times, values)
    end = 15 * BATCH
    assert np.array_equal(PEERS[name](times[:end], values[:end]), whole[:end], equal_nan=True)
    scored = whole[750:]
    assert whole.shape == values.shape
    assert np.nanmax(whole[1300:1312]) >= np.nanquantile(scored, 0.99)


@pytest.mark.parametrize("name", PEERS)
def test_a_flat_series_breaks_no_peer(name):
    """Flat lines are common; a division by a spread of nothing must not warn, nor call a flat line unusual."""
    times, _ = daily_series()
    scores = PEERS[name](times, np.full(times.size, 7.0))
    if name not in {"always on", "random"}:
        assert np.nanmax(scores, initial=0.0) < 1e-3


def test_a_span_of_time_is_counted_in_rows():
    """A day is 288 rows of five minutes, 24 of an hour, and never fewer than a statistic needs."""
    times, _ = daily_series()
    assert rows_of(86_400.0, times) == 288
    assert rows_of(86_400.0, times[::12]) == 24
    assert rows_of(60.0, times) == 2


def test_the_point_itself_hides_a_spike_from_the_naive_formula():
    """A spike widens the spread that it is judged by; that is why the two rules differ."""
    times, values = daily_series()
    values[1200] += 1000.0
    assert rolling_z(times, values)[1200] < np.sqrt(288)
    assert three_sigma(times, values)[1200] > 30.0
    assert mad(times, values)[1200] > 30.0


def test_a_record_is_measured_in_ranges():
    """Ten beyond a range of ten is one range."""
    times, _ = daily_series()
    values = np.tile([0.0, 10.0], times.size // 2)
    values[1000] = 20.0
    scores = record(times, values)
    assert scores[1000] == pytest.approx(1.0)
    assert np.nanmax(scores[:1000]) == 0.0


def test_the_consensus_forgives_what_any_model_has_seen():
    """A burst of the last two days no longer counts as unusual: every model must agree."""
    times, values = daily_series()
    values[700:706] += 300.0
    values[1200:1206] += 300.0
    scores = netdata_consensus(times, values)
    assert np.nanmax(scores[1200:1206]) < 0.5 * np.nanmax(scores[700:706])
