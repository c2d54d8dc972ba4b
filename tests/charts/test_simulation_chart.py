"""The picture of weeks in closed loop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ai_ops.charts.charts import FORMATS, rendered
from ai_ops.charts.simulation import weeks_in_closed_loop
from ai_ops.domain.simulation import Course, Simulation, Standing
from ai_ops.domain.tuning import ScheduledMinimum, Thresholds


def thresholds(**changes):
    """What stands."""
    usual = {"cpu_scale_out_percent": 80.0, "cpu_scale_in_percent": 30.0, "min_instances": 2.0}
    return Thresholds(usual | {"scaling_mode": "threshold", "scheduled_minimum": ()} | changes)


REQUESTS = (10_000.0,) * 4
SIMULATION = Simulation(
    profile="web",
    traffic="weekly",
    seed=1,
    days=4,
    sla_target_percent=99.95,
    courses=(
        Course("NeuroPilot", (8.0, 7.0, 7.0, 6.0), (9_990.0, 9_998.0, 9_998.0, 9_999.0), REQUESTS),
        Course("untouched settings", (10.0,) * 4, (9_980.0,) * 4, REQUESTS),
        Course("target tracking at 60 %", (9.0,) * 4, (9_999.0,) * 4, REQUESTS),
    ),
    standing=(
        Standing(0.0, thresholds()),
        Standing(0.5, thresholds(scaling_mode="target", cpu_scale_out_percent=66.0), is_urgent=True),
        Standing(2.0, thresholds(min_instances=3.0, scheduled_minimum=(ScheduledMinimum(480, 1080, 9),))),
    ),
)


def datasets(simulation=SIMULATION):
    """The values that are drawn."""
    return weeks_in_closed_loop(simulation).spec["datasets"]


def test_every_day_has_its_cost_and_its_burn():
    """One point a day for each course, in the middle of the day."""
    rows = [row for row in datasets()["courses"] if row["name"] == "NeuroPilot"]
    assert [row["day"] for row in rows] == [0.5, 1.5, 2.5, 3.5]
    assert [row["cost"] for row in rows] == [8.0, 7.0, 7.0, 6.0]
    assert [row["burn"] for row in rows] == [2.0, 0.4, 0.4, 0.2]


def test_a_threshold_is_drawn_where_it_means_something():
    """While a target is tracked, scale-in does nothing."""
    inner = [(row["day"], row["value"]) for row in datasets()["knobs"] if row["knob"] == "cpu_scale_in_percent"]
    assert inner == [(0.0, 30.0), (0.5, 30.0), (0.5, None), (2.0, 30.0), (4.0, 30.0)]
    out = [(row["day"], row["value"]) for row in datasets()["knobs"] if row["knob"] == "cpu_scale_out_percent"]
    assert out == [(0.0, 80.0), (0.5, 66.0), (2.0, 80.0), (4.0, 80.0)]
    assert datasets()["targets"] == [{"day": 0.5, "until": 2.0}]


def test_the_minimum_is_drawn_with_what_a_schedule_asks_for():
    """The highest block of the week above the plain minimum."""
    assert datasets()["least"][-1] == {"day": 4.0, "value": 3.0, "scheduled": 9}
    assert datasets()["least"][0] == {"day": 0.0, "value": 2.0, "scheduled": 2.0}


def test_the_title_is_the_conclusion():
    """Also when it is not the one that was hoped for."""
    assert weeks_in_closed_loop(SIMULATION).title == "4 days: 30% cheaper than untouched, the promise kept (simulated)"
    dear = replace(SIMULATION, courses=(SIMULATION.courses[1], *SIMULATION.courses[::2]))
    assert "43% dearer than untouched, the promise broken" in weeks_in_closed_loop(dear).title


def test_who_cannot_see_it_is_told():
    """Each course with its figures."""
    said = weeks_in_closed_loop(SIMULATION).description
    assert "NeuroPilot: cost 28, 99.963 % good, 1 bad days." in said
    assert "The thresholds were changed 2 times." in said


@pytest.mark.parametrize("suffix", FORMATS)
def test_it_becomes_a_picture(suffix):
    """The same one every time."""
    assert rendered(weeks_in_closed_loop(SIMULATION), suffix) == rendered(weeks_in_closed_loop(SIMULATION), suffix)
