"""The figures that the agent tells of itself, each from what a run leaves behind. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain.autonomy import Mode
from ai_ops.domain.cycle import DeliveryStatus
from ai_ops.domain.finding import Severity
from ai_ops.domain.prediction import Verdict
from ai_ops.domain.slo import burn_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.prediction import Interval, Outcome, Prediction
    from ai_ops.domain.vitals import Vitals
    from ai_ops.notify.watchers.own_metric import Sample

BUDGET_PERIOD = timedelta(days=30)
"""Over which the error budget is counted."""

RECENT = timedelta(days=14)
"""What is counted is counted over these days, and not from the beginning: old episodes leave for an archive, and a
figure that falls for that reason would look like a new beginning to Prometheus."""

_LEVELS = tuple(Mode)


def one(value: float | None) -> Iterator[Sample]:
    """Give a figure without labels, or none where it is not known."""
    if value is not None:
        yield (), float(value)


def chosen(options: Iterable[str], choice: str) -> Iterator[Sample]:
    """Give 1 for what is the case, and 0 for all else that could be."""
    for option in options:
        yield (str(option),), float(option == choice)


def decisions(vitals: Vitals) -> Iterator[Sample]:
    """How many decisions of late held, and how many moved something."""
    holds = [one.decision.is_hold for one in vitals.past if vitals.at - one.decided_at <= RECENT]
    yield ("held",), sum(holds)
    yield ("moved",), len(holds) - sum(holds)


def anomalies(vitals: Vitals) -> Iterator[Sample]:
    """How many findings of each severity the last window had."""
    if vitals.episode is not None:
        counts = Counter(finding.severity for finding in vitals.episode.findings)
        yield from (((str(severity),), counts[severity]) for severity in Severity)


def delivery(vitals: Vitals) -> Iterator[Sample]:
    """What became of the decision."""
    if vitals.result is not None:
        yield from chosen(DeliveryStatus, vitals.result.delivery.status)


def channels(vitals: Vitals) -> Iterator[Sample]:
    """Which channels did not take what they were told."""
    if vitals.result is not None:
        yield from (((receipt.channel,), float(receipt.is_degraded)) for receipt in vitals.result.receipts)


def autonomy(vitals: Vitals) -> Iterator[Sample]:
    """How far each class of action may go: 0 observe, 1 propose, 2 commit."""
    yield from (((str(action),), _LEVELS.index(mode)) for action, mode in vitals.autonomy.items())


def thresholds(vitals: Vitals) -> Iterator[Sample]:
    """Every knob that is a number, as it stands on the branch after this run."""
    if vitals.result is None:
        return
    episode, status = vitals.result.episode, vitals.result.delivery.status
    is_live = status in {DeliveryStatus.COMMITTED, DeliveryStatus.ALREADY_LIVE}
    moved = {change.knob: change.after for change in episode.decision.changes} if is_live else {}
    for knob, value in (episode.thresholds.numbers | moved).items():
        if isinstance(value, int | float):
            yield (knob,), value


def cost_per_hour(vitals: Vitals) -> Iterator[Sample]:
    """What an hour of the last window cost."""
    episode = vitals.episode
    if episode is not None and episode.reward.cost is not None:
        yield (), episode.reward.cost / episode.window.hours


def budget_per_hour(vitals: Vitals) -> Iterator[Sample]:
    """What an hour of the last window was allowed to cost."""
    episode = vitals.episode
    if episode is not None and episode.reward.budget is not None:
        yield (), episode.reward.budget / episode.window.hours


def error_budget_spent(vitals: Vitals) -> Iterator[Sample]:
    """Share of the last 30 days' error budget that was spent, as far as requests were measured."""
    bad, requests = 0.0, 0.0
    for episode in _last_of_each_period(vitals.past):
        good_percent, counted = episode.reward.slo_good_percent, episode.reward.requests
        if good_percent is not None and counted is not None and vitals.at - episode.window.end <= BUDGET_PERIOD:
            bad += (1.0 - good_percent / 100.0) * counted
            requests += counted
    if requests > 0:
        yield (), burn_rate(bad / requests, vitals.slo_target_percent)


def predictions(vitals: Vitals) -> Iterator[Sample]:
    """How predictions that were judged of late turned out, of live changes and of unchanged settings."""
    outcomes = (outcome for episode in vitals.past for outcome in episode.outcomes)
    counts = Counter((one.verdict, one.is_live_change) for one in outcomes if vitals.at - one.judged_at <= RECENT)
    for verdict in Verdict:
        for is_live_change, about in ((True, "live change"), (False, "unchanged settings")):
            yield (str(verdict), about), counts[verdict, is_live_change]


def predicted_burn(vitals: Vitals) -> Iterator[Sample]:
    """What the newest prediction expects of the error budget."""
    if (newest := _newest_prediction(vitals.past)) is not None:
        yield from _bounds(newest.burn)


def predicted_cost(vitals: Vitals) -> Iterator[Sample]:
    """What the newest prediction expects an hour to cost."""
    if (newest := _newest_prediction(vitals.past)) is not None:
        yield from _bounds(newest.cost_per_hour)


def realised_burn(vitals: Vitals) -> Iterator[Sample]:
    """What was measured over the horizon of the prediction that was judged last."""
    yield from one(_newest_outcome(vitals.past, "burn"))


def realised_cost(vitals: Vitals) -> Iterator[Sample]:
    """What an hour cost over the horizon of the prediction that was judged last."""
    yield from one(_newest_outcome(vitals.past, "cost_per_hour"))


def _bounds(interval: Interval) -> Iterator[Sample]:
    yield ("expected",), interval.expected
    yield ("low",), interval.low
    yield ("high",), interval.high


def _newest_prediction(past: tuple[Episode, ...]) -> Prediction | None:
    return next((episode.prediction for episode in reversed(past) if episode.prediction is not None), None)


def _newest_outcome(past: tuple[Episode, ...], figure: str) -> float | None:
    judged: list[Outcome] = [outcome for episode in past for outcome in episode.outcomes]
    values = (getattr(outcome, figure) for outcome in reversed(judged))
    return next((value for value in values if value is not None), None)


def _last_of_each_period(past: tuple[Episode, ...]) -> Iterable[Episode]:
    """Leave out what was decided again, so that no window counts twice."""
    periods: Mapping[str, Episode] = {episode.id.split(".")[0]: episode for episode in past}
    return periods.values()
