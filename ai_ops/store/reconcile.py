"""What a checkout and the branch remember, brought together: nothing is lost that the branch has not seen."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.store import budgets, held_form, line_book, outbox, record_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

LEDGER_HEAD = "ai_ops/state/ledger_head.json"
LEDGER_ARCHIVE = "ai_ops/state/ledger_archive.json"
PAUSE = "ai_ops/state/paused.json"
BUDGETS = "ai_ops/state/budgets.json"
SENT = "ai_ops/state/sent.json"
UNDELIVERED = "ai_ops/state/undelivered.json"
LABELS = "ai_ops/state/labels.jsonl"
JUDGEMENTS = "ai_ops/state/judgements.jsonl"
TRAINING_LOG = "ai_ops/models/training_log.json"

_TOGETHER: Mapping[str, Callable[[bytes | None, bytes | None], bytes | None]] = {
    BUDGETS: budgets.merged,
    SENT: outbox.merged,
    UNDELIVERED: held_form.merged,
    LABELS: line_book.merged,
    JUDGEMENTS: line_book.merged,
}
"""What counts on whichever side it was written, and how the two sides are brought together."""

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
    here: Mapping[str, bytes], there: Mapping[str, bytes], *, known: Mapping[str, bytes], is_pause_seen: bool
) -> Reconciled:
    """Take the branch's files where its ledger goes on from ours, keep ours where it goes on from the branch's.

    Either may have archived its oldest months: compared is what both have, and that must be something.

    Parameters
    ----------
    here, there
        The state files of the checkout and of the branch, by path.
    known
        Those of the checkout without what the run in hand has added: that is decided anew.
    is_pause_seen
        Whether the branch had the checkout's pause once; a pause that it never had stays.
    """
    ours, theirs = ledger_of(known), ledger_of(there)
    files, aside = dict(there), dict[str, bytes]()
    is_ahead = not _goes_on_from(ours, theirs)
    if is_ahead and not _goes_on_from(theirs, ours):
        aside = {path: content for path, content in here.items() if content != there.get(path)}
    else:
        files = _with_both_ledgers(known, there) if is_ahead else files
        _settle(files, TRAINING_LOG, record_list.merged(known.get(TRAINING_LOG), there.get(TRAINING_LOG)))
    _settle(files, PAUSE, there.get(PAUSE) if is_pause_seen else here.get(PAUSE, there.get(PAUSE)))
    for path, merged in _TOGETHER.items():
        _settle(files, path, merged(here.get(path), there.get(path)))
    settled = {PAUSE, *_TOGETHER}
    return Reconciled(files, {path: content for path, content in aside.items() if path not in settled})


def ledger_of(files: Mapping[str, bytes]) -> bytes:
    """Every line of the ledger, oldest first, in whichever files the months have put them."""
    return b"".join(files[path] for path in line_paths(files))


def line_paths(files: Iterable[str]) -> list[str]:
    """Those of `files` that hold lines of the ledger, oldest first."""
    return sorted(path for path in files if _LINES.fullmatch(path))


def _goes_on_from(start: bytes, whole: bytes) -> bool:
    """Whether `whole` begins with the lines of `start`, as far as neither has archived them."""
    skipped = [_first_line(start), _first_line(whole)]
    parts = [_without(ledger, max(skipped) - own) for ledger, own in zip((start, whole), skipped, strict=True)]
    if start and whole and not all(parts):
        return False  # one ends before the other begins: whether they fit, only the archive knows
    return parts[1].startswith(parts[0])


def _first_line(ledger: bytes) -> int:
    """Number of the first line that is here; 1 for what does not say."""
    try:
        number = json.loads(ledger.partition(b"\n")[0])["sequence"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return 1
    return number if type(number) is int else 1


def _without(ledger: bytes, lines: int) -> bytes:
    """What is behind the first `lines` lines."""
    parts = ledger.split(b"\n", lines)
    return parts[lines] if len(parts) > lines else b""


def _with_both_ledgers(known: Mapping[str, bytes], there: Mapping[str, bytes]) -> dict[str, bytes]:
    """The branch's files with our ledger, and with the months that only the branch still has."""
    ledgers = ({path: content for path, content in side.items() if _is_of_ledger(path)} for side in (there, known))
    both = {path: content for side in ledgers for path, content in side.items()}
    return {**known, **{path: content for path, content in there.items() if not _is_of_ledger(path)}, **both}


def _is_of_ledger(path: str) -> bool:
    return bool(_LINES.fullmatch(path)) or path in {LEDGER_HEAD, LEDGER_ARCHIVE}


def _settle(files: dict[str, bytes], path: str, content: bytes | None) -> None:
    files.pop(path, None)
    if content is not None:
        files[path] = content
