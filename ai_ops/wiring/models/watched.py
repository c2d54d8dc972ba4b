"""Those who watch the models are told how they are; nothing of it can fail a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.wiring.model_metrics import push_model_metrics
from ai_ops.wiring.models.vitals import vitals_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.message import Receipt
    from ai_ops.wiring.session import Session


def tell_of_models(session: Session, services: Sequence[str] | None = None) -> Receipt | None:
    """Push the figures of the models of these services, or of all; None where the settings name no Pushgateway."""
    if not session.settings.pushgateway_url:
        return None
    wanted = [one for one in session.settings.services if services is None or one.name in services]
    return push_model_metrics(session, [vitals_of(session, one) for one in wanted])
