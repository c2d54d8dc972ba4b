"""The presets for Micrometer, ingress-nginx and CloudWatch, asked of a real Prometheus that holds what they write."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import exporters
import pytest
import requests
from backfill import END

from ai_ops.settings.expressions import PresetName, presets
from ai_ops.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import RunningServer

NEWEST = END - timedelta(minutes=1)
BALANCER = 'load_balancer="app/shop/50dc6c495c0c9188"'
SELECTORS = {"micrometer": 'job="shop"', "nginx": 'ingress="shop"', "cloudwatch_exporter": BALANCER}


@pytest.fixture(scope="module")
def several(start_prometheus: Callable[..., RunningServer]) -> RunningServer:
    """All three exporters on one Prometheus, as in a company that has everything."""
    families = exporters.together(
        exporters.micrometer(),
        exporters.micrometer(job="other", application="other"),
        exporters.ingress_nginx(),
        exporters.deployment("shop-admin"),
        exporters.cloudwatch(),
    )
    return start_prometheus(exporters.exposition(*families))


def answers(server: RunningServer, preset: str, **keys: object) -> dict[str, float]:
    """What each query of a service says, where it says exactly one number."""
    wanted = {"name": "shop", "preset": preset, "selector": SELECTORS[preset], "slo": {"latency_ms": 500}} | keys
    service = Settings.model_validate({"services": [wanted]}).services[0]
    said = {query.metric: values(server, query.expression) for query in service.queries}
    if service.slo_bucket_query:
        said["slo_bucket"] = values(server, service.slo_bucket_query)
    assert all(len(found) <= 1 for found in said.values()), said
    return {metric: found[0] for metric, found in said.items() if found}


def values(server: RunningServer, expression: str) -> list[float]:
    """One number per series, when the newest sample was taken."""
    asked = {"query": expression, "time": str(NEWEST.timestamp())}
    reply = requests.get(f"{server.url}/api/v1/query", params=asked, timeout=30)
    reply.raise_for_status()
    return [float(one["value"][1]) for one in reply.json()["data"]["result"]]


def test_every_preset_can_be_chosen() -> None:
    """One that stands in the file and not in the settings would be out of reach."""
    assert set(get_args(PresetName)) == presets().keys()


def test_micrometer_says_what_spring_boot_did(several: RunningServer) -> None:
    """Without scrapes and health checks, of the heap that has a limit, through the pool of HikariCP (S001-73)."""
    assert answers(several, "micrometer") == {
        "cpu_percent": pytest.approx(42),
        "memory_percent": pytest.approx(100 * 7.2e8 / 2e9),
        "latency_p95_ms": pytest.approx(500 + 500 * 5 / 8),  # 90 % below 0.5 s, 98 % below 1 s
        "error_percent": pytest.approx(1),
        "requests_per_second": pytest.approx(10),
        "db_latency_ms": pytest.approx(12),
        "slo_good_ratio": pytest.approx(0.99 * 0.9),
        "instances": 2,
        "slo_bucket": pytest.approx(4),  # two instances, two kinds of answer
    }


def test_micrometer_writes_a_whole_second_with_its_point(several: RunningServer) -> None:
    """Java's `le` is "1.0" where Go's is "1" (R6)."""
    assert answers(several, "micrometer", slo={"latency_ms": 1000})["slo_good_ratio"] == pytest.approx(0.99 * 0.98)


def test_a_service_on_micrometer_may_be_found_by_its_tag(several: RunningServer) -> None:
    """The tag `application` is on everything that the application writes, and not on `up`."""
    assert answers(several, "micrometer", selector='application="shop"') == answers(several, "micrometer")


def test_nginx_says_what_the_ingress_saw_and_what_the_pods_behind_it_used(several: RunningServer) -> None:
    """One ingress of several; the pods of its Deployment, and of no other that is called alike (S001-73)."""
    assert answers(several, "nginx") == {
        "cpu_percent": pytest.approx(60),
        "memory_percent": pytest.approx(60),
        "latency_p95_ms": pytest.approx(500 + 500 * 5 / 8),
        "error_percent": pytest.approx(1),
        "requests_per_second": pytest.approx(10),
        "slo_good_ratio": pytest.approx(0.99 * 0.9),
        "instances": 2,
        "instances_desired": 3,
        "slo_bucket": 2,
    }


def test_the_controller_has_no_bucket_at_the_usual_promise(several: RunningServer) -> None:
    """400 ms is none of the ten: unknown, and `doctor` says so (R6)."""
    usual = answers(several, "nginx", slo={"latency_ms": 400})
    assert usual.keys() & {"slo_good_ratio", "slo_bucket"} == set()


def test_cloudwatch_says_what_amazon_counted(several: RunningServer) -> None:
    """Of a load balancer, and of the ECS service behind it; the SLI knows no latency (S001-73)."""
    assert answers(several, "cloudwatch_exporter") == {
        "cpu_percent": 55,
        "memory_percent": 61,
        "latency_p95_ms": pytest.approx(310),
        "error_percent": pytest.approx(1),
        "requests_per_second": pytest.approx(10),
        "slo_good_ratio": pytest.approx(0.99),
        "instances": 4,
        "instances_desired": 5,
    }


def test_cloudwatch_is_silent_about_zero(start_prometheus: Callable[..., RunningServer]) -> None:
    """No failure is no series: that is 0 %, and EC2 instead of ECS is found by its group."""
    samples = exporters.exposition(*exporters.cloudwatch(has_failures=False, is_ec2=True))
    said = answers(
        start_prometheus(samples), "cloudwatch_exporter", variables={"compute": 'auto_scaling_group_name="$service"'}
    )
    assert (said["error_percent"], said["slo_good_ratio"]) == (0, 1)
    assert (said["cpu_percent"], said["instances"], said["instances_desired"]) == (55, 4, 5)
    assert "memory_percent" not in said


@pytest.mark.parametrize("preset", SELECTORS)
def test_a_service_that_is_not_there_is_unknown(several: RunningServer, preset: str) -> None:
    """A selector that matches nothing must not read as 0 errors."""
    gone = SELECTORS[preset].replace("shop", "gone")
    variables = {"workload": "gone"} if preset == "nginx" else {}
    assert answers(several, preset, name="gone", selector=gone, variables=variables) == {}


@pytest.mark.parametrize(
    ("preset", "group", "value"),
    [
        ("micrometer", "job", "shop"),
        ("nginx", "ingress", "shop"),
        ("cloudwatch_exporter", "load_balancer", "app/shop/50dc6c495c0c9188"),
    ],
)
def test_a_scan_says_of_a_service_what_its_own_queries_say(
    several: RunningServer, preset: str, group: str, value: str
) -> None:
    """The scan and the cycle must not disagree about the same service."""
    alone = answers(several, preset)
    scan = Settings.model_validate({"scan": {"preset": preset}}).scan
    for query in scan.queries(group, f'{group}=~"{value}"'):
        found = values(several, query.expression)
        if query.metric in {"latency_p95_ms", "error_percent", "requests_per_second"} or preset == "micrometer":
            assert found == [pytest.approx(alone[query.metric])]
        else:
            assert found == []
