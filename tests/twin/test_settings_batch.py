"""Candidates side by side, and the minutes of the week at which their schedules hold."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from twins import STEPPED, WEEK

from ai_ops.domain.schedule import minimum_by_minute, schedule_of
from ai_ops.twin.settings_batch import settings_batch, weekly_minimum

blocks = st.lists(
    st.fixed_dictionaries(
        {
            "from_minute_of_week": st.integers(0, WEEK - 1),
            "to_minute_of_week": st.integers(0, WEEK),
            "min_instances": st.integers(1, 500),
        }
    ).filter(lambda one: one["from_minute_of_week"] != one["to_minute_of_week"]),
    max_size=4,
)


@given(blocks)
@example([{"from_minute_of_week": 0, "to_minute_of_week": WEEK, "min_instances": 7}])
@example([{"from_minute_of_week": 10_000, "to_minute_of_week": 0, "min_instances": 7}])
def test_a_schedule_means_to_the_replay_what_it_means_to_everybody_else(written):
    """Blocks over the end of the week, and blocks that overlap."""
    assert np.array_equal(weekly_minimum(written), minimum_by_minute(schedule_of(written)))


def test_candidates_with_the_same_schedule_share_a_row():
    """Four hundred candidates have a handful of schedules."""
    night = [{"from_minute_of_week": 0, "to_minute_of_week": 60, "min_instances": 4}]
    minutes = np.arange(120)
    batch = settings_batch(
        [STEPPED, STEPPED | {"scheduled_minimum": night}, STEPPED, STEPPED | {"scheduled_minimum": list(night)}],
        minutes,
    )
    assert batch.schedule.tolist() == [0, 1, 0, 1]
    assert batch.schedules[:, [0, 59, 60]].tolist() == [[0, 0, 0], [4, 4, 0]]


def test_a_knob_that_is_left_out_hinders_nothing():
    """No memory threshold is never reached; no maximum has no end."""
    batch = settings_batch([{"cpu_scale_out_percent": 70, "cpu_scale_in_percent": 30}], np.arange(3))
    assert batch.memory[0] == batch.latency_ms[0] == batch.most[0] == np.inf
    assert (batch.least[0], batch.cooldown[0], batch.is_target[0]) == (1.0, 0.0, False)
    assert batch.count == 1
