"""What `neuropilot doctor` tries of those who watch the agent; nothing is marked, pushed or called."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from ai_ops.domain.check import Check
from ai_ops.domain.errors import ConfigError
from ai_ops.wiring.annotations import board
from ai_ops.wiring.http import telling_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.wiring.session import Session

_OK = 200


def watcher_checks(session: Session) -> Iterator[Check]:
    """Everyone who is to be told where a run ends, and whom asking does no harm: a heartbeat is sent by runs alone."""
    if session.settings.grafana_annotations:
        yield Check("grafana annotations", partial(_annotations, session), is_required=False)
    if session.settings.pushgateway_url:
        yield Check("pushgateway", partial(_pushgateway, session), is_required=False)


def _annotations(session: Session) -> str:
    now = session.place.clock()
    board(session).marked(now - timedelta(days=1), now)
    return "Grafana shows its marks; whether it takes new ones, only a run can say"


def _pushgateway(session: Session) -> str:
    url = f"{session.settings.pushgateway_url}/-/ready"
    reply = telling_client(session).get(url)
    if reply.status != _OK:
        raise ConfigError(f"{url} answered HTTP {reply.status}: is PUSHGATEWAY_URL the address of its start page?")
    return f"{session.settings.pushgateway_url} is ready"
