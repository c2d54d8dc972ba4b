"""Foreign text as it may stand in a letter or a document: line by line, without what a reader would not see."""

from __future__ import annotations

import re

# Colours and cursors of a terminal; control characters but tab and line feed; what hides, or turns the reading
# direction; halves of characters, which nothing can send.
_UNSEEN = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    "|[\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    r"""Leave of `text` what can be seen, its tabs and its line ends.

    >>> visible("fi\u200bxes\r\n\x1b[31m1\x1b[0m")
    'fixes\n1'
    """
    return _UNSEEN.sub("", text.replace("\r\n", "\n"))
