"""What is advised in the first weeks."""

from __future__ import annotations

import pytest

from ai_ops.tune.autonomy.rollout import advice


@pytest.mark.parametrize(
    ("day", "weeks", "words"),
    [
        (1, "week 1", "keep `mode: observe`"),
        (7, "week 1", "keep `mode: observe`"),
        (8, "week 2", "`mode: commit` with `approval.caps: {save: propose"),
        (10, "week 2", "`mode: propose` is one pull request at a time"),
        (14, "week 2", "leaves it what buys safety"),
        (15, "week 3 on", "review it every week"),
        (400, "week 3 on", "`mode: commit` without caps"),
    ],
)
def test_the_advice_follows_the_weeks(day, weeks, words):
    """Watch, then ask, or do what is not critical, then act (S001-135, S001-136, S001-137)."""
    known = advice(day)
    assert known.weeks == weeks
    assert words in known.text
