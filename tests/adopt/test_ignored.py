"""Lines that are added to a team's own files."""

from __future__ import annotations

import pytest

from ai_ops.adopt.ignored import MEMORY_FOLDERS, with_ignored, with_owners_hint
from ai_ops.domain.errors import ConfigError

ADDED = b"""\
# what NeuroPilot remembers: kept on the branch neuropilot/state
/ai_ops/state/
/ai_ops/models/
/ai_ops/reports/
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, ADDED),
        (b"", ADDED),
        (b".env\n", b".env\n\n" + ADDED),
        (b".env", b".env\n\n" + ADDED),
        (b".env\r\nout/\r\n", b".env\r\nout/\r\n\r\n" + ADDED.replace(b"\n", b"\r\n")),
        ("# Größe\n".encode("utf-8-sig"), "# Größe\n\n".encode("utf-8-sig") + ADDED),
    ],
    ids=["none", "empty", "lines", "no end", "windows", "bom"],
)
def test_the_folders_of_the_memory_are_added_at_the_end(before, after) -> None:
    """What stands there stays byte for byte, and the new lines end as the others do (H19)."""
    assert with_ignored(before, MEMORY_FOLDERS) == after


@pytest.mark.parametrize("content", [ADDED, ADDED.replace(b"\n", b"\r\n"), b"x\n" + ADDED + b"y"])
def test_adding_again_changes_nothing(content) -> None:
    """Idempotent, however the lines end."""
    assert with_ignored(content, MEMORY_FOLDERS) == content
    assert with_ignored(None, ()) is None


def test_only_what_is_missing_is_added() -> None:
    """A line that a person wrote is enough."""
    assert with_ignored(b"/ai_ops/state/\n", MEMORY_FOLDERS).count(b"/ai_ops/state/") == 1


@pytest.mark.parametrize("content", [".env\n".encode("utf-16"), b"\xff\xfe\x00", b"a\0b"])
def test_what_is_no_text_is_refused(content) -> None:
    """Lines in another encoding would be noise in the file, and ignore nothing."""
    with pytest.raises(ConfigError, match="not UTF-8 text"):
        with_ignored(content, MEMORY_FOLDERS)


def test_owners_are_suggested_and_never_made_up() -> None:
    """Comments alone: a rule for a team that does not exist would block every review (S001-137)."""
    before = b"* @acme/ops\n"
    after = with_owners_hint(before, ["ai_ops/config/ops_config.yaml"], "CODEOWNERS")
    assert after.startswith(before)
    added = after[len(before) :].decode().splitlines()
    assert all(not line or line.startswith("# ") for line in added)
    assert "# /ai_ops/config/ops_config.yaml @YOUR-TEAM" in added
    assert with_owners_hint(after, ["ai_ops/config/ops_config.yaml"], "CODEOWNERS") == after


def test_an_owner_that_is_there_is_enough() -> None:
    """The team has already decided."""
    mine = b"/ai_ops/config/ops_config.yaml @acme/sre\n"
    assert with_owners_hint(mine, ["ai_ops/config/ops_config.yaml"], "CODEOWNERS") == mine
