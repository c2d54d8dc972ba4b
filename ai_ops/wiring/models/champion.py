"""The model in use: which it is, by the ledger, and loading it as it was promoted."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.detect.learned.mixture import Mixture
from ai_ops.domain.errors import ModelRefused
from ai_ops.domain.model_version import CHAMPION_MAKING
from ai_ops.learn.card import read_card
from ai_ops.learn.drift.reference_json import reference_from_json
from ai_ops.learn.incident_probability import IncidentProbability
from ai_ops.learn.registry import Registry
from ai_ops.learn.signature import keys_of
from ai_ops.wiring.session import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ai_ops.domain.model_card import ModelCard
    from ai_ops.domain.model_status import Signature
    from ai_ops.domain.model_version import ModelDecision
    from ai_ops.learn.drift.reference import Reference
    from ai_ops.learn.signature import Signer, Verifier
    from ai_ops.learn.stored import Stored
    from ai_ops.settings.model import Settings
    from ai_ops.wiring.session import Session

MODEL, SCALER, STATISTICS, CARD = "anomaly_model.json", "scaler.json", "statistics.json", "model_card.json"
SOON = "incident_probability.json"
"""Only where the history was long enough to learn it."""


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A version, loaded.

    Parameters
    ----------
    name
        See `model_version.version_name`.
    mixture
        Scores rows whose columns are `metrics`.
    reference
        What drift is measured against.
    card
        How it came about, and what it was worth then.
    manifest_sha256
        What the ledger must say of it.
    signature
        What vouches for it.
    load_seconds
        How long it took to read, verify and parse.
    soon
        How likely an incident begins soon, by the score; None where the history was too short to learn that.
    """

    name: str
    mixture: Mixture
    reference: Reference
    card: ModelCard
    manifest_sha256: str
    signature: Signature
    load_seconds: float
    soon: IncidentProbability | None = None

    @property
    def metrics(self) -> tuple[str, ...]:
        """Canonical names of the columns."""
        return self.card.training.metrics


def decisions_of(session: Session, service: str) -> tuple[ModelDecision, ...]:
    """What was decided about models of this kind; one of the made-up service says nothing of a real one.

    Raises
    ------
    StateError
        When the ledger cannot be trusted.
    """
    is_simulated = session.settings.is_simulated
    return tuple(one for one in session.ledger.model_decisions(service) if one.is_simulated is is_simulated)


def in_use(decisions: Sequence[ModelDecision]) -> ModelDecision | None:
    """The decision that made the champion; None where there is none."""
    return next((one for one in reversed(decisions) if one.verdict in CHAMPION_MAKING), None)


def champion_of(session: Session, service: str) -> Version | None:
    """Load the model in use; None where there is none.

    Raises
    ------
    ModelRefused
        When its files are not those that were promoted, or not signed as they must be.
    StateError
        When the ledger cannot be trusted.
    ConfigError
        When the keys in the settings are none.
    """
    decision = in_use(decisions_of(session, service))
    return None if decision is None else load(session, decision)


def load(session: Session, decision: ModelDecision) -> Version:
    """Load the version that a decision is about. Raises as `champion_of` does."""
    began = time.perf_counter()
    stored = registry(session).read(
        decision.service, decision.version, decision.manifest_sha256, keys(session.settings)[1]
    )
    return parsed(stored, lambda: time.perf_counter() - began)


def parsed(stored: Stored, elapsed: Callable[[], float]) -> Version:
    """Make a model of what stood in the folder, which is known to be what was promoted.

    Raises
    ------
    ModelRefused
        When it is of another schema.
    """
    files = stored.files
    try:
        mixture = Mixture.from_json(json.loads(files[MODEL]), json.loads(files[SCALER]))
        reference = reference_from_json(json.loads(files[STATISTICS]))
        soon = IncidentProbability.from_json(json.loads(files[SOON])) if SOON in files else None
        card = read_card(files[CARD])
        if len(card.training.metrics) != mixture.scaling.centre.size:
            raise ValueError("the card names another number of metrics than the model has")  # noqa: TRY301
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelRefused(
            f"{stored.service}/{stored.version}: it is not of the form that this release reads ({error}), so it is "
            "not used. Another release wrote it; `neuropilot train --rebuild --apply` trains one of this release"
        ) from error
    vouched = stored.manifest_sha256, stored.signature
    return Version(stored.version, mixture, reference, card, *vouched, elapsed(), soon)


def registry(session: Session) -> Registry:
    """Where the versions stand."""
    return Registry(session.memory / MODELS, frozenset(one.name for one in session.settings.services))


def keys(settings: Settings) -> tuple[Signer | None, Verifier | None]:
    """Who signs, and who verifies, by the settings. Raises `ConfigError` when the keys are none."""
    private = settings.signing_key.get_secret_value() if settings.signing_key else ""
    return keys_of(private, settings.model.verification_key)
