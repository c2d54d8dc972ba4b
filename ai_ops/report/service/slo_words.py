"""The standing of the error budget in one sentence for somebody who has never heard of a burn rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.figure import figure

if TYPE_CHECKING:
    from ai_ops.domain.slo import Slo
    from ai_ops.report.service.hours import Known

PERIOD_HOURS = 720.0
WORTH_SAYING_HOURS = 24.0
"""So much of 30 days may be missing without a word: a day changes no picture of a month."""


def slo_in_words(
    left: float | None, burn: float | None, hours_left: float | None, known: Known, days: int, slo: Slo
) -> str:
    """Say what is left, how long it lasts, and on how much of the 30 days that rests.

    Parameters
    ----------
    left
        Share of the budget, below 0 when more than all of it was spent; None where it is not known.
    burn
        Of the report's span; None where it is not known.
    hours_left
        How long the rest lasts at that rate; None where it is unknown or lasts for ever.
    known
        Requests of the 30 days.
    days
        How long the report's span is.
    """
    if left is None:
        return _unknown(known, slo)
    lately = "the last day" if days == 1 else f"the last {days} days"
    return f"{_standing(left)}; {_pace(left, burn, hours_left, lately)}{_doubt(known)}."


def _unknown(known: Known, slo: Slo) -> str:
    if known.hours <= 0:
        return "The 30-day error budget is not known: nobody measured whether requests were good."
    return (
        f"The 30-day error budget is not known: {known.amount:.0f} requests were measured, and it takes "
        f"{slo.minimum_requests} to say anything."
    )


def _standing(left: float) -> str:
    if left <= 0:
        return f"The 30-day error budget is used up: {100.0 * (1.0 - left):.0f} % of it was spent"
    return f"{_percent(left)} of the 30-day error budget is left"


def _percent(left: float) -> str:
    """Never "0 %" of what there still is, nor "100 %" of what was touched."""
    if left < 0.01:  # noqa: PLR2004  # one percent
        return "Less than 1 %"
    return f"{'More than 99' if 0.99 < left < 1.0 else round(100.0 * left)} %"  # noqa: PLR2004  # percent


def _pace(left: float, burn: float | None, hours_left: float | None, lately: str) -> str:
    if burn is None:
        return f"how fast it was spent in {lately} is not known"
    if burn <= 0:
        return f"none of it was spent in {lately}"
    if left <= 0:
        return f"in {lately} it was spent {_as_fast(burn)} as the promise allows"
    if hours_left is None:
        return f"at the rate of {lately} it is never used up"
    return f"at the rate of {lately} it lasts {how_long(hours_left)}"


def _as_fast(times: float) -> str:
    """Two digits, and all those before the point.

    >>> _as_fast(2.31), _as_fast(0.04), _as_fast(173.2), _as_fast(1.01)
    ('2.3 times as fast', '0.04 times as fast', '173 times as fast', 'just as fast')
    """
    many = f"{times:.2g}" if times < 10 else figure(times, 0)  # noqa: PLR2004  # from here on two digits are whole
    return "just as fast" if many == "1" else f"{many} times as fast"


def how_long(hours: float) -> str:
    """Days where there are more than three of them: below that, hours matter.

    >>> how_long(216.0), how_long(56.2), how_long(0.4)
    ('9 days', '56 hours', 'less than an hour')
    """
    if hours > 72:  # noqa: PLR2004  # three days
        return f"{hours / 24.0:.0f} days"
    return "less than an hour" if hours < 1 else f"{hours:.0f} hour{'s' if round(hours) > 1 else ''}"


def _doubt(known: Known) -> str:
    if PERIOD_HOURS - known.hours <= WORTH_SAYING_HOURS:
        return ""
    return f" (measured for {how_long(known.hours).removesuffix(' days')} of 30 days)"
