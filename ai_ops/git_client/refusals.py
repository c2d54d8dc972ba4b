"""Why a push was not taken: a race that was lost, or one that will never pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ai_ops.domain.errors import Overtaken

if TYPE_CHECKING:
    from ai_ops.domain.errors import DeliveryError
    from ai_ops.git_client.shell import Answer

_OVERTAKEN = re.compile(
    r"\[rejected\] \((fetch first|non-fast-forward|stale info|remote ref updated since checkout)\)"
    r"|cannot lock ref|failed to update ref|incorrect old value|reference already exists",
)
"""How git says that another push came first; the loser of a race for the lock reads "cannot lock ref"."""

_NAME_TAKEN = re.compile(r"exists; cannot create|directory file conflict")


def refusal(answer: Answer, branch: str) -> DeliveryError:
    """Tell a lost race from a push that will never pass."""
    failure = answer.failure(f"{branch} was not updated")
    if _OVERTAKEN.search(str(failure)) and not _NAME_TAKEN.search(str(failure)):
        return Overtaken(f"{failure}. Somebody else wrote first: run again to decide anew")
    return failure
