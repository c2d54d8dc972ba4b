"""Settings in the words of the domain, and what differs between two of them."""

from __future__ import annotations

import pytest

from ai_ops.domain.tuning import Change, ScheduledMinimum, Thresholds
from ai_ops.tune.changes import changes_between, thresholds_of

BLOCKS = [
    {"from_minute_of_week": 480, "to_minute_of_week": 600, "min_instances": 4},
    {"from_minute_of_week": 60, "to_minute_of_week": 120, "min_instances": 2},
]


def test_settings_become_numbers_words_and_minimums_in_order():
    """As the settings file would be read."""
    found = thresholds_of({"min_instances": 2, "scaling_mode": "target", "scheduled_minimum": BLOCKS})
    assert found.numbers == {"min_instances": 2.0}
    assert found.scaling_mode == "target"
    assert found.scheduled_minimum == (ScheduledMinimum(60, 120, 2), ScheduledMinimum(480, 600, 4))


def test_only_what_differs_changes():
    """And only knobs that stand in the file."""
    before = Thresholds({"cpu_scale_in_percent": 30.0, "min_instances": 2.0})
    after = Thresholds({"cpu_scale_in_percent": 30.0, "min_instances": 3.0, "max_instances": 9.0})
    assert changes_between(before, after) == (Change("min_instances", 2.0, 3.0),)


@pytest.mark.parametrize("is_reversed", [False, True])
def test_the_order_of_changes_does_not_depend_on_how_settings_are_written(is_reversed):
    """A decision is derived again from a ledger that sorts its keys."""
    names = ["cooldown_minutes", "cpu_scale_in_percent", "cpu_scale_out_percent", "min_instances", "scaling_mode"]
    before = {name: "threshold" if name == "scaling_mode" else 1.0 for name in names}
    after = {name: "target" if name == "scaling_mode" else 2.0 for name in names}
    if is_reversed:
        before = dict(reversed(before.items()))
    assert [change.knob for change in changes_between(Thresholds(before), Thresholds(after))] == [
        "scaling_mode",
        "cpu_scale_out_percent",
        "cpu_scale_in_percent",
        "min_instances",
        "cooldown_minutes",
    ]
