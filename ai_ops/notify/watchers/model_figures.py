"""The figures that are told of a service's model, where one is not enough. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.domain import chance
from ai_ops.domain.model_status import Health, Signature
from ai_ops.domain.model_version import Verdict
from ai_ops.domain.training_record import Learning
from ai_ops.notify.watchers.own_figures import chosen, one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.model_vitals import ModelVitals
    from ai_ops.notify.watchers.own_metric import Sample

RECENT = timedelta(days=14)
"""Over which refused candidates are counted: two weeks of nights."""


def health(vitals: ModelVitals) -> Iterator[Sample]:
    """Which state is the case."""
    yield from chosen(Health, vitals.status.health)


def learning(vitals: ModelVitals) -> Iterator[Sample]:
    """How far training has come, by the newest entry of the log that knows."""
    newest = next((record.learning for record in reversed(vitals.records) if record.learning is not None), None)
    if newest is not None:
        yield from chosen(Learning, newest)


def signed(vitals: ModelVitals) -> Iterator[Sample]:
    """Whether a signature vouches for the model; unknown without a model."""
    if vitals.status.signature is not None:
        yield from one(vitals.status.signature is Signature.SIGNED)


def feature_drift(vitals: ModelVitals) -> Iterator[Sample]:
    """How far each feature has moved, and where to: negative when it fell."""
    if vitals.drift is not None:
        yield from (((feature.feature,), feature.shift_sigmas) for feature in vitals.drift.features)


def largest_psi(vitals: ModelVitals) -> Iterator[Sample]:
    """The population stability index of the feature that has changed most."""
    if vitals.drift is not None:
        yield from one(max((feature.psi for feature in vitals.drift.features), default=None))


def drifted_features(vitals: ModelVitals) -> Iterator[Sample]:
    """How many features have drifted; unknown where none could be judged."""
    if vitals.drift is not None and vitals.drift.features:
        yield from one(len(vitals.drift.drifted))


def alarm_share(vitals: ModelVitals) -> Iterator[Sample]:
    """Share of the recent rows above the threshold, beside that of the training."""
    if vitals.drift is not None and vitals.drift.features:
        yield ("recent",), vitals.drift.alarm_share
        yield ("training",), vitals.drift.expected_alarm_share


def baseline_shift(vitals: ModelVitals) -> Iterator[Sample]:
    """How far what is usual of each metric has moved since the last cold fit."""
    if vitals.training is not None:
        yield from (((movement.metric,), movement.sigmas) for movement in vitals.training.drifted)


def baseline_spread(vitals: ModelVitals) -> Iterator[Sample]:
    """Spread of each metric by what it was at the last cold fit."""
    if vitals.training is not None:
        yield from (((movement.metric,), movement.spread_ratio) for movement in vitals.training.drifted)


def auc_lower_bound(vitals: ModelVitals) -> Iterator[Sample]:
    """Lower end of the interval, as examined last."""
    if vitals.last_examination is not None:
        yield from one(vitals.last_examination.auc_low)
    elif vitals.measured is not None:
        yield from one(vitals.measured.auc.low)


def loss(vitals: ModelVitals) -> Iterator[Sample]:
    """The loss as examined last."""
    if vitals.last_examination is not None:
        yield from one(vitals.last_examination.loss)
    elif vitals.measured is not None:
        yield from one(vitals.measured.loss)


def loss_of_chance(vitals: ModelVitals) -> Iterator[Sample]:
    """What a perfect model would show on as many rows as that very loss rests on; unknown where nobody noted them."""
    if vitals.last_examination is None:
        yield from one(vitals.measured.loss_of_chance if vitals.measured else None)
    elif vitals.last_examination.loss_rows is not None:
        yield from one(chance.loss_of_chance(vitals.last_examination.loss_rows))


def recall_by_fault(vitals: ModelVitals) -> Iterator[Sample]:
    """Share of each kind of fault that raises an alarm."""
    if vitals.measured is not None:
        yield from (((fault,), share.value) for fault, share in vitals.measured.recall_by_fault.items())


def refused_of_late(vitals: ModelVitals) -> Iterator[Sample]:
    """How many candidates were refused within two weeks."""
    newest = (decision for decision in vitals.decisions if vitals.at - decision.at <= RECENT)
    yield from one(sum(decision.verdict is Verdict.REFUSED for decision in newest))
