"""What `init` reads out of a real Prometheus: one for each kind of exporter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import exporters
import pytest
import requests
from backfill import END, Service, openmetrics

from ai_ops.settings import settings_in
from ai_ops.settings.model import Settings
from ai_ops.wiring.onboard_metrics import evidence_from

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.domain.adoption import Evidence


def guessed(url: str, repository: str = "shop") -> Evidence:
    """What is concluded from the Prometheus at `url`."""
    return evidence_from(Settings.model_validate({"prometheus_url": url}), repository, END)


@pytest.fixture(scope="module")
def asked(start_prometheus):
    """Starts a Prometheus that holds these families, and asks it."""

    def ask(*families, repository: str = "shop"):
        return guessed(start_prometheus(exporters.exposition(*families)).url, repository)

    return ask


@pytest.mark.parametrize(
    ("families", "preset", "selector", "variables", "latency_ms"),
    [
        (exporters.micrometer(), "micrometer", 'application="shop"', {}, None),
        (exporters.ingress_nginx(namespace="store"), "nginx", 'ingress="shop"', {"namespace": "store"}, 500),
        (exporters.otel(), "otel_http", 'job="shop"', {}, 500),
        (exporters.kubernetes(), "kubernetes", 'service="shop"', {"namespace": "store"}, None),
        (
            exporters.cloudwatch(),
            "cloudwatch_exporter",
            'load_balancer="app/shop/50dc6c495c0c9188"',
            {"compute": 'service_name="shop"'},
            None,
        ),
        (
            exporters.cloudwatch(is_ec2=True),
            "cloudwatch_exporter",
            'load_balancer="app/shop/50dc6c495c0c9188"',
            {"compute": 'auto_scaling_group_name="shop"'},
            None,
        ),
    ],
    ids=["micrometer", "nginx", "otel_http", "kubernetes", "ecs", "ec2"],
)
def test_every_preset_is_recognised(asked, families, preset, selector, variables, latency_ms) -> None:
    """By its metric names, the label that names the service, and what answers; with a bucket that exists."""
    guess = asked(*families).guess
    assert (guess.name, guess.preset, guess.selector) == ("shop", preset, selector)
    assert guess.variables == variables
    assert guess.latency_ms == latency_ms
    assert guess.is_seen


def test_a_service_on_machines_of_its_own_is_recognised(prometheus) -> None:
    """node_exporter and the service's own histogram under one job."""
    evidence = guessed(prometheus.url)
    assert (evidence.guess.preset, evidence.guess.selector) == ("node_exporter", 'job="web"')
    assert evidence.guess.silent == ()
    assert "7 of 7 queries answer" in " ".join(evidence.words)


def test_a_guess_is_told_with_its_evidence(asked) -> None:
    """A person judges the guess by what was seen, the unanswered queries among it."""
    evidence = asked(*exporters.cloudwatch(is_ec2=True))
    words = " | ".join(evidence.words)
    assert "aws_applicationelb_request_count_sum is there" in words
    assert "requests_per_second 10" in words
    assert evidence.guess.silent == ("memory_percent",)
    assert "no answer for memory_percent" in words


def test_the_service_that_is_called_like_the_repository_is_preferred(start_prometheus) -> None:
    """Of several services one is the repository's own; the others are named."""
    day = {"days": 0.2, "end": END}
    server = start_prometheus(
        openmetrics(Service("api", **day, load=3.0), Service("shop", **day), Service("zoo", **day))
    )
    evidence = guessed(server.url)
    assert evidence.guess.selector == 'job="shop"'
    assert evidence.guess.others == ("api", "zoo")
    assert "api, zoo" in " ".join(evidence.words)


def test_the_busiest_service_is_taken_where_no_name_fits(start_prometheus) -> None:
    """A guess that is shown, and easily corrected."""
    day = {"days": 0.2, "end": END}
    server = start_prometheus(openmetrics(Service("api", **day), Service("front", **day, load=3.0)))
    assert guessed(server.url, "monorepo").guess.selector == 'job="front"'


def test_a_hostile_label_goes_no_further(asked) -> None:
    """What a scraped program calls itself must not become part of a query or of a settings file (H20)."""
    hostile = 'shop\\"}) or vector(1) #\\n$selector'
    evidence = asked(*exporters.otel(job=hostile))
    assert not evidence.guess.is_seen
    assert "vector" not in " ".join((evidence.guess.selector, evidence.guess.name, *evidence.words))


@pytest.mark.parametrize("families", [(), exporters.deployment("shop")], ids=["empty", "no requests"])
def test_a_prometheus_without_requests_says_so(start_prometheus, families) -> None:
    """No guess is better than a wrong one."""
    evidence = guessed(start_prometheus(exporters.exposition(*families)).url, "My Shop")
    assert (evidence.guess.name, evidence.guess.is_seen) == ("my-shop", False)
    assert "no series of a known exporter" in evidence.words[-1]


def test_a_prometheus_that_is_not_there_is_told() -> None:
    """The rest of the work goes on without it."""
    evidence = guessed("http://127.0.0.1:9")
    assert not evidence.guess.is_seen
    assert "asked in vain" in evidence.words[0]


def test_a_refused_password_is_told_and_not_shown(start_prometheus, tmp_path: Path) -> None:
    """What stands in the environment is used, and appears nowhere (R12)."""
    samples = exporters.exposition(*exporters.otel())
    server = start_prometheus(samples, users={"reader": "right"})
    assert requests.get(server.url, timeout=5).status_code == 401
    environment = {"PROMETHEUS_URL": server.url, "PROMETHEUS_USERNAME": "reader", "PROMETHEUS_PASSWORD": "wrong-9f31"}
    wrong = settings_in(b"", "none", root=tmp_path, environment=environment)
    told = evidence_from(wrong, "shop", END).words[0]
    assert "PROMETHEUS_PASSWORD" in told
    assert "wrong-9f31" not in told
    right = settings_in(b"", "none", root=tmp_path, environment={**environment, "PROMETHEUS_PASSWORD": "right"})
    assert evidence_from(right, "shop", END).guess.preset == "otel_http"
