"""Where a run ends: those who watch the agent are told how it went. Nothing of it can fail the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import OpsError
from ai_ops.domain.message import Receipt
from ai_ops.wiring.annotations import annotate
from ai_ops.wiring.heartbeat import send_heartbeat
from ai_ops.wiring.live_changes import live_changes
from ai_ops.wiring.models.watched import tell_of_models
from ai_ops.wiring.own_metrics import push_own_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.domain.vitals import Run
    from ai_ops.wiring.session import Session


def tell_watchers(session: Session, run: Run) -> tuple[Receipt, ...]:
    """Mark changes in Grafana, push the agent's metrics and its models', send the heartbeat: each where it is wanted.

    To be called before the memory is kept for the last time, so that what was spent of hourly budgets is kept too.
    """
    if not session.is_writing:
        return ()
    live, problems = _live(session, run)
    told = (
        annotate(session, live),
        push_own_metrics(session, run, live),
        tell_of_models(session, run.services),
        send_heartbeat(session, run),
    )
    return (*problems, *(receipt for receipt in told if receipt is not None))


def _live(session: Session, run: Run) -> tuple[Mapping[str, Mapping[str, datetime]], tuple[Receipt, ...]]:
    """What is live of every service, as far as somebody wants to know and the branch can be looked at."""
    settings = session.settings
    live: dict[str, Mapping[str, datetime]] = {}
    is_wanted = settings.grafana_annotations or settings.pushgateway_url
    if settings.mode == "observe" or not is_wanted:
        return live, ()
    for service in (one for one in settings.services if one.name in run.services):
        try:
            live[service.name] = live_changes(session, service)
        except OpsError as error:
            return live, (Receipt("live changes", "failed", str(error)),)
    return live, ()
