"""What a checkout and the branch remember, brought together: nothing is lost that the branch has not seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.store import budgets, line_book

if TYPE_CHECKING:
    from collections.abc import Mapping

LEDGER_HEAD = "ai_ops/state/ledger_head.json"
PAUSE = "ai_ops/state/paused.json"
BUDGETS = "ai_ops/state/budgets.json"
LABELS = "ai_ops/state/labels.jsonl"
JUDGEMENTS = "ai_ops/state/judgements.jsonl"

_LINES = re.compile(r"ai_ops/state/episodes(-\d{4}-\d{2})?\.jsonl")


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What becomes of the state files of a checkout.

    Parameters
    ----------
    files
        What shall stand in the checkout, by path.
    aside
        What stood there and fits nowhere: the branch tells another story.
    """

    files: dict[str, bytes]
    aside: dict[str, bytes]


def reconcile(
    here: Mapping[str, bytes], there: Mapping[str, bytes], *, known: bytes, is_pause_seen: bool
) -> Reconciled:
    """Take the branch's files where its ledger goes on from ours, keep ours where it goes on from the branch's.

    Parameters
    ----------
    here, there
        The state files of the checkout and of the branch, by path.
    known
        The checkout's ledger without what the run in hand has added: that is decided anew.
    is_pause_seen
        Whether the branch had the checkout's pause once; a pause that it never had stays.
    """
    theirs = ledger_of(there)
    files, aside = dict(there), dict[str, bytes]()
    if not theirs.startswith(known):
        if known.startswith(theirs):
            files = {**here, **{path: content for path, content in there.items() if not _is_of_ledger(path)}}
        else:
            aside = {path: content for path, content in here.items() if content != there.get(path)}
    _settle(files, PAUSE, there.get(PAUSE) if is_pause_seen else here.get(PAUSE, there.get(PAUSE)))
    _settle(files, BUDGETS, budgets.merged(here.get(BUDGETS), there.get(BUDGETS)))
    for said in (LABELS, JUDGEMENTS):
        _settle(files, said, line_book.merged(here.get(said), there.get(said)))
    settled = {PAUSE, BUDGETS, LABELS, JUDGEMENTS}
    return Reconciled(files, {path: content for path, content in aside.items() if path not in settled})


def ledger_of(files: Mapping[str, bytes]) -> bytes:
    """Every line of the ledger, oldest first, in whichever files the months have put them."""
    return b"".join(files[path] for path in sorted(files) if _LINES.fullmatch(path))


def _is_of_ledger(path: str) -> bool:
    return bool(_LINES.fullmatch(path)) or path == LEDGER_HEAD


def _settle(files: dict[str, bytes], path: str, content: bytes | None) -> None:
    files.pop(path, None)
    if content is not None:
        files[path] = content
