"""The HTTP clients of a session: for addresses that stand in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

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


def telling_client(
    session: Session, *, retry_post: bool = False, redactor: Callable[[str], str] | None = None
) -> HttpClient:
    """Build a client that tells one listener what a run did, and gives up early.

    Parameters
    ----------
    retry_post
        Whether a POST may arrive twice without harm.
    redactor
        Takes secrets out of the text of an error; None takes the session's.
    """
    from ai_ops.http_client import Deadline, HttpClient, Limits

    return HttpClient(
        allow_private=True,
        retry_post=retry_post,
        deadline=Deadline(session.place.telling_seconds),
        limits=Limits(read_seconds=8.0, retries=2, retry_after_max_seconds=5, body_max_bytes=4 * 1024**2),
        redactor=redactor or session.redact,
    )
