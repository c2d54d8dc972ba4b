"""What detection says of one metric, for a person and for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ai_ops import __version__
from ai_ops.charts.axes import quantity_of
from ai_ops.cli.json_text import utc_text
from ai_ops.domain.label import finding_id
from ai_ops.wiring.detect import why_not_judged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ai_ops.charts.axes import Quantity
    from ai_ops.wiring.detect import Inspection, Newest

AN_HOUR_AND_A_HALF, TWO_DAYS = 1.5, 48.0
"""From these many hours on a person counts in hours, and in days."""


def sentences(inspection: Inspection, chart: Path | None) -> Iterator[str]:
    """The newest value and its band, then the findings, loudest first."""
    seen, metric = inspection.observation, inspection.series.metric
    simulated = " (simulated)" if seen.is_simulated else ""
    span = f"{seen.window.start:%Y-%m-%d %H:%M} to {seen.window.end:%Y-%m-%d %H:%M} UTC"
    yield f"{metric} of {seen.service}, {span}{simulated}"
    yield from _newest_in_words(inspection)
    if inspection.thresholds == "literal":
        yield "  formulas   literal: they alone decide the findings; expectation and scores are the calibrated ones"
    yield from _states_in_words(inspection)
    for warning in seen.warnings:
        yield f"  warning    the data may be partial: {warning}"
    if (reason := why_not_judged(metric)) is not None:
        yield f"  judged     never: {reason}"
    else:
        yield f"  findings   {len(inspection.findings) or 'none'}"
    for finding in inspection.findings:
        name = finding_id(seen.service, finding.metric, finding.since)
        yield f"    {name} {finding.severity}: {finding.reason}"
    if chart is not None:
        yield f"  chart      {chart}"


def document(inspection: Inspection, chart: Path | None) -> dict[str, Any]:
    """The same as JSON values."""
    from pydantic import TypeAdapter

    from ai_ops.domain.finding import Finding

    seen, newest = inspection.observation, inspection.newest()
    findings = TypeAdapter(tuple[Finding, ...]).dump_python(inspection.findings, mode="json")
    names = [finding_id(seen.service, finding.metric, finding.since) for finding in inspection.findings]
    return {
        "version": __version__,
        "exit_code": 0,
        "error": None,
        "service": seen.service,
        "metric": inspection.series.metric,
        "source": seen.source,
        "is_simulated": seen.is_simulated,
        "thresholds": inspection.thresholds,
        "window": {"start": utc_text(seen.window.start), "end": utc_text(seen.window.end)},
        "warnings": list(seen.warnings),
        "not_judged": why_not_judged(inspection.series.metric),
        "now": None if newest is None else asdict(newest) | {"at": utc_text(newest.at)},
        "detectors": {name: asdict(state) for name, state in inspection.states.items()},
        "findings": [found | {"id": name} for found, name in zip(findings, names, strict=True)],
        "chart": None if chart is None else str(chart),
    }


def _newest_in_words(inspection: Inspection) -> Iterator[str]:
    newest, quantity = inspection.newest(), quantity_of(inspection.series.metric)
    words = quantity.words
    if newest is None:
        yield "  now        nothing was measured in the whole history"
        return
    shown = f"{words(newest.value)} at {newest.at:%Y-%m-%d %H:%M} UTC"
    if newest.silent_hours is None:
        yield f"  now        {shown}"
    else:
        yield f"  newest     {shown}, {_age_in_words(newest.silent_hours)} old: it fell silent"
    if newest.expected is not None:
        yield f"  expected   {words(newest.expected)}{_band_in_words(newest, quantity)}"
    scores = {"deviation": newest.deviation, "novelty": newest.novelty}
    if told := ", ".join(f"{name} {score:.2f}" for name, score in scores.items() if score is not None):
        yield f"  scores     {told} (above 1 is an alarm)"


def _age_in_words(hours: float) -> str:
    if hours < AN_HOUR_AND_A_HALF:
        return f"{60 * hours:.0f} min"
    return f"{hours:.0f} h" if hours < TWO_DAYS else f"{hours / 24:.0f} days"


def _states_in_words(inspection: Inspection) -> Iterator[str]:
    """Who has a say, who has none yet and how far it is, and what would serve better; alike ones on one line."""
    label = "detectors"
    for state in dict.fromkeys(inspection.states.values()):
        alike = [name for name, other in inspection.states.items() if other == state]
        yield f"  {label:<9}  {', '.join(alike)}: {state}"
        label = ""


def _band_in_words(newest: Newest, quantity: Quantity) -> str:
    """Where no deviation is reported, as far as the metric can go at all."""
    if newest.lower is None or newest.upper is None:
        return ""
    low, high = max(newest.lower, 0.0), min(newest.upper, quantity.most)
    return f"; no deviation between {low:.4g} and {quantity.words(high)}"
