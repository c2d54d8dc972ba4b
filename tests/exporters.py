"""What well-known exporters write, as OpenMetrics text: their real names and labels, with values that are made up.

Each service answers 600 requests a minute, 6 of them with a 5xx, three in four within 0.25 s, nine in ten within 0.5 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from backfill import END

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

MINUTES = 40
GOOD, FAILED = 594.0, 6.0  # a minute
SHARES = {"0.05": 0.2, "0.1": 0.5, "0.25": 0.75, "0.4": 0.85, "0.5": 0.9, "1": 0.98, "2.5": 1.0, "+Inf": 1.0}
"""Of each minute's requests, how many were as fast as this (seconds)."""


class Line(NamedTuple):
    """One series: it begins at `first` and grows by `each_minute`."""

    name: str
    labels: str
    first: float
    each_minute: float = 0.0


Family = tuple[str, str, list[Line]]
"""Name, kind and series of one metric family."""


def exposition(*families: Family, end: datetime = END) -> str:
    """All samples of `MINUTES` minutes, the newest one a minute before `end`."""
    return "".join([*(line for family in families for line in _lines(family, end)), "# EOF\n"])


def micrometer(job: str = "shop", application: str = "shop") -> tuple[Family, ...]:
    """Spring Boot 3 with the G1 collector, HikariCP and a histogram with buckets of its own, two instances."""
    common = f'application="{application}",job="{job}"'
    each = [f'{common},instance="10.0.0.{number}:8080"' for number in (1, 2)]
    requests = {
        f'{one},error="none",exception="none",method="GET",outcome="{outcome}",status="{status}",uri="{uri}"': count / 2
        for one in each
        for outcome, status, uri, count in (
            ("SUCCESS", "200", "/orders/{id}", GOOD),
            ("SERVER_ERROR", "503", "/orders/{id}", FAILED),
            ("SUCCESS", "200", "/actuator/prometheus", 40.0),
        )
    }
    pools = {"G1 Eden Space": (3e8, -1), "G1 Survivor Space": (2e7, -1), "G1 Old Gen": (4e8, 2e9)}
    memory = [(f'{one},area="heap",id="{pool}"', used, most) for one in each for pool, (used, most) in pools.items()]
    beside = [(f'{one},area="nonheap",id="Metaspace"', 9e7, -1) for one in each]
    pool = [f'{one},pool="HikariPool-1"' for one in each]
    return (
        _histogram("http_server_requests_seconds", requests, ".0"),
        _gauge("process_cpu_usage", dict.fromkeys(each, 0.42)),
        _gauge("system_cpu_usage", dict.fromkeys(each, 0.9)),
        _gauge("jvm_memory_used_bytes", {labels: used for labels, used, _ in (*memory, *beside)}),
        _gauge("jvm_memory_max_bytes", {labels: most for labels, _, most in (*memory, *beside)}),
        (
            "hikaricp_connections_usage_seconds",
            "summary",
            [
                line
                for one in pool
                for line in (
                    Line("hikaricp_connections_usage_seconds_count", one, 0, 900),
                    Line("hikaricp_connections_usage_seconds_sum", one, 0, 900 * 0.012),
                )
            ],
        ),
        _gauge("up", {f'job="{job}",instance="10.0.0.{number}:8080"': 1 for number in (1, 2)}),
    )


def ingress_nginx(ingress: str = "shop", namespace: str = "default") -> tuple[Family, ...]:
    """The ingress-nginx controller, scraped as its Helm chart has it, with the pods behind it; and another ingress."""
    controller = (
        'controller_class="k8s.io/ingress-nginx",controller_namespace="ingress-nginx",'
        'controller_pod="ingress-nginx-controller-7c489dc7b7-ccrf6",namespace="ingress-nginx",job="ingress-nginx"'
    )
    requests = {
        f'canary="",{controller},exported_namespace="{namespace}",host="{one}.example.org",ingress="{one}",'
        f'exported_service="{one}",method="GET",path="/",status="{status}"': count * factor
        for one, factor in ((ingress, 1.0), ("blog", 0.1))
        for status, count in (("200", GOOD), ("502", FAILED))
    }
    buckets = _histogram("nginx_ingress_controller_request_duration_seconds", requests, without=("0.4",))
    return (buckets, *deployment(ingress, namespace))


def deployment(workload: str, namespace: str = "default") -> tuple[Family, ...]:
    """A Deployment of two pods as cAdvisor and kube-state-metrics see it."""
    pods = [f'namespace="{namespace}",pod="{workload}-7c489dc7b7-{end}",container="app"' for end in ("ccrf6", "x2k4z")]
    asked = {
        f'{pod},resource="{what}",unit="{unit}",job="kube-state-metrics"': amount
        for pod in pods
        for what, unit, amount in (("cpu", "core", 0.5), ("memory", "byte", 1e9))
    }
    here = f'namespace="{namespace}",deployment="{workload}",job="kube-state-metrics"'
    return (
        (
            "container_cpu_usage_seconds",
            "counter",
            [Line("container_cpu_usage_seconds_total", f'{pod},job="kubelet"', 0, 18) for pod in pods],
        ),
        _gauge("container_memory_working_set_bytes", {f'{pod},job="kubelet"': 6e8 for pod in pods}),
        _gauge("kube_pod_container_resource_requests", asked),
        _gauge("kube_deployment_status_replicas_ready", {here: 2}),
        _gauge("kube_deployment_spec_replicas", {here: 3}),
    )


def cloudwatch(*, has_failures: bool = True, is_ec2: bool = False) -> tuple[Family, ...]:
    """The cloudwatch_exporter: every Sum is a gauge that counts one minute, and a Sum of zero is not there at all."""
    balancer = 'exported_job="aws_applicationelb",job="cloudwatch",load_balancer="app/shop/50dc6c495c0c9188"'
    counts = {"request_count": GOOD + FAILED}
    if has_failures:
        counts |= {"httpcode_target_5_xx_count": FAILED - 1, "httpcode_elb_5_xx_count": 1.0}
    behind = _auto_scaling_group() if is_ec2 else _ecs_service()
    sums = (_gauge(f"aws_applicationelb_{name}_sum", {balancer: count}) for name, count in counts.items())
    return (*sums, _gauge("aws_applicationelb_target_response_time_p95", {balancer: 0.31}), *behind)


def otel(job: str = "shop") -> tuple[Family, ...]:
    """OpenTelemetry's HTTP server metrics and host metrics, as its exporter for Prometheus writes them."""
    requests = {
        f'job="{job}",http_request_method="GET",http_route="/orders",http_response_status_code="{status}"': count
        for status, count in (("200", GOOD), ("500", FAILED))
    }
    states = {f'job="{job}",cpu="cpu0",state="{state}"': share for state, share in (("idle", 36.0), ("user", 24.0))}
    return (
        _histogram("http_server_request_duration_seconds", requests, without=("0.4",)),
        (
            "system_cpu_time_seconds",
            "counter",
            [Line("system_cpu_time_seconds_total", labels, 0, share) for labels, share in states.items()],
        ),
        _gauge("system_memory_usage_bytes", {f'job="{job}",state="{one}"': 1e9 for one in ("used", "free")}),
        _gauge("target_info", {f'job="{job}",instance="10.0.0.{number}:8080",version="2"': 1 for number in (1, 2)}),
    )


def kubernetes(service: str = "shop", namespace: str = "store") -> tuple[Family, ...]:
    """A service that measures itself with a Prometheus client, found by a ServiceMonitor; nodes with node_exporter."""
    requests = {
        f'job="{service}",namespace="{namespace}",service="{service}",pod="{service}-7c48-ccrf6",code="{code}"': count
        for code, count in (("200", GOOD), ("503", FAILED))
    }
    nodes = {f'job="node-exporter",instance="10.1.0.1:9100",cpu="0",mode="{mode}"': 30.0 for mode in ("idle", "user")}
    return (
        _histogram("http_request_duration_seconds", requests),
        (
            "node_cpu_seconds",
            "counter",
            [Line("node_cpu_seconds_total", one, 0, grown) for one, grown in nodes.items()],
        ),
        *deployment(service, namespace),
    )


def _ecs_service() -> tuple[Family, ...]:
    service = 'cluster_name="production",service_name="shop",job="cloudwatch"'
    return (
        _gauge("aws_ecs_cpuutilization_average", {service: 55.0}),
        _gauge("aws_ecs_memory_utilization_average", {service: 61.0}),
        _gauge("ecs_containerinsights_running_task_count_average", {service: 4.0}),
        _gauge("ecs_containerinsights_desired_task_count_average", {service: 5.0}),
    )


def _auto_scaling_group() -> tuple[Family, ...]:
    group = 'auto_scaling_group_name="shop",job="cloudwatch"'
    return (
        _gauge("aws_ec2_cpuutilization_average", {group: 55.0}),
        _gauge("aws_autoscaling_group_in_service_instances_average", {group: 4.0}),
        _gauge("aws_autoscaling_group_desired_capacity_average", {group: 5.0}),
    )


def _gauge(name: str, values: dict[str, float]) -> Family:
    return name, "gauge", [Line(name, labels, value) for labels, value in values.items()]


def _histogram(name: str, counts: dict[str, float], end: str = "", without: tuple[str, ...] = ()) -> Family:
    """A histogram of `counts` requests a minute; a whole number in a label `le` ends in `end`, as Java writes it."""
    bounds = {f"{one}{end}" if one.isdigit() else one: share for one, share in SHARES.items() if one not in without}
    lines = [
        line
        for labels, count in counts.items()
        for line in (
            *(Line(f"{name}_bucket", f'{labels},le="{le}"', 0, count * share) for le, share in bounds.items()),
            Line(f"{name}_sum", labels, 0, count * 0.2),
            Line(f"{name}_count", labels, 0, count),
        )
    ]
    return name, "histogram", lines


def _lines(family: Family, end: datetime) -> Iterator[str]:
    name, kind, series = family
    yield f"# TYPE {name} {kind}\n"
    for minute in range(MINUTES):
        at = end.timestamp() - 60 * (MINUTES - minute)
        for one in series:
            yield f"{one.name}{{{one.labels}}} {one.first + minute * one.each_minute:.10g} {at:.3f}\n"


def together(*services: Iterable[Family]) -> tuple[Family, ...]:
    """Families of several exporters on one Prometheus: those of one name belong together."""
    merged: dict[tuple[str, str], list[Line]] = {}
    for name, kind, series in (family for service in services for family in service):
        merged.setdefault((name, kind), []).extend(series)
    return tuple((name, kind, series) for (name, kind), series in merged.items())
