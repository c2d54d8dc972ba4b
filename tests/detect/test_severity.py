"""The bands of severity."""

from __future__ import annotations

import pytest

from ai_ops.detect.severity import severity
from ai_ops.domain.finding import Severity


@pytest.mark.parametrize(
    ("z", "deviation", "band"),
    [
        (5.01, 0, Severity.CRITICAL),
        (0, 0.51, Severity.CRITICAL),
        (5.0, 0.5, Severity.HIGH),
        (4.0, 0.4, Severity.MEDIUM),
        (3.0, 0.3, Severity.LOW),
        (2.0, 0.2, None),
    ],
)
def test_each_band_begins_above_its_limit(z, deviation, band):
    """The bands of S001-89, S001-90, S001-91 and S001-92, limits excluded."""
    assert severity(z, deviation) is band


def test_the_louder_of_both_measures_decides():
    """A value is critical by its sigmas or by its share, whichever says so (S001-89)."""
    assert severity(2.5, 0.6) is severity(6.0, 0.25) is Severity.CRITICAL
