"""What was decided about models stands in the same chain as every other decision."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from ledgers import an_episode, strict

from ai_ops.domain.errors import StateError
from ai_ops.domain.model_version import ModelDecision, TrainingKind, Verdict
from ai_ops.store.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path


def a_decision(**changes: object) -> ModelDecision:
    """A champion of the service web."""
    fields = {
        "service": "web",
        "version": "20261120T0310Z-3f9c1a2b",
        "verdict": Verdict.PROMOTED,
        "at": datetime(2026, 11, 20, 3, 20, tzinfo=UTC),
        "by": "neuropilot",
        "manifest_sha256": "ab" * 32,
        "champion": None,
        "reason": "every gate is passed",
        "auc": 0.93,
        "auc_low": 0.9,
        "is_simulated": False,
        "kind": TrainingKind.COLD,
    }
    return ModelDecision(**{**fields, **changes})


def test_a_decision_about_a_model_comes_back_equal(tmp_path: Path) -> None:
    """S001-24: what is loaded later is what was promoted here."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append_model_decision(a_decision())
    ledger.append_model_decision(a_decision(service="api", auc=None, auc_low=None))
    assert ledger.model_decisions("web") == (a_decision(),)


def test_episodes_and_models_share_a_chain_and_do_not_mix(tmp_path: Path) -> None:
    """S004-36: nobody can exchange a champion without breaking the hashes of every decision since."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append(an_episode())
    ledger.append_model_decision(a_decision())
    ledger.append(an_episode(id="web-20261121T00Z"))
    assert [one.id for one in ledger.episodes()] == [an_episode().id, "web-20261121T00Z"]
    assert len(ledger.model_decisions("web")) == 1
    assert ledger.verify() == ()


def test_an_altered_digest_is_found(tmp_path: Path) -> None:
    """H32: the champion's digest is as safe as any decision."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append_model_decision(a_decision())
    file = tmp_path / "episodes.jsonl"
    file.write_bytes(file.read_bytes().replace(b"abab", b"cdcd", 1))
    with pytest.raises(StateError, match="cannot be trusted"):
        ledger.model_decisions("web")


def test_the_turn_of_the_month_is_noticed_by_any_line(tmp_path: Path) -> None:
    """H33: a month that begins with a training gets its file as well."""
    ledger = Ledger(tmp_path, warn=strict)
    ledger.append(an_episode())
    ledger.append_model_decision(a_decision(at=datetime(2026, 12, 1, 3, 20, tzinfo=UTC)))
    ledger.append_model_decision(a_decision(at=datetime(2027, 1, 1, 3, 20, tzinfo=UTC)))
    names = sorted(path.name for path in tmp_path.glob("*.jsonl"))
    assert names == ["episodes-2026-11.jsonl", "episodes-2026-12.jsonl", "episodes.jsonl"]
    assert len(ledger.model_decisions("web")) == 2
    assert len(ledger.episodes()) == 1


def test_an_agent_that_knows_no_models_is_told_the_version() -> None:
    """A line of another kind has another version, so that an older release says what it cannot read."""
    from ai_ops.store.ledger_lines import GENESIS, seal

    assert b'"version":2' in seal(a_decision(), 1, GENESIS).to_bytes()
    assert b'"version":1' in seal(an_episode(), 1, GENESIS).to_bytes()
