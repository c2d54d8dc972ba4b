"""What a host would make of a text: judges whether anything in it is alive that we did not put there.

Markdown is rendered with markdown-it, which does not know what GitHub adds; that is looked for in the text it leaves:
hosts look for mentions and references after rendering. The source is judged as well, because it becomes a commit
message where somebody squashes, and because e-mail shows it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_REFERENCE = r"(?:[\w.-]+/)?[\w.-]*#\d|GH-\d|https?://"
ACTIVE_ANYWHERE = (
    ("something hidden", HIDDEN),
    ("a mention", re.compile(r"@\w")),
    ("an issue", re.compile(r"#\w", re.ASCII)),
    ("an issue", re.compile(r"(?<![A-Za-z0-9])GH-\d", re.IGNORECASE)),
    (
        "a closing keyword",
        re.compile(rf"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:{_REFERENCE})", re.IGNORECASE),
    ),
    ("a switch of CI", re.compile(r"\[(?:skip|ci|no|actions)\s", re.IGNORECASE)),
)
_ACTIVE_IN_TEXT = (
    *ACTIVE_ANYWHERE,
    ("an address", re.compile(r"://|(?<![A-Za-z0-9])www\.\w", re.IGNORECASE)),
    ("an e-mail address", re.compile(r"\w@\w")),
    ("a commit", re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}(?![0-9A-Za-z])")),
    ("an advisory", re.compile(r"GHSA(?:-\w{4}){3}|CVE-\d{4}-\d")),
    ("a formula", re.compile(r"\$\S")),
    ("a picture", re.compile(r"(?<!\d):[+-]?[a-z][a-z0-9_+-]*:|(?<!\d):(?:100|1234|[+-]1):")),
)
_OURS_IN_HTML = re.compile(
    r"<!-- neuropilot(?: outcome)?: [\w.%~-]+ -->|<details><summary>[A-Z][a-z ]+</summary>|</details>"
)


def complaints(markdown: str, pictures: frozenset[str] = frozenset()) -> list[str]:
    """Say what is alive in a body or a comment, apart from `pictures` by their address; nothing when all is inert."""
    source = markdown
    for picture in pictures:
        source = source.replace(f"({picture})", "(picture)")
    found = [f"{name} in the source" for name, pattern in ACTIVE_ANYWHERE if pattern.search(_without_fences(source))]
    found += [
        f"a line that begins with {line[:20]!r}" for line in markdown.splitlines() if line.startswith(("/", "::"))
    ]
    return found + [one for token in _MARKDOWN.parse(markdown) for one in _complaints(token, pictures)]


def structure(markdown: str) -> list[str]:
    """The kinds of its blocks and spans, in order; texts left out."""
    kinds = []
    for token in _MARKDOWN.parse(markdown):
        kinds.append(f"{token.type} {token.tag} {token.info}")
        kinds += [f"- {child.type}" for child in token.children or () if child.type not in {"text", "text_special"}]
    return kinds


def _complaints(token: Token, pictures: frozenset[str]) -> Iterator[str]:
    if token.type == "html_block" and _OURS_IN_HTML.sub("", token.content).strip():
        yield f"HTML: {token.content[:60]!r}"
    text = ""
    for child in token.children or ():
        if child.type == "html_inline" and _OURS_IN_HTML.sub("", child.content).strip():
            yield f"HTML: {child.content[:60]!r}"
        if child.type == "link_open":
            yield f"a link to {child.attrs.get('href')}"
        if child.type == "image" and child.attrs["src"] not in pictures:
            yield f"a picture from {child.attrs['src']}"
        text += child.content if child.type in {"text", "text_special"} else "\x1a"  # nothing reaches across a span
    readable = text.replace("\x1a", "")
    yield from (f"{name}: {readable[:60]!r}" for name, pattern in _ACTIVE_IN_TEXT if pattern.search(readable))


def _without_fences(source: str) -> str:
    """The source without what stands between fences, which a diff may fill with `@@` and hashes of its own."""
    return re.sub(r"^(`{3,})[^\n]*\n.*?^\1$", "", source, flags=re.DOTALL | re.MULTILINE)
