"""Signing a model that is in use already, after a key was set or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError
from ai_ops.wiring.keeping import write_and_keep
from ai_ops.wiring.models.champion import decisions_of, in_use, keys, registry
from ai_ops.wiring.models.counted import no_model

if TYPE_CHECKING:
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


def sign(session: Session, service: Service) -> str:
    """Sign the version in use with the key that is set now, and give its name.

    Raises
    ------
    ConfigError
        When no private key is set.
    DataUnavailable
        When there is no model.
    ModelRefused
        When its files are not those that were put in use.
    """
    signer, _ = keys(session.settings)
    champion = in_use(decisions_of(session, service.name))
    if signer is None:
        raise ConfigError("NEUROPILOT_SIGNING_KEY is not set; `neuropilot model key` makes a key")
    if champion is None:
        raise no_model(session, service)
    named = champion.service, champion.version, champion.manifest_sha256
    message = f"{service.name}: sign model {champion.version}"
    write_and_keep(session, message, lambda: registry(session).sign(*named, signer))
    return champion.version
