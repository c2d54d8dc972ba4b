"""Advice for the first weeks (S001-135, S001-136, S001-137): the team decides when, by what it sets."""

from __future__ import annotations

from dataclasses import dataclass

WATCH = "watch only: keep `mode: observe`, and read what it would have done (`neuropilot history`)"
ASK = (
    "let it ask: `mode: propose` is one pull request at a time, for you to merge; or let it make what is not critical: "
    "`mode: commit` with `approval.caps: {save: propose, schedule: propose, mode: propose}` leaves it what buys safety"
)
ACT = "let it act: `mode: commit` without caps, and review it every week (`neuropilot history`, `neuropilot judge`)"

_ADVICE = ((7, "week 1", WATCH), (14, "week 2", ASK))
"""Last day, what it is called, and the advice."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What a careful team does now: `weeks` says since when, `text` what."""

    weeks: str
    text: str


def advice(day: int) -> Advice:
    """What is advised on a day of the service's life with the agent, counted from 1.

    >>> advice(9).weeks
    'week 2'
    """
    for last_day, weeks, text in _ADVICE:
        if day <= last_day:
            return Advice(weeks, text)
    return Advice("week 3 on", ACT)
