"""Which values are taken for knobs, and which are left for a person to decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.adopt.knob_names import guess_knobs
from ai_ops.wiring.onboard_knobs import default_knobs

OWN = default_knobs()


def guesses(values, service="web"):
    """By path, the knob and whether there is a doubt."""
    by_path = {tuple(name.split(".")): value for name, value in values.items()}
    return {".".join(one.path): one for one in guess_knobs(by_path, OWN, service)}


@pytest.mark.parametrize(
    ("name", "value", "knob"),
    [
        ("cpu_threshold", 70, "cpu_scale_out_percent"),
        ("cpu_high_threshold", 70, "cpu_scale_out_percent"),
        ("target_cpu_utilization_percentage", 65, "cpu_scale_out_percent"),
        ("targetCPUUtilizationPercentage", 65, "cpu_scale_out_percent"),
        ("scale_in_cpu_threshold", 25, "cpu_scale_in_percent"),
        ("cpu_low", 25, "cpu_scale_in_percent"),
        ("memory_threshold", 80, "memory_scale_out_percent"),
        ("latency_threshold_ms", 300, "latency_scale_out_ms"),
        ("min_size", 2, "min_instances"),
        ("asg_max_size", 20, "max_instances"),
        ("min_replicas", 2, "min_instances"),
        ("maxReplicas", 9, "max_instances"),
        ("ecs_min_capacity", 2, "min_instances"),
        ("max-task-count", 8, "max_instances"),
        ("cooldown_minutes", 5, "cooldown_minutes"),
    ],
)
def test_what_teams_call_their_knobs_is_known(name, value, knob) -> None:
    """The obvious ones, in the styles that teams write."""
    (guess,) = guesses({name: value}).values()
    assert (guess.knob, guess.doubt, guess.value) == (knob, "", value)


@pytest.mark.parametrize(
    ("name", "value", "knob", "doubt"),
    [
        ("cpu_threshold", 0.7, "cpu_scale_out_percent", "a share of 1"),
        ("cpu_threshold", 512, "cpu_scale_out_percent", "no percentage"),
        ("min_size", 0, "min_instances", "no number of instances"),
        ("max_size", 2.5, "max_instances", "no number of instances"),
        ("spot_max_size", 10, "max_instances", "`spot`"),
        ("latency_threshold", 300, "latency_scale_out_ms", "milliseconds?"),
        ("cooldown", 300, "cooldown_minutes", "minutes?"),
        ("min_instances", None, "min_instances", "no plain number"),
    ],
)
def test_what_is_not_certain_is_doubted(name, value, knob, doubt) -> None:
    """A wrong unit would move the service by a factor of 60 or 100."""
    (guess,) = guesses({name: value}).values()
    assert guess.knob == knob
    assert doubt in guess.doubt


def test_seconds_are_told_by_their_name() -> None:
    """Then there is no doubt: the file says so itself."""
    (guess,) = guesses({"cooldown_seconds": 300}).values()
    assert (guess.value, guess.written_in, guess.doubt) == (5, "seconds", "")
    (guess,) = guesses({"latency_threshold_seconds": 0.3}).values()
    assert (guess.value, guess.written_in, guess.doubt) == (300, "seconds", "")


@pytest.mark.parametrize(
    "name",
    [
        "task_cpu",
        "cpu_units",
        "disk_size",
        "instance_type",
        "min_healthy_percent",
        "desired_count",
        "region",
        "max_age",
    ],
)
def test_what_only_sounds_alike_is_no_knob(name) -> None:
    """The sizes of machines, the share that must stay up while one deploys, and what sets nothing."""
    assert guesses({name: 50.0}) == {}


def test_two_that_could_be_the_same_knob_are_both_doubted() -> None:
    """Which one the platform reads, only a person knows."""
    found = guesses({"cpu_threshold": 70, "cpu_high": 75, "min_size": 2})
    assert "`cpu_high` could be it as well" in found["cpu_threshold"].doubt
    assert "`cpu_threshold` could be it as well" in found["cpu_high"].doubt
    assert not found["min_size"].doubt


def test_the_own_name_beats_a_similar_one() -> None:
    """A file that says it in the agent's words means it."""
    found = guesses({"cpu_scale_out_percent": 70, "cpu_threshold": 75})
    assert not found["cpu_scale_out_percent"].doubt
    assert found["cpu_threshold"].doubt


def test_the_object_of_the_service_is_chosen() -> None:
    """Of several services in one file, the one that is called so; else the one with most."""
    values = {"api.min_size": 2, "api.max_size": 9, "api.cpu_threshold": 70, "shop.min_size": 3, "shop.max_size": 5}
    assert guesses(values, "shop").keys() == {"shop.min_size", "shop.max_size"}
    assert guesses(values, "web").keys() == {"api.min_size", "api.max_size", "api.cpu_threshold"}


@given(
    st.dictionaries(
        st.lists(
            st.sampled_from(["cpu", "min", "max", "size", "target", "memory", "cooldown", "ms", "x", ""]), max_size=4
        )
        .map("_".join)
        .map(lambda name: (name,)),
        st.one_of(st.none(), st.floats(0, 1e12)),
        max_size=8,
    )
)
def test_no_knob_is_taken_twice_without_doubt(values) -> None:
    """Whatever a file calls its values."""
    sure = [one.knob for one in guess_knobs(values, OWN, "web") if not one.doubt]
    assert len(sure) == len(set(sure))
