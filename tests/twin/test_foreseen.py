"""Afterwards a foreseen spike is held against what came: did it come, and was the minimum enough."""

from __future__ import annotations

import numpy as np
import pytest
from demands import a_capacity, a_demand, nightly_job

from ai_ops.twin.outlook.foreseen import Hindsight, hindsight, validated
from ai_ops.twin.outlook.preemption import preemptions


@pytest.fixture
def advised():
    """What would be advised for the fifteenth night, and what instances carry."""
    capacity = a_capacity()
    (one,) = preemptions(a_demand(nightly_job(14), noise=0.02), capacity)
    return one, capacity


def night(job):
    """Fifteen days, the last with a job of another size."""
    return a_demand(np.concatenate([nightly_job(14), nightly_job(1, job=job)]))


@pytest.mark.parametrize(
    ("job", "came", "enough"), [(400.0, True, True), (0.0, False, True), (150.0, False, True), (900.0, True, False)]
)
def test_a_verdict_says_whether_it_came_and_was_enough(advised, job, came, enough):
    """Pre-emptive scaling is validated, not believed (S002-36)."""
    one, capacity = advised
    verdict = validated(one, night(job), capacity)
    assert (verdict.came, verdict.was_enough) == (came, enough)
    assert verdict.peak == 40.0 + job
    assert verdict.needed == capacity.needed(40.0 + job)


def test_before_it_is_over_nothing_is_said(advised):
    """A spike may still come."""
    one, capacity = advised
    demand = night(400.0)
    assert validated(one, demand.until(demand.values.size - 144 + 15), capacity) is None
    assert validated(one, a_demand(nightly_job(14)), capacity) is None


def test_what_was_not_measured_is_not_judged(advised):
    """Half of the spike is missing: it may have been higher there."""
    one, capacity = advised
    demand = night(400.0)
    values = demand.values.copy()
    values[14 * 144 + 11 : 14 * 144 + 18] = np.nan
    assert validated(one, a_demand(values), capacity) is None


def test_looking_back_advises_on_each_day_what_was_known_then():
    """Seven nights, seven jobs, and one crowd that nobody could foresee."""
    values = nightly_job(21)
    values[-200:-190] += 900.0
    seen = hindsight(a_demand(values, noise=0.02), a_capacity())
    assert seen == Hindsight(days=7, advised=7, came=7, enough=7, unforeseen=1)


def test_a_job_that_ended_is_advised_in_vain_and_no_longer():
    """The first quiet nights after it was cancelled are false alarms; then the habit is forgotten."""
    values = np.concatenate([nightly_job(18), nightly_job(3, job=0.0)])
    seen = hindsight(a_demand(values, noise=0.02), a_capacity())
    assert seen.came == 4
    assert 5 <= seen.advised <= 7


def test_days_with_too_little_before_them_are_left_out():
    """Nine days of history leave two days to look back on."""
    assert hindsight(a_demand(nightly_job(9), noise=0.02), a_capacity()).days == 2
