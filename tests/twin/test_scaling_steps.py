"""How a platform really scales, read from what it did; its description stands where too little was seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twins import A_PLATFORM, measured

from ai_ops.twin.scaling_steps import observed_steps, step_size

APART = 40
"""Minutes between two steps: far enough for a boot to be over."""


def staircase(ratio, rounded, *, is_up=True, start=10, steps=8, boot=3):
    """Counts of a fleet that steps again and again: wanted, ready."""
    counts = [float(start)]
    for _ in range(steps):
        size = max(1.0, rounded(counts[-1] * ratio + (-1e-9 if rounded is np.ceil else 1e-9)))
        counts.append(max(counts[-1] + (size if is_up else -size), 1.0))
    wanted = np.repeat(counts, APART)
    late = np.concatenate((np.full(boot, wanted[0]), wanted[: wanted.size - boot]))
    return wanted, np.minimum(wanted, late)


def closer(counts, apart):
    """The same steps so many minutes apart."""
    return tuple(np.repeat(row[::APART], apart) for row in counts)


def seen(wanted, ready, cooldown=5.0, platform=A_PLATFORM):
    """What is read from these counts."""
    history = measured(wanted.size, instances=ready, instances_desired=wanted)
    return observed_steps(history, platform, np.full(wanted.size, cooldown))


@pytest.mark.parametrize("rounded", [np.ceil, np.floor], ids=["up", "down"])
@pytest.mark.parametrize("ratio", [0.1, 0.34, 0.5])
def test_the_size_and_rounding_of_steps_out_are_found(ratio, rounded):
    """A fifth was described."""
    steps = seen(*staircase(ratio, rounded, start=40))
    assert steps.out_ratio == pytest.approx(ratio)
    assert steps.is_out_rounded_up == (rounded is np.ceil)
    assert any("a step out adds" in note for note in steps.notes)


@pytest.mark.parametrize("rounded", [np.ceil, np.floor], ids=["up", "down"])
def test_the_size_and_rounding_of_steps_in_are_found(rounded):
    """A tenth was described, and a quarter is taken."""
    steps = seen(*staircase(0.25, rounded, is_up=False, start=200))
    assert (steps.in_ratio, steps.is_in_rounded_up) == (0.25, rounded is np.ceil)


def test_what_was_described_stands_where_it_explains_what_was_seen():
    """Small fleets cannot tell a fifth from a tenth: no reason to doubt who wrote it down."""
    steps = seen(*staircase(0.2, np.ceil, start=2, steps=3))
    assert (steps.out_ratio, steps.in_ratio, steps.boot_minutes, steps.notes) == (0.2, 0.1, 3, ())


def test_mixed_steps_change_nothing():
    """A person who sets counts by hand is no scaling rule."""
    wanted = np.repeat(np.array([5.0, 9.0, 4.0, 17.0, 3.0, 30.0, 8.0, 41.0, 7.0, 22.0, 21.0, 50.0]), APART)
    steps = seen(wanted, wanted)
    assert (steps.out_ratio, steps.in_ratio) == (0.2, 0.1)


def test_the_boot_is_measured():
    """Seven minutes where three were described; it is said."""
    steps = seen(*staircase(0.2, np.ceil, boot=7))
    assert steps.boot_minutes == 7
    assert any("take 7 min to boot, 3 were described" in note for note in steps.notes)


def test_nobody_says_what_was_wanted_and_the_description_stands():
    """Ready ones alone do not tell a boot from a step."""
    history = measured(400, instances=np.repeat([5.0, 6.0, 8.0, 10.0], 100))
    steps = observed_steps(history, A_PLATFORM, np.full(400, 5.0))
    assert (steps.out_ratio, steps.in_ratio, steps.boot_minutes) == (0.2, 0.1, 3)


@pytest.mark.parametrize(("apart", "rest"), [(5, 0), (6, 1)])
def test_whether_the_minute_of_a_step_counts_to_its_cooldown_is_seen(apart, rest):
    """Platforms differ; the closest steps tell."""
    wanted, _ = closer(staircase(0.2, np.ceil, steps=30, start=3), apart)
    assert seen(wanted, wanted, cooldown=5.0).rest_minutes == rest


def test_a_signal_that_must_last_anew_is_seen():
    """Ten quiet minutes, a cooldown of three: steps in that never lie closer than ten begin to count anew."""
    down = staircase(0.1, np.floor, is_up=False, start=60, steps=20)
    anew, on = closer(down, 10)[0], closer(down, 4)[0]
    assert seen(anew, anew, cooldown=3.0).is_signal_reset
    assert not seen(on, on, cooldown=3.0).is_signal_reset


def test_where_a_target_was_tracked_no_step_is_read():
    """Its moves have whatever size the load asks for."""
    wanted, ready = staircase(0.5, np.ceil)
    assert seen(wanted, ready, cooldown=np.nan).out_ratio == 0.2


def test_gaps_hide_steps_and_do_not_invent_any():
    """A lost minute is no jump to nothing and back."""
    wanted, ready = staircase(0.2, np.ceil, steps=10)
    lost = np.random.default_rng(1).random(wanted.size) < 0.1
    steps = seen(np.where(lost, np.nan, wanted), np.where(lost, np.nan, ready))
    assert (steps.out_ratio, steps.is_out_rounded_up, steps.boot_minutes) == (0.2, True, 3)


@given(st.integers(1, 5000), st.floats(0.0, 2.0), st.booleans())
def test_a_step_moves_whole_instances_and_at_least_one(count, ratio, is_up):
    """Rounded as the platform does it, whatever the count."""
    step = float(step_size(np.array([float(count)]), ratio, is_rounded_up=is_up)[0])
    assert step == int(step) >= 1
    assert abs(step - count * ratio) <= 1.0 + 1e-6


def test_a_product_that_is_a_hair_above_a_whole_number_means_the_whole_number():
    """A tenth of 30 is three, though 30 * 0.1 is more than that in a computer."""
    assert step_size(np.array([30.0, 70.0]), 0.1, is_rounded_up=True).tolist() == [3.0, 7.0]


def test_a_platform_that_boots_at_once_is_believed():
    """Half a minute rounds to none."""
    steps = seen(np.full(100, 4.0), np.full(100, 4.0), platform=replace(A_PLATFORM, boot_minutes=0.4))
    assert steps.boot_minutes == 0
