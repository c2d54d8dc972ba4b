"""Foreign text for places that make links and mentions of what looks like one, as mail programs and chats do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ai_ops.markdown import FARTHEST, LONGEST_LINE, defused, one_visible_line

if TYPE_CHECKING:
    from collections.abc import Callable

_ADDRESS = re.compile(r"https?://[\w.-]+(?::\d{1,5})?(?:/[\w./~%?=&+,#-]*)?", re.ASCII)
_DOLLAR_MEANWHILE = "¤"


def plain(text: str, redact: Callable[[str], str] = str, longest: int = LONGEST_LINE) -> str:
    """One visible line in which nothing is a link, a mention or a secret; a dollar keeps its sign.

    Parameters
    ----------
    redact
        Takes secrets out of a text; applied when nothing hides them any more, and before anything is cut.

    >>> plain("28.40 $, thanks @ops, see https://evil.example")
    '28.40 $, thanks (at)ops, see https: //evil.example'
    """
    line = redact(one_visible_line(text[:FARTHEST]))
    return defused(line.replace("$", _DOLLAR_MEANWHILE), longest).replace(_DOLLAR_MEANWHILE, "$")


def linkable(address: str, redact: Callable[[str], str] = str) -> str:
    """The address where it is a plain web address without a secret; else "".

    >>> linkable("https://github.com/acme/shop/pull/12"), linkable("javascript:alert(1)")
    ('https://github.com/acme/shop/pull/12', '')
    """
    return address if _ADDRESS.fullmatch(address) and redact(address) == address else ""
