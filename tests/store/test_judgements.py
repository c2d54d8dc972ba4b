"""The judgements that people give: readable, only ever appended to, and lost by nobody's run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from examples import NOON

from ai_ops.domain.autonomy import ActionClass
from ai_ops.domain.episode_judgement import EpisodeJudgement
from ai_ops.store.judgements import JudgementBook
from ai_ops.store.reconcile import JUDGEMENTS, reconcile

if TYPE_CHECKING:
    from pathlib import Path


def a_judgement(because: str = "too tight", action: ActionClass | None = ActionClass.SAVE) -> EpisodeJudgement:
    """Ada on a saving."""
    return EpisodeJudgement("web-20261118T12Z", "web", action, is_good=False, at=NOON, by="ada", because=because)


def test_what_was_said_is_read_back(tmp_path: Path) -> None:
    """Every field of it, also of a decision that held (S001-138)."""
    book = JudgementBook(tmp_path / "judgements.jsonl", warn=pytest.fail)
    said = (a_judgement(), a_judgement("should have acted", action=None))
    for one in said:
        book.append(one)
    assert book.read() == said
    assert json.loads((tmp_path / "judgements.jsonl").read_text().splitlines()[0]) == {
        "action": "save",
        "at": "2026-11-18T12:00:00Z",
        "because": "too tight",
        "by": "ada",
        "episode": "web-20261118T12Z",
        "is_good": False,
        "is_simulated": False,
        "service": "web",
        "version": 1,
    }


def test_a_reason_is_one_line_without_secrets(tmp_path: Path) -> None:
    """It stands on a branch for years."""
    book = JudgementBook(tmp_path / "judgements.jsonl", warn=pytest.fail)
    book.append(a_judgement("first\nsecond glsa_0123456789abcdef"))
    (read,) = book.read()
    assert read.because.startswith("first second")
    assert "glsa_" not in read.because


def test_a_line_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A class of action that this release does not know is not guessed."""
    path, warnings = tmp_path / "judgements.jsonl", list[str]()
    book = JudgementBook(path, warn=warnings.append)
    book.append(a_judgement())
    path.write_text(path.read_text() + path.read_text().replace('"save"', '"dance"'))
    assert book.read() == (a_judgement(),)
    assert warnings == ["judgements.jsonl:2: is no judgement of this release, and is ignored"]


def test_two_checkouts_keep_each_others_words() -> None:
    """Whatever the ledgers say of each other, what people said is set aside by nobody."""
    here, there = {JUDGEMENTS: b"mine\n"}, {JUDGEMENTS: b"theirs\n"}
    both = reconcile(here, there, known={}, is_pause_seen=True)
    assert both.files[JUDGEMENTS] == b"theirs\nmine\n"
    assert both.aside == {}
