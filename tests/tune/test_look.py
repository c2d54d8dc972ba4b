"""The twin without a search: what ran beside what happened, and an idea beside today's settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from modelled import make_service
from twins import MONDAY, STEPPED, a_week_of_work

from ai_ops.simulator.profiles import WEB, platform
from ai_ops.tune.advice import Question
from ai_ops.tune.look import compare, look
from ai_ops.tune.search.limits import Limits
from ai_ops.twin.calibration import Uncalibrated
from ai_ops.twin.telemetry import telemetry


@pytest.fixture(scope="module")
def asked():
    """Five days of a made-up office service on 80/30."""
    service, standing = make_service("weekly", 12, days=1, warm_days=5)
    return Question(telemetry(service.history(14)), standing, platform(WEB), Limits(), (), service.now)


@pytest.fixture(scope="module")
def seen(asked):
    """Its twin."""
    found = look(asked)
    assert not isinstance(found, Uncalibrated)
    return found


def test_what_ran_is_told_minute_by_minute(asked, seen):
    """Instances paid for as the twin tells them, close to those that were."""
    real = asked.telemetry.desired
    assert seen.ran.wanted.shape == seen.ran.bad_ratio.shape == real.shape
    assert np.nanmean(np.abs(seen.ran.wanted - real)) < 0.05 * np.nanmean(real)
    assert abs(seen.ran.fit.cost_error) < 0.03


def test_the_margin_is_the_one_that_a_decision_would_keep(seen):
    """Tighter in the first week, and once more for a history that is short of one (S001-139)."""
    assert seen.margin == pytest.approx(0.45 * 0.75)
    assert seen.doubts == ("only 5.0 days of history: margins are wider",)


def test_todays_settings_against_themselves_differ_in_nothing(asked, seen):
    """Both columns of a comparison are the same replay."""
    same = compare(seen, asked.thresholds, {})
    assert same.figures.instances[0] == same.figures.instances[1]
    np.testing.assert_array_equal(same.trace.wanted[:, 0, 0], same.trace.wanted[:, 0, 1])


def test_a_minimum_buys_safety_with_money(asked, seen):
    """More instances at night, fewer bad requests in the morning."""
    more = compare(seen, asked.thresholds, {"min_instances": 10})
    assert more.idea["min_instances"] == 10
    assert more.figures.instances[1] > more.figures.instances[0]
    assert more.figures.burn[1] < more.figures.burn[0]
    assert more.trace.wanted[:, 0, 1].min() >= 10


def test_the_riskiest_hours_are_those_of_the_idea(asked, seen):
    """That is what somebody would have to live with."""
    bold = compare(seen, asked.thresholds, {"cpu_scale_out_percent": 90.0})
    calm = compare(seen, asked.thresholds, {"min_instances": 12})
    assert len(bold.riskiest) == 3
    worst_bold, worst_calm = (max(hour.budget_ratio for hour in one.riskiest) for one in (bold, calm))
    assert worst_bold > 2.0 * worst_calm
    assert max(hour.cpu_percent for hour in bold.riskiest) > 85.0


def test_what_was_learned_from_reality_stretches_both_columns(asked, seen):
    """As it does in a decision."""
    twice = compare(replace(seen, correction=2.0 * seen.correction), asked.thresholds, {"min_instances": 3})
    once = compare(seen, asked.thresholds, {"min_instances": 3})
    np.testing.assert_allclose(twice.figures.burn, 2.0 * once.figures.burn)
    assert twice.riskiest[0].budget_ratio == pytest.approx(2.0 * once.riskiest[0].budget_ratio, rel=1e-3)


def test_without_a_model_the_reason_is_told(asked):
    """A CPU that does not follow the load says nothing of instances."""
    flat = a_week_of_work(cpu_percent=50.0)
    question = replace(asked, telemetry=flat, thresholds=STEPPED, now=MONDAY + timedelta(days=4))
    found = look(question)
    assert isinstance(found, Uncalibrated)
    assert "the CPU does not rise with the load" in found.reason
