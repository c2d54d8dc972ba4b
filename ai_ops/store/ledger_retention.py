"""Which months of the ledger may leave for the archive, so that the state branch stays below 20 MB for ever.

Kept are 13 complete months, so that a person can look at the same month of last year; fewer, but never less than
three, where they would take more than 4 MB. Nothing that decides looks back further: the tuner remembers 60 days, a
message 90, and so does a snapshot. Autonomy is counted over what stands here: hits and misses of a year ago leave
together, and a prediction whose outcome came a day later leaves no hit behind. Which model is in use may have been
decided longer ago: each month ends with saying it again (`ledger_standing`), in 0.6 kB a service and version.

What the branch takes as git packs it, in a fresh clone; measured on 31 days of one service under the policy `model`,
and what follows however long it runs:

===========================  ==============================  =================================================
kind                         measured                        at most
===========================  ==============================  =================================================
the ledger's months          a line 2.7 kB, packed 0.4 to    13 of 0.06 MB a service; 4 MB, or three months
                             0.5; 124 lines a month
the current month            as above                        0.06 MB a service
snapshots                    97 to 180 kB                    7.5 MB in 90 days
charts of proposals          100 kB, packed 21 kB            8 MB, packed 1.7 MB
metrics history              150 kB, packed 45 kB a service  0.05 MB a service
models                       a version 56 kB, packed 16      ten versions, 0.16 MB a service
what `MOST_COMMITS` commits  2 to 6 kB each                  0.4 MB, and 2.5 MB of snapshots that were deleted
still hold of old times
===========================  ==============================  =================================================

Those 31 days took 1.3 MB with 12 snapshots. A branch on which every bound is reached at once, just before its history
starts anew, took 13.6 MB with one service and 17.1 MB with ten. From about 25 services on three months of the ledger
alone could carry it beyond 20 MB.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KEPT_MONTHS = 13
FEWEST_MONTHS = 3
BYTES = 4_000_000
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
