"""Why a person wants something, as it may stand in the record."""

from __future__ import annotations

from ai_ops.domain.errors import ConfigError
from ai_ops.domain.one_line import LONGEST, one_line


def reason_of(because: str) -> str:
    """Give `because` as one line without hidden characters.

    It stands in the ledger, which cannot be edited, for ever, and every list and many a chat says it again.

    Raises
    ------
    ConfigError
        When it is longer than what those show of any text: nothing of what a person wrote is cut off unsaid.
    """
    line = one_line(because, max(len(because), 1))
    if len(line) > LONGEST:
        raise ConfigError(
            f"--because has {len(line):,} characters, and {LONGEST} at most are kept, because every list shows them: "
            "say it in one sentence, with a link to the rest"
        )
    return line
