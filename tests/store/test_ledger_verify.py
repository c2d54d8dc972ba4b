"""Whoever touches the ledger is found: every edit, deletion, copy, insertion and change of order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import Warnings, decided_in, filled, numbered, strict

from ai_ops.domain.errors import StateError
from ai_ops.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def kinds(folder: Path) -> set[str]:
    """What `verify` calls the ledger's problems; reading and writing must refuse whenever there are any."""
    ledger = Ledger(folder, warn=lambda _: None)
    found = {problem.kind for problem in ledger.verify()}
    if found:
        with pytest.raises(StateError, match="neuropilot ledger verify"):
            ledger.episodes()
    return found


def relined(folder: Path, change: Callable[[list[bytes]], object]) -> None:
    """Let `change` alter the list of lines, and write it back."""
    path = folder / "episodes.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    change(lines)
    path.write_bytes(b"".join(lines))


def test_an_edited_value_is_named_with_its_line(tmp_path: Path) -> None:
    """An edit with a text editor is found where it was made (S001-143, H32)."""
    ledger = filled(tmp_path)
    path = tmp_path / "episodes.jsonl"
    path.write_text(path.read_text().replace('"id":"web-2"', '"id":"web-X"'))
    (problem,) = ledger.verify()
    assert str(problem) == "episodes.jsonl:2: edited: its hash does not match its content"


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_deleted_line_is_found_wherever_it_was(tmp_path: Path, gone: int) -> None:
    """At the beginning, in the middle, at the end (H32)."""
    filled(tmp_path)
    relined(tmp_path, lambda lines: lines.pop(gone))
    assert kinds(tmp_path) == {"deleted"}


@pytest.mark.parametrize("name", ["episodes-2026-09.jsonl", "episodes-2026-10.jsonl", "episodes.jsonl"])
def test_a_deleted_file_is_found(tmp_path: Path, name: str) -> None:
    """A missing month shows, and so does the missing current one."""
    ledger = Ledger(tmp_path, warn=strict)
    for month in (9, 10, 11):
        ledger.append(decided_in(month, month))
    (tmp_path / name).unlink()
    assert kinds(tmp_path) == {"deleted"}


def test_swapped_lines_are_found(tmp_path: Path) -> None:
    """Each line is whole, but their order is not."""
    filled(tmp_path)
    relined(tmp_path, lambda lines: lines.insert(0, lines.pop(1)))
    assert kinds(tmp_path) == {"reordered"}


def test_a_copied_line_is_found(tmp_path: Path) -> None:
    """The same line twice, anywhere."""
    filled(tmp_path)
    relined(tmp_path, lambda lines: lines.insert(2, lines[0]))
    assert kinds(tmp_path) == {"duplicated"}


def test_a_forged_line_is_found(tmp_path: Path) -> None:
    """A line with a right hash of its own still does not fit between two others."""
    Ledger(tmp_path / "forger", warn=strict).append(numbered(7))
    forged = (tmp_path / "forger" / "episodes.jsonl").read_bytes()
    filled(tmp_path / "real")
    relined(tmp_path / "real", lambda lines: lines.insert(1, forged))
    assert kinds(tmp_path / "real") == {"inserted"}


def test_a_replaced_line_is_found(tmp_path: Path) -> None:
    """The line behind a forged one gives it away."""
    Ledger(tmp_path / "forger", warn=strict).append(numbered(7))
    forged = (tmp_path / "forger" / "episodes.jsonl").read_bytes()
    filled(tmp_path / "real")
    relined(tmp_path / "real", lambda lines: lines.__setitem__(0, forged))
    assert kinds(tmp_path / "real") == {"inserted"}


def test_another_version_is_refused_by_its_number(tmp_path: Path) -> None:
    """What a later release wrote is not guessed at (H32)."""
    ledger = filled(tmp_path)
    path = tmp_path / "episodes.jsonl"
    path.write_text(path.read_text().replace('"version":1', '"version":4'))
    assert kinds(tmp_path) == {"version"}
    with pytest.raises(StateError, match="version 4, and this agent reads versions 1 to 3"):
        ledger.episodes()


def test_a_head_of_another_ledger_is_found(tmp_path: Path) -> None:
    """The head names the newest line by its hash."""
    filled(tmp_path)
    head = json.loads((tmp_path / "ledger_head.json").read_text())
    (tmp_path / "ledger_head.json").write_text(json.dumps({**head, "hash": "0" * 64}))
    assert kinds(tmp_path) == {"head"}


def test_a_missing_head_is_found(tmp_path: Path) -> None:
    """Without the head, a deletion at the end would not show."""
    filled(tmp_path)
    (tmp_path / "ledger_head.json").unlink()
    assert kinds(tmp_path) == {"head"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version":9}', '{"version":1,"sequence":true,"hash":"x"}', "\0"])
def test_an_unreadable_head_is_refused(tmp_path: Path, content: str) -> None:
    """A head that cannot be read vouches for nothing (H32)."""
    ledger = filled(tmp_path)
    (tmp_path / "ledger_head.json").write_text(content)
    with pytest.raises(StateError, match=r"ledger_head\.json"):
        ledger.verify()
    with pytest.raises(StateError, match=r"ledger_head\.json"):
        ledger.append(numbered(4))


@pytest.mark.parametrize(
    "line", ["[" * 100_000, "1" * 5000, "null", "[]", '{"version":1}', '{"version":1,"version":1}']
)
def test_a_line_that_is_anything_else_is_named(tmp_path: Path, line: str) -> None:
    """No content of the file ends in a traceback."""
    filled(tmp_path)
    relined(tmp_path, lambda lines: lines.__setitem__(1, line.encode() + b"\n"))
    assert "edited" in kinds(tmp_path)


def test_nothing_is_appended_behind_an_altered_end(tmp_path: Path) -> None:
    """A cycle stops before it acts on a past that was changed (H32)."""
    ledger = filled(tmp_path)
    relined(tmp_path, lambda lines: lines.pop())
    size = (tmp_path / "episodes.jsonl").stat().st_size
    with pytest.raises(StateError, match="restore the folder from the branch neuropilot/state"):
        ledger.append(numbered(4))
    assert (tmp_path / "episodes.jsonl").stat().st_size == size


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes]:
    """Make a ledger of five lines, with the bytes of its two files."""
    folder = tmp_path_factory.mktemp("whole")
    filled(folder, 5)
    return folder, (folder / "episodes.jsonl").read_bytes(), (folder / "ledger_head.json").read_bytes()


def is_sound(folder: Path, content: bytes) -> bool:
    """Whether the ledger verifies with this content, and is read without a word."""
    (folder / "episodes.jsonl").write_bytes(content)
    said = Warnings()
    return Ledger(folder, warn=said).verify() == () and not said


fast = settings(max_examples=300, deadline=None)


@fast
@given(place=st.integers(0, 10**9), byte=st.integers(0, 255))
def test_any_single_byte_that_changes_is_found(whole: tuple[Path, bytes, bytes], place: int, byte: int) -> None:
    """There is one way to write a line, so no edit is too small to show (H32)."""
    folder, content, _ = whole
    place %= len(content)
    edited = content[:place] + bytes([byte]) + content[place + 1 :]
    assert is_sound(folder, edited) == (edited == content)


@fast
@given(place=st.integers(0, 10**9), byte=st.integers(0, 255), is_inserted=st.booleans())
def test_any_byte_put_in_or_taken_out_is_found(
    whole: tuple[Path, bytes, bytes], place: int, byte: int, *, is_inserted: bool
) -> None:
    """Spaces and line breaks included; what is behind the end is called torn, with a message."""
    folder, content, _ = whole
    place %= len(content)
    edited = content[:place] + (bytes([byte]) + content[place:] if is_inserted else content[place + 1 :])
    assert is_sound(folder, edited) == (edited == content)


@fast
@given(order=st.lists(st.integers(0, 4), max_size=8))
def test_any_other_sequence_of_the_lines_is_found(whole: tuple[Path, bytes, bytes], order: list[int]) -> None:
    """Every deletion, copy and change of order, in any combination (H32)."""
    folder, content, _ = whole
    lines = content.splitlines(keepends=True)
    assert is_sound(folder, b"".join(lines[index] for index in order)) == (order == [0, 1, 2, 3, 4])


@fast
@given(cut=st.integers(0, 10**9))
def test_any_cut_at_the_end_is_found(whole: tuple[Path, bytes, bytes], cut: int) -> None:
    """The head knows how far the ledger went."""
    folder, content, _ = whole
    cut %= len(content)
    assert not is_sound(folder, content[:cut])
