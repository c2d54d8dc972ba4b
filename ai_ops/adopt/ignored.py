"""Lines that are added to a team's own files, in the way those files are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

MEMORY_FOLDERS = ("/ai_ops/state/", "/ai_ops/models/", "/ai_ops/reports/")
"""What the agent remembers: it belongs on the branch neuropilot/state, never on the main one."""

_WHY_IGNORED = "# what NeuroPilot remembers: kept on the branch neuropilot/state"
_OWNED = "# NeuroPilot: what the agent may do stands in these files. Put your reviewers there, and take the # away."


def with_ignored(content: bytes | None, missing: Iterable[str]) -> bytes | None:
    """Add the folders of the agent's memory to a .gitignore; the content itself where none is missing.

    Raises
    ------
    ConfigError
        When it is no text.
    """
    wanted = [folder for folder in missing if folder not in _lines_of(content, ".gitignore")]
    return _appended(content, [_WHY_IGNORED, *wanted]) if wanted else content


def with_owners_hint(content: bytes, paths: Iterable[str], name: str) -> bytes:
    """Suggest, in comments, whom to ask for a review of what the agent may do; no owner is made up.

    Raises
    ------
    ConfigError
        When it is no text.
    """
    told = "\n".join(_lines_of(content, name))
    missing = [path for path in paths if f"/{path}" not in told]
    return _appended(content, [_OWNED, *(f"# /{path} @YOUR-TEAM" for path in missing)]) if missing else content


def _lines_of(content: bytes | None, name: str) -> list[str]:
    try:
        text = (content or b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ConfigError(f"{name} is not UTF-8 text, so nothing can be added to it: save it as UTF-8")
    return [line.strip() for line in text.splitlines()]


def _appended(content: bytes | None, lines: list[str]) -> bytes:
    """Add a paragraph at the end, with the ends of line that most of the file has."""
    before = content or b""
    end = b"\r\n" if 2 * before.count(b"\r\n") > before.count(b"\n") else b"\n"
    gap = b"" if not before else end if before.endswith(b"\n") else end + end
    return before + gap + b"".join(line.encode() + end for line in lines)
