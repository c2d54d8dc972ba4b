"""The comparison of warm with cold starts, on as little as it can be tried on."""

from __future__ import annotations

import json

import numpy as np
from metric_rows import ROWS_PER_DAY, MetricRows, newest_as_past
from model_nights import HISTORY_DAYS, cold_night, warm_night
from poisoning import poisoned
from tuning_cases import cases
from warm_start import compared, measure, table

MIDNIGHT = 1_772_409_600.0
"""2026-03-02 00:00 UTC."""


def made_up(days: int, seed: int = 1) -> MetricRows:
    """Metrics that follow one daily load, much cheaper than a simulated service."""
    rng = np.random.default_rng(seed)
    at = np.arange(days * ROWS_PER_DAY)
    load = 1.0 + 0.5 * np.sin(2 * np.pi * at / ROWS_PER_DAY) + 0.05 * rng.normal(size=at.size)
    slopes = np.array([40.0, 5.0, 60.0, 0.0, 900.0, 0.0, 6.0])
    noise = np.array([1.0, 0.5, 5.0, 0.01, 10.0, 1e-4, 0.3])
    values = np.array([5.0, 40.0, 80.0, 0.05, 10.0, 0.999, 1.0]) + load[:, None] * slopes
    return MetricRows(MIDNIGHT + 600.0 * at, values + rng.normal(size=values.shape) * noise)


def test_no_night_sees_the_day_it_is_examined_on():
    """Neither model may know what comes: later rows change nothing of what was fitted."""
    rows = made_up(HISTORY_DAYS + 2)
    other = rows.shifted((np.arange(len(rows.values)) >= HISTORY_DAYS * ROWS_PER_DAY)[:, None] * 50.0)
    first, second = (cold_night(one.between(0, HISTORY_DAYS)) for one in (rows, other))
    assert first.to_json() == second.to_json()
    night = warm_night(first, rows.between(1, HISTORY_DAYS + 1))
    assert night.model.rows > first.rows
    past = newest_as_past(rows.between(1, HISTORY_DAYS + 1))
    assert past.is_held_out.sum() == ROWS_PER_DAY
    assert past.is_held_out[-ROWS_PER_DAY:].all()


def test_both_ways_sit_the_same_examination_and_find_faults():
    """On a service that stays as it is, neither way is much better, and both are far from guessing."""
    figures = compared(made_up(HISTORY_DAYS + 3), seed=1)
    assert figures["nights"] == 2
    for way in ("warm", "cold"):
        assert 0.7 < figures[way]["auc"] <= 1.0
        assert 0.0 < figures[way]["loss"] < 0.3
    assert abs(figures["warm"]["auc"] - figures["cold"]["auc"]) < 0.02


def test_a_push_moves_no_model_faster_than_stated():
    """What the table says of bounds is measured, not copied (H04)."""
    figures = poisoned(made_up(HISTORY_DAYS + 5), per_day=0.3, days=4, seed=1)
    assert 0.01 < figures["most_moved"] <= 0.1
    assert figures["reported_on_day"] is None
    assert figures["faults"]["bounded"] > 0.6
    assert figures["attack"]["bounded"] >= figures["attack"]["cold"] - 0.01
    setup = {"days": 2, "attack_days": 4, "seed": 1}
    marks = {"auc": 0.9, "recall": 0.5, "alarms_per_week": 1.0, "loss": 0.05}
    service = {
        "warm": marks,
        "cold": marks,
        "weeks": [{"warm": marks, "cold": marks}],
        "nights": 2,
        "shortened_nights": 1,
    }
    lines = "\n".join(
        table({"setup": setup, "services": {"made up": service}, "attacks": {"0.3": {"made up": figures}}})
    )
    assert "1 of 2" in lines
    assert "not all" in lines


def test_a_simulated_service_is_trained_on_and_told_about():
    """One real service for one night: what is measured can be printed and written."""
    (flat,) = (case for case in cases(None, is_quick=False) if case.name == "flat")
    figures = measure([flat], days=1, attack_days=1, seed=1)
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert figures["services"]["flat"]["nights"] == 1
    assert set(figures["attacks"]) == {"0.1", "0.2", "0.3", "1"}
    assert any(line.startswith("flat ") for line in table(figures))
