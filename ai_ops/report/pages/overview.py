"""What only a person can do, before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ai_ops.domain.document import Block, Cell, Paragraph, Section, Table, Tone
from ai_ops.report.pages.words import times

if TYPE_CHECKING:
    from ai_ops.report.agent.said import Need
    from ai_ops.report.service_report import Report

URGENT = 80
"""Needs from here on are shown as bad, those below it as worth a look."""

_REASONS_SHOWN = 5


def overview_section(report: Report) -> Section:
    """At most three things that wait for somebody, and how often somebody was needed this week."""
    blocks: list[Block] = [_needs(report)] if report.needs else [Paragraph("Nothing needs a person.", tone=Tone.GOOD)]
    if report.more_needs:
        blocks.append(Paragraph(f"{report.more_needs} more can wait."))
    blocks.append(Paragraph(times_needed(report.times_needed, _reasons(report))))
    return Section("needs", "Needs a person", tuple(blocks))


def times_needed(count: int, reasons: tuple[str, ...]) -> str:
    """How often a person was needed in a week, and for what."""
    if not count:
        return "In the last 7 days nobody was needed for a decision."
    more = [f"and {len(reasons) - _REASONS_SHOWN} more"] if len(reasons) > _REASONS_SHOWN else []
    told = "; ".join([*reasons[:_REASONS_SHOWN], *more])
    return f"In the last 7 days a person was needed {times(count)}{': ' if told else ''}{told}."


def what_to_do(action: str) -> Cell:
    """Write an address as a link with the host's name, and a command as one."""
    parts = urlsplit(action)
    if parts.scheme in {"http", "https"} and parts.hostname and len(action.split()) == 1:
        return Cell(f"open it on {parts.hostname}", link=action)
    return Cell(f"`{action}`" if action.startswith("neuropilot ") else action)


def action_with(action: str, needs: tuple[Need, ...]) -> Cell:
    """Write an action that speaks of an address of one of `needs` with a link in the place of it."""
    for need in needs:
        step = what_to_do(need.action)
        if step.link and step.link in action:
            return Cell(action.replace(step.link, step.text), link=step.link)
    return what_to_do(action)


def _needs(report: Report) -> Table:
    are_several = len(report.services) > 1
    rows = (
        (
            Cell(
                f"{need.service}: {need.what}" if are_several and need.service else need.what, tone=urgency_tone(need)
            ),
            Cell(need.why),
            what_to_do(need.action),
        )
        for need in report.needs
    )
    return Table("What only a person can do, the most urgent first", ("what", "why", "what to do"), tuple(rows))


def urgency_tone(need: Need) -> Tone:
    """How bad it is that this waits."""
    return Tone.BAD if need.urgency >= URGENT else Tone.WATCH


def _reasons(report: Report) -> tuple[str, ...]:
    """For what; where there are several services, which of them."""
    if len(report.services) == 1:
        return report.services[0].needed_for
    return tuple(f"{one.service} {times(one.times_needed)}" for one in report.services if one.times_needed)
