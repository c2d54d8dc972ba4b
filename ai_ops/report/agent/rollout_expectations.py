"""What is expected of weeks 1, 2 and 4, line by line, and how each line is judged.

What cannot be mended any more is unmet at once; what may still come true in a week that goes on is not known yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.figure import above, apart
from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.report.agent.learning import loss_in_words, newest_loss
from ai_ops.report.agent.times_needed import times_needed
from ai_ops.report.pages.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.domain.training_record import TrainingRecord
    from ai_ops.report.agent.rollout_week import RolloutWeek
    from ai_ops.report.gathered import Gathered, Told
    from ai_ops.report.service.said import CostStanding, Health

NOT_MEASURED = "not measured"

LONGEST_GAP = 1.5 * PERIOD
"""A scheduler may be late; half a period later one run has been left out."""

LEAST_MEASURED_RATIO = 0.8
"""Not every service has a database, or tells its memory: eight of ten metrics are what all the others have."""

HEALTH_RISE = 5.0
"""Points over the baseline, at least (S001-119)."""

STEADY_HEALTH = 85.0
MOST_VARIANCE_PERCENT = 10.0
"""S001-120."""


@dataclass(frozen=True, slots=True)
class Known:
    """What lines are judged by, beside their week; `first_week` is None where nothing has run yet."""

    gathered: Gathered
    span: ReportSpan
    health: Health
    cost: CostStanding
    told: tuple[Told, ...]
    first_week: RolloutWeek | None


Judged = tuple[str, bool | None]
"""What was measured, and whether it is as expected; None where that cannot be said yet."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line: of which week, what is expected, and how it is judged once that week has begun."""

    week: int
    in_words: str
    judge: Callable[[RolloutWeek, Known], Judged]


def _runs(week: RolloutWeek, _known: Known) -> Judged:
    hours = week.longest_gap / timedelta(hours=1)
    return f"{counted(len(week.runs), 'run')}, longest gap {hours:.1f} h", week.longest_gap <= LONGEST_GAP


def _crashes(week: RolloutWeek, _known: Known) -> Judged:
    count, missed = week.periods
    if not count:
        return "no period is over yet", None
    return f"{missed} of {counted(count, 'period')} without a run", missed == 0


def _metrics(week: RolloutWeek, _known: Known) -> Judged:
    ratio = week.measured_ratio
    if ratio is None:
        return NOT_MEASURED, None
    return f"{100.0 * ratio:.0f} % of {len(CANONICAL_METRICS)} metrics", ratio >= LEAST_MEASURED_RATIO


def _detection(week: RolloutWeek, known: Known) -> Judged:
    """It works where it has found something, or a model was measured to find what is injected; else nobody knows."""
    vitals = known.gathered.vitals
    found = sum(len(one.findings) for one in week.runs)
    auc = vitals.status.auc if vitals.status.loaded else None
    is_proven = found > 0 or (auc is not None and auc >= vitals.min_auc)
    model = "no model measured" if auc is None else f"area under the curve of the model {auc:.2f}"
    seen = f"{counted(found, 'finding')} in {counted(len(week.runs), 'run')}"
    return f"{seen}, {model}", True if is_proven else None


def _channel(name: str, _week: RolloutWeek, known: Known) -> Judged:
    channels = [one for one in known.told if one.channel.startswith(name)]
    if not channels:
        return "not configured", None
    sent, failed = sum(one.sent for one in channels), sum(one.failed for one in channels)
    is_silent = any(one.problem for one in channels)
    return (
        f"{counted(sent, 'message')} taken, {failed} failed in the last 7 days",
        False if is_silent else sent > 0 or None,
    )


def _adjustments(least: int, most: int, week: RolloutWeek, known: Known) -> Judged:
    count = week.adjustments
    if count > most:
        return f"{count}", False
    if count >= least:
        return f"{count}", True
    if known.gathered.mode == "observe":
        return f"{count}: mode observe moves nothing", None
    return f"{count}", _in_the_end(week, is_met=False)


def _loss(most: float, week: RolloutWeek, known: Known) -> Judged:
    record = newest_loss(known.gathered.vitals, week.end)
    if record is None or record.loss is None:
        return NOT_MEASURED, None
    return loss_in_words(record), _in_the_end(week, is_met=record.loss <= most)


def _baseline(week: RolloutWeek, _known: Known) -> Judged:
    return (NOT_MEASURED, None) if week.health is None else (f"health {week.health:.0f} of 100", True)


def _accuracy(week: RolloutWeek, known: Known) -> Judged:
    """Hold the area under the curve against that of the week before, and their difference against its noise."""
    before, after = _newest_auc(known.gathered, week.start), _newest_auc(known.gathered, week.now)
    if before is None or after is None or before.auc is None or after.auc is None or before is after:
        return "not measured in both weeks", None
    noise = max((one.auc - one.auc_low for one in (before, after) if one.auc and one.auc_low is not None), default=0.0)
    rise, words = after.auc - before.auc, f"area under the curve {before.auc:.2f}, then {after.auc:.2f}"
    if abs(rise) <= noise:
        return f"{words}, which is within its uncertainty", None
    return words, _in_the_end(week, is_met=rise > 0.0)


def _newest_auc(gathered: Gathered, until: datetime) -> TrainingRecord | None:
    return next((one for one in reversed(gathered.vitals.records) if one.auc is not None and one.at < until), None)


def _variance_falls(week: RolloutWeek, known: Known) -> Judged:
    first = known.first_week
    before, after = first.cost_variance_percent if first else None, week.cost_variance_percent
    if before is None or after is None:
        return NOT_MEASURED, None
    words = f"{above(after)} % against the budget, where week 1 had {above(before)} %"
    return words, _in_the_end(week, is_met=after < before or after <= 0.0)


def _health_rises(week: RolloutWeek, known: Known) -> Judged:
    baseline = known.first_week.health if known.first_week else None
    if baseline is None or week.health is None:
        return NOT_MEASURED, None
    rise = week.health - baseline
    return f"{above(rise)} points, from {baseline:.0f} to {week.health:.0f}", _in_the_end(
        week, is_met=rise >= HEALTH_RISE
    )


def _promise(week: RolloutWeek, known: Known) -> Judged:
    good = week.good_percent
    if good is None:
        return NOT_MEASURED, None
    promised = known.gathered.slo.target_percent
    words = f"{apart(good, promised, 3)} % of requests were good, {promised:.10g} % are promised"
    return words, _in_the_end(week, is_met=good >= promised)


def _variance(_week: RolloutWeek, known: Known) -> Judged:
    """Of the month that is now; to stay below the budget is no fault (R5)."""
    variance = known.cost.variance_percent
    if variance is None:
        return NOT_MEASURED, None
    below = ", below the budget" if variance <= -MOST_VARIANCE_PERCENT else ""
    return f"{above(variance)} % projected for this month{below}", variance < MOST_VARIANCE_PERCENT


def _health(_week: RolloutWeek, known: Known) -> Judged:
    """Of today; the other score is told beside it, since this one takes points for machines that are used (R7)."""
    score, band = known.health.score, known.health.band
    if score is None:
        return NOT_MEASURED, None
    beside = "" if band is None else f", {band:.0f} by target bands"
    return f"{apart(score, STEADY_HEALTH, 0)} now{beside}", score >= STEADY_HEALTH


def _interventions(_week: RolloutWeek, known: Known) -> Judged:
    count, needed_for = times_needed(known.gathered, known.span)
    what = f": {', '.join(needed_for)}" if needed_for else ""
    return f"{count} in the last 7 days{what}", count == 0


def _in_the_end(week: RolloutWeek, *, is_met: bool) -> bool | None:
    """What is not met may still be as long as the week goes on."""
    return True if is_met else (False if week.is_over else None)


EXPECTATIONS = (
    Expectation(1, "a run every 6 hours", _runs),
    Expectation(1, "no crashes", _crashes),
    Expectation(1, "metrics are collected", _metrics),
    Expectation(1, "detection works", _detection),
    Expectation(1, "Slack is told", partial(_channel, "slack")),
    Expectation(1, "Notion is told", partial(_channel, "notion")),
    Expectation(1, "0 to 2 adjustments", partial(_adjustments, 0, 2)),
    Expectation(1, "loss of the model 0.10 to 0.15 or less", partial(_loss, 0.15)),
    Expectation(1, "the baseline of health is known", _baseline),
    Expectation(2, "loss of the model 0.03 to 0.05 or less", partial(_loss, 0.05)),
    Expectation(2, "accuracy improves", _accuracy),
    Expectation(2, "1 to 3 adjustments", partial(_adjustments, 1, 3)),
    Expectation(2, "cost comes nearer to the budget, or stays below it", _variance_falls),
    Expectation(2, "health 5 to 10 points over the baseline, or more", _health_rises),
    Expectation(4, "loss of the model 0.01 to 0.02 or less", partial(_loss, 0.02)),
    Expectation(4, "the promise is kept", _promise),
    Expectation(4, "cost at most 10 % over the budget", _variance),
    Expectation(4, "0 or 1 adjustment", partial(_adjustments, 0, 1)),
    Expectation(4, "health 85 to 95, or more", _health),
    Expectation(4, "no manual interventions", _interventions),
)
"""In the order of the requirements."""
