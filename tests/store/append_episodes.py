"""A process that appends to a ledger: `append_episodes.py FOLDER SERVICE COUNT [FILE_SIZE_LIMIT]`.

Prints each id once it is on the disk. With a limit, every write beyond that size fails as on a full disk.
"""

from __future__ import annotations

import resource
import sys
from dataclasses import replace
from pathlib import Path

from examples import an_episode

from ai_ops.domain.errors import OpsError
from ai_ops.store.ledger import Ledger


def main(folder: str, service: str, count: str, limit: str = "0") -> None:
    """Append so many episodes of one service, or stop with exit code 1 and the reason."""
    ledger = Ledger(Path(folder), warn=sys.stderr.write)
    if int(limit):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    before = len(ledger.episodes(service))
    for number in range(before, before + int(count)):
        try:
            ledger.append(replace(an_episode(), id=f"{service}-{number}", service=service))
        except OpsError as err:
            sys.exit(f"{type(err).__name__}: {err}")
        sys.stdout.write(f"{service}-{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
