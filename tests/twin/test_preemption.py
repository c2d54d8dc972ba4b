"""Before a spike that comes faster than instances boot, enough of them stand ready; none is ever taken away for it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from demands import MONDAY, a_capacity, a_demand, daily, nightly_job, slots
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_ops.domain.schedule import MINUTES_PER_WEEK, ScheduledMinimum, in_order, minimum_by_minute
from ai_ops.domain.warming_up import WarmingUp
from ai_ops.twin.outlook.left_alone import hurts_percent, late_minutes
from ai_ops.twin.outlook.preemption import MARGIN, minutes_of_week, preemptions, raised

BOOT = timedelta(minutes=5)


def late(capacity, demand, start=2.0):
    """Minutes in which a platform that is left alone has too few instances, for a demand by the minute."""
    return late_minutes(capacity, np.asarray(demand, dtype=float), np.arange(len(demand)), start)


def test_a_slow_ramp_is_followed_and_a_jump_is_not():
    """A quarter more every eight minutes keeps up with what grows in hours, not with what grows at once."""
    ramp = np.linspace(70.0, 400.0, 600)
    jump = np.repeat([70.0, 400.0], 300)
    assert not late(a_capacity(), ramp).any()
    assert np.flatnonzero(late(a_capacity(), jump))[0] == 300
    assert not late(a_capacity(), jump)[-100:].any()


def test_a_faster_boot_and_more_instances_are_late_for_less():
    """What counts is what the platform can do, from what it has."""
    jump = np.repeat([70.0, 200.0], 300)
    slow, quick = (late(a_capacity(boot_minutes=boot), jump).sum() for boot in (15, 1))
    assert quick < slow
    assert not late(a_capacity(min_instances=6.0), jump, start=6.0).any()


def test_a_target_is_tracked_as_it_is():
    """Target tracking asks for all that is missing at once; steps need several."""
    jump = np.repeat([70.0, 400.0], 300)
    tracking, stepping = (a_capacity(scaling_mode=mode, cpu_scale_out_percent=50.0) for mode in ("target", "threshold"))
    assert 0 < late(tracking, jump, 4.0).sum() < late(stepping, jump, 4.0).sum()


@pytest.mark.parametrize(("percent", "hurts"), [(80.0, 90.0), (60.0, 80.0)])
def test_half_of_the_reserve_is_where_it_hurts(percent, hurts):
    """A lower threshold keeps more in reserve, and misses it earlier."""
    assert hurts_percent(a_capacity(cpu_scale_out_percent=percent)) == hurts


def test_a_nightly_job_is_met_before_it_begins():
    """Pattern, prediction, pre-emptive minimum: a boot and ten minutes before the job, until it is over (S002-36)."""
    capacity = a_capacity()
    (one,) = preemptions(a_demand(nightly_job(14), noise=0.02), capacity)
    two_o_clock = MONDAY + timedelta(days=14, hours=2)
    assert one.spike_begins == two_o_clock
    assert one.begins == two_o_clock - BOOT - MARGIN
    assert one.ends == two_o_clock + timedelta(hours=1.5)
    assert one.min_instances == capacity.needed(one.demand_at_most) >= capacity.needed(440.0)
    assert (one.demand_before, one.demand_peak) == (pytest.approx(40.0, rel=0.1), pytest.approx(440.0, rel=0.1))
    assert (one.seen, one.looked_at) == (14, 14)
    assert one.block == ScheduledMinimum(105, 210, one.min_instances)


def test_with_the_minimum_the_platform_is_not_late():
    """What is advised is enough for what is expected: the same replay, with the block."""
    capacity = a_capacity()
    (one,) = preemptions(a_demand(nightly_job(14), noise=0.02), capacity)
    night = np.repeat(nightly_job(1), 10)
    block = {"from_minute_of_week": 105, "to_minute_of_week": 210, "min_instances": one.min_instances}
    assert late(capacity, night).any()
    assert not late(a_capacity(scheduled_minimum=[block]), night).any()


def test_a_smooth_day_needs_nothing():
    """The platform follows it by itself; a minimum would only cost."""
    assert preemptions(a_demand(daily(14), noise=0.02), a_capacity()) == ()


def test_what_stands_already_is_not_advised_again():
    """A minimum that holds at that time makes the spike harmless."""
    blocks = [{"from_minute_of_week": 0, "to_minute_of_week": MINUTES_PER_WEEK, "min_instances": 30}]
    assert preemptions(a_demand(nightly_job(14), noise=0.02), a_capacity(scheduled_minimum=blocks)) == ()


def test_a_single_crowd_is_no_habit():
    """Yesterday's flash crowd does not come again because it came once."""
    values = nightly_job(14, job=0.0)
    values[-130:-122] += 900.0
    assert preemptions(a_demand(values, noise=0.02), a_capacity()) == ()


def test_a_job_of_one_weekday_is_met_on_that_weekday_alone():
    """Twelve of fourteen nights were quiet; both Mondays were not."""
    values = nightly_job(21) - np.where(slots(21) // 144 % 7 == 0, 0.0, nightly_job(21) - 40.0)
    sunday, monday = a_demand(values[: 20 * 144], noise=0.02), a_demand(values, noise=0.02)
    assert preemptions(sunday, a_capacity()) == ()
    (one,) = preemptions(monday, a_capacity())
    assert (one.seen, one.looked_at) == (2, 2)


def test_the_maximum_bounds_what_is_advised_and_says_so():
    """More than the settings allow cannot be scheduled; how much would be needed is told."""
    (one,) = preemptions(a_demand(nightly_job(14), noise=0.02), a_capacity(max_instances=8.0))
    assert one.min_instances == 8 < one.needed


def test_a_long_plateau_is_met_at_its_beginning():
    """An office's day begins with a jump; after three hours the platform has followed by itself."""
    (one,) = preemptions(a_demand(nightly_job(14, at_hour=8, hours=9.0), noise=0.02), a_capacity())
    assert one.ends - one.spike_begins == timedelta(hours=3)


def test_a_spike_over_midnight_of_sunday_is_two_parts_of_the_week():
    """A block may run over the end of the week, or end with it."""
    values = np.roll(nightly_job(14), -3 * 6)  # from 23:00 on
    demand = a_demand(values[: -144 // 2], noise=0.02)
    (one,) = preemptions(demand, a_capacity())
    assert one.block.from_minute_of_week > one.block.to_minute_of_week
    assert one.block.length_minutes == (one.ends - one.begins) / timedelta(minutes=1)


def test_too_short_a_history_advises_nothing():
    """A rhythm must have been seen for a week."""
    assert isinstance(preemptions(a_demand(nightly_job(5)), a_capacity()), WarmingUp)


@st.composite
def entries(draw):
    """One minimum somewhere in the week."""
    begin, end = draw(st.integers(0, MINUTES_PER_WEEK - 1)), draw(st.integers(0, MINUTES_PER_WEEK))
    return ScheduledMinimum(begin, end if end != begin else (begin + 1) % MINUTES_PER_WEEK, draw(st.integers(1, 50)))


@given(st.lists(entries(), max_size=4), entries())
def test_adding_a_block_never_lowers_a_minimum(standing, block):
    """At every minute of the week at least what stood there, and at least the block (S000-56)."""
    after = minimum_by_minute(raised(in_order(standing), block))
    assert (after >= minimum_by_minute(tuple(standing))).all()
    assert (after >= minimum_by_minute((block,))).all()
    assert (after == np.maximum(minimum_by_minute(tuple(standing)), minimum_by_minute((block,)))).all()


@settings(max_examples=25)
@given(
    at_hour=st.integers(0, 23),
    hours=st.floats(0.2, 5.0),
    job=st.floats(0.0, 2000.0),
    noise=st.floats(0.0, 0.5),
    least=st.integers(1, 45),
    ready=st.one_of(st.none(), st.floats(0.0, 60.0)),
)
def test_whatever_is_foreseen_only_ever_raises_the_count(at_hour, hours, job, noise, least, ready):
    """A forecast alone takes no instance away, whatever it says (S002-36)."""
    capacity = a_capacity(min_instances=float(min(least, 40)))
    demand = a_demand(nightly_job(9, at_hour=at_hour, hours=hours, job=job), noise=noise)
    for one in preemptions(demand, capacity, ready):
        minutes = minutes_of_week(one.begins, round((one.ends - one.begins) / timedelta(minutes=1)))
        assert one.min_instances > capacity.minimum(minutes).min()
        assert one.min_instances <= capacity.most
        assert demand.end <= one.begins < one.ends
        assert one.needed >= capacity.needed(one.demand_peak)
