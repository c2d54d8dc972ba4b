"""The agent's own record: what it predicted, what came, and what its live changes have saved."""

from __future__ import annotations

from datetime import timedelta
from math import sqrt
from typing import TYPE_CHECKING

from ai_ops.domain.cycle import PERIOD
from ai_ops.domain.document import Evidence
from ai_ops.domain.prediction import Interval, Verdict
from ai_ops.report.agent.past import episodes_until
from ai_ops.report.agent.said import JudgedPrediction, OwnRecord
from ai_ops.report.agent.savings import savings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.prediction import Outcome, Prediction
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.report.agent.savings import Savings
    from ai_ops.report.gathered import Gathered

COUNTED = timedelta(days=28)
"""Four of every weekday: long enough for a share to mean something, short enough to be about the agent of today."""

CLAIM = 0.9
"""What an interval promises: nine of ten outcomes lie within it."""

Z_95 = 1.959963984540054
"""Standard normal quantile at 0.975: both sides of a 95 % interval."""


def record_of(gathered: Gathered, span: ReportSpan) -> OwnRecord:
    """Hold what was predicted beside what came: each prediction judged in the span, and the count of 28 days."""
    episodes = episodes_until(gathered, span.end)
    predicted = {one.prediction.made_at: one for one in episodes if one.prediction is not None}
    outcomes = _once_each(outcome for episode in episodes for outcome in episode.outcomes)
    counted = [one for one in outcomes if span.end - COUNTED <= one.judged_at < span.end]
    in_span = [one for one in counted if one.judged_at >= span.span.start]
    verdicts = _by_day(counted, predicted)
    hits, misses = verdicts.count(Verdict.HIT), verdicts.count(Verdict.MISS)
    saved = savings_of(counted, predicted, gathered, episodes)
    return OwnRecord(
        judged=tuple(_beside(one, predicted.get(one.made_at)) for one in in_span),
        hits=hits,
        misses=misses,
        not_judgeable=verdicts.count(Verdict.NOT_JUDGEABLE),
        calibration=wilson(hits, hits + misses) if hits + misses else None,
        saved=saved.total,
        saved_hours=saved.hours,
        evidence=_evidence(gathered, span, verdicts, saved),
    )


def wilson(hits: int, judged: int) -> Interval:
    """Share of hits with its 95 % interval (Wilson, 1927); `judged` is at least 1.

    >>> wilson(9, 10).in_words(".3f")
    '0.900 (0.596 to 0.982)'
    """
    share, z2 = hits / judged, Z_95**2
    middle = (share + z2 / (2 * judged)) / (1 + z2 / judged)
    half = Z_95 * sqrt(share * (1 - share) / judged + z2 / (4 * judged**2)) / (1 + z2 / judged)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def _once_each(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """One outcome of each prediction, oldest first; of two looks at the same one, the first of the worse verdict."""
    kept: dict[datetime, Outcome] = {}
    for one in outcomes:
        kept[one.made_at] = max(kept.get(one.made_at, one), one, key=lambda other: _WEIGHTS.index(other.verdict))
    return tuple(sorted(kept.values(), key=lambda one: one.made_at))


def _by_day(outcomes: Iterable[Outcome], predicted: Mapping[datetime, Episode]) -> list[Verdict]:
    """One verdict of each day's prediction: a miss if it ever was one, as earned autonomy counts it, too.

    A hit of which the ledger no longer holds the prediction proves nothing.
    """
    days: dict[tuple[bool, str], Verdict] = {}
    for one in outcomes:
        episode = predicted.get(one.made_at)
        is_hit = one.verdict is Verdict.HIT
        verdict = Verdict.NOT_JUDGEABLE if is_hit and episode is None else one.verdict
        is_change = one.is_live_change and not (is_hit and (episode is None or episode.decision.is_hold))
        day = (is_change, f"{one.made_at:%Y-%m-%d}")
        days[day] = max(days.get(day, Verdict.NOT_JUDGEABLE), verdict, key=_WEIGHTS.index)
    return list(days.values())


_WEIGHTS = (Verdict.NOT_JUDGEABLE, Verdict.HIT, Verdict.MISS)


def _beside(outcome: Outcome, episode: Episode | None) -> JudgedPrediction:
    prediction = None if episode is None else predicted_by(episode, outcome)
    return JudgedPrediction(
        made_at=outcome.made_at,
        verdict=outcome.verdict,
        is_live_change=outcome.is_live_change,
        reason=outcome.reason,
        predicted_cost_per_hour=prediction.cost_per_hour if prediction else None,
        cost_per_hour=outcome.cost_per_hour,
        predicted_burn=prediction.burn if prediction else None,
        burn=outcome.burn,
    )


def predicted_by(episode: Episode, outcome: Outcome) -> Prediction | None:
    """Which of an episode's two predictions was judged: that of its change, or of the settings it left in place."""
    if outcome.is_live_change or episode.if_unchanged is None:
        return episode.prediction
    is_of_change = episode.prediction is not None and outcome.burn_high == episode.prediction.burn.high
    return episode.prediction if is_of_change else episode.if_unchanged


def _evidence(gathered: Gathered, span: ReportSpan, verdicts: Sequence[Verdict], saved: Savings) -> Evidence:
    since = span.end - COUNTED
    return Evidence(
        id=f"{gathered.service}-record",
        says=f"how good the predictions for {gathered.service} were, and what live changes saved",
        formula=(
            f"calibration = hits / (hits + misses), where {CLAIM:g} is claimed, with a 95 % Wilson interval; a day's "
            "prediction counts once. saved = sum over judged live changes of (cost per hour expected without the "
            "change - cost per hour measured) * hours judged; hours that two horizons share count once, and a change "
            "without such an expectation saves nothing that is known"
        ),
        inputs=(*((str(one), str(verdicts.count(one))) for one in Verdict), *saved.inputs),
        source=f"outcomes in the ledger, {since:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M} UTC",
        command=f"neuropilot history --service {gathered.service} --last {COUNTED // PERIOD}",
    )
