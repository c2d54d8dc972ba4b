"""The heartbeat of a session: one call after a run that went well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import NotifyError
from ai_ops.domain.message import Receipt
from ai_ops.notify.watchers.heartbeat import beat, without_paths
from ai_ops.wiring.http import telling_client

if TYPE_CHECKING:
    from ai_ops.domain.vitals import Run
    from ai_ops.wiring.session import Session

CHANNEL = "heartbeat"


def send_heartbeat(session: Session, run: Run) -> Receipt | None:
    """Say that the agent is alive; None after a run that failed, or where nobody listens."""
    address = session.settings.heartbeat_url
    if address is None or run.exit_codes:
        return None
    client = telling_client(session, redactor=lambda text: session.redact(without_paths(text)))
    try:
        beat(client, address.get_secret_value())
    except NotifyError as error:
        return Receipt(CHANNEL, "failed", str(error))
    return Receipt(CHANNEL, "sent")
