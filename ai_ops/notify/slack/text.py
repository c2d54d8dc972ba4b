"""Text for Slack: on one line, within a limit, and with nothing in it that Slack would act upon."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.message import Message

ADDRESS_MAX = 1000

# Control characters, and those that hide or turn the reading direction: a card shows its text in the order it was
# written. The joiners within emoji and words stay.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
_HALF_AN_ENTITY = re.compile(r"&[a-z]{0,3}$")

# Nothing in these could end a link, or show another name.
_PLAIN = re.compile(r"https?://[A-Za-z0-9._~:/%-]{1,500}")
_PLAIN_HTTPS = re.compile(r"https://[A-Za-z0-9.-]{1,250}(?::\d{1,5})?(?:/[A-Za-z0-9._~:/%?=&+,;#-]{0,500})?")


def readable(text: str) -> str:
    """Put any text on one line of characters that can be sent and shown."""
    sendable = text.encode("utf-8", "replace").decode()
    return " ".join(_UNSHOWABLE.sub("", sendable).split())


def defused(text: str) -> str:
    """Take from Slack everything it would turn into a mention, a link, a command, or a frame around what follows."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("@", "@\u200b").replace("``", "`\u200b`")


def cut(text: str, limit: int) -> str:
    """Keep at most `limit` characters, and no half of an entity such as `&amp;`.

    >>> cut("fish &amp; chips", 9)
    'fish …'
    """
    if len(text) <= limit:
        return text
    return _HALF_AN_ENTITY.sub("", text[: limit - 1]) + "…"


def is_plain_https(address: str) -> bool:
    """Whether a person may be led there."""
    return _PLAIN_HTTPS.fullmatch(address) is not None


def linked(address: str, label: str) -> str:
    """Write a link to a plain https address; "" for any other, and for one that is longer than a line may be."""
    escaped = address.replace("&", "&amp;")
    return f"<{escaped}|{label}>" if is_plain_https(address) and len(escaped) <= ADDRESS_MAX else ""


def review_link(address: str) -> str:
    """Write the link to a pull request; its host may be one of the team's own, without https."""
    return f"<{address}|Review the pull request>" if _PLAIN.fullmatch(address) else ""


def when(message: Message) -> str:
    """When it was made, to be written behind its key; "" where nobody said."""
    return f" · {message.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if message.at else ""


def bullets(lines: Sequence[str]) -> str:
    """One line each; an empty one is a space between the others."""
    return "\n".join(f"• {line}" if line else "" for line in lines)
