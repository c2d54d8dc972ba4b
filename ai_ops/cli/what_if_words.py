"""What an idea would have cost and done, beside today's settings, for a person and for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops import __version__
from ai_ops.cli.json_text import utc_text
from ai_ops.cli.rationale import hour_in_words
from ai_ops.cli.twin_words import fit_in_words, window_in_words
from ai_ops.cli.words import change_in_words
from ai_ops.tune.explanation.alternatives import broken_rules
from ai_ops.twin.telemetry import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ai_ops.tune.look import Compared
    from ai_ops.wiring.twin import Tried

_ROWS = (
    ("cost per hour", "cost_per_hour", ".3f"),
    ("instances", "instances", ".2f"),
    ("burn", "burn", ".2f"),
    ("  bad fortnight", "burn_bound", ".2f"),
    ("  under stress", "stressed_burn", ".2f"),
    ("steps a day", "events_per_day", ".0f"),
)
"""What stands in a line, under which name, with which digits."""


def sentences(tried: Tried, chart: Path | None) -> Iterator[str]:
    """The idea, both columns, its riskiest hours, and what the agent would say of it."""
    seen, compared = tried.seen, tried.compared
    simulated = " (simulated)" if seen.observation.is_simulated else ""
    yield f"What if, for {seen.service.name}, on {window_in_words(compared.look.replays.window)}{simulated}"
    for change in tried.idea.changes:
        yield f"  idea       {change_in_words(change)}"
    for label in tried.idea.labels:
        yield f"  beyond     {label}"
    yield f"  {'':<16} {'today':>9} {'idea':>9}"
    figures = [_figures(compared, place) for place in (0, 1)]
    for says, name, digits in _ROWS:
        today, idea = (one[name] for one in figures)
        yield f"  {says:<16} {today:>9{digits}} {idea:>9{digits}}{_change(today, idea, name)}"
    for hour in compared.riskiest:
        yield f"  risk       {hour_in_words(hour)}"
    yield f"  fit        {fit_in_words(compared.look)}"
    for warning in _warnings(tried):
        yield f"  warning    {warning}"
    yield f"  verdict    {verdict(compared)}"
    if chart is not None:
        yield f"  chart      {chart}"


def document(tried: Tried, chart: Path | None) -> dict[str, Any]:
    """The same as JSON values."""
    from pydantic import TypeAdapter

    from ai_ops.domain.rationale import RiskyHour
    from ai_ops.domain.tuning import Change

    compared, window = tried.compared, tried.compared.look.replays.window
    fit = compared.look.ran.fit
    return {
        "version": __version__,
        "exit_code": 0,
        "error": None,
        "service": tried.seen.service.name,
        "is_simulated": tried.seen.observation.is_simulated,
        "window": {"start": utc_text(window.start), "end": utc_text(window.start + window.minutes * MINUTE)},
        "changes": TypeAdapter(tuple[Change, ...]).dump_python(tried.idea.changes, mode="json"),
        "beyond": list(tried.idea.labels),
        "today": _figures(compared, 0),
        "idea": _figures(compared, 1),
        "riskiest": TypeAdapter(tuple[RiskyHour, ...]).dump_python(compared.riskiest, mode="json"),
        "fit": {"cost_error": fit.cost_error, "observed_burn": fit.observed_burn, "replayed_burn": fit.replayed_burn},
        "warnings": list(_warnings(tried)),
        "verdict": verdict(compared),
        "chart": None if chart is None else str(chart),
    }


def verdict(compared: Compared) -> str:
    """What the agent's own rules say of the idea."""
    broken = "; ".join(broken_rules(compared.figures, 1, compared.look.margin))
    if broken:
        return f"the agent would not propose it: it {broken}"
    saved = 1.0 - float(compared.figures.instances[1] / compared.figures.instances[0])
    money = f"saves {saved:.1%}" if saved > 0 else f"costs {-saved:.1%} more"
    return f"safe by the agent's own rules; it {money}"


def _figures(compared: Compared, place: int) -> dict[str, float]:
    figures, price = compared.figures, compared.look.replays.twin.calibration.price_per_instance_hour
    names = ("instances", "burn", "burn_bound", "stressed_burn", "events_per_day")
    read = {name: float(getattr(figures, name)[place]) for name in names}
    return {"cost_per_hour": read["instances"] * price, **read}


def _change(today: float, idea: float, name: str) -> str:
    """How much more or less, where money is meant."""
    return f"  {idea / today - 1.0:+.1%}" if name in ("cost_per_hour", "instances") and today > 0 else ""


def _warnings(tried: Tried) -> Iterator[str]:
    """Why all of this may mean less than it seems."""
    if (reason := tried.compared.look.ran.fit.reason) is not None:
        yield reason
    yield from tried.compared.look.doubts
    if tried.seen.doubt is not None:
        yield f"the past is left out: {tried.seen.doubt}"
    for gap in tried.seen.observation.minute_gaps:
        yield f"{gap.metric} is missing: {gap.reason}"
