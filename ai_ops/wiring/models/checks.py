"""What `neuropilot doctor` tries of the models."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ai_ops.domain.check import Check
from ai_ops.domain.errors import DataUnavailable
from ai_ops.domain.model_version import Health
from ai_ops.wiring.models.champion import keys
from ai_ops.wiring.models.vitals import vitals_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


def model_checks(session: Session) -> Iterator[Check]:
    """The keys, and the model of each service: detection goes on without one, so none is required."""
    yield Check("signing key", partial(_keys, session), is_required=False)
    for service in session.settings.services:
        yield Check(f"model of {service.name}", partial(_model, session, service), is_required=False)


def _keys(session: Session) -> str:
    signer, verifier = keys(session.settings)
    if verifier is None:
        return "none is set: the SHA-256 in the ledger alone vouches for a model"
    return f"only models signed with {verifier.key_id} are used{'' if signer else '; this machine cannot sign'}"


def _model(session: Session, service: Service) -> str:
    vitals = vitals_of(session, service)
    status = vitals.status
    if status.health is Health.ERROR:
        raise DataUnavailable(status.reason)
    if not status.loaded:
        return status.reason
    return f"{status.version}, {status.signature}, {status.health}{f': {status.reason}' if status.reason else ''}"
