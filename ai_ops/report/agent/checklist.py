"""The roll-out as it was expected (S001-118 to S001-120), with what was measured beside every line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.document import Evidence
from ai_ops.report.agent.past import runs_until
from ai_ops.report.agent.rollout_expectations import EXPECTATIONS, Known
from ai_ops.report.agent.rollout_week import rollout_week
from ai_ops.report.agent.said import Checklist, ChecklistItem
from ai_ops.report.pages.words import counted
from ai_ops.report.service.measured import between

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.agent.rollout_expectations import Expectation
    from ai_ops.report.agent.rollout_week import RolloutWeek
    from ai_ops.report.gathered import Gathered, Told
    from ai_ops.report.service.said import CostStanding, Health


def checklist_of(
    gathered: Gathered, span: ReportSpan, health: Health, cost: CostStanding, told: tuple[Told, ...]
) -> Checklist:
    """Hold every expectation of weeks 1, 2 and 4 against its figure; a week that has not come is not judged."""
    weeks = {number: rollout_week(gathered, span.end, number) for number in (1, 2, 4)}
    known = Known(gathered, span, health, cost, told, weeks[1])
    items = tuple(_item(weeks[one.week], known, one) for one in EXPECTATIONS)
    runs = runs_until(gathered, span.end)
    day = max(1, (span.end - runs[0].decided_at).days + 1) if runs else 1
    return Checklist(day, items, gathered.rollout_advice, _evidence(gathered, weeks.values()))


def _item(week: RolloutWeek | None, known: Known, expectation: Expectation) -> ChecklistItem:
    if week is None or not week.has_begun:
        measured = "from the first run on" if expectation.week == 1 else f"from day {7 * expectation.week - 6} on"
        is_met = None
    else:
        measured, is_met = expectation.judge(week, known)
    return ChecklistItem(expectation.week, expectation.in_words, measured, is_met)


def _evidence(gathered: Gathered, weeks: Iterable[RolloutWeek | None]) -> Evidence:
    """On what the weeks rest; what was measured of them stands beside each expectation."""
    begun = [one for one in weeks if one is not None and one.has_begun]
    runs = gathered.episodes[:1]
    since = f" since {runs[0].decided_at:%Y-%m-%d %H:%M} UTC" if runs else ", which holds none yet"
    return Evidence(
        id=f"{gathered.service}-checklist",
        says=f"how the roll-out for {gathered.service} goes",
        formula=(
            "weeks are counted from the first run. longest gap: between two decisions; a period without a run: none of "
            "its six hours decided; adjustments: decisions whose change came live in the week; health of a week: mean "
            "of the health score of its periods; cost variance of a week: (cost - budget of the same hours) / budget; "
            "good: by requests; loss: the newest training's at the end of the week, which chance alone makes about "
            "0.869 / sqrt(rows)"
        ),
        inputs=tuple((f"week {one.number}", _in_words(one)) for one in begun) or (("episodes", "none"),),
        source=f"episodes of the ledger{since}; the training log; what became of messages in the last seven days",
        command=f"neuropilot history --service {gathered.service} --last 112",
    )


def _in_words(week: RolloutWeek) -> str:
    known = f"{counted(len(week.runs), 'episode')}, {counted(week.adjustments, 'change')} that came live"
    return f"{between(week.start, week.now)}: {known}"
