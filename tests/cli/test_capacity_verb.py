"""`neuropilot capacity`: somebody asks whether there will be enough instances, and sees it."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest
from agents import CONFIG, NOW, Agent, make_agent_site, tree_of
from demands import a_capacity, a_demand, daily, nightly_job, slots
from examples import an_observation
from repositories import isolate

from ai_ops.cli.capacity_document import document
from ai_ops.cli.capacity_table import sentences
from ai_ops.cli.main import app, exit_code_of
from ai_ops.domain.schedule import minimum_by_minute, schedule_of
from ai_ops.domain.warming_up import WarmingUp
from ai_ops.twin.outlook.outlook import outlook
from ai_ops.wiring.capacity import Looked, look_ahead
from ai_ops.wiring.session import open_session

SIMULATED = "mode: observe\nmetrics: {source: simulated%s}\nstate: {store: folders}\n"


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A checkout whose agent runs on the embedded simulated service."""
    isolate(monkeypatch)
    return make_agent_site(tmp_path, settings=SIMULATED % "").clone("checkout")


def capacity(clone, *arguments):
    """Run the verb in this process and give its exit code."""
    return exit_code_of(app, ["capacity", "--root", str(clone), *arguments])


def looked(demand, carries, **changes):
    """An outlook as the verb tells it."""
    usual = {"observation": an_observation(), "silent_hours": None, "history_days": 14}
    return Looked(outlook=outlook(demand, None, carries), **(usual | changes))


def told(seen):
    """Lines by their label."""
    return {line.split()[0]: line for line in sentences(seen, None) if not line.startswith("    ")}


def test_it_tells_the_next_day_the_weeks_and_the_headroom(clone, capsys):
    """On the embedded service: four quarters of a day, and why the weeks are not told yet (S000-56)."""
    before = tree_of(clone)
    assert capacity(clone) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("Capacity of web from ")
    assert head.endswith(" (simulated)")
    assert sum("instances" in line for line in lines if line.startswith("    ")) == 4
    said = "\n".join(lines)
    assert "  next weeks warming up: 2 of 3 weeks; metrics.history_days is 14" in said
    assert "times the usual peak" in said
    assert "  maximum    not reached up to " in said
    assert tree_of(clone) == before


def test_three_weeks_of_history_tell_eight_weeks(clone, capsys):
    """With `metrics.history_days` set for it."""
    (clone / CONFIG).write_text(SIMULATED % ", history_days: 21")
    assert capacity(clone) == 0
    assert sum(line.startswith("    from ") for line in capsys.readouterr().out.splitlines()) == 8


def test_json_is_one_document(clone, capsys):
    """With the same figures, for a program."""
    assert capacity(clone, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["service"], told["exit_code"], told["error"], told["warming_up"]) == ("web", 0, None, None)
    ahead = told["outlook"]
    assert len(ahead["hours"]) == 48
    assert ahead["hours"][0].keys() == {"at", "expected", "lower", "upper", "needed", "needed_at_most"}
    assert {ahead["from"][-1], ahead["reached"]["horizon"][-1]} == {"Z"}
    assert (ahead["weeks"], ahead["weeks_warming_up"]) == ([], "warming up: 2 of 3 weeks")
    assert ahead["max_instances"] == 12
    assert ahead["scheduled_minimum"] == []


def test_too_short_a_history_is_no_error(clone, tmp_path, capsys):
    """It says how long to wait; and draws nothing."""
    (clone / CONFIG).write_text(SIMULATED % ", history_days: 3")
    assert capacity(clone, "--chart", str(tmp_path / "x.svg")) == 0
    assert re.search(r"warming up: 7\d of 168 hours", capsys.readouterr().out)
    assert not (tmp_path / "x.svg").exists()
    assert capacity(clone, "--json") == 0
    assert json.loads(capsys.readouterr().out)["outlook"] is None


@pytest.mark.parametrize(("name", "begin"), [("x.png", b"\x89PNG"), ("x.svg", b"<svg "), ("x.json", b"{")])
def test_a_chart_is_drawn(clone, tmp_path, capsys, name, begin):
    """The one that a report shows."""
    assert capacity(clone, "--chart", str(tmp_path / name)) == 0
    assert (tmp_path / name).read_bytes().startswith(begin)
    assert str(tmp_path / name) in capsys.readouterr().out


def test_a_wrong_chart_or_service_is_refused(clone, tmp_path, capsys):
    """Before anybody waits."""
    assert capacity(clone, "--chart", str(tmp_path / "x.gif")) == 1
    assert capacity(clone, "--service", "wbe") == 1
    assert "there is no service 'wbe'" in capsys.readouterr().err


def test_a_foreseen_spike_comes_with_what_would_meet_it():
    """When, how many, how often so far; and for a program the whole schedule, with what stands already (S002-36)."""
    standing = [{"from_minute_of_week": 2000, "to_minute_of_week": 2100, "min_instances": 3}]
    seen = looked(a_demand(nightly_job(14), noise=0.02), a_capacity(scheduled_minimum=standing))
    lines = told(seen)
    (one,) = seen.outlook.advised
    assert "Mon 16 Mar 02:00 UTC: from 39" in lines["spike"]
    assert "so it was on 14 of 14 such days" in lines["spike"]
    assert f"Mon 01:45-03:30 UTC at least {one.min_instances}" in lines["advised"]
    assert "7 such spikes foreseen, 7 came, for 7 the minimum was enough; 0 came unforeseen" in lines["hindsight"]
    ahead = document(seen, None)["outlook"]
    week = minimum_by_minute(schedule_of(ahead["scheduled_minimum"]))
    assert (week[2050], week[150], week[500]) == (3, one.min_instances, 0)
    assert ahead["advised"][0]["begins"] == "2026-03-16T01:45:00Z"


def test_what_the_maximum_does_not_allow_is_told():
    """Else the advice would look like the solution."""
    seen = looked(a_demand(nightly_job(14), noise=0.02), a_capacity(max_instances=8.0))
    (line,) = [line for line in sentences(seen, None) if "it may need" in line]
    assert line.endswith("; max_instances allows 8")


def test_growth_says_when_the_maximum_is_too_few():
    """The earliest day and the likely one."""
    growth = daily(84) * 1.06 ** (slots(84) / 1008 - 12)
    seen = looked(a_demand(growth, noise=0.02), a_capacity(per_instance=18.0, max_instances=10.0))
    assert told(seen)["maximum"].startswith(
        "  maximum    not enough from Mon 15 Jun 00:00 UTC at the earliest, likely "
    )
    reached = document(seen, None)["outlook"]["reached"]
    assert reached["earliest"] == "2026-06-15T00:00:00Z"
    assert datetime.fromisoformat(reached["likely"]) > datetime.fromisoformat(reached["earliest"])


def test_without_what_an_instance_carries_it_says_why():
    """Demand is told, instances are not."""
    seen = looked(a_demand(daily(14)), "instances could not be had, so nothing says what an instance carries")
    lines = told(seen)
    assert "cannot be told: instances could not be had" in lines["instances"]
    assert "maximum" not in lines
    hour = document(seen, None)["outlook"]["hours"][0]
    assert hour.keys() == {"at", "expected", "lower", "upper"}


def test_silence_and_partial_data_are_told():
    """An outlook from data that ended yesterday is yesterday's."""
    partial = an_observation(warnings=("a store is away",))
    lines = [*sentences(looked(a_demand(daily(14)), a_capacity(), observation=partial, silent_hours=26.0), None)]
    assert "  warning    demand was measured last 26.0 h ago: it fell silent" in lines
    assert "  warning    the data may be partial: a store is away" in lines


def test_a_real_prometheus_tells_it(tmp_path, monkeypatch, prometheus):
    """Two weeks of recorded metrics: what an instance carries is near what its service was made to (S000-56)."""
    isolate(monkeypatch)
    agent = Agent(make_agent_site(tmp_path).clone("checkout"), {"PROMETHEUS_URL": prometheus.url})
    with open_session(agent.place(), is_writing=False) as session:
        seen = look_ahead(session, session.settings.services[0])
    assert not isinstance(seen.outlook, WarmingUp)
    assert seen.silent_hours is None
    assert NOW - seen.outlook.demand.end < timedelta(hours=1.1)
    assert seen.outlook.hours.error_ratio < 0.2
    assert seen.outlook.capacity.per_instance == pytest.approx(0.8 * 50.0, rel=0.25)
