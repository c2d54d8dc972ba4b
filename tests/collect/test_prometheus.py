"""Questions to a real Prometheus, an older and a newer one: long windows, gaps, odd numbers, errors."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
import requests
from fakes import flaky
from fakes.flaky import FlakyServer, answer, answer_json

from ai_ops.collect.parts import POINTS_MAX
from ai_ops.collect.prometheus import PrometheusSource
from ai_ops.domain.errors import SourceError
from ai_ops.domain.metrics import Query, Window
from ai_ops.http_client import HttpClient, Limits
from ai_ops.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.flaky import Behaviour
    from running import RunningServer

    from ai_ops.domain.metrics import Answer

MINUTE = timedelta(minutes=1)
START = datetime(2025, 5, 1, tzinfo=UTC)
POINTS = 2 * POINTS_MAX + 100
FIRST_MINUTES = Window(datetime.fromtimestamp(0, UTC), datetime.fromtimestamp(1200, UTC))
FINE = {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {}, "values": [[0, "1"]]}]}}


def samples() -> str:
    """Fifteen days at one minute: the number of the minute, and families that go wrong in one way each."""
    times = START.timestamp() + 60 * np.arange(POINTS)
    families = {
        "minute": [("", range(POINTS))],
        "holed": [("", [None if 1000 <= n < 1200 else n for n in range(5000)])],
        "ended": [("", range(1000))],
        "odd": [("", ["NaN", "+Inf", "-Inf", "0.25", "1e308"])],
        "pair": [('{host="a"}', range(10)), ('{host="b"}', range(10)), ('{host="c"}', [1]), ('{host="d"}', [1])],
        "mover": [('{pod="x"}', range(11_000)), ('{pod="y"}', [None] * 12_000 + list(range(1000)))],
    }
    lines = [
        f"{name}{labels} {value} {time:.0f}\n"
        for name, series in families.items()
        for labels, values in series
        for value, time in zip(values, times, strict=False)
        if value is not None
    ]
    counter = [n if n < 500 else n - 500 for n in range(1000)]  # the program restarts in minute 500
    lines += ["# TYPE restarted counter\n"]
    lines += [f"restarted_total {60 * value} {time:.0f}\n" for value, time in zip(counter, times, strict=False)]
    return "".join([*lines, "# EOF\n"])


class CountingClient:
    """Passes everything on to an HttpClient and notes the parameters of each request."""

    def __init__(self) -> None:
        self._client = HttpClient(allow_private=True, retry_post=True, sleep=lambda _: None)
        self.redactor = self._client.redactor
        self.asked: list[tuple[str, dict[str, str]]] = []

    def get(self, url: str, *, params: dict[str, str], **rest: object) -> object:
        """Note and ask."""
        self.asked.append(("GET", params))
        return self._client.get(url, params=params, **rest)  # type: ignore[arg-type]

    def post(self, url: str, *, form: dict[str, str], **rest: object) -> object:
        """Note and ask."""
        self.asked.append(("POST", form))
        return self._client.post(url, form=form, **rest)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=[False, True], ids=["packaged", "newest"])
def server(request: pytest.FixtureRequest, start_prometheus: Callable[..., RunningServer]) -> RunningServer:
    """A Prometheus 2.x as Debian ships it, and the newest one (3.x)."""
    return start_prometheus(samples(), is_later=request.param)


@pytest.fixture
def client() -> CountingClient:
    """A client that counts."""
    return CountingClient()


@pytest.fixture
def source(server: RunningServer, client: CountingClient) -> PrometheusSource:
    """The source under test."""
    return PrometheusSource(client, server.url)  # type: ignore[arg-type]


def minutes(first: int, last: int) -> Window:
    """The window of the minutes `first` to before `last` after the start."""
    return Window(START + first * MINUTE, START + last * MINUTE, MINUTE)


def ask(source: PrometheusSource, expression: str, window: Window) -> Answer:
    """Ask for some metric."""
    return source.fetch(Query("cpu_percent", expression), window)


def failure(source: PrometheusSource, expression: str = "up", window: Window | None = None) -> str:
    """Say what the source says when it cannot answer."""
    with pytest.raises(SourceError) as caught:
        ask(source, expression, window or minutes(0, 10))
    return str(caught.value)


class TestWindows:
    """The window is what was asked for, however many requests that takes (S001-73)."""

    def test_the_grid_is_the_windows_and_its_end_is_not_in_it(self, source: PrometheusSource) -> None:
        """A window is half-open, Prometheus includes both ends; the point at the end belongs to the next window."""
        answer = ask(source, "minute", minutes(3, 8))
        assert answer.series.metric == "cpu_percent"
        assert answer.series.start == START + 3 * MINUTE
        np.testing.assert_array_equal(answer.series.values, [3, 4, 5, 6, 7])
        assert answer.warnings == ()

    @pytest.mark.parametrize(
        ("points", "requests"), [(1, 1), (POINTS_MAX, 1), (POINTS_MAX + 1, 2), (2 * POINTS_MAX + 1, 3)]
    )
    def test_long_windows_are_cut_and_stitched(
        self, source: PrometheusSource, client: CountingClient, points: int, requests: int
    ) -> None:
        """At the border of two parts no point is doubled and none is lost (H29)."""
        values = ask(source, "minute", minutes(0, points)).series.values
        np.testing.assert_array_equal(values, np.arange(points))
        assert len(client.asked) == requests

    def test_the_limit_is_the_servers_own(self, server: RunningServer) -> None:
        """One point more than we ask for in one part is really refused."""
        params = {"query": "minute", "start": "0", "step": "60"}
        for points, status in ((POINTS_MAX, 200), (POINTS_MAX + 1, 400)):
            url = f"{server.url}/api/v1/query_range"
            assert requests.get(url, {**params, "end": str(60 * (points - 1))}, timeout=10).status_code == status

    def test_what_is_too_heavy_at_once_is_asked_in_halves(
        self, start_prometheus: Callable[..., RunningServer], client: CountingClient
    ) -> None:
        """Eight days that the server does not compute at once are computed by halves; a day is asked no smaller."""
        served = start_prometheus(samples(), flags=["--query.max-samples=5000"])
        source = PrometheusSource(client, served.url)  # type: ignore[arg-type]
        values = ask(source, "minute", minutes(0, 8 * 1440)).series.values
        np.testing.assert_array_equal(values, np.arange(8 * 1440))
        # 11,001 points are refused, 5,500 too, 2,750 are computed; so are the 519 that are left.
        assert len(client.asked) == 1 + 2 + 4 + 1
        tiny = start_prometheus(samples(), flags=["--query.max-samples=1000"])
        text = failure(PrometheusSource(client, tiny.url), "minute", minutes(0, 1440))  # type: ignore[arg-type]
        assert "too many samples into memory" in text
        assert len(client.asked) == 8 + 1

    def test_a_step_below_a_second_is_passed_on(self, source: PrometheusSource, client: CountingClient) -> None:
        """Nothing rounds the grid."""
        window = Window(START, START + MINUTE, timedelta(seconds=7.5))
        assert ask(source, "minute", window).series.values.size == 8
        assert client.asked[0][1]["step"] == "7.5"
        assert client.asked[0][1]["end"] == str(int(START.timestamp()) + 52) + ".5"


class TestGaps:
    """What was not measured is a gap, never a number (H29)."""

    def test_a_hole_stays_a_hole(self, source: PrometheusSource) -> None:
        """Apart from the five minutes for which the server itself repeats the last value."""
        values = ask(source, "holed", minutes(900, 1300)).series.values
        assert np.isnan(values[106:300]).all()
        assert np.isfinite(values[:100]).all()
        assert np.isfinite(values[300:]).all()

    def test_what_is_no_number_is_a_gap(self, source: PrometheusSource) -> None:
        """One NaN or infinity must not become a mean."""
        values = ask(source, "odd", minutes(0, 5)).series.values
        np.testing.assert_array_equal(values, [np.nan, np.nan, np.nan, 0.25, 1e308])

    def test_division_by_nothing_is_a_gap(self, source: PrometheusSource) -> None:
        """The share of errors in a minute without requests is unknown, not zero."""
        assert np.isnan(ask(source, "0 * minute / (0 * minute)", minutes(0, 5)).series.values).all()

    def test_a_series_that_ended_is_silent(self, source: PrometheusSource) -> None:
        """Its newest value tells how old the data is."""
        newest = ask(source, "ended", minutes(900, 1200)).series.newest()
        assert newest is not None
        assert timedelta(0) <= newest - (START + 999 * MINUTE) <= 5 * MINUTE

    def test_a_counter_may_start_again(self, source: PrometheusSource) -> None:
        """A restart of the program is no negative rate (H29)."""
        values = ask(source, "rate(restarted_total[5m])", minutes(480, 520)).series.values
        assert np.isfinite(values).all()
        assert (values >= 0).all()
        assert (values < 1.5).all()


class TestErrors:
    """Each failure says what failed and what to do (S001-121)."""

    def test_no_series(self, source: PrometheusSource) -> None:
        """An empty answer is a success for Prometheus, but not for us."""
        text = failure(source, 'minute{job="wbe"}')
        assert text.startswith("no data between 2025-05-01 00:00 and 2025-05-01 00:10 UTC")
        assert "check the service's selector" in text

    def test_several_series(self, source: PrometheusSource) -> None:
        """Choosing one of them would decide on the wrong host."""
        text = failure(source, "pair", minutes(0, 1))
        assert 'several series: {__name__="pair", host="a"}, {__name__="pair", host="b"}' in text
        assert "..." in text
        assert "sum(...)" in text

    def test_one_series_after_the_other(self, source: PrometheusSource) -> None:
        """Each part of a long window may hold one series, and yet they are two."""
        assert '{__name__="mover", pod="y"}' in failure(source, "mover", minutes(0, 13_000))

    @pytest.mark.parametrize(
        ("expression", "kind"),
        [
            ("sum(", "HTTP 400 (bad_data)"),
            ('"text"', "HTTP 400 (bad_data)"),
            ("", "HTTP 400 (bad_data)"),
            ("pair * on() pair", "HTTP 422 (execution)"),
        ],
    )
    def test_wrong_expressions(self, source: PrometheusSource, expression: str, kind: str) -> None:
        """The server's own words, and where the expression stands."""
        text = failure(source, expression)
        assert kind in text
        assert "correct the expression under services in ops_config.yaml" in text

    def test_wrong_credentials(self, start_prometheus: Callable[..., RunningServer]) -> None:
        """The answer is plain text, which must not fail as bad JSON; the right word opens (H29)."""
        server = start_prometheus(samples(), users={"me": "right"})
        client = HttpClient(allow_private=True, retry_post=True)
        for auth in (None, ("me", "wrong")):
            text = failure(PrometheusSource(client, server.url, auth=auth))
            assert "HTTP 401: Unauthorized; check PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD" in text
        assert ask(PrometheusSource(client, server.url, auth=("me", "right")), "minute", minutes(0, 5))

    def test_a_server_without_any_data(self, start_prometheus: Callable[..., RunningServer]) -> None:
        """A new Prometheus answers, and has nothing to say."""
        source = PrometheusSource(HttpClient(allow_private=True), start_prometheus("").url)
        assert "no data" in failure(source)


class TestBadAnswers:
    """Servers and proxies that misbehave (H29)."""

    @staticmethod
    def said(*behaviours: Behaviour, **choices: object) -> str:
        """What the source says about such a server."""
        with FlakyServer(*behaviours) as server:
            client = HttpClient(allow_private=True, retry_post=True, sleep=lambda _: None, **choices)  # type: ignore[arg-type]
            return failure(PrometheusSource(client, server.url))

    def test_a_query_that_is_too_heavy(self) -> None:
        """A timeout on the server is no wrong expression."""
        document = {"status": "error", "errorType": "timeout", "error": "query timed out in expression evaluation"}
        text = self.said(answer_json(document, 503))
        assert "HTTP 503 (timeout): query timed out" in text
        assert "lower metrics.history_days" in text

    def test_web_pages(self) -> None:
        """A proxy's page is not repeated to the reader."""
        assert "HTTP 502: a web page instead of an API" in self.said(flaky.web_page(502))
        assert "no JSON but text/html" in self.said(flaky.web_page(200))
        assert "it is everything that stands before /api/v1" in self.said(flaky.web_page(404))

    @pytest.mark.parametrize("body", [b"", b"[]", b'"text"', b"{}", b'{"status":"success","data":{}}', b"\xff\xfe"])
    def test_nonsense(self, body: bytes) -> None:
        """Whatever it is, it becomes a gap with a reason."""
        assert self.said(answer(200, body))
        assert "HTTP 418" in self.said(answer(418, body))
        with FlakyServer(answer_json(FINE), answer(200, body)) as server, suppress(SourceError):
            PrometheusSource(HttpClient(allow_private=True), server.url).probe()

    def test_too_large(self) -> None:
        """A million series do not fit, and are not wanted."""
        assert "more than 1000 bytes" in self.said(answer(200, b" " * 2000), limits=Limits(body_max_bytes=1000))

    def test_secrets_in_an_answer(self) -> None:
        """A server may repeat the request in its error; its secrets go no further (H10)."""
        document = {"status": "error", "error": "bad header Authorization: Bearer xyz, me:canary12345"}
        text = self.said(answer_json(document, 400), redactor=Redactor(["canary12345"]))
        assert "xyz" not in text
        assert "canary" not in text

    def test_what_a_server_says_becomes_one_clean_line(self) -> None:
        """Its words reach terminals, CI logs and the ledger, and may neither steer nor flood them (H10)."""
        forged = "away\n::error::forged\x1b[2J\u202e\u2028\ud800" + "x" * 1000
        text = self.said(answer_json({"status": "error", "errorType": forged, "error": forged}, 400))
        assert text.count("away ::error::forged [2J xxx") == 2
        assert text.count("…") == 2
        assert text.endswith("correct the expression under services in ops_config.yaml")
        assert len(text) < 800
        assert text.isprintable()
        for document in ({**FINE, "data": {"resultType": forged}}, {**FINE, "data": {forged: 1}}):
            assert self.said(answer_json(document)).isprintable()
        beside = {"warnings": [f"{number}{forged}" for number in range(100)]}
        with FlakyServer(answer_json({**FINE, **beside})) as server:
            source = PrometheusSource(HttpClient(allow_private=True, retry_post=True), server.url)
            warnings = ask(source, "up", FIRST_MINUTES).warnings
        assert len(warnings) == 20
        assert all(len(warning) == 300 and warning.isprintable() for warning in warnings)
        with FlakyServer(answer_json(FINE), answer_json({"data": {"version": forged}})) as server:
            assert PrometheusSource(HttpClient(allow_private=True), server.url).probe().isprintable()

    def test_truncated_answers_are_asked_for_again(self) -> None:
        """A broken connection costs a retry, not the metric."""
        with FlakyServer(flaky.truncated, flaky.truncated_chunk, answer_json(FINE)) as server:
            client = HttpClient(allow_private=True, retry_post=True, sleep=lambda _: None)
            assert ask(PrometheusSource(client, server.url), "up", FIRST_MINUTES).series.values[0] == 1

    def test_partial_answers_are_marked(self) -> None:
        """Partial data must never tune (warnings of Prometheus and Thanos, isPartial of VictoriaMetrics)."""
        for beside in ({"warnings": ["store 2 is away"]}, {"isPartial": True}, {"infos": ["rate() of a gauge"]}):
            with FlakyServer(answer_json({**FINE, **beside})) as server:
                client = HttpClient(allow_private=True, retry_post=True)
                warnings = ask(PrometheusSource(client, server.url), "up", FIRST_MINUTES).warnings
            assert bool(warnings) == ("infos" not in beside)


class TestPost:
    """POST takes expressions of any length; where only GET is let through, GET is used."""

    def test_long_expressions_fit(self, source: PrometheusSource, client: CountingClient) -> None:
        """Selectors over hundreds of hosts are longer than any address may be."""
        long = f'minute{{host!="{"x" * 200_000}"}}'
        np.testing.assert_array_equal(ask(source, long, minutes(0, 2)).series.values, [0, 1])
        assert [method for method, _ in client.asked] == ["POST"]

    @pytest.mark.parametrize("refusal", [answer(405), answer(403, b"forbidden"), answer(403, b"<html>no</html>")])
    def test_a_proxy_that_lets_only_get_through(self, refusal: Behaviour) -> None:
        """It is found out once, not at every query."""
        with FlakyServer(refusal, answer_json(FINE)) as server:
            source = PrometheusSource(HttpClient(allow_private=True), server.url)
            ask(source, "up", FIRST_MINUTES)
            ask(source, "up", FIRST_MINUTES)
            assert [asked.method for asked in server.asked] == ["POST", "GET", "GET"]
            assert server.asked[1].path.startswith("/api/v1/query_range?query=up")

    def test_forbidden_either_way(self) -> None:
        """When GET is refused as well, it was about the credentials."""
        with FlakyServer(answer(403, b"no")) as server:
            assert "HTTP 403: no; check PROMETHEUS_USERNAME" in failure(
                PrometheusSource(HttpClient(allow_private=True), server.url)
            )


class TestProbe:
    """What the doctor asks."""

    def test_a_healthy_server_gives_its_version(self, source: PrometheusSource) -> None:
        """Which version it is explains many a difference."""
        assert source.probe().startswith(("Prometheus 2.", "Prometheus 3."))

    def test_a_server_without_build_information_is_fine(self) -> None:
        """Some compatible servers do not have it."""
        with FlakyServer(answer_json(FINE), answer(404)) as server:
            probe = PrometheusSource(HttpClient(allow_private=True), server.url).probe()
        assert probe == "Prometheus of unknown version answers"

    def test_nobody_there(self) -> None:
        """The one line that fixes it."""
        with pytest.raises(SourceError, match="Connection refused; is the address right and the server up"):
            PrometheusSource(HttpClient(allow_private=True, sleep=lambda _: None), "http://127.0.0.1:1").probe()

    def test_an_address_with_the_api_in_it_is_understood(self, server: RunningServer) -> None:
        """A common way to write it down."""
        PrometheusSource(HttpClient(allow_private=True), server.url + "/api/v1/").probe()


def test_a_bearer_token_is_sent() -> None:
    """Managed Prometheus services ask for one instead of a name and a password."""
    with FlakyServer(answer_json(FINE)) as server:
        PrometheusSource(HttpClient(allow_private=True), server.url, token="made-up").probe()
        assert server.asked[0].headers["Authorization"] == "Bearer made-up"
