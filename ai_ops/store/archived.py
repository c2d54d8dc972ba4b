"""`ledger_archive.json`: which months of the ledger stand on a branch of their own, and how each of them ends.

    {"branch": "neuropilot/archive", "ledger": "9c1f…", "months": [{"hash": "77ab…", "last_line": 121, …}, …], …}

With it a ledger that begins with line 122 is whole: that line must name the hash of line 121.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from ai_ops.store import state_file
from ai_ops.store.ledger_check import Head

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION = 1
NAME = "ledger_archive.json"


@dataclass(frozen=True, slots=True)
class ArchivedMonth:
    """One month that was archived, such as "2025-09", with the number and the hash of its last line."""

    month: str
    last_line: int
    hash: str


@dataclass(frozen=True, slots=True)
class Archived:
    """What was archived so far.

    Parameters
    ----------
    branch
        Where it stands.
    ledger
        Which ledger it belongs to: the first digits of the hash of its very first line.
    months
        Oldest first; never empty.
    """

    branch: str
    ledger: str
    months: tuple[ArchivedMonth, ...]

    @property
    def ends(self) -> tuple[Head, ...]:
        """The last line of each month: what is left of the ledger may begin behind any of them."""
        return tuple(Head(one.last_line, one.hash) for one in self.months)

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        return state_file.to_bytes(VERSION, asdict(self))


def archived_in(raw: bytes | None) -> Archived | None:
    """Read the file's content; None where there is no file: nothing was archived yet.

    Raises
    ------
    StateError
        When it is not what the agent wrote.
    """
    from pydantic import ValidationError

    if raw is None:
        return None
    try:
        found = _adapter().validate_python(state_file.parsed(NAME, raw, VERSION))
    except ValidationError as err:
        raise state_file.corrupt(NAME, f"it does not list months: {err.errors()[0]['msg']}") from err
    if not found.months or not all(one.last_line < later.last_line for one, later in pairwise(found.months)):
        raise state_file.corrupt(NAME, "it does not list months, oldest first")
    return found


@cache
def _adapter() -> TypeAdapter[Archived]:
    from pydantic import TypeAdapter

    return TypeAdapter(Archived)
