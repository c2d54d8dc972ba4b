"""Lines by which bodies and comments of ours, and commits that were made of them, are found again."""

from __future__ import annotations

import re
from urllib.parse import unquote

from ai_ops.apply.command_line import command_about
from ai_ops.markdown import defused

CLOSED_MARKER = "<!-- neuropilot closed -->"
"""First line of the comment that says why the agent closed its own request."""

_LONGEST = 300  # no name of ours is a third as long
_ID = re.compile(r"[a-z][a-z0-9-]{0,40}-\d{8}T\d{2}Z(\.\d+)?", re.ASCII)  # as `domain.cycle.episode_id` makes them
_EPISODE = re.compile(r"^<!-- neuropilot: (\S+) -->[ \t\r]*$", re.MULTILINE)


def episode_marker(episode_id: str) -> str:
    """First line of a body.

    >>> episode_marker("web-20261120T06Z")
    '<!-- neuropilot: web-20261120T06Z -->'
    """
    return f"<!-- neuropilot: {_quoted(episode_id)} -->"


def outcome_marker(episode_id: str) -> str:
    """First line of the one comment that says what became of a merged change.

    >>> outcome_marker("web-20261120T06Z")
    '<!-- neuropilot outcome: web-20261120T06Z -->'
    """
    return f"<!-- neuropilot outcome: {_quoted(episode_id)} -->"


def trailers(episode_id: str) -> str:
    """Last lines of a body, which git reads as trailers where a squash makes a commit message of it.

    They are plain, because git knows no Markdown: an id that is none of ours is written in hexadecimal digits.

    >>> print(trailers("web-20261120T06Z"))
    Episode: web-20261120T06Z
    Rollback: neuropilot rollback web-20261120T06Z --apply
    """
    is_plain = _ID.fullmatch(episode_id) is not None and defused(episode_id) == episode_id
    name = episode_id if is_plain else _in_hexadecimal((episode_id or "unnamed")[:_LONGEST])
    return f"Episode: {name}\nRollback: {command_about(name, 'rollback', '--apply')}"


def episode_in(body: str) -> str | None:
    r"""Read the id of the episode out of a body, however its line ends were changed; None where it names none.

    >>> episode_in("<!-- neuropilot: web-20261120T06Z -->\r\n**Raise**")
    'web-20261120T06Z'
    """
    found = _EPISODE.search(body)
    return unquote(found[1]) if found else None


def _quoted(name: str) -> str:
    """A name that can neither end the comment nor act in one, whatever is in it."""
    name = (name or "unnamed")[:_LONGEST]
    if re.fullmatch(r"[\w.-]+", name, re.ASCII) and "--" not in name and defused(name) == name:
        return name
    return _in_hexadecimal(name)


def _in_hexadecimal(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode("utf-8", "replace"))
