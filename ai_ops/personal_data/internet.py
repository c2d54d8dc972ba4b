"""E-mail addresses, and network addresses at which a person may be found: public ones that are no server's."""

from __future__ import annotations

import re
from ipaddress import ip_address

from ai_ops.personal_data.shape import Kind, Shape

_NEAR = 48
"""How many characters before an address are looked at, to know what it is."""

_PART = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

# Addresses that somebody calls, on purpose: an operator must see which server did not answer.
_IS_SERVER = re.compile(
    r"(?:://(?:[^\s/@]{0,40}@)?\[?|(?i:connect\w{0,3} to (?:host |server at )?[\"']?)|Pool\(host=[\"'])$"
)
_IS_VERSION = re.compile(
    r"(?:(?i:\b(?:version|release|build|firmware|revision|section|ver|rev|v)[.:=\s\"'(]{0,3})|[=~<>!]=\s?"
    r"|\b[A-Z][A-Za-z]{2,20}/)$"  # Chrome/91.0.4.77
)
_IS_NETWORK = re.compile(r"(?i:\b(?:sub)?net(?:work)?\s)$")


def _is_v4_client(found: re.Match[str]) -> bool:
    address = ip_address(found["it"])
    return address.is_global and not address.is_multicast and not _is_nobodys(found)


def _is_v6_client(found: re.Match[str]) -> bool:
    try:
        address = ip_address(found["it"])
    except ValueError:
        return False
    return address.is_global and not _is_nobodys(found)


def _is_nobodys(found: re.Match[str]) -> bool:
    """Whether what stands before it says that it is a server's address, a whole network's, or a version."""
    before = found.string[max(0, found.start() - _NEAR) : found.start()]
    return any(sign.search(before) for sign in (_IS_SERVER, _IS_VERSION, _IS_NETWORK))


E_MAIL = Shape(
    Kind.E_MAIL,
    "@%",
    # git@host:path is an address of a repository, not of a person; %40 is how an address bar writes the sign.
    re.compile(r"(?<![\w.%+-])(?!git@)(?P<it>[\w.%+-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"),
)
ADDRESSES = (
    Shape(
        Kind.IP,
        ".",
        # No part of a longer row of numbers; 10.0.0.0/8 is a network, and nobody's.
        re.compile(
            rf"(?<![\w.~])(?<![A-Za-z]-)(?P<it>{_PART}(?:\.{_PART}){{3}})(?!\w|-[A-Za-z]|\.[0-9]|/[0-9]{{1,2}}(?![0-9]))"
        ),
        _is_v4_client,
    ),
    Shape(
        Kind.IP,
        ":",
        # 2000::/3 is all that is given out to people; so 14:30:00 and a hardware address are none.
        re.compile(
            r"(?<![\w:.-])(?P<it>[23][0-9A-Fa-f]{3}:(?:[0-9A-Fa-f]{0,4}:){1,6}(?:[0-9A-Fa-f]{1,4}|:))"
            r"(?!\w|-\w|:[0-9A-Fa-f:]|/[0-9]{1,3}(?![0-9]))"
        ),
        _is_v6_client,
    ),
)
