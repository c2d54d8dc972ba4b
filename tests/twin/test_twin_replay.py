"""The replay does minute by minute what the platform would have done, for many candidates and scenarios at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_replay import Fleet
from twins import A_PLATFORM, DAY, STEPPED, WEEK, a_calibration, a_twin, calm

from ai_ops.twin.replay import Restart
from ai_ops.twin.scaling_steps import Steps
from ai_ops.twin.settings_batch import settings_batch, weekly_minimum

MINUTES = 320
FIRST_MINUTE = WEEK - 200
"""The week ends on the way."""
MINUTE_OF_WEEK = (FIRST_MINUTE + np.arange(2 * DAY)) % WEEK


def troubled(seed: int, minutes: int = MINUTES):
    """Demand that climbs, falls and bursts; noise, a deploy, a leak, an incident."""
    rng = np.random.default_rng(seed)
    minute = np.arange(minutes)
    demand = 400.0 + 300.0 * np.sin(minute / rng.uniform(30.0, 90.0)) + 40.0 * rng.normal(size=minutes).cumsum() / 8.0
    for begin in rng.integers(0, minutes, 3):
        demand[begin : begin + 12] += rng.uniform(200.0, 2500.0)
    share = np.ones(minutes)
    share[200:210] = 0.8
    background = np.zeros(minutes)
    background[250:280] = 0.05
    return calm(
        np.maximum(demand, 1.0),
        work_factor=rng.normal(1.0, 0.05, minutes).clip(0.7, 1.3),
        serving_share=share,
        memory_offset=np.linspace(0.0, 12.0, minutes),
        latency_factor=rng.lognormal(0.0, 0.1, minutes),
        background_bad_ratio=background,
    )


blocks = st.builds(
    lambda first, length, least: {
        "from_minute_of_week": first % WEEK,
        "to_minute_of_week": (first + length) % WEEK,
        "min_instances": least,
    },
    st.integers(FIRST_MINUTE - 100, FIRST_MINUTE + MINUTES),
    st.integers(5, 300),
    st.integers(1, 60),
)
candidates = st.fixed_dictionaries(
    {
        "scaling_mode": st.sampled_from(["threshold", "target"]),
        "cpu_scale_out_percent": st.integers(45, 92),
        "cpu_scale_in_percent": st.integers(5, 44),
        "memory_scale_out_percent": st.sampled_from([60.0, 95.0, 1e9]),
        "latency_scale_out_ms": st.sampled_from([150.0, 450.0, 60_000.0]),
        "min_instances": st.integers(1, 12),
        "max_instances": st.integers(12, 60),
        "cooldown_minutes": st.integers(0, 12),
        "scheduled_minimum": st.lists(blocks, max_size=2),
    }
)
models = st.builds(
    lambda boot, rest, reset, up: a_calibration(
        steps=Steps(0.2, 0.1, is_out_rounded_up=up, boot_minutes=boot, rest_minutes=rest, is_signal_reset=reset)
    ),
    st.integers(0, 15),
    st.integers(0, 1),
    st.booleans(),
    st.booleans(),
)
platforms = st.builds(
    lambda out, inward, stabilization: replace(
        A_PLATFORM, out_periods=out, in_periods=inward, stabilization_minutes=stabilization
    ),
    st.integers(1, 4),
    st.integers(1, 12),
    st.integers(0, 8),
)


def replayed(twin, befell, wanted, **how):
    """Replay candidates through scenarios and follow all of them."""
    batch = settings_batch(wanted, MINUTE_OF_WEEK[: befell[0].minutes])
    return twin.replay(befell, batch, traced=range(len(wanted)), **({"start_instances": 9.0} | how))


@given(models, platforms, st.lists(candidates, min_size=1, max_size=5), st.integers(0, 50))
@settings(max_examples=25)
def test_the_batch_does_what_the_rule_says_minute_by_minute(model, platform, wanted, seed):
    """Every candidate, in either mode, against the rule in plain Python."""
    befell = troubled(seed)
    together = replayed(a_twin(platform, steps=model.steps), [befell], wanted)
    for column, one in enumerate(wanted):
        lived = Fleet(model, platform, one, 9.0).live(befell, MINUTE_OF_WEEK)
        assert together.trace.wanted[:, 0, column].tolist() == lived.wanted
        assert together.trace.ready[:, 0, column].tolist() == lived.ready
        assert together.trace.cpu_percent[:, 0, column] == pytest.approx(np.array(lived.cpu), rel=1e-9)
        assert together.trace.bad_ratio[:, 0, column] == pytest.approx(np.array(lived.bad_ratio), rel=1e-9)
        assert together.instance_hours[0, column].sum() * 60 == pytest.approx(sum(lived.wanted))
        assert together.scale_events[0, column] == lived.events


@given(st.lists(candidates, min_size=2, max_size=8), st.integers(0, 50))
@settings(max_examples=15)
def test_many_candidates_at_once_are_each_as_if_alone(wanted, seed):
    """Whatever stands in the next column."""
    twin, befell = a_twin(), [troubled(seed), troubled(seed).stressed()]
    together = replayed(twin, befell, wanted)
    for column, one in enumerate(wanted):
        alone = replayed(twin, befell, [one])
        assert np.array_equal(alone.instance_hours[:, 0], together.instance_hours[:, column])
        assert np.array_equal(alone.bad_requests[:, 0], together.bad_requests[:, column])
        assert np.array_equal(alone.scale_events[:, 0], together.scale_events[:, column])
        assert np.array_equal(alone.trace.wanted[:, :, 0], together.trace.wanted[:, :, column])


@given(st.lists(candidates, min_size=1, max_size=4), st.integers(0, 50))
@settings(max_examples=15)
def test_a_scenario_knows_nothing_of_the_others(wanted, seed):
    """The demand as it was, stressed, and doubled: together as alone."""
    plain = troubled(seed)
    befell = [plain, plain.stressed(), replace(plain, demand=2.0 * plain.demand)]
    together = replayed(a_twin(), befell, wanted)
    for row, one in enumerate(befell):
        alone = replayed(a_twin(), [one], wanted)
        assert np.array_equal(alone.instance_hours[0], together.instance_hours[row])
        assert np.array_equal(alone.bad_requests[0], together.bad_requests[row])
        assert np.array_equal(alone.requests[0], together.requests[row])


@given(models, platforms, st.lists(candidates, min_size=1, max_size=5), st.integers(0, 500), st.floats(0.0, 200.0))
@settings(max_examples=25)
def test_no_fleet_ever_leaves_its_bounds_or_has_instances_that_nobody_pays(model, platform, wanted, seed, start):
    """Minimum, maximum and the schedule hold at every minute, whatever befalls."""
    trace = replayed(a_twin(platform, steps=model.steps), [troubled(seed)], wanted, start_instances=start).trace
    for column, one in enumerate(wanted):
        scheduled = weekly_minimum(one["scheduled_minimum"])[MINUTE_OF_WEEK[:MINUTES]]
        least = np.minimum(np.maximum(scheduled, one["min_instances"]), one["max_instances"])
        paid, ready = trace.wanted[:, 0, column], trace.ready[:, 0, column]
        assert (paid >= least).all()
        assert (paid <= one["max_instances"]).all()
        assert ((ready >= 1) & (ready <= paid)).all()
        assert np.array_equal(ready, ready.round())


def test_the_order_of_the_candidates_is_that_of_the_answers():
    """Modes are sorted inside, and nobody outside may notice."""
    wanted = [STEPPED | {"scaling_mode": mode, "min_instances": least} for mode, least in zip(
        ["target", "threshold", "target", "threshold"], [3, 30, 5, 40], strict=True
    )]  # fmt: skip
    answer = replayed(a_twin(), [calm(np.full(100, 20.0))], wanted)
    assert answer.trace.wanted[-1, 0].tolist() == [3.0, 30.0, 5.0, 40.0]
    assert np.argsort(answer.instance_hours[0, :, 0]).tolist() == [0, 2, 1, 3]


def test_booting_instances_are_paid_before_they_serve():
    """An order costs from the next minute on, and helps after the boot."""
    demand = np.full(60, 320.0)
    demand[10:] = 700.0
    answer = replayed(a_twin(), [calm(demand)], [STEPPED | {"cooldown_minutes": 30}], start_instances=8.0)
    paid, ready = answer.trace.wanted[:, 0, 0], answer.trace.ready[:, 0, 0]
    ordered = int(np.flatnonzero(paid == 10.0)[0])
    assert ordered == 13  # three high minutes in a row: the tenth to the twelfth
    assert np.flatnonzero(ready == 10.0)[0] == ordered + 3
    assert answer.instance_hours.sum() == pytest.approx(paid.sum() / 60.0)


def test_an_instance_that_is_sent_away_while_it_boots_never_comes():
    """A crowd that has gone before the new instances are there: they are neither paid nor ready."""
    demand = np.full(120, 20.0)
    demand[10:26] = 1500.0
    target = STEPPED | {"scaling_mode": "target", "cpu_scale_out_percent": 60.0, "min_instances": 1}
    twin = a_twin(steps=Steps(0.2, 0.1, boot_minutes=10))
    trace = replayed(twin, [calm(demand)], [target], start_instances=1.0).trace
    assert trace.wanted[:, 0, 0].max() > 3.0
    assert trace.ready[-40:, 0, 0].tolist() == trace.wanted[-40:, 0, 0].tolist() == [1.0] * 40


def test_a_scheduled_minimum_lifts_the_fleet_when_it_begins_and_lets_it_go_when_it_ends():
    """No signal is waited for; afterwards the thresholds decide."""
    block = {"from_minute_of_week": WEEK - 150, "to_minute_of_week": WEEK - 90, "min_instances": 12}
    answer = replayed(
        a_twin(), [calm(np.full(200, 20.0))], [STEPPED | {"scheduled_minimum": [block]}], start_instances=4.0
    )
    paid, ready = answer.trace.wanted[:, 0, 0], answer.trace.ready[:, 0, 0]
    assert paid[49] < 12.0
    assert (paid[50:110] == 12.0).all()
    assert ready[52] < 12.0 == ready[54]
    assert paid[111] < 12.0
    assert paid[-1] == 2.0


def test_a_schedule_that_was_learned_from_other_days_stands_in_for_the_written_one():
    """What would have been written without this day."""
    floor = np.where(np.arange(100) < 50, 6.0, 15.0)
    batch = settings_batch([STEPPED, STEPPED], MINUTE_OF_WEEK[:100], {1: floor})
    trace = a_twin().replay([calm(np.full(100, 20.0))], batch, start_instances=2.0, traced=(0, 1)).trace
    assert trace.wanted[:, 0, 0].max() == 2.0
    assert trace.wanted[[0, 49, 50, 99], 0, 1].tolist() == [6.0, 6.0, 15.0, 15.0]


@pytest.mark.parametrize("mode", ["threshold", "target"])
def test_a_restart_goes_on_from_what_really_was_and_touches_no_other(mode):
    """As if the replay had begun there; nothing boots and no signal has lasted yet."""
    befell, one = troubled(3), STEPPED | {"scaling_mode": mode}
    set_back = replayed(a_twin(), [befell], [one, one], restarts=[Restart(150, 0, 17.0)]).trace
    anew = replayed(a_twin(), [befell.between(150, MINUTES)], [one], start_instances=17.0).trace
    plain = replayed(a_twin(), [befell], [one]).trace
    # What waited before the restart is served after it: let the first minutes pass before they are compared.
    assert set_back.wanted[150:, 0, 0].tolist() == anew.wanted[:, 0, 0].tolist()
    assert set_back.wanted[:150, 0, 0].tolist() == plain.wanted[:150, 0, 0].tolist()
    assert np.array_equal(set_back.wanted[:, 0, 1], plain.wanted[:, 0, 0])


def tracked(cpus, start=10.0, **platform):
    """Counts of a fleet that tracks 60 % and whose demand makes these CPUs on `start` instances."""
    demand = (np.asarray(cpus, dtype=np.float64) - 5.0 + 1e-6) * start
    one = STEPPED | {"scaling_mode": "target", "cpu_scale_out_percent": 60.0, "min_instances": 1}
    twin = a_twin(replace(A_PLATFORM, **platform), steps=Steps(0.2, 0.1, boot_minutes=0))
    return replayed(twin, [calm(demand)], [one], start_instances=start).trace.wanted[:, 0, 0].tolist()


def test_target_tracking_leaves_the_count_alone_within_its_tolerance():
    """A tenth of the target: 54 to 66 %."""
    assert tracked([65.5] * 3 + [54.5] * 20) == [10.0] * 23
    assert tracked([67.0] * 3)[1] == 12.0
    assert tracked([65.5] * 3, tolerance_ratio=0.05)[1] == 11.0


def test_target_tracking_adds_at_once_and_removes_only_what_the_whole_window_agrees_on():
    """One busy minute keeps the instances for as long as the stabilization lasts."""
    counts = tracked([60.0] * 5 + [30.0] * 12, stabilization_minutes=5)
    assert counts[5:10] == [10.0] * 5
    assert counts[10] == 5.0
    assert tracked([60.0] * 5 + [90.0] * 2, stabilization_minutes=5)[6] == 15.0
    assert tracked([60.0] * 5 + [30.0] * 12, stabilization_minutes=5.0) == counts
    longer = tracked([60.0] * 5 + [30.0] * 12, stabilization_minutes=9)
    assert longer[13] == 10.0 > longer[14]


def test_days_end_where_the_conditions_end():
    """The newest day is whole; the first one is what is left over."""
    demand = np.full(DAY + 300, 50.0)
    answer = a_twin().replay(
        [calm(demand)], settings_batch([STEPPED], MINUTE_OF_WEEK[: demand.size]), start_instances=2
    )
    assert answer.day_lengths.tolist() == pytest.approx([300 / DAY, 1.0])
    assert answer.requests[0].tolist() == pytest.approx([300 * 50.0 * 60.0, DAY * 50.0 * 60.0])
    assert answer.instance_hours[0, 0].tolist() == pytest.approx([10.0, 48.0])
    assert answer.hourly_instances() == pytest.approx(2.0)


def test_burn_is_the_share_of_the_budget():
    """Bad requests by requests by what may fail; an hour without any request spends nothing."""
    demand = np.concatenate((np.full(300, 190.0), np.zeros(60)))
    answer = replayed(a_twin(), [calm(demand)], [STEPPED | {"max_instances": 2}], start_instances=2.0)
    share = answer.bad_requests.sum() / (300 * 190.0 * 60.0)
    assert share > 0.01
    assert answer.burn(0.001)[0, 0] == pytest.approx(share / 0.001)
    assert np.isfinite(replayed(a_twin(), [calm(np.zeros(100))], [STEPPED]).burn(0.001)).all()


def test_more_instances_are_never_worse_and_never_cheaper():
    """The one law that any search relies on."""
    fixed = [STEPPED | {"min_instances": least, "max_instances": least} for least in range(2, 30, 3)]
    answer = replayed(a_twin(), [troubled(1)], fixed, start_instances=1.0)
    assert (np.diff(answer.bad_requests[0, :, 0]) <= 1e-6).all()
    assert (np.diff(answer.instance_hours[0, :, 0]) > 0).all()
