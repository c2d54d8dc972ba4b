"""Which network addresses the agent may call, in whatever spelling they come."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ai_ops.domain.errors import HttpError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Where clouds hand out credentials to whoever asks from inside. No configuration allows them.
_METADATA_NETWORKS = tuple(
    ip_network(block)
    for block in (
        "169.254.0.0/16",  # link-local: AWS, Azure, Google, Oracle, ECS task roles
        "fe80::/10",  # the same for IPv6
        "fd00:ec2::/32",  # AWS, EKS pod identity
        "fd20:ce::/32",  # Google
        "fd00:c1::/32",  # Oracle
        "100.100.100.200/32",  # Alibaba
        "168.63.129.16/32",  # Azure wire server
        "192.0.0.192/32",  # Oracle classic
    )
)
_METADATA_NAMES = {"metadata.google.internal", "metadata.goog", "instance-data.ec2.internal"}
_FORBIDDEN = "\\ \t\r\n"  # read differently by different clients
_NAT64 = ip_network("64:ff9b::/96")


def resolve(host: str, port: int) -> Iterable[str]:
    """Every address that the machine knows for `host`; none when the name cannot be resolved here."""
    try:
        return {str(answer[4][0]) for answer in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return ()


def check_address(
    url: str, *, allow_private: bool = False, resolver: Callable[[str, int], Iterable[str]] = resolve
) -> None:
    """Refuse `url` before somebody else's client calls it: for SDKs, which bring their own transport.

    A name is resolved, and every answer must be allowed. A name that cannot be resolved passes: behind a proxy that
    is normal, and elsewhere the call fails by itself.

    Raises
    ------
    HttpError
        When the address is refused, or is no http address at all.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        parts, host, port = None, None, 0
    if parts is None or not host or parts.scheme not in {"http", "https"} or any(char in url for char in _FORBIDDEN):
        raise HttpError("an address to call must look like https://host/path; correct it in the settings")
    for one in (host, *resolver(host, port)):
        reason = refusal(one, allow_private=allow_private)
        if reason:
            raise HttpError(f"{host} is not called: {reason}")


def refusal(host: str, *, allow_private: bool) -> str | None:
    """Why `host` must not be called, or None when nothing speaks against it.

    Parameters
    ----------
    host
        A name, or an address in any spelling that the C library understands: `0x7f.1`, `2130706433`, `::ffff:7f00:1`.
        A name is compared with known ones; what it resolves to must be asked again, as an address.
    allow_private
        Whether loopback and private networks may be called. Metadata addresses never may.
    """
    name = host.strip("[]").rstrip(".").lower()
    if name in _METADATA_NAMES:
        return f"{host} is a cloud metadata service"
    addresses = _addresses(name)
    if any(address in network for address in addresses for network in _METADATA_NETWORKS):
        return f"{host} is a cloud metadata or link-local address"
    if not allow_private and any(address.is_multicast or not address.is_global for address in addresses):
        return f"{host} is a private address, which only a configured metric source may have"
    return None


def _addresses(host: str) -> list[IPv4Address | IPv6Address]:
    """The address that `host` spells and those wrapped inside it; empty for a name."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        try:
            return [IPv4Address(socket.inet_aton(host))]
        except (OSError, ValueError):
            return []
    if isinstance(address, IPv4Address):
        return [address]
    wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or int(address) >> 32 == 0:  # the second: the old ::a.b.c.d
        wrapped.append(IPv4Address(int(address) & 0xFFFFFFFF))
    inner = [one for one in wrapped if one is not None]
    return inner if address.ipv4_mapped else [address, *inner]
