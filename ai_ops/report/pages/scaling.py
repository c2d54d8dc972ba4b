"""What the autoscaler did, and what the agent did to the autoscaler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Block, Cell, Paragraph, Section, Table
from ai_ops.domain.figure import figure
from ai_ops.report.pages.words import counted, period, times

if TYPE_CHECKING:
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.service.said import KnobMove, Scaling
    from ai_ops.report.service_report import ServiceReport

_HEADER = ("setting", "moved", "decided", "stands now", "episode")


def scaling_section(service: ServiceReport, span: ReportSpan) -> Section:
    """Count what the autoscaler did, and name every setting that the agent moved."""
    scaling = service.scaling
    blocks: list[Block] = [
        Paragraph(_autoscaler(scaling), scaling.evidence.id if scaling.ups is not None else ""),
        Paragraph(_agent(scaling, span), scaling.evidence.id),
    ]
    if scaling.moves:
        rows = tuple(_row(move, span) for move in scaling.moves)
        blocks.append(Table(f"Settings of {service.service} that the agent decided to move", _HEADER, rows))
    return Section(f"{service.service}-scaling", "Scaling", tuple(blocks), service.service)


def _autoscaler(scaling: Scaling) -> str:
    if scaling.ups is None or scaling.downs is None:
        return "Nobody counted the instances."
    if scaling.lowest is None or scaling.highest is None or scaling.mean is None:
        return "Nobody counted the instances."
    if not scaling.ups and not scaling.downs:
        return f"The number of instances stayed as it was: {_number(scaling.mean)}."
    rose = f"rose {times(scaling.ups)}" if scaling.ups else "never rose"
    fell = f"fell {times(scaling.downs)}" if scaling.downs else "never fell"
    bounds = f"between {_number(scaling.lowest)} and {_number(scaling.highest)}"
    return f"Instances {rose} and {fell}, {bounds}; {figure(scaling.mean)} on average."


def _agent(scaling: Scaling, span: ReportSpan) -> str:
    if not scaling.moves and not scaling.holds:
        return f"In the {period(span)} the agent decided nothing."
    kept = f", and left all as it was {times(scaling.holds)}" if scaling.holds else ""
    return f"In the {period(span)} the agent {_moved(scaling)}{kept}."


def _moved(scaling: Scaling) -> str:
    """What was decided, and how much of it came true."""
    if not scaling.moves:
        return "moved nothing"
    live, settings = sum(move.is_live for move in scaling.moves), counted(len(scaling.moves), "setting")
    if live == len(scaling.moves):
        return f"moved {settings}"
    return f"decided to move {settings}, of which {live or 'none'} {'is' if live < 2 else 'are'} live"  # noqa: PLR2004


def _number(instances: float) -> str:
    """Instances come whole, averages of them do not.

    >>> _number(3.0), _number(2.6)
    ('3', '2.6')
    """
    return figure(instances).removesuffix(".0")


def _row(move: KnobMove, span: ReportSpan) -> tuple[Cell, ...]:
    return (
        Cell(move.knob),
        Cell(f"{move.before} → {move.after}"),
        Cell(span.in_words(move.at)),
        Cell("yes" if move.is_live else "no"),
        Cell(move.episode),
    )
