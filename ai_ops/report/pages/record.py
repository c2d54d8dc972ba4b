"""How good the agent's own predictions were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Figure, Paragraph, Section, Table, Tone
from ai_ops.domain.prediction import Verdict
from ai_ops.report.pages.key_figures import CLAIMED
from ai_ops.report.pages.words import UNKNOWN, money, period

if TYPE_CHECKING:
    from ai_ops.domain.prediction import Interval
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.agent.said import JudgedPrediction, OwnRecord
    from ai_ops.report.service_report import ServiceReport

_HEADER = ("prediction", "verdict", "cost an hour", "error budget spent", "why")
_TONES = {Verdict.HIT: Tone.GOOD, Verdict.MISS: Tone.WATCH, Verdict.NOT_JUDGEABLE: Tone.PLAIN}


def record_section(service: ServiceReport, span: ReportSpan) -> Section:
    """Hold up what was predicted against what came: of this span one by one, of four weeks as a share."""
    record = service.record
    evidence = record.evidence.id
    blocks: list[Block] = [Paragraph(calibration_in_words(record), evidence if record.calibration else "")]
    if record.saved is not None:
        blocks.append(Paragraph(_saved(record.saved, record.saved_hours, service.cost.currency), evidence))
    if record.judged:
        rows = tuple(_row(one, span, evidence) for one in record.judged)
        blocks.append(Table(f"Predictions that were judged in the {period(span)}", _HEADER, rows))
    if record.calibration is not None:
        blocks.append(_picture(service.service, record))
    return Section(f"{service.service}-record", "The agent's own record", tuple(blocks), service.service)


def calibration_in_words(record: OwnRecord) -> str:
    """How many of its predictions came true in four weeks, and how many should have."""
    if record.calibration is None:
        return "No prediction of the last 28 days could be judged yet."
    share = record.calibration
    left_out = f"; {record.not_judgeable} could not be judged" if record.not_judgeable else ""
    return (
        f"{record.hits} of {record.hits + record.misses} predictions of the last 28 days came true: "
        f"{100 * share.expected:.0f} % ({100 * share.low:.0f} to {100 * share.high:.0f}), "
        f"where {100 * CLAIMED:.0f} % is claimed{left_out}."
    )


def _saved(saved: float, hours: float, currency: str) -> str:
    """What live changes earned, or cost."""
    verb = "saved" if saved >= 0 else "cost"
    return (
        f"Its live changes {verb} {money(abs(saved), currency)} over {hours:.0f} judged hours of these 28 days, "
        "beside what was expected without them."
    )


def _row(one: JudgedPrediction, span: ReportSpan, evidence: str) -> tuple[Cell, ...]:
    return (
        Cell(f"{'live change' if one.is_live_change else 'unchanged settings'}, {span.in_words(one.made_at)}"),
        Cell(one.verdict, evidence, _TONES[one.verdict]),
        Cell(_beside(one.predicted_cost_per_hour, one.cost_per_hour, ".3g"), evidence),
        Cell(_beside(one.predicted_burn, one.burn, ".2f"), evidence),
        Cell(one.reason),
    )


def _beside(predicted: Interval | None, came: float | None, digits: str) -> str:
    expected = "nothing expected" if predicted is None else f"expected {predicted.in_words(digits)}"
    return f"{UNKNOWN if came is None else format(came, digits)}; {expected}"


def _picture(service: str, record: OwnRecord) -> Figure:
    return Figure(
        name=f"{service}-predictions",
        title=f"Predictions for {service}, and what came",
        alt=f"What was predicted for {service} beside what came. {calibration_in_words(record)}",
        bars=(("hits", float(record.hits)), ("misses", float(record.misses))),
        unit="predictions",
    )
