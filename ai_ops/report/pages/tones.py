"""From which figure on something is good, worth a look, or bad."""

from __future__ import annotations

from ai_ops.domain.document import Tone
from ai_ops.domain.finding import Severity

WELL, POOR, BAD = 85.0, 70.0, 50.0
"""Health: what a service should reach (S001-120), where advice begins (S001-109), and half of it all."""

LITTLE_BUDGET_LEFT_RATIO = 0.25
"""A quarter of the error budget: at the pace that spent the rest, the promise is broken within ten days."""

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


def budget_tone(left_ratio: float | None) -> Tone:
    """Of the share of the error budget that is left; None is not known."""
    if left_ratio is None:
        return Tone.PLAIN
    if left_ratio < 0.0:
        return Tone.BAD
    return Tone.WATCH if left_ratio < LITTLE_BUDGET_LEFT_RATIO else Tone.GOOD


def cost_tone(variance_percent: float | None) -> Tone:
    """Of how far the month is expected to end above its budget; None is not known."""
    if variance_percent is None:
        return Tone.PLAIN
    if variance_percent > FAR_OVER_BUDGET_PERCENT:
        return Tone.BAD
    return Tone.WATCH if variance_percent > 0.0 else Tone.GOOD


def severity_tone(severity: str) -> Tone:
    """Of an alarm."""
    if severity in _LOUD:
        return Tone.BAD
    return Tone.WATCH if severity == Severity.MEDIUM else Tone.PLAIN
