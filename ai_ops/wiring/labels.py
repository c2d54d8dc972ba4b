"""What people said of findings: where it stands, and what it does to the thresholds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.detect.alerts import alarms
from ai_ops.detect.feedback import threshold_factors, weight
from ai_ops.domain.errors import ConfigError, StateError
from ai_ops.domain.label import Label, finding_id
from ai_ops.store.labels import LabelBook
from ai_ops.store.reconcile import LABELS
from ai_ops.wiring.detection import judging
from ai_ops.wiring.keeping import keep
from ai_ops.wiring.models.rows import kept_series

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.detect.feedback import Factors
    from ai_ops.domain.cycle import Episode
    from ai_ops.wiring.session import Session


@dataclass(frozen=True, slots=True)
class Trial:
    """How many alarms the kept history of a metric would have raised.

    Parameters
    ----------
    days
        How long that history is.
    before, after
        Alarms without the new label, and with it.
    """

    days: float
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a label changes.

    Parameters
    ----------
    label
        What was said.
    true, false
        Weights of all labels of this metric and alarm, the new one included.
    before, after
        What the threshold is multiplied by.
    trial
        None where no history of the metric is kept.
    is_overruled
        Whether the settings say otherwise of this finding, so that the label changes nothing.
    """

    label: Label
    true: float
    false: float
    before: float
    after: float
    trial: Trial | None
    is_overruled: bool


def factors_of(session: Session, service: str) -> Factors:
    """What people's labels multiply the thresholds of `service` by; labels that cannot be read change nothing."""
    try:
        labels = labels_of(session, service)
    except StateError as error:
        session.place.warn(f"labels of findings are not heeded: {error}")
        return {}
    return threshold_factors(labels, session.place.clock())


def labels_of(session: Session, service: str) -> tuple[Label, ...]:
    """The labels that count, each finding once: the later one, and above all what the settings say.

    What stands in the repository was reviewed, and a review is worth more than one person's command.
    """
    said = {label.finding: label for label in _book(session).read()}
    reviewed, is_simulated = session.settings.detection.labels, session.settings.is_simulated
    if unknown := reviewed.keys() - said.keys():
        said |= _in_ledger(session, unknown)
    for finding in sorted(reviewed.keys() - said.keys()):
        session.place.warn(f"detection.labels: no episode knows the finding {finding}, so its label is ignored")
    return tuple(
        replace(label, is_true=reviewed.get(finding, label.is_true))
        for finding, label in sorted(said.items())
        if label.service == service and label.is_simulated is is_simulated
    )


def record(session: Session, finding: str, *, is_true: bool, by: str, note: str) -> Effect:
    """Write down what somebody says of `finding`, and tell what it changes.

    Raises
    ------
    ConfigError
        When no episode knows the finding.
    StateError
        When the ledger cannot be trusted, or the label cannot be written.
    DeliveryError
        When it is written here, but not where the memory lives.
    """
    found = _among(session.ledger.episodes(), {finding}).get(finding)
    if found is None:
        raise ConfigError(
            f"no recorded episode knows the finding {finding!r}; `neuropilot history` lists them, "
            "and `neuropilot run --apply` records one"
        )
    now = session.place.clock()
    label = replace(found, is_true=is_true, at=now, by=by, note=note)
    before = labels_of(session, label.service)
    _book(session).append(label)
    after = labels_of(session, label.service)
    keep(session, f"label {finding} {str(is_true).lower()}")
    return _effect(session, label, before, after)


def _effect(session: Session, label: Label, before: tuple[Label, ...], after: tuple[Label, ...]) -> Effect:
    now, alarm = session.place.clock(), (label.metric, label.alarm)
    factors = threshold_factors(before, now), threshold_factors(after, now)
    alike = [one for one in after if (one.metric, one.alarm) == alarm]
    return Effect(
        label=label,
        true=sum(weight(one, now) for one in alike if one.is_true),
        false=sum(weight(one, now) for one in alike if not one.is_true),
        before=factors[0].get(alarm, 1.0),
        after=factors[1].get(alarm, 1.0),
        trial=_try_on_history(session, label, factors),
        is_overruled=session.settings.detection.labels.get(label.finding, label.is_true) is not label.is_true,
    )


def _try_on_history(session: Session, label: Label, factors: tuple[Factors, Factors]) -> Trial | None:
    """Judge what is kept of the metric twice."""
    settings = session.settings
    service = next((one for one in settings.services if one.name == label.service), None)
    series = kept_series(session, service) if service else {}
    if label.metric not in series:
        return None
    history, traffic = series[label.metric], series.get("requests_per_second")
    judgements = (judging(settings, one).judge(history, traffic) for one in factors)
    before, after = (len(alarms(judged.score, history.step)) for judged in judgements)
    return Trial(days=history.values.size * (history.step / timedelta(days=1)), before=before, after=after)


def _in_ledger(session: Session, findings: Iterable[str]) -> dict[str, Label]:
    """By id, the findings of the ledger as labels that say nothing yet; none where the ledger cannot be trusted."""
    try:
        return _among(session.ledger.episodes(), set(findings))
    except StateError as error:
        session.place.warn(f"findings cannot be looked up: {error}")
        return {}


def _among(episodes: Iterable[Episode], wanted: set[str]) -> dict[str, Label]:
    """By id, the wanted findings of these episodes as labels that say nothing yet."""
    found = {}
    for episode in episodes:
        for one in episode.findings:
            name = finding_id(episode.service, one.metric, one.since)
            if name in wanted:
                found[name] = Label(
                    finding=name,
                    service=episode.service,
                    metric=one.metric,
                    alarm=one.alarm,
                    since=one.since,
                    is_true=True,
                    at=episode.decided_at,
                    by="",
                    is_simulated=episode.is_simulated,
                )
    return found


def _book(session: Session) -> LabelBook:
    return LabelBook(session.memory / LABELS, warn=session.place.warn, redact=session.redact)
