"""The card of a version, as it stands in its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError
from ai_ops.domain.model_version import Verdict
from ai_ops.wiring.models.champion import CARD, decisions_of, in_use, keys, registry
from ai_ops.wiring.models.counted import no_model

if TYPE_CHECKING:
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session

CARD_IN_WORDS = "MODEL_CARD.md"


def card_of(session: Session, service: Service, version: str | None, *, as_json: bool) -> str:
    """The card of a version, of the one in use when None.

    Raises
    ------
    ConfigError
        When there is no such version.
    DataUnavailable
        When there is no model at all.
    ModelRefused
        When its files are not what was decided about.
    """
    decisions = decisions_of(session, service.name)
    champion = in_use(decisions)
    if version is None and champion is None:
        raise no_model(session, service)
    named = [one for one in decisions if one.version == version] if version else [champion]
    if not named or named[-1] is None:
        raise ConfigError(f"nothing is known of {version}; `neuropilot model list` shows the versions")
    one = named[-1]
    if one.verdict is Verdict.REFUSED:
        raise ConfigError(f"{one.version} was refused and its files are not kept; `neuropilot model list` says why")
    stored = registry(session).read(one.service, one.version, one.manifest_sha256, keys(session.settings)[1])
    return stored.files[CARD if as_json else CARD_IN_WORDS].decode()
