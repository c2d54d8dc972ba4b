"""What people are asked, and on which terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from ai_ops.apply.git import Edit
    from ai_ops.domain.cycle import Episode


@dataclass(frozen=True, slots=True)
class Terms:
    """What the team agreed to read.

    Parameters
    ----------
    openings_per_week
        At most so many new requests in any seven days; what is urgent, or asked for by a person, comes beside them.
    rest
        How long a proposal rests after people closed it.
    may_merge
        Whether this one may be merged without a review.
    by_person
        Whether a person asked for it.
    reviewers
        Who is asked to review it.
    """

    openings_per_week: int
    rest: timedelta
    may_merge: bool = False
    by_person: bool = False
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One decision, as people shall read it.

    Parameters
    ----------
    edit
        The files on the base, and their new bytes.
    episode
        The decision.
    text
        Title and body, given when the request was, or will be, opened.
    is_this, wants_the_same, is_nearly_the_same
        Whether a request of that body carries this very decision, proposes the same values, or differs so little that
        reading it again would be a waste.
    """

    edit: Edit
    episode: Episode
    text: Callable[[datetime], tuple[str, str]]
    is_this: Callable[[str], bool]
    wants_the_same: Callable[[str], bool]
    is_nearly_the_same: Callable[[str], bool]
