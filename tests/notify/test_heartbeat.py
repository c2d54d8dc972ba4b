"""The heartbeat: called once, told apart from silence, and its address stays a secret."""

from __future__ import annotations

import pytest
from fakes import flaky
from fakes.flaky import FlakyServer, answer, redirect

from ai_ops.domain.errors import NotifyError
from ai_ops.http_client import Deadline, HttpClient, Limits
from ai_ops.notify.watchers.heartbeat import beat, without_paths

SECRET = "4f2a11c0-made-up"


def a_client() -> HttpClient:
    """A client that waits a second."""
    limits = Limits(connect_seconds=1, read_seconds=1, retries=1)
    return HttpClient(
        allow_private=True, deadline=Deadline(1), limits=limits, redactor=without_paths, sleep=lambda _: None
    )


def test_the_address_is_called_as_it_stands() -> None:
    """Services tell their checks apart by the path, or by what stands behind the question mark."""
    with FlakyServer(answer(200, b"OK")) as server:
        beat(a_client(), f"{server.url}/{SECRET}?run=1")
        assert [(one.method, one.path) for one in server.asked] == [("GET", f"/{SECRET}?run=1")]


@pytest.mark.parametrize(
    "trouble",
    [answer(404), answer(410), answer(500), redirect(f"https://elsewhere.example/{SECRET}"), flaky.reset, flaky.silent],
    ids=["no such check", "gone", "error", "redirected", "reset", "hangs"],
)
def test_a_heartbeat_that_nobody_took_is_an_error_without_the_address(trouble: flaky.Behaviour) -> None:
    """Whoever knows the address can pretend that the agent is alive."""
    with FlakyServer(trouble) as server, pytest.raises(NotifyError) as caught:
        beat(a_client(), f"{server.url}/ping/{SECRET}")
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.__cause__)


def test_a_metadata_address_is_never_called() -> None:
    """A setting of somebody else's making leads nowhere (H30)."""
    with pytest.raises(NotifyError, match="metadata"):
        beat(a_client(), "http://169.254.169.254/latest/meta-data")


@pytest.mark.parametrize(
    "address",
    [f"https://ping.example/{SECRET}", f"HTTPS://PING.example/a/{SECRET}?x=y", f"https://p.example?key={SECRET}"],
)
def test_of_an_address_only_the_server_is_said(address: str) -> None:
    """In any spelling: a client may have changed the one that the settings hold."""
    said = without_paths(f"GET {address.replace('HTTPS', 'https')}: refused")
    assert SECRET not in said
    assert said.endswith(": refused")
