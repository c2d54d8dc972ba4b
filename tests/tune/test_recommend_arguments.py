"""What a caller may get wrong: each mistake is refused, and the message names the argument."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from simulations import Life
from twins import STEPPED

from ai_ops.tune import recommend

LIFE = Life("web", "daily", 3, days=1)
THRESHOLDS = LIFE.thresholds()
PLATFORM = {name: getattr(LIFE.platform, name) for name in LIFE.platform.__slots__}
BLOCK = {"from_minute_of_week": 0, "to_minute_of_week": 60, "min_instances": 3}
NUMBERS = [name for name, value in THRESHOLDS.items() if isinstance(value, int | float)]


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    """One day: too little to decide on, enough to be read."""
    return LIFE.history(**THRESHOLDS)


def with_strings(history):
    """A scrape that wrote a word."""
    words = history.astype({"cpu_percent": object})
    words.iloc[3, 0] = "n/a"
    return words


HISTORIES = {
    "nothing": (lambda _: None, "history must be a pandas DataFrame"),
    "a list": (lambda _: [1.0], "history must be a pandas DataFrame"),
    "one column": (lambda history: history.cpu_percent, "history must be a pandas DataFrame"),
    "no zone": (lambda history: history.tz_localize(None), "history needs a DatetimeIndex with a time zone"),
    "a word": (with_strings, r"history\['cpu_percent'\]"),
    "a column twice": (lambda history: pd.concat((history, history[["instances"]]), axis=1), "instances twice"),
    "a missing column": (lambda history: history.drop(columns="instances"), "history has no column instances"),
    "unsorted": (lambda history: history.iloc[::-1], "history must have one row a minute"),
}


@pytest.mark.parametrize("broken", HISTORIES)
def test_a_history_that_cannot_be_read_is_refused(history, broken):
    """What monitoring libraries hand over is not always a frame of numbers."""
    breaks, says = HISTORIES[broken]
    with pytest.raises(ValueError, match=says):
        recommend(breaks(history), THRESHOLDS, LIFE.platform)


@pytest.mark.parametrize("value", [None, "60", np.nan, np.inf, -1, True, [60]], ids=repr)
@pytest.mark.parametrize("name", NUMBERS)
def test_a_threshold_that_is_no_number_is_refused(history, name, value):
    """A knob is a finite number of at least 0."""
    with pytest.raises(ValueError, match=rf"thresholds\['{name}'\]"):
        recommend(history, THRESHOLDS | {name: value}, LIFE.platform)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"scaling_mode": "magic"}, r"thresholds\['scaling_mode'\]"),
        ({"scaling_mode": ["target"]}, r"thresholds\['scaling_mode'\]"),
        ({"min_instances": 9, "max_instances": 8}, "min_instances is above max_instances"),
        ({"min_instances": 0, "max_instances": 0}, r"max_instances'\] is 0; it must lie between 1"),
        ({"cpu_scale_out_percent": 500.0}, "it must lie between 1 and 100"),
        ({"cooldown_minutes": 1e9}, "it must lie between 0 and"),
        ({"scaling_mode": "threshold", "cpu_scale_in_percent": 85.0}, "is not below cpu_scale_out_percent"),
        ({"min_instances": 2.5}, r"thresholds\['min_instances'\] must be a whole number"),
    ],
    ids=str,
)
def test_thresholds_that_cannot_be_meant_are_refused(history, changes, says):
    """They would simulate something else."""
    with pytest.raises(ValueError, match=says):
        recommend(history, THRESHOLDS | changes, LIFE.platform)


@pytest.mark.parametrize(
    "name", ["cpu_scale_out_percent", "cpu_scale_in_percent", "min_instances", "max_instances", "cooldown_minutes"]
)
def test_a_needed_threshold_that_is_missing_is_named(history, name):
    """The others may be left out."""
    with pytest.raises(ValueError, match=f"thresholds lacks {name}"):
        recommend(history, {knob: value for knob, value in THRESHOLDS.items() if knob != name}, LIFE.platform)


@pytest.mark.parametrize("thresholds", [None, [], "80/30", 7], ids=repr)
def test_thresholds_that_are_no_mapping_are_refused(history, thresholds):
    """Whatever they are."""
    with pytest.raises(ValueError, match="thresholds must be a mapping"):
        recommend(history, thresholds, LIFE.platform)


@pytest.mark.parametrize(
    "schedule",
    [
        5,
        "night",
        BLOCK,
        [1],
        [{}],
        [BLOCK | {"comment": "night"}],
        [BLOCK | {"min_instances": np.nan}],
        [BLOCK | {"min_instances": None}],
        [BLOCK | {"min_instances": "4"}],
        [BLOCK | {"min_instances": -3}],
        [BLOCK | {"min_instances": 2.7}],
        [BLOCK | {"from_minute_of_week": 10_080}],
        [BLOCK | {"from_minute_of_week": -1}],
        [BLOCK | {"to_minute_of_week": 10_081}],
        [BLOCK | {"to_minute_of_week": 0}],
    ],
    ids=repr,
)
def test_a_schedule_that_cannot_be_meant_is_refused(history, schedule):
    """A block has three whole numbers, and lasts some time."""
    with pytest.raises(ValueError, match=r"thresholds\['scheduled_minimum'\]"):
        recommend(history, THRESHOLDS | {"scheduled_minimum": schedule}, LIFE.platform)


@pytest.mark.parametrize("value", [None, "3", np.nan, np.inf, True, -1], ids=repr)
@pytest.mark.parametrize("name", PLATFORM)
def test_a_platform_that_cannot_be_meant_is_refused(history, name, value):
    """Every field is a number within its range."""
    with pytest.raises(ValueError, match=rf"platform\.{name}"):
        recommend(history, THRESHOLDS, PLATFORM | {name: value})


@pytest.mark.parametrize(
    ("platform", "says"),
    [
        (None, "platform must be"),
        ("aws", "platform must be"),
        ({}, "platform: .*boot_minutes"),
        ({name: value for name, value in PLATFORM.items() if name != "slo_ms"}, "platform: .*slo_ms"),
        (PLATFORM | {"zone": 1}, "platform: .*zone"),
    ],
    ids=["nothing", "a word", "empty", "a field missing", "a field too many"],
)
def test_a_platform_that_is_none_is_refused(history, platform, says):
    """The message names the field, and says which there are."""
    with pytest.raises(ValueError, match=says):
        recommend(history, THRESHOLDS, platform)


@pytest.mark.parametrize("state", [5, "x", [], {}, {"version": 1}, {"version": 2, "records": []}], ids=repr)
def test_a_foreign_state_is_refused(history, state):
    """The message says how to go on without it (H32)."""
    with pytest.raises(ValueError, match="state is none that recommend"):
        recommend(history, THRESHOLDS, LIFE.platform, state=state)


@pytest.mark.parametrize("now", ["2026-03-03", 5, date(2026, 3, 3), datetime(2026, 3, 3)], ids=repr)  # noqa: DTZ001
def test_a_moment_without_a_zone_is_refused(history, now):
    """Two hours off is another hour of the day."""
    with pytest.raises(ValueError, match="now must be a moment with a time zone"):
        recommend(history, THRESHOLDS, LIFE.platform, now=now)


@pytest.mark.parametrize(
    "changes",
    [
        {"min_instances": np.int64(2), "max_instances": np.float32(40.0), "cpu_scale_in_percent": np.float64(30.0)},
        {"scheduled_minimum": None},
        {"scheduled_minimum": (BLOCK | {"min_instances": np.int64(4)}, BLOCK | {"min_instances": 3.0})},
        {"min_instances": 0},
    ],
    ids=["numbers of numpy", "no schedule", "a schedule of numpy", "a service that sleeps"],
)
def test_what_can_be_meant_is_taken(history, changes):
    """One day holds for its length, and for nothing else."""
    answer = recommend(history, THRESHOLDS | changes, LIFE.platform)
    assert "days of history" in answer.hold_reason
    kept = answer.state["records"][0]["thresholds"]
    assert all(type(value) in (int, float, str, list) for value in kept.values())


def test_knobs_that_a_platform_lacks_may_be_left_out(history):
    """Only the needed ones, and a knob of the caller's own that nobody touches."""
    few = {name: STEPPED[name] for name in ("cpu_scale_out_percent", "cpu_scale_in_percent", "cooldown_minutes")}
    answer = recommend(history, few | {"min_instances": 2, "max_instances": 9, "zones": "a,b"}, PLATFORM)
    assert answer.state["records"][0]["thresholds"]["zones"] == "a,b"


def test_now_may_lie_in_any_zone(history):
    """It is the moment that counts."""
    end = history.index[-1].to_pydatetime()
    answers = [
        recommend(history, THRESHOLDS, PLATFORM, now=moment)
        for moment in (end.astimezone(UTC), pd.Timestamp(end).tz_convert("Asia/Tokyo").to_pydatetime())
    ]
    assert answers[0] == answers[1]


def test_a_promise_that_was_meant_as_a_ratio_is_refused(history):
    """0.9995 read as percent would give the promise away."""
    with pytest.raises(ValueError, match=r"99.95 means 99.95 %"):
        recommend(history, THRESHOLDS, replace(LIFE.platform, sla_target_percent=0.9995))


def test_a_record_of_a_time_to_come_holds_nothing_up(history):
    """A wrong clock wrote it."""
    honest = recommend(history, THRESHOLDS, LIFE.platform)
    late = {**honest.state, "records": [one | {"at": "2036-01-01T00:00:00+00:00"} for one in honest.state["records"]]}
    assert recommend(history, THRESHOLDS, LIFE.platform, state=late).thresholds == honest.thresholds
