"""What the service costs per hour, from each of its sources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes.railway import ENVIRONMENT, PROJECT, SERVICE, TOKEN, FakeRailway

from ai_ops.collect.cost import PricedInstances, RailwayCost, cost_in_words
from ai_ops.collect.railway import RailwayProject, railway_usage
from ai_ops.domain.errors import SourceError
from ai_ops.domain.metrics import Gap, Series, Window
from ai_ops.http_client import HttpClient, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

END = datetime(2026, 11, 2, tzinfo=UTC)
WINDOW = Window(END - timedelta(hours=6), END)
USED = {
    SERVICE: {"CPU_USAGE": 0.5, "MEMORY_USAGE_GB": 2.0, "NETWORK_TX_GB": 9.0},
    "db": {"CPU_USAGE": 0.25, "MEMORY_USAGE_GB": 1.0, "DISK_USAGE_GB": 10.0},
}


@pytest.fixture
def railway() -> Iterator[FakeRailway]:
    """A Railway project with a web service and a database that has a volume."""
    with FakeRailway(USED) as server:
        yield server


def cost_of(server: FakeRailway, *, token: str = TOKEN, project: str = PROJECT, service: str = "") -> Series | Gap:
    """Ask `server` what the project cost in the window."""
    client = HttpClient(allow_private=True, retry_post=True, limits=Limits(retries=0))
    who = RailwayProject(token, project, service, server.url)
    return RailwayCost(partial(railway_usage, client, who))({}, WINDOW)


def series(metric: str, *values: float) -> Series:
    """A series that ends where the window does."""
    step = timedelta(minutes=10)
    return Series(metric, END - len(values) * step, step, np.array(values))


def test_instances_cost_their_price() -> None:
    """Count times price, on the grid of the count; a gap stays a gap (S001-74, R43)."""
    counted = series("instances", 2, np.nan, 3)
    assert PricedInstances(0.5)({"instances": counted}, WINDOW) == series("cost_per_hour", 1.0, np.nan, 1.5)


def test_no_count_is_no_cost() -> None:
    """An unknown number of instances must not become a cost of 0 (R43)."""
    gap = PricedInstances(0.5)({}, WINDOW)
    assert isinstance(gap, Gap)
    assert gap.metric == "cost_per_hour"
    assert "instances" in gap.reason


def test_no_price_is_no_cost() -> None:
    """Whether a service is dear is not decided on a price that nobody gave (R43)."""
    gap = PricedInstances(None)({"instances": series("instances", 2, 3)}, WINDOW)
    assert isinstance(gap, Gap)
    assert "set services[].cost.price_per_instance_hour, or give a query" in gap.reason


def test_railway_is_billed_by_its_published_prices(railway: FakeRailway) -> None:
    """CPU, memory and volume of all services, at $20, $10 and $0.15 a month of 30 days (S001-60, R43)."""
    cost = cost_of(railway)
    assert isinstance(cost, Series)
    assert (cost.metric, cost.start, cost.step) == ("cost_per_hour", WINDOW.start, WINDOW.step)
    assert cost.values == pytest.approx(np.full(36, (0.75 * 20 + 3 * 10 + 10 * 0.15) / 720))


def test_railway_can_be_asked_for_one_service(railway: FakeRailway) -> None:
    """With a service id its neighbours are not counted, and having no volume costs nothing (S001-60)."""
    cost = cost_of(railway, service=SERVICE)
    assert isinstance(cost, Series)
    assert cost.values == pytest.approx(np.full(36, (0.5 * 20 + 2 * 10) / 720))


def test_a_silent_hour_at_railway_is_a_gap(railway: FakeRailway) -> None:
    """Hours without a sample are unknown, not free."""
    railway.silent_hours = (2.0, 3.0)
    cost = cost_of(railway)
    assert isinstance(cost, Series)
    assert np.flatnonzero(np.isnan(cost.values)).tolist() == list(range(12, 18))


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"token": ""}, "needs RAILWAY_TOKEN"),
        ({"project": ""}, "needs RAILWAY_TOKEN and RAILWAY_PROJECT_ID"),
        ({"token": "another-token"}, "must be a project token"),
        ({"project": "another"}, "another project"),
        ({"service": "no-such-service"}, "reports no usage"),
    ],
)
def test_what_railway_refuses_is_a_gap_that_says_what_to_do(
    railway: FakeRailway, changes: dict[str, str], hint: str
) -> None:
    """A wrong token, project or service ends in one sentence, never in a cost (S001-60, H10)."""
    gap = cost_of(railway, **changes)
    assert isinstance(gap, Gap)
    assert hint in gap.reason
    assert "another-token" not in gap.reason


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": {"projectToken": []}}',
        b'{"data": null}',
        b"[]",
        b"<html>",
        b'{"errors": "odd"}',
        b'{"data": {"projectToken": {"projectId": "1f0c", "environmentId": "2e1d"}, "metrics": [{"values": 3}]}}',
    ],
)
def test_an_answer_of_another_form_is_a_gap(railway: FakeRailway, body: bytes) -> None:
    """An API that changed must not end the run (H29)."""
    railway.says = (200, body)
    assert isinstance(cost_of(railway), Gap)


def test_railways_limit_is_a_gap() -> None:
    """Beyond the hourly limit the cost is unknown until the next run, and nobody waits for it."""
    with FakeRailway(USED, requests_per_hour=1) as server:
        gap = cost_of(server)
    assert isinstance(gap, Gap)
    assert "hourly limit" in gap.reason


def test_railway_out_of_reach_is_a_gap() -> None:
    """A server that is gone is named."""
    with FakeRailway(USED) as server:
        pass
    gap = cost_of(server)
    assert isinstance(gap, Gap)
    assert "graphql/v2" in gap.reason


def test_odd_samples_are_left_out(railway: FakeRailway) -> None:
    """Times far outside the window and values that are no numbers neither count nor warn (H29)."""
    start = int(WINDOW.start.timestamp())
    values = f'[{{"ts": 1e300, "value": 1}}, {{"ts": {start}, "value": NaN}}, {{"ts": {start + 590}, "value": 4}}]'
    owner = f'{{"projectId": "{PROJECT}", "environmentId": "{ENVIRONMENT}"}}'
    entries = f'[{{"measurement": "CPU_USAGE", "values": {values}}}]'
    railway.says = (200, f'{{"data": {{"projectToken": {owner}, "metrics": {entries}}}}}'.encode())
    client = HttpClient(allow_private=True)
    used = railway_usage(client, RailwayProject(TOKEN, PROJECT, endpoint=railway.url), WINDOW)
    assert used["CPU_USAGE"][1] == pytest.approx(4.0)
    assert np.isfinite(used["CPU_USAGE"]).sum() == 1
    assert np.isnan(used["MEMORY_USAGE_GB"]).all()


def test_a_railway_token_never_shows() -> None:
    """Neither the object nor its errors print the token (H10)."""
    project = RailwayProject(TOKEN, PROJECT, endpoint="http://169.254.169.254/graphql/v2")
    assert TOKEN not in repr(project)
    with pytest.raises(SourceError) as caught:
        railway_usage(HttpClient(), project, WINDOW)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("query", "cost: 0.0504/h from the query cost_per_hour"),
        ("instances", "cost: 3 instances x 0.0168/h"),
        ("railway", "cost: 0.0504/h from Railway's prices, without network egress"),
    ],
)
def test_the_run_can_say_where_the_cost_comes_from(source: str, sentence: str) -> None:
    """One sentence names the source of the newest figure (R43)."""
    observed = {"cost_per_hour": series("cost_per_hour", 0.1, 0.0504), "instances": series("instances", 6, 3)}
    assert cost_in_words(source, observed, 0.0168) == sentence


def test_an_unknown_cost_is_said_to_be_unknown() -> None:
    """A gap is not worded as a figure (R43)."""
    assert cost_in_words("railway", {}, 0.0168) == "cost: unknown, railway gave nothing"
    unpriced = cost_in_words("instances", {"instances": series("instances", 3)}, None)
    assert unpriced == "cost: unknown, no price per instance is set"
