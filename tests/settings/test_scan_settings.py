"""The section `scan`: grouped queries, ready to be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from backfill import END, Service, openmetrics

from ai_ops.settings.expressions import presets
from ai_ops.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import RunningServer

    from ai_ops.settings.scan import ScanSettings

PRESETS = sorted(presets().keys() - {"none"})


def scan(**keys: object) -> ScanSettings:
    """The section with these keys."""
    return Settings.model_validate({"scan": keys}).scan


def asked(settings: ScanSettings, group: str = "service", block: str = 'service=~"a|b"') -> dict[str, str]:
    """Expressions by metric."""
    return {query.metric: query.expression for query in settings.queries(group, block)}


def test_a_query_takes_the_label_the_block_and_the_selector() -> None:
    """An operator writes it once, and the scan asks it block by block."""
    mine = scan(
        preset="none", selector='env="$env"', variables={"env": "prod"}, metrics={"q": "max by ($group) (q{$selector})"}
    )
    assert asked(mine) == {"q": 'max by (service) (q{service=~"a|b",env="prod"})'}
    assert mine.filled_selector == 'env="prod"'


def test_names_may_stand_behind_names() -> None:
    """A variable that holds $selector is as good as $selector itself."""
    mine = scan(preset="none", variables={"hosts": "$selector"}, metrics={"q": "max by ($group) (q{$hosts})"})
    assert asked(mine) == {"q": 'max by (service) (q{service=~"a|b"})'}


def test_an_own_query_wins_over_the_preset_and_an_empty_one_removes_it() -> None:
    """As in the queries of a service."""
    before = asked(scan())
    after = asked(scan(metrics={"cpu_percent": "avg by ($group) (cpu{$selector})", "memory_percent": ""}))
    assert after["cpu_percent"] == 'avg by (service) (cpu{service=~"a|b"})'
    assert before.keys() - after.keys() == {"memory_percent"}
    assert scan(metrics={"memory_percent": ""}).metrics == tuple(after)


def test_the_window_of_a_rate_can_be_chosen() -> None:
    """A slow scrape needs a longer one."""
    assert "[10m]" in asked(scan())["requests_per_second"]
    assert "[1h]" in asked(scan(variables={"window": "1h"}))["requests_per_second"]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_asks_for_the_same_metrics(preset: str) -> None:
    """Whoever changes the exporter finds the list that the documents promise."""
    metrics = {"cpu_percent", "memory_percent", "latency_p95_ms", "error_percent", "requests_per_second"}
    assert set(scan(preset=preset).metrics) == metrics
    assert not any("$" in expression for expression in asked(scan(preset=preset)).values())


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("selector", ["", 'env="prod"'])
def test_prometheus_can_read_every_grouped_query(prometheus: RunningServer, preset: str, selector: str) -> None:
    """A preset with a typing error would be a gap on every scan, for everybody."""
    for expression in asked(scan(preset=preset, selector=selector)).values():
        reply = requests.post(f"{prometheus.url}/api/v1/format_query", data={"query": expression}, timeout=30)
        assert reply.json()["status"] == "success", reply.text


def test_a_grouped_query_says_of_each_service_what_its_own_query_says(
    start_prometheus: Callable[..., RunningServer],
) -> None:
    """The scan and the cycle must not disagree about the same service."""
    day = {"days": 0.2, "end": END}
    server = start_prometheus(openmetrics(Service("web", **day), Service("api", **day, load=3.0, errors=50.0)))
    grouped = asked(scan(), "job", 'job=~"web|api"')
    for job in ("web", "api"):
        service = Settings.model_validate({"services": [{"name": job}]}).services[0]
        for query in service.queries:
            if query.metric in grouped and query.metric != "memory_percent":  # a mean of hosts there, of bytes here
                (alone,) = values(server, query.expression).values()
                together = values(server, grouped[query.metric])
                assert together.keys() == {"web", "api"}
                assert together[job] == pytest.approx(alone)


def values(server: RunningServer, expression: str) -> dict[str, float]:
    """What `server` answers at the end of its data, by job."""
    reply = requests.get(f"{server.url}/api/v1/query", {"query": expression, "time": END.timestamp() - 60}, timeout=30)
    return {one["metric"].get("job", ""): float(one["value"][1]) for one in reply.json()["data"]["result"]}
