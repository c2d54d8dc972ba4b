"""One headline, one why, one action: the one thing that matters most this morning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.document import Tone
from ai_ops.domain.figure import apart
from ai_ops.domain.finding import Severity
from ai_ops.report.agent.needs import ASKED, BLIND, BROKEN, DOUBTED, PAUSED, SILENT_RUNS, SOON_HOURS
from ai_ops.report.pages.metric_words import metric_name
from ai_ops.report.pages.words import money, money_range
from ai_ops.report.service.measured import share_in_words
from ai_ops.report.service.slo_words import how_long

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ai_ops.report.agent.said import Need
    from ai_ops.report.service.said import AlarmSeen, CostStanding, KnobMove, Scaling, SloStanding

NOTHING_TO_DO = "Nothing."
"""It stands behind "To do:"."""

FAR_OVER_PERCENT = 10.0
"""From here on a projected overrun is one, however wide its interval (S001-120)."""

LEAST_WHOLE_RATIO = 0.95
"""A step or two is lost at every restart; what is missing beyond may have been the worst hour."""

LONGEST_MOVE = 80
"""Characters."""


@dataclass(frozen=True, slots=True)
class Headline:
    """What is said first; `rank` is 0 for what matters most, and rises."""

    tone: Tone
    headline: str
    why: str
    action: str
    rank: int


@dataclass(frozen=True, slots=True)
class Morning:
    """What a headline may be made of.

    Parameters
    ----------
    service
        Whose it is.
    lately
        What the report is about: "day", "week".
    newest
        Id of the newest episode; "" without any.
    reasons
        By episode, why it was decided.
    known_ratio
        For which share of that time it is known whether requests were good.
    """

    service: str
    lately: str
    newest: str
    reasons: Mapping[str, str]
    slo: SloStanding
    cost: CostStanding
    alarms: tuple[AlarmSeen, ...]
    scaling: Scaling
    needs: tuple[Need, ...]
    known_ratio: float = 1.0


_Said = tuple[Tone, str, str, str]


def headline_of(morning: Morning) -> Headline:
    """Say the first thing that applies, in the order of `_ORDER`; each is one plain sentence."""
    for rank, say in enumerate(_ORDER):
        if (said := say(morning)) is not None:
            return Headline(*said, rank)
    return Headline(*_quiet(morning), len(_ORDER))


def _broken(morning: Morning) -> _Said | None:
    slo = morning.slo
    if slo.burn is None or not slo.burn > 1.0 or slo.good_percent is None:
        return None
    said = f"The promise was broken: {_good(slo.good_percent, slo)} in the last {morning.lately}."
    return Tone.BAD, said, slo.words, _action(morning, _explained(morning))


def _breaking(morning: Morning) -> _Said | None:
    """Kept over the whole time, and broken in its last hours, where nobody but a person may mend it."""
    urgent = [one for one in morning.needs if one.urgency >= BROKEN]
    if not urgent:
        return None
    return Tone.BAD, "The promise is being broken.", _sentence(urgent[0].why), _do(urgent[0])


def _burning(morning: Morning) -> _Said | None:
    left, hours = morning.slo.budget_left_ratio, morning.slo.budget_hours_left
    if left is not None and left <= 0.0:
        said = "The error budget of 30 days is used up."
    elif hours is not None and hours <= SOON_HOURS:
        said = f"The error budget of 30 days is gone in {how_long(hours)} at the rate of the last {morning.lately}."
    else:
        return None
    return Tone.BAD, said, morning.slo.words, _action(morning, "Hold risky releases back.")


def _alarming(morning: Morning) -> _Said | None:
    loud = [one for one in morning.alarms if one.is_going_on and one.severity == Severity.CRITICAL]
    if not loud:
        return None
    said = f"A critical alarm goes on: {_metrics(loud[0])}."
    return Tone.BAD, said, _sentence(loud[0].reason), _action(morning, _explained(morning, loud[0]))


def _blind(morning: Morning) -> _Said | None:
    gone = [one for one in morning.needs if one.urgency == BLIND]
    if not gone:
        return None
    return Tone.WATCH, _sentence(gone[0].what), _sentence(gone[0].why), gone[0].action


def _dear(morning: Morning) -> _Said | None:
    cost = morning.cost
    if cost.projected is None or cost.variance_percent is None or not cost.variance_percent > 0.0:
        return None
    is_certain = cost.projected.low > cost.budget
    if not is_certain and not cost.variance_percent > FAR_OVER_PERCENT:
        return None
    chance = "will" if is_certain else "will probably"
    over = f"{apart(cost.variance_percent, 0.0, 0)} % over its budget"
    said = f"This month {chance} cost {money(cost.projected.expected, cost.currency)}, {over}."
    budget, projected = money(cost.budget, cost.currency), money_range(cost.projected, cost.currency)
    why = f"The budget is {budget}, and what the whole month will cost is {projected}."
    return Tone.WATCH, said, why, _action(morning, "Review the scaling thresholds.")


def _stopped(morning: Morning) -> _Said | None:
    """The agent itself stands still: what it says of the service may be old, and nothing would be mended."""
    still = [one for one in morning.needs if one.urgency in {DOUBTED, PAUSED, SILENT_RUNS}]
    if not still:
        return None
    return Tone.WATCH, _sentence(still[0].what), _sentence(still[0].why), still[0].action


def _alarmed(morning: Morning) -> _Said | None:
    """Alarms that are over, or not critical; a low one by itself is no headline."""
    loud = [one for one in morning.alarms if one.severity != Severity.LOW]
    if not loud:
        return None
    count = "One alarm was" if len(loud) == 1 else f"{len(loud)} alarms were"
    ended = "it goes on" if loud[0].is_going_on else "it is over"
    which = f"{_metrics(loud[0])}, {loud[0].severity}; {ended}"
    loudest = which if len(loud) == 1 else f"the loudest of {which}"
    said = f"{count} raised in the last {morning.lately}: {loudest}."
    return Tone.WATCH, said, _sentence(loud[0].reason), _action(morning, _explained(morning, loud[0]))


def _changed(morning: Morning) -> _Said | None:
    moves = morning.scaling.moves
    if not moves:
        return None
    last = [one for one in moves if one.episode == moves[-1].episode]
    what = f"{_move(last[0])}{f' and {len(last) - 1} more' if len(last) > 1 else ''}"
    why = _sentence(morning.reasons.get(last[0].episode, morning.slo.words))
    if last[0].is_live:
        return Tone.GOOD, f"A setting was changed: {what}.", why, _action(morning, NOTHING_TO_DO, least=0)
    asked = [one for one in morning.needs if one.urgency == ASKED]
    if asked:
        return Tone.PLAIN, f"A change waits for a review: {what}.", why, _do(asked[0])
    read = f"See why: neuropilot explain {last[0].episode}"
    return Tone.PLAIN, f"A change was decided and not made: {what}.", why, _action(morning, read, least=0)


def _quiet(morning: Morning) -> _Said:
    slo, action = morning.slo, _action(morning, NOTHING_TO_DO, least=0)
    if slo.burn is None or slo.good_percent is None:
        said = "Nothing abnormal was found; whether the promise was kept is not known."
        return Tone.PLAIN, said, slo.words, action
    good = _good(slo.good_percent, slo)
    if morning.known_ratio < LEAST_WHOLE_RATIO:
        known = f"as far as it was measured, {share_in_words(morning.known_ratio)} of it"
        return Tone.PLAIN, f"A quiet {morning.lately} {known}: {good}.", slo.words, action
    return Tone.GOOD, f"A quiet {morning.lately}: {good}.", slo.words, action


_ORDER: tuple[Callable[[Morning], _Said | None], ...] = (
    _broken,
    _breaking,
    _burning,
    _alarming,
    _stopped,
    _blind,
    _dear,
    _alarmed,
    _changed,
)
"""What matters most comes first."""


def _good(good_percent: float, slo: SloStanding) -> str:
    """What was good beside what is promised, with as many digits as keep the two apart."""
    is_kept = good_percent >= slo.target_percent
    shown = next(text for text in _written(good_percent) if (float(text) >= slo.target_percent) is is_kept)
    return f"{shown} % of requests were good where {slo.target_percent:.10g} % is promised"


def _written(value: float) -> Iterator[str]:
    yield from (f"{value:.{digits}f}" for digits in (3, 5, 8))
    yield repr(value)


def _action(morning: Morning, otherwise: str, least: int = ASKED) -> str:
    """The most urgent need where it is urgent enough to come before what would be done otherwise."""
    urgent = [one for one in morning.needs if one.urgency >= least]
    return _do(urgent[0]) if urgent else otherwise


def _do(need: Need) -> str:
    """What it is and what to do; an address stands at the end, where nothing can be taken for a part of it."""
    return f"{need.what}: {need.action}"


def _explained(morning: Morning, alarm: AlarmSeen | None = None) -> str:
    """How to see what happened: by the loudest alarm, else by what was decided last."""
    shown = alarm or (morning.alarms[0] if morning.alarms else None)
    newest = f"neuropilot explain {morning.newest}" if morning.newest else "neuropilot doctor"
    return f"See what happened: {shown.evidence.command if shown else newest}"


def _metrics(alarm: AlarmSeen) -> str:
    """As a reader calls them."""
    return ", ".join(map(metric_name, alarm.metrics))


def _move(move: KnobMove) -> str:
    """From what to what; a schedule has no room here."""
    from_to = f"{move.knob} from {move.before} to {move.after}"
    return from_to if len(from_to) <= LONGEST_MOVE else f"a new {move.knob}"


def _sentence(text: str) -> str:
    """Words from elsewhere as a sentence: a full stop, and a capital unless a name of ours begins it.

    >>> _sentence("connection refused"), _sentence("cpu_percent was 95 where 40 is usual.")
    ('Connection refused.', 'cpu_percent was 95 where 40 is usual.')
    """
    if not text.strip():
        return "No reason was given."
    first = text.split(" ", 1)[0]
    begun = f"{text[:1].upper()}{text[1:]}" if first.isalpha() else text
    return begun if begun.endswith((".", "!", "?")) else f"{begun}."
