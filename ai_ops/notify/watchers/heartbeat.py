"""The heartbeat: an address that is called after each run that went well, so that somebody notices when none comes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ai_ops.domain.errors import HttpError, NotifyError

if TYPE_CHECKING:
    from ai_ops.http_client import HttpClient

_PATH = re.compile(r"(https?://[^/\s?#]+)[/?#][^\s:]*")
_FINE = range(200, 300)


def beat(client: HttpClient, address: str) -> None:
    """Call `address` once with GET.

    Parameters
    ----------
    client
        Its errors should go through `without_paths`.
    address
        A secret: whoever knows it can pretend that the agent is alive.

    Raises
    ------
    NotifyError
        When nobody took the call.
    """
    try:
        reply = client.get(address)
    except HttpError as error:
        raise NotifyError(without_paths(str(error)), retryable=True) from None
    if reply.status not in _FINE:
        raise NotifyError(f"HEARTBEAT_URL answered HTTP {reply.status}: does the check still exist there?")


def without_paths(text: str) -> str:
    """Leave of every address only the server: in a heartbeat the rest is the secret, in whatever spelling.

    >>> without_paths("GET https://ping.example/4f2a-11: connection refused")
    'GET https://ping.example/***: connection refused'
    """
    return _PATH.sub(r"\1/***", text)
