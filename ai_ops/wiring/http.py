"""The HTTP client of a session: for addresses that stand in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ai_ops.http_client import HttpClient
    from ai_ops.wiring.session import Session


def http_client(session: Session) -> HttpClient:
    """Build a client: one deadline for everything that it will be asked, and no secret in its errors."""
    from ai_ops.http_client import Deadline, HttpClient

    return HttpClient(
        allow_private=True,
        retry_post=True,
        deadline=Deadline(session.settings.metrics.deadline_seconds),
        redactor=session.redact,
    )
