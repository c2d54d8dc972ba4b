"""A twin that cannot tell what is known already moves nothing: the gate opens for honest metrics only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from simulations import Life
from twins import MONDAY, STEPPED, measured

from ai_ops.tune.search.replays import Replays, rerun_of
from ai_ops.twin.calibration import calibrate
from ai_ops.twin.conditions import conditions
from ai_ops.twin.gate import Fit, Rerun, fit
from ai_ops.twin.replay import Twin
from ai_ops.twin.telemetry import Telemetry, telemetry

LIFE = Life("web", "daily", 14, days=5)
RAN = LIFE.thresholds(cpu_scale_out_percent=62.0, cpu_scale_in_percent=35.0)
MOVED = RAN | {"cpu_scale_in_percent": 45.0, "cooldown_minutes": 8}


@pytest.fixture(scope="module")
def history() -> Telemetry:
    """Five days of a healthy service."""
    return telemetry(LIFE.history(**RAN))


def judged(history, spans=((None, RAN),)):
    """Fit of a twin that was calibrated on these metrics, and had to tell them again."""
    rerun = rerun_of(spans, history)
    model = calibrate(history, LIFE.platform, rerun.cooldown(history.minutes))
    replays = Replays(history, Twin(model, LIFE.platform), conditions(history, model))
    return replays.with_what_ran([], rerun)[0]


def tampered(history, **changes):
    """The same metrics with some of them changed."""
    return replace(history, columns={**history.columns, **changes})


def test_the_settings_that_ran_cost_in_the_replay_what_they_cost(history):
    """Within 3 %, and their burn within a factor of two: the gate is open."""
    seen = judged(history)
    assert abs(seen.cost_error) < 0.03
    assert seen.reason is None
    assert seen.last_day is not None


def test_a_step_of_time_at_which_the_settings_changed_is_followed():
    """Five days, the second half on other settings: told as one, told as two."""
    service = LIFE.begun(**RAN)
    service.advance(3600)
    changed_at = service.now
    service.apply(MOVED)
    service.advance(3600)
    seen = judged(telemetry(service.history(5)), ((None, RAN), (changed_at, MOVED)))
    assert seen.reason is None
    assert abs(seen.cost_error) < 0.02


def test_a_twin_of_settings_that_did_not_run_is_refused(history):
    """Somebody scaled by hand, or the file is not what the platform follows."""
    seen = judged(history, ((None, RAN | {"min_instances": 14}),))
    assert seen.cost_error > 0.03
    assert "costs" in seen.reason


def test_metrics_that_hide_instances_close_the_gate(history):
    """Every second day shows a third of what was paid for: cost no longer adds up."""
    hidden = np.where(np.arange(history.minutes) // 1440 % 2 == 0, 0.6, 1.0)
    seen = judged(tampered(history, instances_desired=np.ceil(history.desired * hidden)))
    assert "costs" in seen.reason


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.2])
def test_a_cpu_that_reads_otherwise_than_the_autoscaler_saw_closes_the_gate(history, factor):
    """The fleet scaled by another CPU than the one that is shown."""
    shown = np.minimum(factor * history.get("cpu_percent"), 100.0)
    assert judged(tampered(history, cpu_percent=shown)).reason is not None


def test_a_cpu_that_is_walked_away_slowly_closes_the_gate(history):
    """A ramp of a few points a day still leads somewhere else (H04)."""
    ramp = np.linspace(1.0, 0.7, history.minutes)
    assert judged(tampered(history, cpu_percent=ramp * history.get("cpu_percent"))).reason is not None


def test_failures_that_have_nothing_to_do_with_the_cpu_are_not_lost(history):
    """A minute here and there in which half of the requests fail: the replay spends what was really spent."""
    good = history.get("slo_good_ratio").copy()
    good[np.random.default_rng(1).random(good.size) < 0.01] = 0.5
    seen = judged(tampered(history, slo_good_ratio=good))
    assert seen.observed_burn > 5.0
    assert seen.replayed_burn == pytest.approx(seen.observed_burn, rel=0.1)


@pytest.mark.parametrize(
    ("cost_error", "observed", "replayed", "is_open"),
    [
        (0.0, 0.3, 0.3, True),
        (0.029, 0.3, 0.3, True),
        (-0.1, 0.3, 0.3, False),
        (0.1, 0.3, 0.3, False),
        (0.0, 0.0, 0.01, True),
        (0.0, 30.0, 3.0, False),
        (0.0, 0.3, 9.0, False),
        (np.nan, 0.3, 0.3, False),
        (0.0, np.nan, 0.3, False),
        (0.0, 0.3, np.nan, False),
    ],
)
def test_the_gate_is_open_only_for_a_cost_and_a_burn_that_are_near(cost_error, observed, replayed, is_open):
    """What cannot be computed is not near; burns that are both next to nothing are."""
    assert (Fit(cost_error, observed, replayed, None).reason is None) is is_open


def test_both_broken_is_agreed_on_though_the_factor_is_large():
    """Ten times the budget or thirty: either way the promise is broken."""
    assert Fit(0.0, 30.0, 3.0, None).agrees_that_it_is_broken
    assert not Fit(0.0, 30.0, 0.5, None).agrees_that_it_is_broken
    assert not Fit(0.0, np.nan, 3.0, None).agrees_that_it_is_broken


def test_only_measured_minutes_are_held_against_each_other():
    """A gap is neither cheap nor good."""
    paid, good = np.full(200, 4.0), np.full(200, 0.999)
    paid[:50], good[:50] = np.nan, np.nan
    history = measured(200, instances=paid, slo_good_ratio=good, requests_per_second=10.0)
    wanted, bad = np.where(np.arange(200) < 50, 400.0, 4.0), np.where(np.arange(200) < 50, 1.0, 0.001)
    seen = fit(history, wanted, bad, 0.001)
    assert seen.cost_error == pytest.approx(0.0)
    assert (seen.observed_burn, seen.replayed_burn) == pytest.approx((1.0, 1.0))
    assert seen.last_day == pytest.approx((1.0, 1.0))


def test_a_history_without_any_request_closes_the_gate():
    """Nothing can be known about it."""
    history = measured(200, instances=4.0, slo_good_ratio=np.nan, requests_per_second=0.0)
    seen = fit(history, np.full(200, 4.0), np.zeros(200), 0.001)
    assert seen.reason is not None
    assert seen.last_day is None


def test_spans_are_laid_over_the_minutes_of_the_window():
    """Older ones are cut, later ones are dropped, and of two that begin together the newer counts."""
    window = measured(300, instances=4.0)
    at = [MONDAY + timedelta(minutes=minute) for minute in (-500, -10, 100, 100, 400)]
    named = [STEPPED | {"min_instances": least} for least in range(1, 7)]
    rerun = rerun_of([(None, named[0]), *zip(at, named[1:], strict=True)], window)
    assert rerun.firsts == (0, 100)
    assert [one["min_instances"] for one in rerun.settings] == [3, 5]


def test_each_minute_belongs_to_the_settings_that_ran_then():
    """Their cooldown, and their column of the replay; a target has no cooldown."""
    rerun = Rerun((STEPPED, STEPPED | {"scaling_mode": "target"}, STEPPED | {"cooldown_minutes": 9}), (0, 2, 5))
    assert np.array_equal(rerun.cooldown(7), [5.0, 5.0, np.nan, np.nan, np.nan, 9.0, 9.0], equal_nan=True)
    columns = np.arange(21).reshape(7, 3)
    assert rerun.joined(columns).tolist() == [0, 3, 7, 10, 13, 17, 20]


def test_every_span_begins_with_what_was_really_there():
    """The first one begins with the replay itself."""
    history = measured(6, instances=[2, 3, 4, np.nan, 6, 7])
    starts = Rerun((STEPPED, STEPPED), (0, 4)).restarts(history, first_column=10)
    assert [(one.minute, one.column, one.instances) for one in starts] == [(4, 11, 6.0)]
