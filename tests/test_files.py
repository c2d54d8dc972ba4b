"""The one door to the disk: all or nothing, and never through a link."""

from __future__ import annotations

import stat

import pytest

from ai_ops.files import append_durably, replace_atomically


def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path):
    """No reader ever sees half of it."""
    file = tmp_path / "deep" / "state.json"
    replace_atomically(file, b"old")
    file.chmod(0o640)
    replace_atomically(file, b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [one.name for one in file.parent.iterdir()] == ["state.json"]


def test_a_symbolic_link_is_not_written_through(tmp_path):
    """It could lead out of the repository (H19)."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    (tmp_path / "link").symlink_to(outside)
    with pytest.raises(OSError, match="symbolic link"):
        replace_atomically(tmp_path / "link", b"new")
    assert outside.read_bytes() == b"precious"


def test_a_target_that_cannot_be_replaced_leaves_nothing_behind(tmp_path):
    """A folder in the way is an error, and the half-made file is gone."""
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_atomically(tmp_path / "taken", b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]


def test_lines_are_appended_in_order(tmp_path):
    """The ledger grows at its end."""
    append_durably(tmp_path / "a" / "ledger", b"1\n")
    append_durably(tmp_path / "a" / "ledger", b"2\n")
    assert (tmp_path / "a" / "ledger").read_bytes() == b"1\n2\n"
