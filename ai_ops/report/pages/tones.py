"""From which figure on something is good, worth a look, or bad."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Tone
from ai_ops.domain.finding import Severity
from ai_ops.report.agent.needs import SOON_HOURS

if TYPE_CHECKING:
    from ai_ops.report.service.said import CostStanding, SloStanding

WELL, POOR, BAD = 85.0, 70.0, 50.0
"""Health: what a service should reach (S001-120), where advice begins (S001-109), and half of it all."""

LITTLE_BUDGET_LEFT_RATIO = 0.25
"""A quarter of the error budget: at the pace that spent the rest, the promise is broken within ten days."""

ENOUGH_HOURS = 24.0
"""A whole day, with its quiet and its busy hours: on fewer nothing is called good."""

FAR_OVER_BUDGET_PERCENT = 20.0
"""S001-112."""

_LOUD = {Severity.CRITICAL, Severity.HIGH}


def health_tone(score: float | None, band: float | None) -> Tone:
    """Of a health score and the band score beside it, 0 to 100; None is not known.

    The band score alone says that something is wrong, since the other one takes points for machines that are used; but
    nothing is called good of which advice is given.
    """
    if score is None or band is None:
        return Tone.PLAIN
    if band < POOR:
        return Tone.BAD if band < BAD else Tone.WATCH
    return Tone.GOOD if band >= WELL and score >= POOR else Tone.PLAIN


def budget_tone(slo: SloStanding) -> Tone:
    """Of the error budget: how much of it is left, and how long that lasts."""
    if slo.budget_left_ratio is None:
        return Tone.PLAIN
    if slo.budget_left_ratio < 0.0:
        return Tone.BAD
    is_soon_gone = slo.budget_hours_left is not None and slo.budget_hours_left <= SOON_HOURS
    if is_soon_gone or slo.budget_left_ratio < LITTLE_BUDGET_LEFT_RATIO:
        return Tone.WATCH
    return Tone.GOOD if slo.hours_known >= ENOUGH_HOURS else Tone.PLAIN


def cost_tone(cost: CostStanding) -> Tone:
    """Of how far the month is expected to end above its budget; good is what will hardly exceed it."""
    if cost.variance_percent is None or cost.projected is None:
        return Tone.PLAIN
    if cost.variance_percent > FAR_OVER_BUDGET_PERCENT:
        return Tone.BAD
    if cost.variance_percent > 0.0:
        return Tone.WATCH
    return Tone.GOOD if cost.projected.high <= cost.budget else Tone.PLAIN


def severity_tone(severity: str) -> Tone:
    """Of an alarm."""
    if severity in _LOUD:
        return Tone.BAD
    return Tone.WATCH if severity == Severity.MEDIUM else Tone.PLAIN
