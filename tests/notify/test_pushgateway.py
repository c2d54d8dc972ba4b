"""Pushing to a real Pushgateway, and to what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from fakes import flaky
from fakes.flaky import FlakyServer, answer
from vitals import failed_vitals, some_vitals

from ai_ops.domain.errors import NotifyError
from ai_ops.http_client import Deadline, HttpClient, Limits
from ai_ops.notify.watchers.own_metrics import registry_of
from ai_ops.notify.watchers.pushgateway import push

if TYPE_CHECKING:
    from running import RunningServer

    from ai_ops.domain.vitals import Vitals

GROUP = {"instance": "acme/shop", "service": "web"}


def a_client(seconds: float = 10) -> HttpClient:
    """A client that does not wait long."""
    limits = Limits(connect_seconds=1, read_seconds=1, retries=2)
    return HttpClient(
        allow_private=True, retry_post=True, deadline=Deadline(seconds), limits=limits, sleep=lambda _: None
    )


def told(url: str, vitals: Vitals, *, service: str = "web", seconds: float = 10) -> None:
    """Push as a run does."""
    group = GROUP | {"service": service}
    push(a_client(seconds), url, registry_of(vitals), group=group, is_whole=vitals.is_whole)


def groups(server: RunningServer) -> dict[str, dict[str, object]]:
    """By service, what the Pushgateway holds."""
    listed = requests.get(f"{server.url}/api/v1/metrics", timeout=10).json()["data"]
    return {group["labels"]["service"]: group for group in listed}


def value(server: RunningServer, name: str, service: str = "web") -> float:
    """The one figure of a metric without labels of its own."""
    (metric,) = groups(server)[service][name]["metrics"]  # type: ignore[index]
    return float(metric["value"])


def test_a_group_per_service_and_repository(pushgateway: RunningServer) -> None:
    """Labels tell the agents of many teams and services apart, a slash in the name of a repository as well."""
    told(pushgateway.url + "/", some_vitals())
    told(pushgateway.url, some_vitals(seconds=3.5), service="api")
    assert groups(pushgateway)["web"]["labels"] == {"job": "neuropilot", **GROUP}
    assert value(pushgateway, "neuropilot_run_duration_seconds") == 12.5
    assert value(pushgateway, "neuropilot_run_duration_seconds", "api") == 3.5


def test_a_run_that_went_well_replaces_all(pushgateway: RunningServer) -> None:
    """What is no longer measured does not live on as an old figure."""
    told(pushgateway.url, some_vitals())
    told(pushgateway.url, some_vitals(live_changes=None))
    assert "neuropilot_live_changes" not in groups(pushgateway)["web"]


def test_a_run_that_failed_leaves_what_was_known(pushgateway: RunningServer) -> None:
    """When the last success was, only the gateway knows."""
    told(pushgateway.url, some_vitals())
    before = value(pushgateway, "neuropilot_last_success_timestamp_seconds")
    told(pushgateway.url, failed_vitals(4))
    assert value(pushgateway, "neuropilot_run_exit_code") == 4
    assert value(pushgateway, "neuropilot_last_success_timestamp_seconds") == before
    assert value(pushgateway, "neuropilot_burn_ratio") == 0.6


def test_the_first_run_may_fail(pushgateway: RunningServer) -> None:
    """Then there is no success to speak of."""
    told(pushgateway.url, failed_vitals())
    assert "neuropilot_last_success_timestamp_seconds" not in groups(pushgateway)["web"]


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (answer(404), "check PUSHGATEWAY_URL"),
        (answer(405), "no Pushgateway"),
        (answer(400), "contradicts"),
        (answer(500), "HTTP 500"),
        (flaky.reset, "PUT"),
        (flaky.silent, "no whole answer within 1 s"),
    ],
    ids=["elsewhere", "a web server", "contradiction", "error", "reset", "hangs"],
)
def test_what_is_no_pushgateway(trouble: flaky.Behaviour, words: str) -> None:
    """One error that says what to do, in time."""
    with FlakyServer(trouble) as server, pytest.raises(NotifyError, match=words):
        told(server.url, some_vitals(), seconds=1)


def test_an_error_that_passes_is_tried_again() -> None:
    """Putting the same in the same place twice does no harm."""
    with FlakyServer(answer(503), answer(200)) as server:
        told(server.url, some_vitals())
        assert [one.method for one in server.asked] == ["PUT", "PUT"]


def test_a_metadata_address_is_never_told() -> None:
    """A setting of somebody else's making leads nowhere (H30)."""
    with pytest.raises(NotifyError, match="metadata"):
        told("http://169.254.169.254", some_vitals())
