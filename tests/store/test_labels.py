"""The labels that people give: readable, only ever appended to, and lost by nobody's run."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from repositories import isolate, make_site

from ai_ops.domain.errors import StateError
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.label import Label
from ai_ops.git_client import GitClient
from ai_ops.store.labels import LabelBook
from ai_ops.store.line_book import merged
from ai_ops.store.reconcile import LABELS
from ai_ops.store.state_branch import StateBranch

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def a_label(finding: str = "f3f9a21bc", *, is_true: bool = False, note: str = "backup") -> Label:
    """Ada on a latency finding."""
    return Label(finding, "web", "latency_p95_ms", Alarm.NOVELTY, NOON, is_true=is_true, at=NOON, by="ada", note=note)


def a_book(folder: Path, warnings: list[str] | None = None) -> LabelBook:
    """A book that may not warn, or whose warnings are kept."""
    return LabelBook(folder / "labels.jsonl", warn=pytest.fail if warnings is None else warnings.append)


def test_what_was_said_is_read_back(tmp_path: Path) -> None:
    """Every field of it, in the order in which it was said."""
    said = [a_label(), a_label("f00000001", is_true=True, note="")]
    for one in said:
        a_book(tmp_path).append(one)
    assert a_book(tmp_path).read() == tuple(said)


def test_a_line_is_readable_and_has_a_version(tmp_path: Path) -> None:
    """A person and the next release can read it."""
    a_book(tmp_path).append(a_label())
    assert json.loads((tmp_path / "labels.jsonl").read_text()) == {
        "alarm": "novelty",
        "at": "2026-11-18T12:00:00Z",
        "by": "ada",
        "finding": "f3f9a21bc",
        "is_simulated": False,
        "is_true": False,
        "metric": "latency_p95_ms",
        "note": "backup",
        "service": "web",
        "since": "2026-11-18T12:00:00Z",
        "version": 1,
    }


def test_a_note_is_one_line_without_secrets(tmp_path: Path) -> None:
    """It stands on a branch for years."""
    a_book(tmp_path).append(
        a_label(note="first\nsecond \x1b[31m Authorization: Bearer abcdefghijklmnopqrstuvwxyz123456")
    )
    (label,) = a_book(tmp_path).read()
    assert label.note.startswith("first second")
    assert "\x1b" not in label.note
    assert "abcdefghijklmnop" not in label.note


def test_a_line_that_cannot_be_read_counts_as_never_said(tmp_path: Path) -> None:
    """One torn line must not silence the others, and moves no threshold."""
    a_book(tmp_path).append(a_label())
    path = tmp_path / "labels.jsonl"
    good = path.read_text()
    odd = ["{", "[]", "7", good.replace('"version":1', '"version":2'), good.replace("novelty", "mood"), '{"version":1}']
    path.write_text(good + "\n".join(line.strip() for line in odd) + "\n")
    warnings: list[str] = []
    assert a_book(tmp_path, warnings).read() == (a_label(),)
    assert [text.split(":")[1] for text in warnings] == ["2", "3", "4", "5", "6", "7"]


def test_a_torn_line_does_not_spoil_the_next(tmp_path: Path) -> None:
    """A crash left half a line; what is said afterwards is whole."""
    (tmp_path / "labels.jsonl").write_bytes(b'{"alarm":"dev')
    warnings: list[str] = []
    a_book(tmp_path, warnings).append(a_label())
    assert a_book(tmp_path, warnings).read() == (a_label(),)
    assert len(warnings) == 1


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "labels.jsonl").mkdir()
    with pytest.raises(StateError, match="permissions"):
        a_book(tmp_path).read()


def test_both_sides_keep_what_they_said() -> None:
    """The branch's lines first, each once, and no line glued to another."""
    assert merged(b"one\ntwo", b"two\nthree\n") == b"two\nthree\none\n"
    assert merged(None, b"one\n") == b"one\n"
    assert merged(b"one\n", None) == b"one\n"
    assert merged(None, None) is None


def test_two_people_label_from_two_checkouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither's word is lost, and neither's ledger is doubted for it (S000-52)."""
    isolate(monkeypatch)
    site = make_site(tmp_path)
    warnings: list[str] = []
    branches = {}
    for name in ("ada", "bob"):
        root = site.clone(name)
        branches[name] = StateBranch(GitClient(root), "neuropilot/state", warn=warnings.append)
    branches["ada"].pull()
    LabelBook(tmp_path / "ada" / LABELS, warn=warnings.append).append(a_label("f0000000a"))
    branches["ada"].push("label")
    LabelBook(tmp_path / "bob" / LABELS, warn=warnings.append).append(a_label("f0000000b"))
    branches["bob"].pull()
    branches["bob"].push("label")
    branches["ada"].pull()
    for name in ("ada", "bob"):
        book = LabelBook(tmp_path / name / LABELS, warn=warnings.append)
        assert [label.finding for label in book.read()] == ["f0000000a", "f0000000b"]
    assert warnings == []
