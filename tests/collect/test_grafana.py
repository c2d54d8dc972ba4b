"""The same real Prometheus, reached through a Grafana that forwards, checks tokens and refuses as Grafana does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from backfill import END
from fakes import flaky
from fakes.flaky import FlakyServer, answer_json
from fakes.grafana import TOKEN, UID, FakeGrafana

from ai_ops.collect.grafana import GrafanaSource
from ai_ops.domain.errors import BudgetSpent, SourceError
from ai_ops.domain.metrics import Query, Window
from ai_ops.http_client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from running import RunningServer

WINDOW = Window(END - timedelta(hours=2), END)
RATE = Query("requests_per_second", 'sum(rate(http_requests_total{job="web"}[10m]))')
PROXY = f"/api/datasources/proxy/uid/{UID}/api/v1/query_range"


class Purse:
    """A budget of so many requests."""

    def __init__(self, requests: int = 100) -> None:
        self.left = requests

    def spend(self) -> None:
        """Take one out."""
        if not self.left:
            raise BudgetSpent("100 requests an hour are used up")
        self.left -= 1


@pytest.fixture
def grafana(prometheus: RunningServer) -> Iterator[FakeGrafana]:
    """A Grafana in front of the usual Prometheus."""
    with FakeGrafana(prometheus.url) as server:
        yield server


def a_source(grafana: FakeGrafana, *, uid: str = UID, token: str = TOKEN, purse: Purse | None = None) -> GrafanaSource:
    """A source that reads through `grafana`."""
    client = HttpClient(allow_private=True, retry_post=True, sleep=lambda _: None)
    return GrafanaSource(client, grafana.url + "/", uid=uid, token=token, spend=(purse or Purse()).spend)


def test_metrics_come_through_the_proxy(grafana: FakeGrafana) -> None:
    """By uid and with POST, since the paths with a number are gone (S001-73)."""
    series = a_source(grafana).fetch(RATE, WINDOW).series
    assert series.values.size == 12
    assert (series.values > 1).all()
    assert grafana.asked == [("POST", PROXY)]


def test_where_post_is_refused_get_is_used(grafana: FakeGrafana) -> None:
    """Older versions let only reading methods through to Prometheus; it is found out once."""
    grafana.takes_post = False
    source = a_source(grafana)
    assert source.fetch(RATE, WINDOW).series == source.fetch(RATE, WINDOW).series
    assert grafana.asked == [("POST", PROXY), ("GET", PROXY), ("GET", PROXY)]


class TestBudget:
    """Grafana is shared with people; the hour holds a hundred requests (S001-130, R44)."""

    def test_every_request_is_counted(self, grafana: FakeGrafana) -> None:
        """Parts of a long window and second attempts by another method as well."""
        grafana.takes_post = False
        purse = Purse()
        long = Window(END - timedelta(seconds=11_002), END, timedelta(seconds=1))
        a_source(grafana, purse=purse).fetch(RATE, long)
        assert 100 - purse.left == len(grafana.asked) == 3

    def test_nothing_is_sent_when_it_is_spent(self, grafana: FakeGrafana) -> None:
        """The run goes on without this metric, and Grafana is left alone."""
        source = a_source(grafana, purse=Purse(0))
        with pytest.raises(BudgetSpent):
            source.fetch(RATE, WINDOW)
        with pytest.raises(BudgetSpent):
            source.probe()
        assert grafana.asked == []


class TestErrors:
    """Each failure names the setting or the permission to look at (S001-121)."""

    def test_a_wrong_token(self, grafana: FakeGrafana) -> None:
        """The token itself is not repeated (H10)."""
        with pytest.raises(SourceError, match="HTTP 401: Invalid API key; check GRAFANA_API_KEY") as caught:
            a_source(grafana, token="glsa_wrong0123456789").fetch(RATE, WINDOW)
        assert "glsa_wrong" not in str(caught.value)

    @pytest.mark.parametrize("uid", ["7", "elsewhere", "../../admin"])
    def test_a_wrong_data_source(self, grafana: FakeGrafana, uid: str) -> None:
        """Numbers were valid for years and still stand in many settings."""
        with pytest.raises(SourceError, match=r"HTTP 404: .*check GRAFANA_URL and grafana_datasource_uid"):
            a_source(grafana, uid=uid).fetch(RATE, WINDOW)
        assert grafana.asked[0][1].startswith("/api/datasources/proxy/uid/")

    def test_no_data_source(self, grafana: FakeGrafana) -> None:
        """An empty setting asks nothing."""
        with pytest.raises(SourceError, match="`neuropilot doctor` lists the data sources"):
            a_source(grafana, uid="").fetch(RATE, WINDOW)
        assert grafana.asked == []

    def test_missing_permission(self) -> None:
        """Asking again with GET would not help, so it does not."""
        message = {"message": "You'll need additional permissions to perform this action"}
        with FlakyServer(answer_json(message, 403)) as server:
            with pytest.raises(SourceError, match="permission datasources:query"):
                a_source(server).fetch(RATE, WINDOW)  # type: ignore[arg-type]
            assert len(server.asked) == 1

    def test_prometheus_behind_it_is_down(self, grafana: FakeGrafana) -> None:
        """Grafana itself is fine, so the message sends the reader to the data source."""
        grafana.prometheus_url = "http://127.0.0.1:1"
        with pytest.raises(SourceError, match="HTTP 502: Bad Gateway; Grafana cannot reach its Prometheus"):
            a_source(grafana).fetch(RATE, WINDOW)

    def test_wrong_expressions_come_through_as_from_prometheus(self, grafana: FakeGrafana) -> None:
        """The proxy passes the body on untouched."""
        with pytest.raises(SourceError, match=r"\(bad_data\).*correct the expression"):
            a_source(grafana).fetch(Query("cpu_percent", "sum("), WINDOW)

    def test_a_login_page(self) -> None:
        """Single sign-on in front of Grafana answers everything with a page."""
        with FlakyServer(flaky.web_page(200)) as server, pytest.raises(SourceError, match="no JSON but text/html"):
            a_source(server).fetch(RATE, WINDOW)  # type: ignore[arg-type]


class TestProbe:
    """What the doctor asks."""

    @pytest.mark.parametrize("may_look", [True, False])
    def test_a_healthy_grafana_gives_its_version(self, grafana: FakeGrafana, may_look: bool) -> None:  # noqa: FBT001
        """A token that may only query is enough: then a query is the proof."""
        grafana.may_look = may_look
        assert a_source(grafana).probe() == f"Grafana 13.1.0 answers, and so does its data source {UID}"

    def test_an_empty_uid_is_answered_with_the_choices(self, grafana: FakeGrafana) -> None:
        """The fix is one word, and it stands in the message."""
        with pytest.raises(SourceError, match=rf"grafana_datasource_uid is empty; this Grafana has {UID} \(Metrics\)$"):
            a_source(grafana, uid="").probe()

    def test_an_empty_uid_without_permission_to_look(self, grafana: FakeGrafana) -> None:
        """Then the message says where a person finds it."""
        grafana.may_look = False
        with pytest.raises(SourceError, match="last part of the data source's address"):
            a_source(grafana, uid="").probe()

    def test_a_wrong_token_is_found(self, grafana: FakeGrafana) -> None:
        """Grafana's own health needs no token, so it alone proves nothing."""
        with pytest.raises(SourceError, match="check GRAFANA_API_KEY"):
            a_source(grafana, token="").probe()

    def test_an_unhealthy_data_source(self) -> None:
        """Grafana says what is wrong with it."""
        unhealthy = answer_json({"status": "ERROR", "message": "connection refused"}, 400)
        with (
            FlakyServer(answer_json({"version": "13.1.0"}), unhealthy) as server,
            pytest.raises(SourceError, match="connection refused; Grafana cannot reach its Prometheus"),
        ):
            a_source(server).probe()  # type: ignore[arg-type]
