"""A count without its interval claims more than it knows."""

from __future__ import annotations

import doctest

import pytest

from ai_ops.detect.self_test import intervals
from ai_ops.detect.self_test.intervals import rate, share


def test_the_examples_in_the_docstrings_hold():
    """Whoever reads them believes them."""
    assert doctest.testmod(intervals).failed == 0


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (46, 50, 0.8116, 0.9685)]
)
def test_a_share_has_wilsons_interval(hits, trials, low, high):
    """Ten of ten is not certainty (R26); the figures are those of the published formula."""
    one = share(hits, trials)
    assert (one.value, one.low, one.high) == pytest.approx((hits / trials, low, high), abs=5e-4)


@pytest.mark.parametrize(
    ("events", "low", "high"), [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (3, 0.6187, 8.7673), (10, 4.7954, 18.3904)]
)
def test_a_rate_has_the_exact_poisson_interval(events, low, high):
    """A quiet week allows for more than three alarms in the next; the figures are Garwood's table."""
    one = rate(events, 1.0)
    assert (one.low, one.high) == pytest.approx((low, high), abs=5e-4)
    twice_as_long = rate(events, 2.0)
    assert twice_as_long.high == pytest.approx(one.high / 2.0)


def test_nothing_can_be_said_of_nothing():
    """Zero of zero is neither none nor all."""
    with pytest.raises(ValueError, match="no share"):
        share(0, 0)
    with pytest.raises(ValueError, match="no share"):
        share(3, 2)
    with pytest.raises(ValueError, match="no rate"):
        rate(1, 0.0)
