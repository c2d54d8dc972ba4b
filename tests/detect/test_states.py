"""States: what each detector can say of a metric, and which rule says more where it can say nothing."""

from __future__ import annotations

import numpy as np
import pytest
from examples import a_series
from rhythms import DAY, demand

from ai_ops.detect.change_point import ChangePoint
from ai_ops.detect.ewma import Ewma
from ai_ops.detect.iqr import Iqr
from ai_ops.detect.novelty import Novelty
from ai_ops.detect.seasonal import Seasonal
from ai_ops.detect.states import states
from ai_ops.detect.zscore import ZScore
from ai_ops.domain.readiness import Readiness, State

ALL = (ZScore(), Ewma(), Seasonal(), Iqr(), Novelty(), ChangePoint())


def of(values, metric="requests_per_second"):
    """State of each detector by name."""
    return states(a_series(metric, values), ALL)


def said(values, metric="requests_per_second"):
    """What a person reads, by detector."""
    return {name: str(state) for name, state in of(values, metric).items()}


@pytest.mark.parametrize("values", [np.empty(0), np.full(100, np.nan)], ids=["empty", "gaps only"])
def test_a_metric_without_values_has_no_data(values):
    """Nothing is what was measured, and not "normal"."""
    assert {*said(values).values()} == {"no_data"}


def test_one_that_has_just_begun_is_warming_up_and_says_how_far():
    """A person knows how long to wait: 31 of 48 hours (R3)."""
    assert said(demand(31 / 24)) == {
        "z-score": "warming_up (31 of 36 hours)",
        "EWMA": "ready",
        "seasonal": "warming_up (31 of 78 hours)",
        "IQR": "warming_up (31 of 48 hours)",
        "novelty": "warming_up (31 of 48 hours)",
        "change point": "warming_up (31 of 78 hours)",
    }


def test_after_four_days_all_are_ready():
    """Nobody waits longer than two days for the season, and a day and a half for scale and threshold (R3)."""
    assert {*said(demand(4)).values()} == {"ready"}


def test_hours_that_were_not_measured_do_not_count():
    """An outage of a day is a day more to wait."""
    values = demand(2.5)
    values[DAY : 2 * DAY] = np.nan
    assert of(values)["novelty"] == State(Readiness.WARMING_UP, "36 of 48 hours")


def test_a_gap_at_the_end_does_not_make_a_detector_unready():
    """The state is that of the newest value."""
    values = demand(6)
    values[-9:] = np.nan
    assert {*said(values).values()} == {"ready"}


def test_a_constant_is_unsuited_and_a_rule_is_named():
    """Nothing can be learned from what never varies; any other value is news."""
    state = of(np.full(7 * DAY, 3.0), "queue_workers")["seasonal"]
    assert state == State(Readiness.UNSUITED, "it never varies; `queue_workers != 3` says more")


def test_a_sparse_metric_is_unsuited_and_a_rule_is_named():
    """Of a week of which little was measured most hours are unknown."""
    values = np.where(np.arange(10 * DAY) % 10 == 0, demand(10), np.nan)
    told = said(values, "queue_length")
    expected = "unsuited (10 % of the last week was measured; `absent_over_time(queue_length[1h])` says more)"
    assert told == dict.fromkeys(told, expected)


def test_one_that_began_yesterday_in_a_long_history_is_young_and_not_sparse():
    """Nothing was left out before its first value: it was not there yet (R3)."""
    values = demand(14)
    values[: 13 * DAY] = np.nan
    assert of(values, "queue_length")["novelty"] == State(Readiness.WARMING_UP, "24 of 48 hours")


def test_a_sparse_metric_is_sparse_a_week_after_it_began():
    """From then on a whole week could have been measured."""
    values = np.where(np.arange(14 * DAY) % 10 == 0, demand(14), np.nan)
    values[: 6 * DAY] = np.nan
    assert of(values, "queue_length")["seasonal"].readiness is Readiness.UNSUITED


def test_rare_events_suit_novelty_alone():
    """What rests most of the time has records, but no spread."""
    values = np.where(np.arange(10 * DAY) % 97 == 5, 4.0, 0.0)
    values[700] = 9.0
    told = said(values, "dead_letters")
    assert told.pop("novelty") == "ready"
    expected = "unsuited (it rests most of the time; `dead_letters > 9`, more than ever before, says more)"
    assert told == dict.fromkeys(told, expected)


def test_a_counter_is_judged_by_its_increases():
    """A counter never rests, whatever its rate does; a counter of something rare does."""
    assert of(np.cumsum(demand(6)))["seasonal"].readiness is Readiness.READY


def test_a_single_value_is_no_constant_yet():
    """One value is too little to call anything constant."""
    assert of(np.array([5.0]))["EWMA"].readiness is Readiness.WARMING_UP
