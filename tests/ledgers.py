"""Ledgers for tests: short ones, and ears for what they recover."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from examples import an_episode

from ai_ops.store.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.domain.cycle import Episode


class Warnings(list[str]):
    """Collects what the ledger says it recovered."""

    def __call__(self, sentence: str) -> None:
        """Note one sentence."""
        self.append(sentence)


def strict(sentence: str) -> None:
    """Allow no recovery."""
    raise AssertionError(sentence)


def numbered(number: int, **changes: object) -> Episode:
    """Make the episode of window `number`."""
    return replace(an_episode(), id=f"web-{number}", **changes)


def decided_in(month: int, number: int = 1, year: int = 2026) -> Episode:
    """Make an episode of that month."""
    return numbered(number, decided_at=datetime(year, month, 3, 6, 5, tzinfo=UTC))


def filled(folder: Path, count: int = 3) -> Ledger:
    """Make a ledger with that many lines."""
    ledger = Ledger(folder, warn=strict)
    for number in range(1, count + 1):
        ledger.append(numbered(number))
    return ledger
