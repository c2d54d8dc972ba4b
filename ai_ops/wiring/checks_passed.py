"""What a decision has passed before anybody reads it, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.rationale import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.cycle import Episode

_ALWAYS = (
    "Every value lies within its bounds and moves no further than one step may.",
    "Scale-in stays below scale-out, and the minimum below the maximum.",
    "Two parsers read the file before and after; nothing differs but the values above.",
    "No pause, freeze or stop is on, and the settings on the base branch allow this.",
)
"""Each of these refuses a decision that does not pass it (`tune.fit`, `apply.knob_files`, `tune.approval`)."""


def checks_passed(episode: Episode) -> tuple[str, ...]:
    """What was checked and passed, the replay's own rules with their figures."""
    return (*_ALWAYS, *_of_replay(episode))


def _of_replay(episode: Episode) -> Iterator[str]:
    rationale = episode.rationale
    proposed = next((one for one in rationale.options if one.role is Role.PROPOSED), None) if rationale else None
    if rationale is None or proposed is None or episode.decision.is_urgent:
        return  # what is urgent may be the lesser evil, and keeps no margin
    yield (
        f"In a bad fortnight it spends {proposed.burn_bound:.2f} of the error budget, where {rationale.margin:.2f} "
        f"is allowed; under stress {proposed.stressed_burn:.2f}."
    )
