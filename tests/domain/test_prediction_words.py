"""How expectations and outcomes read."""

from __future__ import annotations

import doctest
from dataclasses import replace

from predictions import a_prediction, an_outcome

from ai_ops.domain import prediction
from ai_ops.domain.prediction import Interval, Verdict


def test_the_examples_are_true() -> None:
    """What the docstrings show."""
    assert doctest.testmod(prediction).failed == 0


def test_small_costs_keep_their_digits() -> None:
    """Two instances at two cents an hour do not cost 0.04 today and 0.04 tomorrow."""
    cheap = replace(a_prediction(), cost_per_hour=Interval(0.04161, 0.0371, 0.0462))
    assert cheap.headline.startswith("cost 0.0416 (0.0371 to 0.0462) per hour, ")


def test_a_prediction_says_under_which_demand_it_holds() -> None:
    """Nothing can be judged under another one."""
    assert a_prediction().in_words.endswith("6 (2 to 12) scale events a day, at 100 (80 to 120) requests/s")


def test_an_outcome_says_what_it_was_about() -> None:
    """A live change, or the daily prediction of unchanged settings."""
    changed = an_outcome(1, Verdict.MISS, is_live_change=True)
    assert changed.in_words == "miss of 2026-11-17 12:00 UTC, a live change: as the test wants it"
