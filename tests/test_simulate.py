"""The closed loop: what the agent advises is live half a day later, on the same days that others have as well."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.simulate import HISTORY_DAYS, MINUTES_PER_DAY, Plan, plan_for, simulate
from ai_ops.simulator.profiles import WEB, platform
from ai_ops.tune import Recommendation

DAYS = 2


@pytest.fixture(scope="module")
def plan():
    """Two days of the office service behind its two weeks."""
    return plan_for("weekly", "web", DAYS, seed=1)


class Adviser:
    """Advises what it was told to, look by look, and keeps what it was shown."""

    def __init__(self, *changes, is_urgent=False):
        self.changes = list(changes)
        self.is_urgent = is_urgent
        self.seen = []

    def __call__(self, history, thresholds, constants, *, state, now):
        """Answer as `recommend` does."""
        self.seen.append((history, dict(thresholds), constants, state, now))
        change = self.changes[len(self.seen) - 1] if len(self.seen) <= len(self.changes) else None
        wanted = None if change is None else {**thresholds, **change}
        looks = {"looks": len(self.seen)}
        return Recommendation(wanted, None if wanted else "nothing", self.is_urgent, None, (), looks)


def test_the_agent_looks_every_six_hours_at_what_monitoring_knows(plan):
    """With four weeks of history at most, its own state, and the platform as an operator would describe it."""
    adviser = Adviser()
    simulate(plan, adviser)
    assert len(adviser.seen) == 4 * DAYS
    history, _, constants, state, now = adviser.seen[-1]
    assert history.index[-1].to_pydatetime() < now
    assert len(history) == (HISTORY_DAYS + DAYS) * MINUTES_PER_DAY - 360
    assert constants == platform(WEB)
    assert (adviser.seen[0][3], state) == (None, {"looks": 7})


def test_an_advice_is_live_after_the_review_and_not_before(plan):
    """Half a day, as people take; the agent sees the old settings until then."""
    adviser = Adviser({"cpu_scale_in_percent": 50.0}, is_urgent=True)
    outcome = simulate(plan, adviser)
    assert [one.day for one in outcome.standing] == [0.0, 0.5]
    assert outcome.standing[1].is_urgent
    assert [seen[1]["cpu_scale_in_percent"] for seen in adviser.seen[:4]] == [30.0, 30.0, 50.0, 50.0]


def test_without_advice_the_agent_costs_what_untouched_settings_cost(plan):
    """Same demand, same luck: any difference is the agent's own."""
    outcome = simulate(plan, Adviser())
    assert replace(outcome.tuned, name="") == replace(outcome.untouched, name="")
    assert outcome.saving == 0.0
    assert len(outcome.standing) == 1


def test_an_advice_changes_only_what_comes_after_it(plan):
    """The first half day is the same, and the days after are cheaper."""
    outcome = simulate(plan, Adviser({"scaling_mode": "target", "cpu_scale_out_percent": 70.0}))
    assert outcome.tuned.cost[1] < outcome.untouched.cost[1]
    assert outcome.tuned.requests == outcome.untouched.requests
    assert outcome.saving > 0.0


def test_target_tracking_runs_beside_it(plan):
    """The plain alternative, on the same days."""
    names = [course.name for course in simulate(plan, Adviser()).courses]
    assert names == ["NeuroPilot", "untouched settings", "target tracking at 60 %"]


def test_the_same_plan_gives_the_same_weeks(plan):
    """Everything is drawn from the seed."""
    assert simulate(plan, Adviser()) == simulate(plan_for("weekly", "web", DAYS, seed=1), Adviser())
    assert simulate(plan, Adviser()) != simulate(plan_for("weekly", "web", DAYS, seed=2), Adviser())


def test_progress_is_told_day_by_day(plan):
    """For the bar that a person watches."""
    told = []
    simulate(plan, Adviser(), told.append)
    assert told == list(range(DAYS))


def test_good_days_and_bad_days_are_counted_by_their_own_budget(plan):
    """A day is bad when it spent more than its requests allow."""
    course = replace(simulate(plan, Adviser()).tuned, good=(999.4, 999.6), requests=(1000.0, 1000.0))
    assert course.burns(99.95) == pytest.approx((1.2, 0.8))
    assert course.bad_days(99.95) == 1
    assert course.good_percent == pytest.approx(99.95)


@pytest.mark.parametrize("traffic", ["flash crowds", "flash-crowds"])
def test_a_shape_is_called_with_or_without_hyphens(traffic):
    """A shell takes a space for the end of a word."""
    assert plan_for(traffic, "edge", 1, seed=3).demand.shape == ((HISTORY_DAYS + 1) * MINUTES_PER_DAY,)


@pytest.mark.parametrize(
    ("traffic", "profile", "says"),
    [
        ("weakly", "web", "there is no traffic 'weakly' (did you mean 'weekly'?)"),
        ("weekly", "wep", "there is no profile 'wep' (did you mean 'web'?); there are web, jvm"),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest(traffic, profile, says):
    """And with all that there are."""
    with pytest.raises(ConfigError) as caught:
        plan_for(traffic, profile, 15, seed=1)
    assert says in str(caught.value)


def recording(folder, days, step_minutes=5, level=50.0, first="2026-03-02"):
    """A file of recorded requests with a daily rhythm."""
    stamps = np.datetime64(first) + np.arange(days * MINUTES_PER_DAY // step_minutes) * np.timedelta64(
        step_minutes, "m"
    )
    rates = level * (1.0 + 0.5 * np.sin(2 * np.pi * np.arange(stamps.size) * step_minutes / MINUTES_PER_DAY))
    rows = [f"{stamp}Z,{rate:.3f}" for stamp, rate in zip(np.datetime_as_string(stamps, "m"), rates, strict=True)]
    path = folder / "traffic.csv"
    path.write_text("timestamp,requests_per_second\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_recorded_traffic_drives_the_service(tmp_path):
    """Its shape, scaled to the fleet; what the scale is, is said."""
    found = plan_for(str(recording(tmp_path, 16)), "web", 2, seed=1)
    assert isinstance(found, Plan)
    assert found.traffic == "traffic.csv"
    assert found.demand.shape == (16 * MINUTES_PER_DAY,)
    assert np.quantile(found.demand, 0.995) == pytest.approx(WEB.peak_for(20), rel=0.02)
    (note,) = found.notes
    assert "scaled so that the busiest regular hour" in note


def test_a_short_recording_is_repeated_by_whole_weeks_and_says_so(tmp_path):
    """Its weekdays stay weekdays."""
    found = plan_for(str(recording(tmp_path, 17)), "web", 10, seed=1)
    assert found.demand.shape == (24 * MINUTES_PER_DAY,)
    week = 7 * MINUTES_PER_DAY
    np.testing.assert_array_equal(found.demand[2 * week : 3 * week], found.demand[:week])
    assert "2 whole weeks of the 24 days; they come again" in found.notes[1]


@pytest.mark.parametrize(
    ("days", "level", "step", "says"),
    [
        (13, 50.0, 5, "2 whole weeks are needed"),
        (16, 0.0, 5, "is 0 everywhere"),
        (40, 50.0, 120, "its rows are 120 minutes apart"),
    ],
)
def test_a_recording_that_cannot_drive_anything_is_refused(tmp_path, days, level, step, says):
    """With what would do."""
    path = recording(tmp_path, days, step, level)
    with pytest.raises(DataUnavailable) as caught:
        plan_for(str(path), "web", 15, seed=1)
    assert str(caught.value).startswith(str(path))
    assert says in str(caught.value)


def test_holes_in_a_recording_are_bridged_and_large_ones_refused(tmp_path):
    """A few empty values are usual; a twentieth is no recording."""
    path = recording(tmp_path, 16)
    lines = path.read_text(encoding="utf-8").splitlines()
    few = [line.split(",")[0] + "," if place % 50 == 7 else line for place, line in enumerate(lines)]
    path.write_text("\n".join(few) + "\n", encoding="utf-8")
    assert np.isfinite(plan_for(str(path), "web", 2, seed=1).demand).all()
    many = [line.split(",")[0] + "," if place and place % 10 == 7 else line for place, line in enumerate(lines)]
    path.write_text("\n".join(many) + "\n", encoding="utf-8")
    with pytest.raises(DataUnavailable, match="10% of requests_per_second is empty"):
        plan_for(str(path), "web", 2, seed=1)
