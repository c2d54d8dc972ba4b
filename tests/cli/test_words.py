"""Changes and settings as a person reads them."""

from __future__ import annotations

import pytest
from examples import STANDING, an_episode

from ai_ops.cli.words import change_in_words, decision_in_words, episode_in_words
from ai_ops.domain.tuning import Change, Decision, ScheduledMinimum, Thresholds

MORNING = ScheduledMinimum(420, 720, 6)
OFFICE = tuple(ScheduledMinimum(day * 1440 + 420, day * 1440 + 1140, 6) for day in range(5))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("min_instances", 2.0, 3.0), "raise min_instances from 2 to 3"),
        (Change("cpu_scale_out_percent", 80.0, 77.5), "lower cpu_scale_out_percent from 80 to 77.5"),
        (Change("scaling_mode", "threshold", "target"), "switch scaling_mode from threshold to target"),
        (
            Change("scheduled_minimum", (), OFFICE),
            "set scheduled_minimum to Mon-Fri 07:00-19:00 UTC at least 6 (was: none)",
        ),
        (
            Change("scheduled_minimum", (MORNING,), ()),
            "set scheduled_minimum to none (was: Mon 07:00-12:00 UTC at least 6)",
        ),
    ],
)
def test_a_change_of_any_kind_is_one_phrase(change, words) -> None:
    """With what it was before (S001-64)."""
    assert change_in_words(change) == words


def test_a_decision_of_several_kinds_is_one_line() -> None:
    """An emergency says so."""
    changes = (Change("scaling_mode", "threshold", "target"), Change("scheduled_minimum", (), (MORNING,)))
    assert decision_in_words(Decision(changes, ("why",), is_urgent=True)) == (
        "switch scaling_mode from threshold to target; "
        "set scheduled_minimum to Mon 07:00-12:00 UTC at least 6 (was: none) (urgent)"
    )


def test_an_episode_tells_its_settings_of_every_kind() -> None:
    """What stood there when it was decided, in words."""
    standing = STANDING | {"scaling_mode": "threshold", "scheduled_minimum": OFFICE}
    lines = list(episode_in_words(an_episode(thresholds=Thresholds(standing))))
    assert (
        "  settings   cpu_scale_in_percent 30, cpu_scale_out_percent 80, latency_scale_out_ms 300, min_instances 2, "
        "scaling_mode threshold, scheduled_minimum Mon-Fri 07:00-19:00 UTC at least 6"
    ) in lines
