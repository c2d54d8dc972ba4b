"""An address is judged by where it leads, not by how it is spelled."""

from __future__ import annotations

import pytest

from ai_ops.addresses import check_address, refusal
from ai_ops.domain.errors import HttpError

METADATA = [
    "169.254.169.254",
    "169.254.170.2",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "::ffff:169.254.169.254",
    "::a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "[fe80::1%eth0]",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "metadata.google.internal.",
    "METADATA.google.INTERNAL",
]
PRIVATE = ["127.0.0.1", "127.1", "0", "10.1.2.3", "192.168.0.1", "100.64.0.1", "::1", "::", "fd12::1", "224.0.0.1"]
PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "example.org", "prometheus"]


@pytest.mark.parametrize("host", METADATA)
@pytest.mark.parametrize("allow_private", [True, False])
def test_metadata_addresses_are_refused_in_every_spelling(host: str, allow_private: bool) -> None:  # noqa: FBT001
    """No permission opens the service that gives away the machine's credentials (H30)."""
    assert "metadata" in str(refusal(host, allow_private=allow_private))


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_need_permission(host: str) -> None:
    """A Prometheus in the same network is normal, an address from data inside it is not (H30)."""
    assert "private" in str(refusal(host, allow_private=False))
    assert refusal(host, allow_private=True) is None


@pytest.mark.parametrize("host", PUBLIC)
def test_all_others_are_allowed(host: str) -> None:
    """A name is not judged before it is resolved."""
    assert refusal(host, allow_private=False) is None


@pytest.mark.parametrize("answers", [["8.8.8.8", "10.0.0.1"], ["169.254.169.254"], ["::ffff:7f00:1"]])
def test_every_answer_of_the_name_service_counts(answers: list[str]) -> None:
    """One public answer among private ones does not make a name harmless (H30)."""
    with pytest.raises(HttpError, match=r"hooks\.example\.org is not called"):
        check_address("https://hooks.example.org/x", resolver=lambda _host, _port: answers)


def test_a_name_that_nobody_knows_passes() -> None:
    """Behind a proxy only the proxy resolves names; without one the call fails by itself."""
    check_address("https://hooks.example.org/x", resolver=lambda _host, _port: [])


def test_the_machines_own_names_are_resolved() -> None:
    """Without a resolver of its own the check asks the system."""
    with pytest.raises(HttpError, match="private"):
        check_address("https://localhost/x")
    check_address("https://localhost/x", allow_private=True)


@pytest.mark.parametrize(
    "url",
    ["hooks.slack.com", "ftp://h/", "http://", "https://h:x/", "http://[::1", "https://good\\@evil/", "http://a b/"],
)
def test_what_clients_read_differently_is_refused(url: str) -> None:
    """The SDK must not see another host than the check did; the secret path stays out of the error (H10)."""
    with pytest.raises(HttpError, match="must look like https://host/path") as caught:
        check_address(url)
    assert url not in str(caught.value)
