"""What a training says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from model_cards import TRAINING

from ai_ops.cli.training_words import TELLING, baseline_in_words

ROWS_OF_HALF_A_DAY = TELLING // timedelta(minutes=10)


@pytest.mark.parametrize(
    ("rows", "is_told"), [(ROWS_OF_HALF_A_DAY - 1, False), (ROWS_OF_HALF_A_DAY, True), (108, True)]
)
def test_what_was_held_back_is_told_of_a_night_and_not_of_a_few_hours(rows: int, is_told: bool) -> None:  # noqa: FBT001
    """H04: a morning alone always wants a model of mornings, which is no sign of a service that changes."""
    training = replace(
        TRAINING, step=timedelta(minutes=10), new_rows=rows, allowed_ratio=0.19, drifted=(), parent="the one before"
    )
    said = "only 19% of what the new rows want, which is all that a model may"
    assert baseline_in_words(training) == (said if is_told else None)
