"""Which months of the ledger may leave for the archive, so that the state branch stays below 20 MB for ever.

Kept are 13 complete months, so that a person can look at the same month of last year; fewer, but never less than
three, where these would take more than 5 MB. Nothing that decides looks back further: the tuner remembers 60 days,
a message 90, and a snapshot with what its replay needs as long. Autonomy that rests on older outcomes has to be
earned anew, which is the safe side.

What was measured under the policy `model`, and what follows for the branch however long it runs:

====================================  =====================  =================================
kind                                  measured               at most
====================================  =====================  =================================
a line of the ledger                  3 kB, packed 0.6 kB    5 MB of complete months
the current month, one service        124 lines              0.1 MB a service
snapshots of 90 days                  97 to 180 kB each      9 MB (3 MB in any 30 days)
charts of proposals                   see `proposal_charts`  2 MB
metrics history, one service          150 kB, packed 45 kB   0.05 MB a service
`state_branch.MOST_COMMITS` commits   4 kB each              0.3 MB, and 1 MB of old snapshots
====================================  =====================  =================================

Together below 19 MB with ten services; one service with a proposal on every third day stands at 5 MB.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KEPT_MONTHS = 13
FEWEST_MONTHS = 3
BYTES = 5_000_000
"""Of the complete months, as git packs them."""

_MONTHS_PER_YEAR = 12
_COMPLETE = re.compile(r"(?:.*/)?episodes-(\d{4})-(\d{2})\.jsonl")


def departing(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Which of `files` may be archived, oldest first; the current month and what is no ledger never are.

    Age is counted back from the newest complete month, so that a clock that is wrong for one run moves nothing.
    """
    months = sorted((path for path in files if _COMPLETE.fullmatch(path)), key=_number)
    staying = len(_staying(reversed(months), files))
    return tuple(months[: len(months) - staying])


def month_of(path: str) -> str:
    """The month of a complete file.

    >>> month_of("ai_ops/state/episodes-2025-09.jsonl")
    '2025-09'
    """
    return path.removesuffix(".jsonl")[-len("2025-09") :]


def _staying(newest_first: Iterable[str], files: Mapping[str, bytes]) -> list[str]:
    stay: list[str] = []
    packed = 0
    for path in newest_first:
        packed += len(zlib.compress(files[path]))
        is_too_much = packed > BYTES or (bool(stay) and _number(stay[0]) - _number(path) >= KEPT_MONTHS)
        if is_too_much and len(stay) >= FEWEST_MONTHS:
            break
        stay.append(path)
    return stay


def _number(path: str) -> int:
    """The month as a number that counts months."""
    year, _, month = month_of(path).partition("-")
    return _MONTHS_PER_YEAR * int(year) + int(month)
