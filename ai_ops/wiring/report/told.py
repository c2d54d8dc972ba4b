"""How the channels did in the last week, for a report to say."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ai_ops.domain.errors import OpsError
from ai_ops.report.gathered import Told
from ai_ops.wiring.channels import channels
from ai_ops.wiring.telling.replay import listen, records

if TYPE_CHECKING:
    from ai_ops.domain.delivery_record import DeliveryRecord
    from ai_ops.domain.message import Heard
    from ai_ops.wiring.session import Session


def told(session: Session) -> tuple[Told, ...]:
    """Every configured channel, also those that were never told anything; what cannot be read is not said."""
    known: dict[str, DeliveryRecord] = {}
    with suppress(OpsError):  # a report is made whatever becomes of the channels; sending says what is wrong
        if session.is_writing:
            listen(session)
        known = {one.channel: one for one in records(session)}
    return tuple(_told(one.name, known.get(one.name)) for one in channels(session))


def _told(name: str, record: DeliveryRecord | None) -> Told:
    if record is None:
        return Told(name, 0, 0)
    heard: Heard | None = record.report.heard if record.report else None
    return Told(
        channel=name,
        sent=record.week.sent,
        failed=record.week.failed,
        problem=record.problem,
        replies=heard.replies if heard else None,
        reactions=heard.reactions if heard else None,
    )
