"""Which cycle fetches minutes, from whom, and what it leaves to others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from agents import Agent, make_agent_site
from backfill import END
from examples import NOON, a_reward, an_episode
from fakes.grafana import TOKEN, UID, FakeGrafana
from predictions import a_prediction
from repositories import isolate

from ai_ops.collect.minutes import MINUTE_METRICS
from ai_ops.domain.metrics import Gap
from ai_ops.domain.prediction import Looked
from ai_ops.domain.tuning import Thresholds
from ai_ops.wiring.http import http_client
from ai_ops.wiring.minutes import minute_history, wants_minutes
from ai_ops.wiring.session import open_session
from ai_ops.wiring.sources import metric_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from running import RunningServer

    from ai_ops.collect.minutes import Minutes
    from ai_ops.domain.cycle import Episode
    from ai_ops.wiring.session import Session

SIMULATED = "metrics: {source: simulated, minute_days: 3}\nstate: {store: folders}\n"
THROUGH_GRAFANA = f"""
grafana_datasource_uid: {UID}
metrics: {{source: grafana, minute_days: 14, minute_window: 4m}}
state: {{store: folders}}
rate_limits: {{grafana_queries_per_hour: 34}}
services:
  - name: web
    cost: {{price_per_instance_hour: 0.0168}}
    tfvars: {{under: web}}
  - name: api
    tfvars: {{under: api}}
  - name: shop
    selector: job="web"
    tfvars: {{under: shop}}
    queries: {{db_latency_ms: ""}}
"""


@pytest.fixture
def grafana(prometheus: RunningServer) -> Iterator[FakeGrafana]:
    """A Grafana in front of the usual Prometheus."""
    with FakeGrafana(prometheus.url) as server:
        yield server


@pytest.fixture
def agent_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Agent]:
    """An agent with these settings and this environment."""
    isolate(monkeypatch)
    return lambda settings, **environment: Agent(
        make_agent_site(tmp_path, settings=settings).clone("checkout"), environment
    )


def fetch(session: Session, name: str = "web") -> Minutes:
    """The minutes of one service up to the end of the usual backfill."""
    (service,) = (one for one in session.settings.services if one.name == name)
    source = metric_source(session, lambda: Thresholds({}), lambda: http_client(session))
    return minute_history(session, service, source).fetch(END, {})


def looked(hours_ago: float, **changes: object) -> Episode:
    """An episode in which the model had its minutes, so long before noon."""
    episode = replace(an_episode(), policy="model", looked=Looked(0.3, 0.3))
    return replace(episode, **{"decided_at": NOON - timedelta(hours=hours_ago), **changes})


def without_minutes(hours_ago: float) -> Episode:
    """An episode in which it had none, since nobody answered."""
    return looked(hours_ago, looked=None)


def test_no_other_policy_has_minutes_fetched() -> None:
    """The rules decide on the cycle's own grid, and cost no query more than before."""
    assert not wants_minutes("rules", (), NOON)
    assert not wants_minutes("literal", (), NOON)


@pytest.mark.parametrize(
    ("past", "is_wanted"),
    [
        ((), True),
        ((looked(6),), False),
        ((looked(18.9),), False),
        ((looked(23),), True),
        ((looked(30), looked(6)), False),
        ((looked(30), without_minutes(6)), True),
        ((looked(6, looked=None, prediction=a_prediction()),), False),
        ((looked(6, looked=None, inputs_digest="0" * 64),), False),
        ((looked(6, policy="rules"),), True),
    ],
)
def test_a_model_has_them_fetched_once_a_day(past, is_wanted) -> None:
    """Whether or not cron is in time; a run that got none tries again in the next period."""
    assert wants_minutes("model", past, NOON) is is_wanted


def test_a_look_of_next_year_is_none() -> None:
    """One run by a clock that was ahead neither keeps the model blind until then, nor wakes it every time (H18)."""
    year = -365 * 24
    assert wants_minutes("model", (looked(year),), NOON)
    assert not wants_minutes("model", (looked(6), looked(year, reward=a_reward(burn=9.0))), NOON)


@pytest.mark.parametrize(
    ("burns", "is_wanted"),
    [((0.2, 0.3, 0.1), False), ((0.2, 6.0, 0.1), True), ((0.2, 2.0, 0.1), False), ((None, None, None), False)],
)
def test_a_broken_promise_has_them_fetched_at_once(burns, is_wanted) -> None:
    """Safety does not wait for the next day; one bad window within the day's budget is no reason."""
    past = tuple(
        looked(hours_ago, reward=a_reward(burn=burn)) for hours_ago, burn in zip((18, 12, 6), burns, strict=True)
    )
    assert wants_minutes("model", past, NOON) is is_wanted
    forgotten = tuple(replace(one, decided_at=one.decided_at - timedelta(hours=24)) for one in past)
    assert not wants_minutes("model", (*forgotten, looked(6)), NOON)


def test_the_embedded_service_gives_every_minute(agent_with) -> None:
    """A first look needs no monitoring; what the autoscaler asks for is there as well."""
    agent = agent_with(SIMULATED)
    with open_session(agent.place(), is_writing=True) as session:
        minutes = fetch(session)
    assert minutes.gaps == ()
    assert set(minutes.series) == set(MINUTE_METRICS)
    assert all(one.values.size == 3 * 1440 for one in minutes.series.values())
    assert (minutes.series["instances_desired"].values >= minutes.series["instances"].values).all()
    assert (agent.clone / "ai_ops/models/metrics_minutes-web.columns").stat().st_size < 40_000


def test_a_dry_run_leaves_no_cache(agent_with) -> None:
    """It writes nothing at all."""
    agent = agent_with(SIMULATED)
    with open_session(agent.place(), is_writing=False) as session:
        assert fetch(session).series
    assert not (agent.clone / "ai_ops/models").exists()


def test_minutes_leave_to_the_next_services_what_those_need(agent_with, grafana: FakeGrafana) -> None:
    """Of 34 queries, web's fourteen fit beside the eight and seven of the others; api's do not fit beside the seven.

    shop, the last one, has nobody to leave anything to.
    """
    agent = agent_with(THROUGH_GRAFANA, GRAFANA_URL=grafana.url, GRAFANA_API_KEY=TOKEN)
    with open_session(agent.place(), is_writing=True) as session:
        web, api = fetch(session), fetch(session, "api")
        assert len(grafana.asked) == 14
        shop = fetch(session, "shop")
    assert [gap.metric for gap in web.gaps] == ["instances_desired"]
    assert np.isfinite(web.series["cost_per_hour"].values).all()
    assert api.series == {}
    assert api.gaps[0] == Gap(
        "cpu_percent",
        "waits for a later run: 14 requests through Grafana are needed, 20 of this hour's are left, and the services "
        "that follow need 7 of them; raise rate_limits.grafana_queries_per_hour",
    )
    assert len(grafana.asked) == 28
    assert shop.series.keys() >= {"cpu_percent", "slo_good_ratio", "instances"}
