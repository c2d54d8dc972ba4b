"""One sentence that claims no more than was counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ai_ops.domain.self_test import Estimate, Plan, SelfTest

TEST = SelfTest(
    service="web",
    source="prometheus",
    is_simulated=False,
    plan=Plan(budget_per_week=1.0),
    promised=0.92,
    metrics=(),
    untested=(),
    recall=Estimate(0.95, 0.93, 0.97),
    alarms_per_week=Estimate(0.2, 0.1, 0.6),
)


@pytest.mark.parametrize(
    ("recall", "says"),
    [
        (Estimate(0.95, 0.93, 0.97), "the promised 92% is kept"),
        (Estimate(0.80, 0.77, 0.83), "the promised 92% is not kept"),
        (Estimate(0.95, 0.80, 0.99), "too few trials to tell from the promised 92%"),
    ],
)
def test_the_promise_is_judged_by_the_interval(recall, says):
    """92 % has one meaning: recall at the stated budget, with its interval (R26, S001-11, S001-117)."""
    assert says in replace(TEST, recall=recall).verdict


@pytest.mark.parametrize(
    ("alarms", "says"),
    [
        (Estimate(0.2, 0.1, 0.6), "within the budget of 1"),
        (Estimate(3.0, 2.0, 4.0), "more than the budget of 1, unless they were incidents"),
        (Estimate(0.0, 0.0, 3.7), "the history is too short to tell from the budget of 1"),
    ],
)
def test_a_quiet_week_alone_proves_no_quiet_detection(alarms, says):
    """No alarm in one week allows for three in the next."""
    assert says in replace(TEST, alarms_per_week=alarms).verdict


def test_without_figures_it_says_so():
    """Nothing tested is neither kept nor broken."""
    assert "nothing could be tested" in replace(TEST, recall=None).verdict
