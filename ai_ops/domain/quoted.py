"""Texts in which names and commands stand between backticks, in pieces."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"`([^`]+)`")
_OPTION = re.compile(r"(?<!\S)(--[a-z][a-z-]{0,30})(?=[\s=]|$)")


def pieces(text: str) -> list[tuple[str, bool]]:
    """Split `text` into pieces; the second value says whether a piece is a name or a command.

    >>> pieces("run `neuropilot resume` now")
    [('run ', False), ('neuropilot resume', True), (' now', False)]
    """
    split = _QUOTED.split(text)
    return [(piece, number % 2 == 1) for number, piece in enumerate(split) if piece]


def options(command: str) -> list[tuple[str, bool]]:
    """Split a name or a command into pieces; the second value says whether a piece is one word, whatever its hyphens.

    >>> options("neuropilot detect --service web")
    [('neuropilot detect ', False), ('--service', True), (' web', False)]
    """
    split = _OPTION.split(command)
    return [(piece, number % 2 == 1) for number, piece in enumerate(split) if piece]


def unquoted(text: str) -> str:
    """The text without these backticks, for a place that cannot show the difference."""
    return _QUOTED.sub(r"\1", text)
