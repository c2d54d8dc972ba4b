"""The story of `neuropilot doctor`: try everything a run depends on, and say ok or the one line that fixes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.check import Health, Remark, Result
from ai_ops.domain.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ai_ops.domain.check import Check


def examine(checks: Iterable[Check]) -> Iterator[Result]:
    """Try one check after the other; a failure stops none of the rest."""
    for check in checks:
        try:
            found = check.attempt()
        except OpsError as error:
            if check.is_required:
                yield Result(check.name, Health.FAILED, str(error), error.exit_code)
            else:
                yield Result(check.name, Health.NOTE, str(error))
        else:
            yield _found(check.name, found)


def _found(name: str, found: str | Remark) -> Result:
    return Result(name, Health.NOTE, found.words) if isinstance(found, Remark) else Result(name, Health.OK, found)
