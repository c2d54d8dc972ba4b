"""The closed loop obeys after the review, and the search finds what a full search finds."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import timedelta

import best_static
import numpy as np
import pytest
import tuner as benchmark
from closed_loop import HOLD, Advice, fixed, tuned, warmed_up
from tuners import CONTENDERS, UNTOUCHED
from tuning_cases import Case, cases, repeated
from tuning_scores import breaches

from ai_ops.simulator.profiles import WEB

CASE = Case("daily", WEB, 6)


@dataclass
class Raises:
    """A tuner that asks for a higher scale-in once, and remembers what it was shown."""

    seen: list = field(default_factory=list)

    def decide(self, seen):
        """Ask at the third time."""
        self.seen.append(seen)
        if len(self.seen) != 3:
            return HOLD
        return Advice({**seen.thresholds, "cpu_scale_in_percent": 45.0})


def test_advice_is_live_twelve_hours_later_and_history_ends_now():
    """Asked every six hours; what it is told is what runs."""
    warm, watcher = warmed_up(CASE, 2, 0), Raises()
    course = tuned(warm, CASE.thresholds(0), watcher, 2)
    assert [minute for minute, _ in course.standing] == [0, 720 + 720]
    scale_in = [seen.thresholds["cpu_scale_in_percent"] for seen in watcher.seen]
    assert scale_in == [30.0] * 4 + [45.0] * 4
    last = watcher.seen[-1]
    assert last.history.index[-1] == last.now - timedelta(minutes=1)
    assert len(last.history) == 14 * 1440 + 7 * 360
    assert course.cost.shape == course.good.shape == (2 * 1440,)


def test_a_tuner_that_holds_changes_nothing():
    """Being asked leaves no trace: the same minutes as with thresholds left alone."""
    warm = warmed_up(CASE, 1, 0)
    held, alone = tuned(warm, CASE.thresholds(0), Raises(), 1), fixed(warm, CASE.thresholds(0), 1)
    assert np.array_equal(held.good[:720], alone.good[:720])
    assert np.array_equal(held.cost[:720], alone.cost[:720])


def test_every_contender_answers_within_the_bounds():
    """One day of each but ours, whose tests are its own."""
    warm = warmed_up(CASE, 1, 2)
    for contender in CONTENDERS:
        if contender.tuner is None or contender.name == "NeuroPilot":
            continue
        course = tuned(warm, {**CASE.thresholds(2), **contender.standing}, contender.tuner(1), 1)
        assert benchmark.score(course, course, None).breaches == 0


def test_the_best_static_setting_is_safe_and_no_dearer_than_any_other_tried(tmp_path):
    """Giving up early changes no answer."""
    warm, standing = warmed_up(CASE, 2, 0), CASE.thresholds(0)
    requests = float(fixed(warm, standing, 2).total.sum())
    best = best_static.best_static(best_static.Search(warm, standing, 2, requests), CASE.instances, tmp_path)
    course = fixed(warm, best_static.with_setting(standing, best.setting), 2)
    assert float(course.cost.sum()) == pytest.approx(best.cost)
    assert benchmark.score(course, course, best.cost).is_safe
    search = best_static.Search(warm, standing, 2, requests)
    for setting in list(best_static.coarse("target", CASE.instances, best_static.LEAST_SHARES))[::3]:
        cost = search.cost(setting, best_static.NO_LIMIT)
        assert cost is None or cost >= best.cost
    assert best_static.best_static(search, CASE.instances, tmp_path) == best
    assert len(list(tmp_path.iterdir())) == 1


def test_neighbours_stay_within_the_bounds():
    """The search may use what a tuner may use."""
    for setting in (("threshold", 90.0, 70.0, 1), ("threshold", 50.0, 20.0, 2), ("target", 90.0, 20.0, 1)):
        found = list(best_static.neighbours(setting))
        assert found
        assert setting not in found
        for after in found:
            assert (
                breaches(
                    best_static.with_setting(CASE.thresholds(0), after),
                )
                == 0
            )


def test_traffic_that_ends_comes_again_by_whole_weeks():
    """A short recording keeps its weekdays."""
    week = np.arange(10_080.0)
    demand = repeated(np.concatenate([week, week[:500]]), 25_000, seed=1)
    assert demand.size == 25_000
    assert np.array_equal(demand[10_080:20_160], week)


def test_runs_start_where_the_table_says():
    """80/30, 60/30, then somewhere allowed."""
    for case in cases(None, is_quick=False):
        assert case.thresholds(0)["cpu_scale_out_percent"] == 80.0
        assert case.thresholds(1)["cpu_scale_out_percent"] == 60.0
        for run in range(2, 6):
            assert breaches(case.thresholds(run)) == 0
        assert UNTOUCHED.keys() <= case.thresholds(0).keys()


def test_the_whole_benchmark_runs(tmp_path, monkeypatch, capsys):
    """Table on stdout, JSON beside it."""
    answer = tmp_path / "tuner.json"
    wish = [
        "--case",
        "flat",
        "--runs",
        "1",
        "--days",
        "1",
        "--workers",
        "1",
        "--contender",
        "target 60",
        "--cache",
        str(tmp_path),
    ]
    monkeypatch.setattr(sys, "argv", ["tuner.py", *wish, "--json", str(answer)])
    benchmark.main()
    figures = json.loads(answer.read_text())
    assert set(figures["contenders"]) >= {"80/30 untouched", "target 60"}
    assert figures["contenders"]["target 60"]["runs"] == 1
    assert "worst SLA" in capsys.readouterr().out
