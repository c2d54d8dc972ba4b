"""One look at a service: the twin and its gate, today's settings first, and figures for everything worth a try."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from simulations import Life
from twins import DAY

from ai_ops.tune.search.limits import Limits
from ai_ops.tune.search.study import WINDOW_DAYS, Study, Terms, study
from ai_ops.twin.calibration import Uncalibrated
from ai_ops.twin.telemetry import telemetry

LIFE = Life("web", "daily", 8, days=4)
RAN = LIFE.thresholds(cpu_scale_out_percent=55.0)
TERMS = Terms(LIFE.platform, Limits(), margin=0.5, correction=lambda _: 1.0)
HISTORY = telemetry(LIFE.history(**RAN))


@pytest.fixture(scope="module")
def looked() -> Study:
    """Four days of a service on 55/30."""
    found = study(HISTORY, [(None, RAN)], TERMS)
    assert isinstance(found, Study)
    return found


def test_today_comes_first_and_every_candidate_has_its_figures(looked):
    """The order is the same everywhere."""
    assert looked.candidates[0].settings == RAN
    assert looked.candidates[0].floor is None
    for name in looked.figures.__slots__:
        assert len(getattr(looked.figures, name)) == len(looked.candidates)
    assert np.isfinite(looked.figures.burn_bound).all()
    assert (looked.figures.instances >= 1.0).all()


def test_figures_are_those_of_a_replay_of_its_own(looked):
    """Whichever round a candidate came from, and whatever stood beside it."""
    places = [0, 7, len(looked.candidates) - 1]
    alone = looked.replays.figures([looked.candidates[place] for place in places], 1.0)
    for name in ("instances", "burn", "burn_bound", "stressed_burn", "events_per_day"):
        assert getattr(alone, name) == pytest.approx(getattr(looked.figures, name)[places])


def test_the_second_round_looks_around_the_best_of_the_first(looked):
    """So that the end is at least as cheap."""
    safe = looked.figures.safe(TERMS.margin)
    best = looked.figures.cheapest(safe)
    assert best is not None
    assert looked.figures.instances[best] < looked.figures.instances[0]


def test_the_gate_is_asked_in_the_same_pass(looked):
    """What really ran, told again."""
    assert looked.fit.reason is None
    assert abs(looked.fit.cost_error) < 0.03


def test_what_reality_taught_makes_every_candidate_look_worse(looked):
    """Three times as much is burned, and fewer candidates are safe."""
    doubted = study(HISTORY, [(None, RAN)], replace(TERMS, correction=lambda _: 3.0))
    assert doubted.correction == 3.0
    assert doubted.figures.burn[0] == pytest.approx(3.0 * looked.figures.burn[0])
    assert doubted.figures.safe(TERMS.margin).sum() < looked.figures.safe(TERMS.margin).sum()


def test_a_service_without_a_model_is_not_studied():
    """The reason is handed on."""
    broken = replace(HISTORY, columns=HISTORY.columns | {"cpu_percent": np.full(HISTORY.minutes, 30.0)})
    found = study(broken, [(None, RAN)], TERMS)
    assert isinstance(found, Uncalibrated)
    assert "does not rise" in found.reason


def test_the_window_is_the_newest_fortnight(looked):
    """Shorter histories are taken whole."""
    assert looked.telemetry.minutes == 4 * DAY <= WINDOW_DAYS * DAY
    assert looked.conditions.minutes == looked.telemetry.minutes
