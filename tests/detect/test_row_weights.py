"""How much each row teaches."""

from __future__ import annotations

import numpy as np

from ai_ops.detect.learned.row_weights import lightened_days, row_weights

DAY = 86_400.0
STEP = 600.0


def three_days() -> np.ndarray:
    """From a midnight on, a row every ten minutes."""
    return 20_000 * DAY + STEP * np.arange(3 * 144)


def test_flagged_rows_teach_nothing_and_their_day_less():
    """A quarter of the second day was abnormal: its other rows count three quarters (S001-65)."""
    flagged = np.zeros(3 * 144, dtype=bool)
    flagged[144 + 60 : 144 + 96] = True
    weights = row_weights(three_days(), flagged)
    assert (weights[flagged] == 0.0).all()
    assert (weights[144:288][~flagged[144:288]] == 0.75).all()
    assert (np.delete(weights, np.s_[144:288]) == 1.0).all()


def test_only_days_that_count_visibly_less_are_named():
    """One abnormal row of 144 is no story."""
    flagged = np.zeros(3 * 144, dtype=bool)
    flagged[5] = True
    flagged[300:330] = True
    assert lightened_days(three_days(), flagged) == ("2024-10-06",)


def test_without_rows_there_are_no_weights():
    """An empty history is an expected answer."""
    assert row_weights(np.zeros(0), np.zeros(0, dtype=bool)).size == 0
    assert lightened_days(np.zeros(0), np.zeros(0, dtype=bool)) == ()
