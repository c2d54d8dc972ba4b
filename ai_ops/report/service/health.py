"""How the service is, 0 to 100: by the formula as written, and by one that asks for no idle machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Evidence
from ai_ops.report.service.health_formula import SCORED_BY, WEIGHTS, components_of, weighted
from ai_ops.report.service.measured import in_words, mean_of, source_of
from ai_ops.report.service.said import Health
from ai_ops.report.service.target_band import band_score, target_bands

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.gathered import Gathered
    from ai_ops.report.service.measured import Mean

ALL_POINTS = 100.0

FORMULA = (
    "score = sum of weight x component; weights: latency 0.3, errors 0.3, cpu 0.2, memory 0.2. "
    "latency = max(0, 100 - latency_p95_ms / 4), errors = max(0, 100 - error_percent x 20), "
    "cpu = max(0, 100 - cpu_percent), memory = max(0, 100 - memory_percent), each of the mean. "
    "band: the same, but cpu and memory are 100 inside of their target band, fall to 0 at 100 % above it, and to 50 at "
    "0 % below it"
)


def health_of(gathered: Gathered, span: ReportSpan) -> Health:
    """Score the service on the means over the report's span (S001-99 to S001-102, R7)."""
    means = {metric: mean_of(gathered.series.get(metric), span.span) for metric, _ in SCORED_BY.values()}
    measured = {metric: mean.value for metric, mean in means.items() if mean is not None}
    components = {name: min(ALL_POINTS, score) for name, score in components_of(measured).items()}
    bands = target_bands(gathered.thresholds, gathered.knobs)
    band_components = components | {
        name: band_score(measured[SCORED_BY[name][0]], band) for name, band in bands.items() if name in components
    }
    costs_most, points_lost = _dearest(components)
    return Health(
        score=_points(components),
        band=_points(band_components),
        components=components,
        band_components=band_components,
        measured=measured,
        costs_most=costs_most,
        points_lost=points_lost,
        evidence=_evidence(gathered, span, means),
    )


def _points(components: Mapping[str, float]) -> float | None:
    points = weighted(components)
    return None if points is None else min(ALL_POINTS, points)  # weights add up to 1 but for the last bit


def _dearest(components: Mapping[str, float]) -> tuple[str | None, float]:
    """The component that costs the score most points, and how many."""
    total = sum(WEIGHTS[name] for name in components)
    lost = {name: WEIGHTS[name] * (ALL_POINTS - score) / total for name, score in components.items()}
    worst = max(lost, key=lambda name: lost[name], default=None)
    return (None, 0.0) if worst is None or not lost[worst] else (worst, lost[worst])


def _evidence(gathered: Gathered, span: ReportSpan, means: Mapping[str, Mean | None]) -> Evidence:
    bands = target_bands(gathered.thresholds, gathered.knobs)
    missing = [name for name, (metric, _) in SCORED_BY.items() if means[metric] is None]
    shared = (("not measured", f"{', '.join(missing)}: the other components share the weight"),)
    return Evidence(
        id=f"{gathered.service}-health",
        says=f"health score of {gathered.service}",
        formula=FORMULA,
        inputs=(
            *((metric, in_words(metric, mean)) for metric, mean in means.items()),
            *((f"target band of {name}", band.in_words) for name, band in bands.items()),
            *(shared if 0 < len(missing) < len(SCORED_BY) else ()),
        ),
        source=source_of(gathered, tuple(means), span.span),
        command="neuropilot report --json",
    )
