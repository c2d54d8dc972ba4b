"""The same metric of many services from a real Prometheus, a block at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import numpy as np
import pytest
from fakes.flaky import FlakyServer, answer_json
from fakes.relay import relay
from fleets import DAYS, NOW, POINTS, STEP, a_fleet, openmetrics, steady

from ai_ops.collect.fleet import NAMES, NAMES_MAX, POINTS_MAX, ROWS_MAX, Fleet, blocks, matcher
from ai_ops.collect.prometheus import prometheus_api
from ai_ops.domain.errors import DataUnavailable, SourceError, TooHeavy
from ai_ops.domain.metrics import Query, Window
from ai_ops.http_client import HttpClient, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.flaky import Behaviour, Handler
    from running import RunningServer

AWKWARD = [
    "a.b",
    "a+b",
    "aXb",
    'say "hi"',
    "back\\slash",
    "$dollar",
    "two words",
    "(x|y)",
    "ünïcode",
    "x|y",
    "line\nend",
]
LOAD = Query("load", f"avg by (service) (load{{{NAMES}}})")
WINDOW = Window(NOW - timedelta(days=DAYS), NOW, STEP)
LIMIT = b"query processing would load too many samples into memory in query execution"


@pytest.fixture(scope="module", params=[False, True], ids=["packaged", "newest"])
def server(request: pytest.FixtureRequest, start_prometheus: Callable[..., RunningServer]) -> RunningServer:
    """A Prometheus 2.x as Debian ships it, and the newest one (3.x)."""
    services = a_fleet() | {name: steady(place) for place, name in enumerate(AWKWARD)}
    return start_prometheus(openmetrics(services, extra=',env="prod"'), is_later=request.param)


def fleet(url: str, window: Window = WINDOW, **limits: int) -> Fleet:
    """The fleet that the Prometheus at `url` knows."""
    client = HttpClient(allow_private=True, retry_post=True, sleep=lambda _: None, limits=Limits(**limits))
    return Fleet(prometheus_api(client, url), "service", window)


def heavy_above(most: int, otherwise: Behaviour) -> Behaviour:
    """Refuse a query for more than `most` services the way Prometheus does."""
    document = {"status": "error", "errorType": "execution", "error": LIMIT.decode()}

    def behave(handler: Handler) -> None:
        query = parse_qs(handler.flaky.asked[-1].body.decode()).get("query", [""])[0]
        (answer_json(document, 422) if query.count("|") >= most else otherwise)(handler)

    return behave


def test_every_value_of_the_label_is_listed_once_and_sorted(server: RunningServer) -> None:
    """One request tells all names, so that no query has to find them."""
    names = fleet(server.url).names("")
    assert set(names) == {*a_fleet(), *AWKWARD}
    assert list(names) == sorted(names)


def test_a_selector_narrows_the_list(server: RunningServer) -> None:
    """A label that also names other things is cut down to the fleet."""
    assert fleet(server.url).names('env="prod",service=~"svc-.*"') == tuple(f"svc-{n:03d}" for n in range(12))
    with pytest.raises(DataUnavailable, match=r"no value on series that fit .* check scan.group_by and scan.selector"):
        fleet(server.url).names('env="moon"')


def test_a_label_that_names_requests_is_refused() -> None:
    """An explosion of labels must not become an explosion of queries and memory (H29)."""
    many = {"status": "success", "data": [str(number) for number in range(NAMES_MAX + 1)]}
    with FlakyServer(answer_json(many)) as server, pytest.raises(DataUnavailable, match="more than 100,000 values"):
        fleet(server.url).names("")


@pytest.mark.parametrize("document", [{}, {"data": None}, {"data": [1]}, []])
def test_a_list_of_names_that_is_none_is_an_error(document: object) -> None:
    """Whatever answers there, it is no crash (H29)."""
    with FlakyServer(answer_json(document)) as server, pytest.raises(SourceError, match="no list of the values"):
        fleet(server.url).names("")


def test_a_panel_has_one_row_per_name_on_the_windows_grid(server: RunningServer) -> None:
    """Rows are found by name whatever the server's order; values and gaps are those that were stored."""
    names = ("silent", "svc-003", "unheard-of", "jumped", "newborn")
    panel, warnings = fleet(server.url).panel(LOAD, names)
    assert (panel.names, panel.start, panel.step, warnings) == (names, WINDOW.start, STEP, ())
    assert panel.values.shape == (5, POINTS)
    wanted = a_fleet()
    for row, name in enumerate(names):
        stored = wanted.get(name, np.full(POINTS, np.nan))
        np.testing.assert_allclose(panel.values[row], stored, rtol=1e-9)


@pytest.mark.parametrize("name", AWKWARD)
def test_a_name_matches_itself_and_nothing_else(server: RunningServer, name: str) -> None:
    """What looks like a regular expression, or like the end of a string, is only a name."""
    panel, _ = fleet(server.url).panel(LOAD, [name, "svc-000"])
    assert np.isfinite(panel.values).all()
    np.testing.assert_allclose(panel.values[0], steady(AWKWARD.index(name)), rtol=1e-9)


def test_a_hundred_names_are_one_request() -> None:
    """A query per service would take as many round trips as there are services."""
    empty = {"status": "success", "data": {"resultType": "matrix", "result": []}}
    names = [f"{'long' * 30}-{number}" for number in range(ROWS_MAX)]
    with FlakyServer(answer_json(empty)) as server:
        panel, _ = fleet(server.url).panel(LOAD, names)
        (asked,) = server.asked
    assert asked.method == "POST"  # an address of 12,000 characters would be refused
    assert np.isnan(panel.values).all()


def test_a_long_window_is_asked_in_parts(server: RunningServer) -> None:
    """More points than the server gives at once are stitched in every row."""
    fine = Window(NOW - timedelta(days=DAYS), NOW, timedelta(seconds=20))
    panel, _ = fleet(server.url, fine).panel(LOAD, ["svc-000", "svc-001"])
    assert panel.values.shape == (2, 30 * POINTS)
    np.testing.assert_allclose(panel.values[1, ::30], steady(1), rtol=1e-9)


def test_a_block_that_is_too_much_for_the_server_is_halved(server: RunningServer) -> None:
    """Only the server knows how many series stand behind a name; twelve at once become four of three."""
    names = tuple(f"svc-{number:03d}" for number in range(12))
    with FlakyServer(heavy_above(3, relay(server.url))) as narrow:
        panel, _ = fleet(narrow.url).panel(LOAD, names)
        assert len(narrow.asked) == 1 + 2 + 4
    np.testing.assert_allclose(panel.values, [steady(number) for number in range(12)], rtol=1e-9)


@pytest.mark.parametrize(
    "words",
    [
        "query processing would load too many samples into memory in query execution",
        "cannot select more than -search.maxSamplesPerQuery=3000 samples; possible solutions: increase the",
        "(the most likely limit is -search.maxUniqueTimeseries); see",
        "the query exceeded the maximum number of series (limit: 3 series) (err-mimir-max-series-per-query). To adjust",
    ],
)
def test_each_servers_words_for_too_much_are_known(words: str) -> None:
    """Prometheus, VictoriaMetrics and Mimir say it differently; what to do about it is the same."""
    document = {"status": "error", "errorType": "execution", "error": words}
    with FlakyServer(answer_json(document, 422)) as narrow, pytest.raises(TooHeavy, match=r"ask for less of it"):
        fleet(narrow.url).panel(LOAD, ["svc-000"])


def test_the_real_limit_of_a_server_halves_a_block(start_prometheus: Callable[..., RunningServer]) -> None:
    """The words above are the server's own, whichever version it is."""
    for is_later in (False, True):
        flags = ["--query.max-samples=1500"]
        narrow = start_prometheus(openmetrics(a_fleet()), is_later=is_later, flags=flags)
        panel, _ = fleet(narrow.url).panel(LOAD, sorted(a_fleet()))
        assert np.isfinite(panel.values).any(axis=1).all()


def test_a_service_that_is_too_much_alone_is_an_error(server: RunningServer) -> None:
    """Halving ends."""
    with FlakyServer(heavy_above(0, relay(server.url))) as narrow, pytest.raises(TooHeavy, match="HTTP 422"):
        fleet(narrow.url).panel(LOAD, ["svc-000", "svc-001"])


def test_a_block_that_is_too_large_to_take_is_halved(server: RunningServer) -> None:
    """Memory is bounded by what one answer may hold, not by what a query happens to find (H29)."""
    names = tuple(f"svc-{number:03d}" for number in range(12))
    panel, _ = fleet(server.url, body_max_bytes=100_000).panel(LOAD, names)
    np.testing.assert_allclose(panel.values, [steady(number) for number in range(12)], rtol=1e-9)


@pytest.mark.parametrize(
    ("expression", "series"),
    [
        (f"load{{{NAMES}}}", "__name__"),
        (f"sum by (service, env) (load{{{NAMES}}})", "env="),
        (f"sum(load{{{NAMES}}})", "the series {}"),
        ("avg by (service) (load)", "service="),
    ],
)
def test_a_query_that_is_not_grouped_by_the_label_alone_is_an_error(
    server: RunningServer, expression: str, series: str
) -> None:
    """Two series of one service, or a series of none, must not be taken for its row."""
    with pytest.raises(SourceError, match="aggregate with `by") as caught:
        fleet(server.url).panel(Query("load", expression), ["jumped"])
    assert series in str(caught.value)


def test_warnings_come_along(server: RunningServer) -> None:
    """A partial answer is no whole one."""
    change = {"warnings": ["results truncated\n\x1b[2J", "results truncated\n\x1b[2J"]}
    with FlakyServer(relay(server.url, lambda document: document.update(change))) as partial:
        _, warnings = fleet(partial.url).panel(LOAD, ["svc-000"])
    assert warnings == ("results truncated [2J",)


@pytest.mark.parametrize(
    ("count", "points", "sizes"), [(250, 2016, [100, 100, 50]), (1, 1, [1]), (3, POINTS_MAX, [1] * 3)]
)
def test_blocks_bound_rows_and_values(count: int, points: int, sizes: list[int]) -> None:
    """Memory does not grow with the fleet, nor with the window."""
    names = [str(number) for number in range(count)]
    cut = list(blocks(names, points))
    assert [len(block) for block in cut] == sizes
    assert [name for block in cut for name in block] == names


def test_a_matcher_is_promql() -> None:
    """Escaped once for the regular expression, and once for the string around it."""
    assert matcher("service", ["a.b", 'c"']) == r'service=~"a\\.b|c\""'
