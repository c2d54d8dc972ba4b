"""What befell a service whatever its settings: taken out of the metrics, it puts them together again."""

from __future__ import annotations

import numpy as np
import pytest
from twins import A_PLATFORM, DAY, a_week_of_work, calm, minutes_of

from ai_ops.simulator.profiles import JVM, default_thresholds, platform
from ai_ops.simulator.service import SimulatedService
from ai_ops.simulator.traffic import SHAPES
from ai_ops.twin.calibration import calibrate
from ai_ops.twin.conditions import FURTHEST_FACTOR, conditions
from ai_ops.twin.replay import Twin
from ai_ops.twin.settings_batch import settings_batch


def befell(**columns):
    """Conditions of a week of work, and the model they were taken out with."""
    history = a_week_of_work(**columns)
    model = calibrate(history, A_PLATFORM)
    return conditions(history, model), model, history


def test_on_the_instances_that_ran_the_cpu_that_was_seen_comes_out_again():
    """Noise and all: only what is not measured may differ."""
    seen, model, history = befell()
    load = seen.demand * seen.work_factor / 8.0
    assert model.utilisation.cpu(load) == pytest.approx(history.get("cpu_percent"), abs=0.2)


def test_a_replay_on_fixed_instances_shows_the_cpu_memory_and_latency_of_a_simulated_service():
    """Deploys, incidents, a leak: all of it is either explained or carried along."""
    peak = JVM.peak_for(8)
    demand = SHAPES["daily"](peak, 3, np.random.default_rng(1))
    fixed = default_thresholds(JVM, 11) | {"min_instances": 11}
    service = SimulatedService(JVM, demand, a_week_of_work().start, fixed, 2)
    service.advance(demand.size)
    history = minutes_of(service.history(3))
    model = calibrate(history, platform(JVM))
    seen = conditions(history, model)
    batch = settings_batch([fixed], history.minute_of_week())
    trace = Twin(model, platform(JVM)).replay([seen], batch, start_instances=11, traced=[0]).trace
    known = np.isfinite(history.get("cpu_percent"))
    error = trace.cpu_percent[:, 0, 0] - history.get("cpu_percent")
    assert np.abs(error[known]).mean() < 0.3
    assert (trace.wanted == 11).all()
    memory = model.memory_idle_percent + model.memory_per_load * history.get("requests_per_second") / 11
    assert (memory + seen.memory_offset)[known] == pytest.approx(history.get("memory_percent")[known], abs=2.5)


def test_an_instance_that_a_deploy_takes_away_is_missing_under_other_settings_too():
    """Eight were wanted, six served: three quarters of any fleet."""
    ready = np.full(4 * DAY, 8.0)
    ready[2000:2010] = 6.0
    seen, _, _ = befell(instances=ready)
    assert seen.serving_share[2000:2010] == pytest.approx(0.75)
    assert seen.serving_share[:1990] == pytest.approx(1.0)


def test_an_instance_that_still_boots_is_not_missing():
    """It was ordered a moment ago."""
    wanted = np.full(4 * DAY, 8.0)
    wanted[2000:] = 12.0
    ready = np.full(4 * DAY, 8.0)
    ready[2003:] = 12.0
    seen, _, _ = befell(instances=ready, instances_desired=wanted)
    assert seen.serving_share == pytest.approx(np.ones(4 * DAY))


def test_nobody_says_what_was_wanted_and_nothing_is_missing():
    """Then a deploy cannot be told from a step in."""
    seen, _, _ = befell(instances_desired=np.full(4 * DAY, np.nan))
    assert (seen.serving_share == 1.0).all()


def test_a_minute_that_asks_for_impossible_work_is_a_broken_minute():
    """A CPU of 90 % without any load befalls nobody."""
    cpu = a_week_of_work().get("cpu_percent").copy()
    cpu[3000:3005] = 90.0
    seen, _, _ = befell(cpu_percent=cpu)
    assert seen.work_factor.max() <= FURTHEST_FACTOR
    assert seen.work_factor.min() >= 1.0 / FURTHEST_FACTOR


def test_a_queue_is_laid_upon_no_other_setting():
    """A full CPU hides how much was asked, and the minutes after it work off what was left: the usual is assumed."""
    cpu = a_week_of_work().get("cpu_percent").copy()
    cpu[3000:3010] = 99.0
    cpu[3010:3013] *= 1.4
    seen, _, _ = befell(cpu_percent=cpu)
    assert seen.work_factor[3000:3013].tolist() == [1.0] * 13
    assert seen.work_factor[2990:3000].tolist() != [1.0] * 10


def test_what_an_incident_broke_is_carried_along():
    """No setting would have saved those requests: the replay must not promise it."""
    good = a_week_of_work().get("slo_good_ratio").copy()
    quiet = slice(int(0.75 * DAY), int(0.75 * DAY) + 60)
    good[quiet] = 0.9
    seen, _, _ = befell(slo_good_ratio=good)
    assert seen.background_bad_ratio[quiet] == pytest.approx(0.1, abs=0.001)
    assert seen.background_bad_ratio.sum() == pytest.approx(60 * 0.1, rel=0.05)


def test_gaps_leave_no_hole():
    """A replay needs every minute."""
    lost = np.random.default_rng(3).random(4 * DAY) < 0.05
    holed = {name: np.where(lost, np.nan, values) for name, values in a_week_of_work().columns.items()}
    seen, _, _ = befell(**holed)
    assert all(np.isfinite(getattr(seen, name)).all() for name in seen.__slots__)


def test_stress_swings_further_around_the_hour_and_lies_higher():
    """1.4 times the deviation, 5 % more; a demand that never moves is only higher."""
    plain = calm(100.0 + 20.0 * np.sin(np.arange(600) * 2 * np.pi / 60.0))
    middle = slice(60, -60)
    stressed = plain.stressed().demand[middle]
    assert stressed.mean() == pytest.approx(105.0, rel=0.01)
    assert np.ptp(stressed) == pytest.approx(1.4 * 1.05 * 40.0, rel=0.02)
    assert calm(np.full(300, 50.0)).stressed().demand == pytest.approx(52.5)
    assert (calm(np.where(np.arange(300) % 60 == 0, 5000.0, 1.0)).stressed().demand >= 0).all()


def test_a_part_is_a_part_of_everything():
    """All six columns are cut alike."""
    seen, _, _ = befell()
    part = seen.between(100, 160)
    assert part.minutes == 60
    assert all(np.array_equal(getattr(part, name), getattr(seen, name)[100:160]) for name in part.__slots__)
