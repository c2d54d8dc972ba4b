"""What `neuropilot doctor` tries of the models."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ai_ops.domain.check import Check, Remark
from ai_ops.domain.errors import DataUnavailable
from ai_ops.domain.model_status import Health
from ai_ops.wiring.models.champion import keys
from ai_ops.wiring.models.vitals import vitals_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


def model_checks(session: Session) -> Iterator[Check]:
    """The keys, and the model of each service: a run can do without one, but not with one that is refused."""
    yield Check("signing key", partial(_keys, session))
    for service in session.settings.services:
        yield Check(f"model of {service.name}", partial(_model, session, service))


def _keys(session: Session) -> str:
    signer, verifier = keys(session.settings)
    if verifier is None:
        return "none is set: the SHA-256 in the ledger alone vouches for a model"
    return f"only models signed with {verifier.key_id} are used{'' if signer else '; this machine cannot sign'}"


def _model(session: Session, service: Service) -> str | Remark:
    status = vitals_of(session, service).status
    if status.health is Health.ERROR:  # somebody may have altered it: as grave as the alert that says the same
        raise DataUnavailable(status.reason)
    named = f"{status.version}, {status.signature}, " if status.loaded else ""
    if status.health is Health.OK:
        return f"{named}{status.health}"
    return Remark(f"{named}{status.health}: {status.reason}")
