"""What is expected, with and without the change, and what the replay of the last days says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.apply.pull_request_body.charts import options_chart, prediction_chart
from ai_ops.apply.pull_request_body.figures import (
    allowed_minutes,
    amount,
    difference,
    monthly,
    span,
)
from ai_ops.apply.pull_request_body.words import day
from ai_ops.domain.metrics import HOURS_PER_MONTH
from ai_ops.domain.rationale import Role
from ai_ops.markdown import folded, image, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.apply.pull_request_body.facts import Facts
    from ai_ops.apply.pull_request_body.parts import Pen
    from ai_ops.domain.prediction import Interval
    from ai_ops.domain.rationale import Option

_ROLES = {
    Role.TODAY: "left alone",
    Role.PROPOSED: "**this change**",
    Role.SAFER: "a safer one",
    Role.CHEAPER: "a cheaper one",
}


def effect_table(facts: Facts, pen: Pen) -> str:
    """Cost, SLO minutes and scale events, left alone and with the change."""
    prediction, otherwise = facts.episode.prediction, facts.episode.if_unchanged
    if prediction is None:
        return ""
    new, old = monthly(prediction), (monthly(otherwise) if otherwise else None)
    allowed, currency = allowed_minutes(prediction), pen.words(facts.currency, 10)
    promise = f" ({amount(allowed)} allowed)" if allowed is not None else ""
    rows = [
        _row(f"cost per month{f', {currency}' if currency else ''}", old.cost if old else None, new.cost),
        _row(f"SLO minutes per month{promise}", old.slo_minutes if old else None, new.slo_minutes),
        _row("scale events per day", old.events if old else None, new.events),
    ]
    said = "\n\nSimulated figures." if facts.episode.is_simulated else ""
    return (
        f"**Predicted effect** (in brackets the 90 % interval)\n\n"
        f"{table(('', 'left alone', 'with this change', 'difference'), rows)}{said}"
    )


def replay_table(facts: Facts, pen: Pen) -> str:
    """What the last days would have been like with each of the settings."""
    rationale = facts.episode.rationale
    if rationale is None or not rationale.options:
        return ""
    days = (rationale.window_end - rationale.window_start).total_seconds() / 86_400
    rows = [_option_row(option, pen) for option in rationale.options[:6]]
    header = (
        "settings",
        "cost per month",
        "error budget spent",
        "in a bad fortnight",
        "under stress",
        "steps a day",
        "",
    )
    return (
        f"**Replay of the last {days:.3g} days**, {day(rationale.window_start)} to {day(rationale.window_end)}; "
        f"a bad fortnight may spend {rationale.margin:.2f} of the error budget\n\n{table(header, rows)}"
    )


def chart(facts: Facts) -> str:
    """The picture, where there is one."""
    alt = "cost and error budget, left alone and with this change"
    return image(alt, facts.chart_url) if facts.chart_url else ""


def drawn_here(facts: Facts) -> str:
    """The same as text that the host draws."""
    episode = facts.episode
    drawn = options_chart(episode.rationale) or prediction_chart(episode.prediction, episode.if_unchanged)
    return folded("Drawn without the picture", drawn) if drawn else ""


def _row(what: str, old: Interval | None, new: Interval) -> Sequence[str]:
    return what, span(old) if old else "not predicted", span(new), span(difference(new, old)) if old else ""


def _option_row(option: Option, pen: Pen) -> Sequence[str]:
    return (
        _ROLES[option.role],
        amount(HOURS_PER_MONTH * option.cost_per_hour),
        *(f"{share:.2f}" for share in (option.burn, option.burn_bound, option.stressed_burn)),
        amount(option.events_per_day),
        pen.words(option.obstacle, 200) if option.obstacle else "",
    )
