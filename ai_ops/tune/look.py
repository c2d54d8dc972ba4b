"""The twin as it stands, without a search: for people who look at it, and for those who have an idea of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.prediction import Looked
from ai_ops.tune.explanation.riskiest import riskiest_hours
from ai_ops.tune.learning.learned import learned, spans
from ai_ops.tune.learning.records import Record
from ai_ops.tune.search.candidates import Candidate
from ai_ops.tune.search.choice import margin_of
from ai_ops.tune.search.fitness import fitness
from ai_ops.tune.search.replays import Ran, Replays, replays_of, rerun_of
from ai_ops.tune.search.study import WINDOW_DAYS
from ai_ops.twin.calibration import Uncalibrated
from ai_ops.twin.telemetry import MINUTES_PER_DAY

if TYPE_CHECKING:
    from ai_ops.domain.rationale import RiskyHour
    from ai_ops.tune.advice import Question
    from ai_ops.tune.search.acceptance import Figures
    from ai_ops.tune.search.limits import Settings
    from ai_ops.twin.replayed import Trace


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A calibrated twin beside what really happened.

    Parameters
    ----------
    ran
        What ran, as the twin tells it.
    correction
        How many times more of the budget reality spends than replays do, as learned so far.
    margin
        Share of the error budget that a proposal may spend today.
    doubts
        Why nothing would be decided on this history, or only with more care.
    """

    replays: Replays
    ran: Ran
    correction: float
    margin: float
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Two sets of settings on the same days: today's first, then the idea.

    Parameters
    ----------
    figures
        Of the two, shape (2,) each.
    trace
        Of the two, minute by minute.
    riskiest
        Hours of the idea, worst first.
    """

    look: Look
    today: Settings
    idea: Settings
    figures: Figures
    trace: Trace
    riskiest: tuple[RiskyHour, ...]


def look(question: Question) -> Look | Uncalibrated:
    """Calibrate a twin on the last fortnight, and replay what ran in it."""
    window = question.telemetry.last(WINDOW_DAYS * MINUTES_PER_DAY)
    rerun = rerun_of(spans(question.records, question.thresholds, question.now), window)
    replays = replays_of(window, question.platform, rerun)
    if isinstance(replays, Uncalibrated):
        return replays
    ran = replays.ran(rerun)
    last_day = Looked(None, None) if ran.fit.last_day is None else Looked(*ran.fit.last_day)
    record = Record(question.now, dict(question.thresholds), looked=last_day)
    learnt = learned((*question.records, record), question.thresholds, question.now)
    fit_for_it = fitness(question.telemetry, question.now)
    doubts = (fit_for_it.hold_reason,) if fit_for_it.hold_reason is not None else fit_for_it.notes
    return Look(replays, ran, learnt.correction, margin_of(learnt, fit_for_it, question.now), doubts)


def compare(seen: Look, today: Settings, idea: Settings) -> Compared:
    """Replay an idea beside today's settings, as the agent replays its own: the same days, the same stress."""
    both = [Candidate(dict(today)), Candidate({**today, **idea})]
    trace = seen.replays.traced(both)
    return Compared(
        look=seen,
        today=both[0].settings,
        idea=both[1].settings,
        figures=seen.replays.figures(both, seen.correction),
        trace=trace,
        riskiest=riskiest_hours(seen.replays, trace, 1, seen.correction),
    )
