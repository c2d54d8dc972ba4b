"""A past decision made once more, from what was kept of it, and held against what the ledger says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import DataUnavailable
from ai_ops.domain.metrics import Observation
from ai_ops.domain.tuning import Decision
from ai_ops.store.ledger_lines import GENESIS, canonical, seal
from ai_ops.tune.learning.records import KEPT
from ai_ops.wiring.inputs import inputs_in, inputs_of
from ai_ops.wiring.minutes import POLICIES_ON_MINUTES
from ai_ops.wiring.observe import observe
from ai_ops.wiring.unknown_episode import unknown_episode

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Proposal
    from ai_ops.settings.service import Service
    from ai_ops.wiring.inputs import Inputs
    from ai_ops.wiring.session import Session

COMPARED = ("decision", "prediction", "if_unchanged", "outcomes", "looked")
"""What a policy says, as the ledger keeps it. `rationale` joins them where the ledger has one."""


class Basis(StrEnum):
    """What a decision was derived from again."""

    SNAPSHOT = "the snapshot"
    SOURCE = "the metrics that the source still has"
    LEDGER = "the ledger alone"


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two decisions part; None stands for what is not there."""

    place: str
    recorded: Any
    derived: Any


@dataclass(frozen=True, slots=True)
class Rederived:
    """A decision, made once more.

    Parameters
    ----------
    held_by_guardrail
        Whether a guardrail held what the policy wanted: its words are then taken from the ledger.
    recorded, derived
        Canonical JSON of the two.
    difference
        None when they are equal to the byte.
    """

    episode: Episode
    basis: Basis
    held_by_guardrail: bool
    recorded: bytes
    derived: bytes
    difference: Difference | None


def rederive(session: Session, episode_id: str) -> Rederived:
    """Decide again what was decided in `episode_id`, from the ledger up to it and what it was made on.

    Raises
    ------
    ConfigError
        When there is no such episode.
    DataUnavailable
        When what it was made on cannot be had any more.
    StateError
        When the ledger or the snapshot is not what the agent wrote.
    """
    past: list[Episode] = []
    for episode in session.ledger.episodes():
        if episode.id == episode_id:
            earlier = [one for one in past if _is_past_of(one, episode)]
            _require_memory(session, past, episode)
            return _rederived(session, episode, earlier)
        past.append(episode)
    raise unknown_episode(session.ledger, episode_id)


def first_difference(recorded: Any, derived: Any, place: str = "") -> Difference | None:  # noqa: ANN401  # JSON
    """Where two JSON values part first, in the order of the canonical form.

    >>> first_difference({"a": [1, 2]}, {"a": [1, 3]})
    Difference(place='a[1]', recorded=2, derived=3)
    """
    if isinstance(recorded, dict) and isinstance(derived, dict):
        steps = [(f"{place}.{key}".lstrip("."), key) for key in sorted(recorded.keys() | derived.keys())]
        pairs = [(step, recorded.get(key), derived.get(key)) for step, key in steps]
    elif isinstance(recorded, list) and isinstance(derived, list):
        longest = max(len(recorded), len(derived))
        fill = [None] * longest
        sides = zip((recorded + fill)[:longest], (derived + fill)[:longest], strict=True)
        pairs = [(f"{place}[{index}]", one, other) for index, (one, other) in enumerate(sides)]
    else:
        return None if canonical(recorded) == canonical(derived) else Difference(place, recorded, derived)
    return next((found for step, one, other in pairs if (found := first_difference(one, other, step))), None)


def _require_memory(session: Session, past: list[Episode], episode: Episode) -> None:
    """Refuse where a part of what the tuner remembered then was archived since: it would decide something else."""
    first = past[0] if past else episode
    if session.ledger.archived() is not None and episode.decided_at - first.decided_at < KEPT:
        raise DataUnavailable(
            f"{episode.id}: the {KEPT.days} days before it, which the tuner remembered, are archived in part; "
            "`neuropilot ledger verify` says where"
        )


def _is_past_of(one: Episode, episode: Episode) -> bool:
    return one.service == episode.service and one.is_simulated is episode.is_simulated


def _rederived(session: Session, episode: Episode, past: list[Episode]) -> Rederived:
    if episode.policy not in POLICIES_ON_MINUTES:
        raise DataUnavailable(
            f"{episode.id}: the policy {episode.policy} decided it, and keeps no account of its inputs"
        )
    inputs, basis = _inputs(session, episode)
    proposal = inputs.policy().propose(inputs.situation(episode, past))
    names = (*COMPARED, *(["rationale"] if episode.rationale is not None else []))
    recorded, derived = (_said(one, names, session.redact) for one in (episode, _decided_again(episode, proposal)))
    return Rederived(
        episode=episode,
        basis=basis,
        held_by_guardrail=bool(proposal.changes) and episode.decision.is_hold,
        recorded=canonical(recorded),
        derived=canonical(derived),
        difference=first_difference(recorded, derived),
    )


def _inputs(session: Session, episode: Episode) -> tuple[Inputs, Basis]:
    """What the decision was made on: as it was kept, as the source still tells it, or nothing but the ledger."""
    if episode.inputs_digest is None:
        nothing = Observation(
            episode.service, episode.window, episode.source, episode.is_simulated, {}, episode.thresholds
        )
        return inputs_of(session.settings, _service(session, episode), nothing), Basis.LEDGER
    if session.snapshots.has(episode.id):
        return inputs_in(session.snapshots.read(episode.id, episode.inputs_digest)), Basis.SNAPSHOT
    service = _service(session, episode)
    observation = observe(session, service, episode.window, lambda: episode.thresholds, with_minutes=True)
    inputs = inputs_of(session.settings, service, observation)
    if not inputs.minutes or inputs.snapshot(session.redact).digest() != episode.inputs_digest:
        raise DataUnavailable(
            f"{episode.id} cannot be derived again: what {observation.source} and the settings say of those days now "
            "is not what it was decided on. Only a proposal keeps a snapshot, for 90 days; a hold keeps the digest"
        )
    return inputs, Basis.SOURCE


def _service(session: Session, episode: Episode) -> Service:
    found = next((one for one in session.settings.services if one.name == episode.service), None)
    if found is None:
        raise DataUnavailable(f"{episode.id}: the settings no longer know the service {episode.service}")
    return found


def _decided_again(episode: Episode, proposal: Proposal) -> Episode:
    """The episode as it would be written down now; a guardrail's words are taken from the ledger."""
    recorded, foresight = episode.decision, proposal.foresight
    if proposal.changes and not recorded.is_hold:
        decision = Decision(proposal.changes, proposal.reasons, proposal.is_urgent)
    else:
        words = recorded.reasons[len(proposal.reasons) :] if proposal.changes else ()
        decision = Decision.hold(*proposal.reasons, *words)
        foresight = foresight.held() if foresight else None
    return replace(
        episode,
        decision=decision,
        prediction=foresight.prediction if foresight else None,
        if_unchanged=foresight.if_unchanged if foresight else None,
        outcomes=foresight.outcomes if foresight else (),
        looked=foresight.looked if foresight else None,
        rationale=foresight.rationale if foresight else None,
    )


def _said(episode: Episode, names: tuple[str, ...], redact: Callable[[str], str]) -> dict[str, Any]:
    """What the policy said, in the JSON of the ledger."""
    form = seal(episode, 1, GENESIS, redact).content
    return {name: form[name] for name in names}
