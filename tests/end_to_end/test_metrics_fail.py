"""What comes from the metric source is missing, late, partial or wrong: the agent says so and moves nothing."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from aftermath import check, episodes, traces
from agents import NOW
from fakes.flaky import FlakyServer, answer, dripping_body, truncated
from fakes.grafana import TOKEN, UID, FakeGrafana
from fakes.relay import only_for, relay

NOBODY_LISTENS = "http://127.0.0.1:1"
FIX_PATH = ("No metrics history found", "$GRAFANA_URL/api/health", "$PROMETHEUS_URL/api/v1/query?query=up", "doctor")


@pytest.fixture
def flaky():
    """A server in the place of Prometheus."""
    with FlakyServer(answer()) as server:
        yield server


def no_data(agent, site, slack, capsys, *, is_acting=True) -> str:
    """Run without usable data: exit code 2, the fix path, no decision and so no trace; the words on stderr."""
    agent.configure(metrics={"deadline_seconds": 5})
    before = traces(agent, site, slack)
    assert agent.run(is_acting=is_acting) == 2
    assert traces(agent, site, slack) == before
    check(agent, site, slack)
    said = capsys.readouterr().err
    assert all(words in said for words in FIX_PATH)
    return said


def held(agent, site, slack, capsys, now=NOW) -> str:
    """Run on doubtful data: exit code 0, a ledger line and a card that say why nothing moves; the words on stdout."""
    before = traces(agent, site, slack)
    assert agent.run(now) == 0
    assert traces(agent, site, slack) == (before.commit, before.lines + 1, before.cards + 1)
    check(agent, site, slack)
    assert episodes(agent)[-1].decision.is_hold
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def test_nobody_listens(agent, site, slack, capsys):
    """Prometheus is down: exit 2 within the deadline, with the commands that find out why (S001-121)."""
    agent.environment = {**agent.environment, "PROMETHEUS_URL": NOBODY_LISTENS}
    assert "Connection refused" in no_data(agent, site, slack, capsys)


@pytest.mark.parametrize("behaviour", [dripping_body, truncated])
def test_an_answer_that_never_becomes_whole(agent, site, slack, capsys, flaky, behaviour):
    """A byte now and then, or half an answer again and again, cannot hold the run beyond its deadline (H29)."""
    flaky.behave(behaviour)
    agent.environment = {**agent.environment, "PROMETHEUS_URL": flaky.url}
    began = time.monotonic()
    assert flaky.url in no_data(agent, site, slack, capsys)
    assert time.monotonic() - began < 10


def test_wrong_credentials(agent, site, slack, capsys, start_prometheus):
    """A real 401 has a text body; the message names the variables to check."""
    locked = start_prometheus("", users={"ada": "right"})
    wrong = {"PROMETHEUS_URL": locked.url, "PROMETHEUS_USERNAME": "ada", "PROMETHEUS_PASSWORD": "wrong-password"}
    agent.environment = {**agent.environment, **wrong}
    said = no_data(agent, site, slack, capsys)
    assert "HTTP 401: Unauthorized; check PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD" in said
    assert "wrong-password" not in said


def test_a_selector_that_matches_nothing(agent, site, slack, capsys):
    """Every answer is empty: as good as no data at all."""
    agent.configure(service={"selector": 'job="nobody"', "variables": {"hosts": 'job="nobody"'}})
    assert "matched no series; check the service's selector" in no_data(agent, site, slack, capsys)


def test_data_that_ended_weeks_ago(agent, site, slack, capsys):
    """The exporter is gone for longer than the history reaches."""
    agent.configure(metrics={"deadline_seconds": 5, "history_days": 1})
    before = traces(agent, site, slack)
    assert agent.run(NOW + timedelta(days=9)) == 2
    assert traces(agent, site, slack) == before
    assert all(words in capsys.readouterr().err for words in FIX_PATH[:1])


def test_partial_answers_move_nothing(agent, site, slack, capsys, flaky):
    """A warning beside an answer means partial data; partial data is not remembered as whole either (H29)."""
    real = agent.environment["PROMETHEUS_URL"]
    flaky.behave(relay(real, lambda document: document.update(warnings=["2 of 3 stores did not answer"])))
    agent.environment = {**agent.environment, "PROMETHEUS_URL": flaky.url}
    said = held(agent, site, slack, capsys)
    assert "warning: 2 of 3 stores did not answer" in said
    assert "because the metrics are partial: 2 of 3 stores did not answer" in said
    assert '"values"' not in (agent.clone / "ai_ops/models/metrics_history.json").read_text()


def test_one_metric_that_a_decision_can_do_without(agent, site, slack, capsys):
    """It becomes a gap, is told as one, and the cycle goes on to its change."""
    agent.configure(service={"queries": {"db_latency_ms": "no_such_metric"}})
    before = traces(agent, site, slack)
    assert agent.run() == 0
    assert traces(agent, site, slack).lines == before.lines + 1
    assert site.tip() != before.commit
    check(agent, site, slack)
    assert "missing: db_latency_ms: no data between" in capsys.readouterr().out
    assert [gap.metric for gap in episodes(agent)[-1].gaps] == ["db_latency_ms"]
    assert "no db_latency_ms" in str(slack.cards[-1])


@pytest.mark.parametrize("expression", ["no_such_metric", "vector(0) / vector(0)", "vector(1) / vector(0)"])
def test_a_needed_metric_that_is_empty_nan_or_infinite(agent, site, slack, capsys, expression):
    """Missing, NaN and Inf are gaps; without a needed metric nothing moves (H29)."""
    agent.configure(service={"queries": {"cpu_percent": expression}})
    assert "because cpu_percent has 0% of its points" in held(agent, site, slack, capsys)


def test_one_query_that_the_server_refuses(agent, site, slack, capsys, flaky):
    """One 422 stops neither the other queries nor the run."""
    heavy = answer(422, b'{"status":"error","errorType":"execution","error":"too many samples"}')
    flaky.behave(only_for("node_cpu", heavy, relay(agent.environment["PROMETHEUS_URL"])))
    agent.environment = {**agent.environment, "PROMETHEUS_URL": flaky.url}
    assert "missing: cpu_percent:" in (said := held(agent, site, slack, capsys))
    assert "(execution): too many samples; correct the expression" in said


def test_good_requests_in_another_unit_than_all_of_them(agent, site, slack, capsys):
    """An SLI of 60 is no promise kept sixty times over: nothing is decided on it, and the words say what is wrong."""
    rate = 'sum(rate(http_request_duration_seconds_count{job="web"}[$window]))'
    agent.configure(service={"slo": {"good": f"60 * {rate}", "total": rate}})
    said = held(agent, site, slack, capsys)
    assert "missing: slo_good_ratio: slo_good_ratio is 60 at 11-01 23:50 UTC, a share lies between 0 and 1" in said
    assert "slo_good_ratio@" not in (agent.clone / "ai_ops/models/metrics_history.json").read_text()


def test_a_price_that_nobody_gave(agent, site, slack, capsys):
    """A team that only says where its Prometheus is has not said what is dear: no saving rests on a made-up price."""
    agent.configure(service={"cost": {"source": "instances"}})
    assert "missing: cost_per_hour: set services[].cost.price_per_instance_hour" in held(agent, site, slack, capsys)


def test_one_deadline_for_all_that_is_asked_of_anybody(agent, site, slack, capsys, flaky):
    """A Prometheus that never finishes leaves no time of its own for Railway: the cycle ends when it was to end."""
    flaky.behave(only_for("node_cpu", relay(agent.environment["PROMETHEUS_URL"]), dripping_body))
    agent.environment = {**agent.environment, "PROMETHEUS_URL": flaky.url, "RAILWAY_TOKEN": "a-project-token"}
    agent.configure(service={"cost": {"source": "railway"}}, railway_project_id="1f0c", metrics={"deadline_seconds": 5})
    said = held(agent, site, slack, capsys)
    assert "railway.com/graphql/v2: the 5 s for all requests together are used up" in said


def test_data_that_ended_before_the_window(agent, site, slack, capsys):
    """Old numbers say nothing about now."""
    agent.configure(metrics={"freshness_minutes": 15})
    said = held(agent, site, slack, capsys, NOW + timedelta(minutes=30))
    assert "min old, 15 min are allowed" in said


def test_a_window_with_few_requests(agent, site, slack, capsys):
    """The SLI of a handful of requests means nothing (H44)."""
    agent.configure(service={"slo": {"minimum_requests": 10**9}})
    assert "1000000000 are needed before the SLI counts" in held(agent, site, slack, capsys)


def test_the_grafana_budget_holds_over_runs(agent, site, slack, capsys):
    """What the hour allows is counted across runs: first gaps, then nothing to decide on (S001-130, H31)."""
    with FakeGrafana(agent.environment["PROMETHEUS_URL"]) as grafana:
        agent.environment = {"GRAFANA_URL": grafana.url, "GRAFANA_API_KEY": TOKEN, "SLACK_WEBHOOK_URL": slack.url}
        agent.configure(grafana_datasource_uid=UID, rate_limits={"grafana_queries_per_hour": 4})
        assert "all 4 of this hour are spent" in held(agent, site, slack, capsys)
        assert "rate_limits.grafana_queries_per_hour" in no_data(agent, site, slack, capsys, is_acting=False)
        assert len([path for _, path in grafana.asked if "query_range" in path]) == 4
