"""One metric, looked at as a run looks at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from agents import CONFIG, NOW, Agent, make_agent_site, tree_of
from examples import NOON, a_series, an_observation
from repositories import isolate

from ai_ops.charts.expected_band import expected_band
from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.domain.judgement import Alarm
from ai_ops.wiring import wire
from ai_ops.wiring.detect import inspect, known_metric, window_since
from ai_ops.wiring.detection import detection
from ai_ops.wiring.session import open_session

SIMULATED = "metrics: {source: simulated}\nstate: {store: folders}\n"
THEN = datetime(2026, 11, 19, 18, 5, tzinfo=UTC)
"""The made-up service fails 1.9 % of its requests on 9 November at 10:30."""

JAM = datetime(2026, 10, 21, 20, 3, tzinfo=UTC)
"""An hour after the made-up service took more than three seconds, twelve times as long as in the fortnight before."""


@pytest.fixture
def agent(tmp_path, monkeypatch):
    """An agent on the embedded simulated service."""
    isolate(monkeypatch)
    return Agent(make_agent_site(tmp_path, settings=SIMULATED).clone("checkout"), {})


def look(agent, metric, since=None, now=THEN):
    """Inspect one metric of the first service."""
    with open_session(agent.place(now), is_writing=False) as session:
        return inspect(session, session.settings.services[0], metric, since)


def test_it_finds_what_a_run_at_that_time_found(agent):
    """Otherwise a person would look at something else than what the agent decided on."""
    with open_session(agent.place(JAM), is_writing=False) as session:
        wired = wire(session, session.settings.services[0])
        found = wired.cycle.detect(wired.cycle.collect(wired.window))
    looked_at = look(agent, "latency_p95_ms", now=JAM)
    assert looked_at.observation.window == wired.window
    assert list(looked_at.findings) == [one for one in found if one.metric == "latency_p95_ms"]
    assert looked_at.findings[0].value > 3000


def test_a_longer_look_finds_what_each_run_found(agent):
    """One metric has one finding in a run, and many in a fortnight; each of them once, the loudest first."""
    inspection = look(agent, "latency_p95_ms", since=JAM - timedelta(days=6), now=JAM)
    assert inspection.findings[0] == look(agent, "latency_p95_ms", now=JAM).findings[0]
    begins = [one.since for one in inspection.findings]
    assert len(set(begins)) == len(begins)
    scores = [one.score for one in inspection.findings]
    assert scores == sorted(scores, reverse=True)
    assert {one.metric for one in inspection.findings} == {"latency_p95_ms"}


def test_the_newest_value_comes_with_what_was_expected(agent):
    """Value, band and scores are those of the same moment."""
    inspection = look(agent, "latency_p95_ms")
    newest = inspection.newest()
    assert newest.at == THEN.replace(minute=0) - timedelta(minutes=10)
    assert newest.value == inspection.series.values[-1]
    assert newest.lower < newest.expected < newest.upper
    assert newest.deviation == inspection.judgement.deviation[-1]


def test_what_the_autoscaler_moves_is_shown_but_not_judged(agent):
    """A fleet that follows the load would look abnormal at every step."""
    inspection = look(agent, "instances", since=THEN - timedelta(days=7))
    assert inspection.findings == ()
    assert np.isnan(inspection.judgement.score).all()
    assert inspection.newest().expected is None
    assert expected_band(inspection.for_a_chart()).title == "Instances ready of web: not judged (simulated)"


def test_planned_maintenance_is_no_finding_and_still_in_the_picture(agent):
    """Nobody is paged for it, and nobody loses sight of it."""
    agent.configure(detection={"maintenance_windows": [{"from": "2026-11-09T10:00Z", "to": "2026-11-09T11:00Z"}]})
    inspection = look(agent, "error_percent", since=THEN - timedelta(days=13))
    at = (datetime(2026, 11, 9, 10, 30, tzinfo=UTC) - inspection.series.start) // inspection.series.step
    assert inspection.series.values[at] > 1.0
    assert np.isnan(inspection.judgement.score[at])
    assert not any(one.at == datetime(2026, 11, 9, 10, 30, tzinfo=UTC) for one in inspection.findings)


@pytest.mark.parametrize(("hours", "count"), [(4, 0), (0, 1)], ids=["planned", "not planned"])
def test_a_run_forecasts_nothing_from_planned_maintenance(agent, hours, count):
    """A load test on the CPU that was announced does not come again a day later."""
    begin = NOON - timedelta(hours=23)
    planned = {"from": f"{begin:%Y-%m-%dT%H:%MZ}", "to": f"{begin + timedelta(hours=hours):%Y-%m-%dT%H:%MZ}"}
    agent.configure(detection={"maintenance_windows": [planned] if hours else []})
    load = np.full(2016, 40.0) + np.random.default_rng(4).normal(size=2016)
    load[2016 - 138 : 2016 - 114] = 95.0
    seen = an_observation({"cpu_percent": a_series("cpu_percent", load)})
    with open_session(agent.place(THEN), is_writing=False) as session:
        found = detection(session.settings, session.settings.services[0])(seen)
    assert [one.alarm for one in found] == [Alarm.FORECAST] * count


def test_nothing_is_kept(agent):
    """Looking changes nothing: no history, no budget, no lock."""
    before = tree_of(agent.clone)
    look(agent, "cpu_percent")
    assert tree_of(agent.clone) == before


@pytest.mark.parametrize(
    ("name", "says"), [("latncy_p95", "did you mean 'latency_p95_ms'"), ("xyz", "there are cpu_percent")]
)
def test_an_unknown_metric_is_named_with_the_nearest_one(name, says):
    """A slip of the keyboard costs one more line."""
    with pytest.raises(ConfigError, match=says):
        known_metric(name)


@pytest.mark.parametrize("since", [THEN - timedelta(days=15), THEN + timedelta(hours=1)])
def test_a_look_beyond_the_history_is_refused(agent, since):
    """It would say that nothing was found where nothing was looked at."""
    with open_session(agent.place(THEN), is_writing=False) as session, pytest.raises(ConfigError, match="history_days"):
        window_since(session, since)


def test_the_window_is_the_last_period_unless_it_is_said(agent):
    """What a run that missed nothing looks at; a beginning between two points of the grid is moved to the earlier."""
    with open_session(agent.place(THEN), is_writing=False) as session:
        usual = window_since(session, None)
        assert usual.end - usual.start == PERIOD
        assert window_since(session, THEN - timedelta(hours=9)).start == THEN.replace(hour=9, minute=0)


def test_a_metric_that_could_not_be_had_is_told_with_the_reason(tmp_path, monkeypatch, prometheus):
    """A gap, and one that nobody asks for, are two different things to repair."""
    isolate(monkeypatch)
    agent = Agent(make_agent_site(tmp_path).clone("checkout"), {"PROMETHEUS_URL": prometheus.url})
    agent.configure({"queries": {"db_latency_ms": "nothing_of_this_name"}})
    with pytest.raises(DataUnavailable, match="db_latency_ms of web could not be had from prometheus"):
        look(agent, "db_latency_ms", now=NOW)
    assert CONFIG
