"""The grounds of a decision in words: options side by side, the riskiest hours, what would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.change import in_brief
from ai_ops.domain.rationale import Cause, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.rationale import Option, Rationale, RiskyHour

_ROLES = {
    Role.TODAY: "today's settings",
    Role.PROPOSED: "what is proposed",
    Role.SAFER: "safer",
    Role.CHEAPER: "cheaper",
}
_CAUSES = {Cause.LOAD: "", Cause.ELSEWHERE: "; a deploy or an incident elsewhere, which no setting changes"}


def rationale_in_words(rationale: Rationale) -> Iterator[str]:
    """Line by line, for `neuropilot explain`."""
    span = f"{rationale.window_start:%Y-%m-%d %H:%M} to {rationale.window_end:%Y-%m-%d %H:%M} UTC"
    yield f"  replayed   {span}; {rationale.margin:.2f} of the error budget may be spent in a bad fortnight"
    for option in rationale.options:
        yield f"  option     {option_in_words(option, rationale.options[0].cost_per_hour)}"
    for hour in rationale.riskiest:
        yield f"  risk       {hour_in_words(hour)}"
    for point in rationale.what_would_change:
        yield f"  turns on   {point}"


def option_in_words(option: Option, todays_cost: float) -> str:
    """What it is, what it costs against today's, what it spends, and what stands in its way."""
    cost = f"cost {option.cost_per_hour:.3g} per hour"
    if option.role is not Role.TODAY and todays_cost > 0:
        cost += f" ({option.cost_per_hour / todays_cost - 1.0:+.1%})"
    moved = f" ({', '.join(in_brief(change) for change in option.changes)})" if option.changes else ""
    obstacle = f"; {option.obstacle}" if option.obstacle else ""
    return (
        f"{_ROLES[option.role]}{moved}: {cost}, burn {option.burn:.2f}, {option.burn_bound:.2f} in a bad fortnight, "
        f"{option.stressed_burn:.2f} under stress, {option.events_per_day:.0f} steps a day{obstacle}"
    )


def hour_in_words(hour: RiskyHour) -> str:
    """When, how much of the budget, and why."""
    return (
        f"{hour.start:%a %Y-%m-%d %H:%M} UTC: {hour.budget_ratio:.1%} of the window's error budget, "
        f"{hour.requests_per_second:.4g} requests/s, {hour.instances:g} instances at the least, "
        f"CPU up to {hour.cpu_percent:.0f} %{_CAUSES[hour.cause]}"
    )
