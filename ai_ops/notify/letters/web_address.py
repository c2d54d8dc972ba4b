"""Addresses that a person may be led to."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~:/%?=&+,;@-]{0,1900})?")


def is_web_address(text: str) -> bool:
    """Whether it is a web address without a name or password in it, and without letters that could deceive.

    >>> is_web_address("https://github.com/acme/shop/pull/7"), is_web_address("javascript:alert(1)")
    (True, False)
    """
    return _PLAIN.fullmatch(text) is not None
