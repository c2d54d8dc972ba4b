"""A message's key where a service takes only a short one."""

from __future__ import annotations

from hashlib import sha256

from ai_ops.markdown import one_visible_line

_DIGITS = 16


def short_key(key: str, longest: int) -> str:
    """`key` itself where it is a plain line of at most `longest` characters; else its beginning and a digest of it.

    >>> short_key("web-20261120T06Z", 40)
    'web-20261120T06Z'
    >>> short_key("web" * 20, 24)
    'webwebw-5102f7e77e24ffb7'
    """
    line = one_visible_line(key)
    if line and line == key and len(key) <= longest:
        return key
    digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"{line[: longest - _DIGITS - 1]}-{digest}"
