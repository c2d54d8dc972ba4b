"""What only a person can do now, most urgent first, each with the command or the address that does it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import ActionClass, Mode
from ai_ops.domain.clocks import clocks_in_words, is_ahead
from ai_ops.domain.figure import apart
from ai_ops.domain.judgement import Alarm
from ai_ops.domain.open_question import to_answer
from ai_ops.report.agent.past import runs_until
from ai_ops.report.agent.said import Need
from ai_ops.report.service.slo_words import how_long

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from ai_ops.report.gathered import Gathered, OpenRequest, Told
    from ai_ops.report.service.said import SloStanding

BROKEN, DOUBTED, PAUSED, ASKED, MODEL, SILENT_RUNS, BLIND, SILENT, CLOCK, BUDGET = (
    90,
    80,
    70,
    60,
    50,
    45,
    40,
    30,
    20,
    10,
)
"""How urgent each is: a promise that is broken while nobody may mend it comes before all else."""

LATELY = timedelta(hours=12)
"""Two periods: what an older run saw of the promise is not how it stands now."""

SOON_HOURS = 72.0
"""Three days: time for a weekend, and to hold back the next release."""

STALE = timedelta(hours=3)
"""What has not come for so long is gone and not late, by the hour as some sources count."""

NEEDED_METRICS = ("slo_good_ratio", "requests_per_second", "cpu_percent")
"""Without one of these nothing is ever decided."""


def needs_of(
    gathered: Gathered, told: Iterable[Told], at: datetime, slo: SloStanding | None = None
) -> tuple[Need, ...]:
    """List what needs a person, most urgent first; of equal ones what has waited longest.

    Parameters
    ----------
    told
        How the channels did.
    at
        Now, aware UTC.
    slo
        How the error budget stands; None where nobody asks.
    """
    needs = (
        *_may_not_act(gathered, at),
        *_doubted(gathered),
        *_paused(gathered, at),
        *_asked(gathered, at),
        *_model(gathered),
        *_silent_runs(gathered, at),
        *_blind(gathered, at),
        *_silent(told),
        *_clock(gathered, at),
        *([] if slo is None else _budget(gathered, slo)),
    )
    return by_urgency(needs)


def by_urgency(needs: Iterable[Need]) -> tuple[Need, ...]:
    """The most urgent first; what is about no single service is said once."""
    return tuple(sorted(dict.fromkeys(needs), key=_rank))


def _rank(need: Need) -> tuple[int, bool, float]:
    return -need.urgency, need.since is None, 0.0 if need.since is None else need.since.timestamp()


def broken_in_words(gathered: Gathered, at: datetime) -> str | None:
    """How the promise is broken just now; None where it is kept, or nobody knows."""
    burning = [one for one in gathered.newest_findings if one.alarm is Alarm.BURN_RATE]
    if burning:
        return burning[0].reason
    newest = runs_until(gathered, at)[-1:]
    for one in newest:
        burn, good = one.reward.burn, one.reward.slo_good_percent
        if burn is not None and burn > 1.0 and good is not None and at - one.window.end <= LATELY:
            return (
                f"{apart(good, gathered.slo.target_percent, 3)} % of requests were good in the last "
                f"{one.window.hours:g} h where {gathered.slo.target_percent:.10g} % is promised"
            )
    return None


def _may_not_act(gathered: Gathered, at: datetime) -> Iterator[Need]:
    """A broken promise where the team, or the record so far, keeps the agent from mending it."""
    broken = broken_in_words(gathered, at)
    if broken is None or gathered.request is not None or gathered.pause is not None or gathered.doubt is not None:
        return
    allowed = gathered.autonomy.get(ActionClass.SAFETY)
    if gathered.mode == Mode.OBSERVE:
        because, action = "mode observe changes nothing", f"neuropilot history --service {gathered.service} --last 4"
    elif allowed is Mode.OBSERVE:
        because, action = "safety may only be observed yet", f"neuropilot autonomy --service {gathered.service}"
    else:
        return
    yield _need(gathered, BROKEN, "The promise is broken, and the agent may not act", f"{broken}; {because}", action)


def _doubted(gathered: Gathered) -> Iterator[Need]:
    if gathered.doubt is not None:
        yield Need(DOUBTED, "The ledger cannot be trusted", gathered.doubt, "neuropilot ledger verify", None, "")


def _paused(gathered: Gathered, at: datetime) -> Iterator[Need]:
    if gathered.pause is None:
        return
    broken = broken_in_words(gathered, at)
    if broken is None:
        yield Need(PAUSED, "The agent is paused", gathered.pause, "neuropilot resume", None, "")
    else:
        what, why = "The promise is broken while the agent is paused", f"{broken}; {gathered.pause}"
        yield _need(gathered, BROKEN, what, why, "neuropilot resume")


def _asked(gathered: Gathered, at: datetime) -> Iterator[Need]:
    request = gathered.request
    if request is None:
        return
    broken = broken_in_words(gathered, at)
    what, why = f"Pull request {request.number} waits for a review", f"open {_waits(request, at)}: {request.title}"
    if broken is None:
        yield _need(gathered, ASKED, what, why, request.url, request.opened_at)
    else:
        yield _need(gathered, BROKEN, what, f"the promise is broken: {broken}; {why}", request.url, request.opened_at)


def _waits(request: OpenRequest, at: datetime) -> str:
    hours = max(0.0, (at - request.opened_at) / timedelta(hours=1))
    if hours < 1:
        return "for less than an hour"
    return f"for {hours / 24.0:.0f} days" if hours >= 48 else f"for {hours:.0f} h"  # noqa: PLR2004  # two days


def _model(gathered: Gathered) -> Iterator[Need]:
    vitals = gathered.vitals
    asked = to_answer(vitals.decisions, vitals.records, vitals.at)
    if asked is not None:
        what = f"Version {asked.version} of the model waits for a yes or a no"
        yield _need(gathered, MODEL, what, asked.reason, f"neuropilot model card {asked.version}", asked.at)


def _silent_runs(gathered: Gathered, at: datetime) -> Iterator[Need]:
    """Runs that have stopped coming; before the first one nobody waits."""
    for newest in runs_until(gathered, at)[-1:]:
        if (age := at - newest.decided_at) > LATELY:
            what, why = f"The agent has not decided for {age / timedelta(hours=1):.0f} h", f"the last was {newest.id}"
            action = "gh run list --workflow ai-ops-daily.yml"
            yield _need(gathered, SILENT_RUNS, what, why, action, newest.decided_at)


def _blind(gathered: Gathered, at: datetime) -> Iterator[Need]:
    """Metrics that are gone: those that were measured before, and those without which nothing is decided."""
    if gathered.silence:
        yield _need(gathered, BLIND, "The metric source did not answer", gathered.silence, "neuropilot doctor")
        return
    known = {metric: series.newest() for metric, series in gathered.series.items()}
    stale = {metric: newest for metric, newest in known.items() if newest is not None and at - newest > STALE}
    reasons = {one.metric: one.reason for one in gathered.gaps if _is_missed(gathered, one.metric)}
    reasons |= {metric: f"its newest value is of {newest:%Y-%m-%d %H:%M} UTC" for metric, newest in stale.items()}
    if not any(known.values()):
        why = next(iter(reasons.values()), "nothing was measured, and nothing is kept")
        yield _need(gathered, BLIND, "No metrics history was found", why, "neuropilot doctor")
    elif reasons:
        metric, reason = next(iter(reasons.items()))
        what = f"{', '.join(reasons)} could not be had"
        yield _need(gathered, BLIND, what, f"{metric}: {reason}", "neuropilot doctor")


def _is_missed(gathered: Gathered, metric: str) -> bool:
    series = gathered.series.get(metric)
    is_known = series is not None and series.newest() is not None
    return is_known or metric in NEEDED_METRICS or any(metric in one.measured for one in gathered.episodes)


def _silent(told: Iterable[Told]) -> Iterator[Need]:
    for one in told:
        if one.problem:
            what = f"{one.channel} did not take the newest message"
            yield Need(SILENT, what, one.problem, "neuropilot notify test", None, "")


def _clock(gathered: Gathered, at: datetime) -> Iterator[Need]:
    words = clocks_in_words(gathered.episodes, at)
    if words is not None:
        first = next(one for one in gathered.episodes if is_ahead(one, at))
        yield _need(gathered, CLOCK, f"A clock is ahead: {first.id} is of a time to come", words, "date -u")


def _budget(gathered: Gathered, slo: SloStanding) -> Iterator[Need]:
    left, hours = slo.budget_left_ratio, slo.budget_hours_left
    if left is None or not (left <= 0.0 or (hours is not None and hours <= SOON_HOURS)):
        return
    what = "The error budget is used up" if left <= 0.0 else f"The error budget is gone in {how_long(hours or 0.0)}"
    action = f"neuropilot history --service {gathered.service} --last 28"
    yield _need(gathered, BUDGET, f"{what}: hold risky releases back", slo.words, action)


def _need(gathered: Gathered, urgency: int, what: str, why: str, action: str, since: datetime | None = None) -> Need:
    return Need(urgency, what, why, action, since, gathered.service)
