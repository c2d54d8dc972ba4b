"""What does not count: a model of the made-up service says nothing of a real one, nor the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import DataUnavailable

if TYPE_CHECKING:
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


def not_counted(session: Session, service: str) -> str:
    """Go on with a sentence that there is no model: how many there are of the other kind; empty without any.

    Raises
    ------
    StateError
        When the ledger cannot be trusted.
    """
    is_simulated = session.settings.is_simulated
    others = {one.version for one in session.ledger.model_decisions(service) if one.is_simulated is not is_simulated}
    if not others:
        return ""
    whose = "the real service" if is_simulated else "the made-up service"
    return (
        f"; one version of {whose} does not count"
        if len(others) == 1
        else f"; {len(others)} versions of {whose} do not count"
    )


def no_model(session: Session, service: Service) -> DataUnavailable:
    """Build the error for a service that has no model in use."""
    made_up = not_counted(session, service.name)
    return DataUnavailable(f"{service.name} has no model yet; `neuropilot train --apply` trains the first{made_up}")
