"""The agent's own metrics after a run, on their way to a Pushgateway."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ai_ops import __version__
from ai_ops.domain.errors import OpsError, StateError
from ai_ops.domain.message import Receipt
from ai_ops.domain.vitals import Vitals
from ai_ops.notify.watchers.own_metrics import registry_of
from ai_ops.notify.watchers.pushgateway import push
from ai_ops.store.state_files import PATTERNS
from ai_ops.wiring.autonomy import autonomy_of, recorded
from ai_ops.wiring.http import telling_client

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.domain.vitals import Run
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session

CHANNEL = "pushgateway"


def push_own_metrics(session: Session, run: Run, live: Mapping[str, Mapping[str, datetime]]) -> Receipt | None:
    """Push what there is to say of every service of the run; None where the settings name no Pushgateway."""
    url = session.settings.pushgateway_url
    if not url:
        return None
    client = telling_client(session, retry_post=True)
    wanted = [one for one in session.settings.services if one.name in run.services]
    try:
        for service in wanted:
            vitals = vitals_of(session, service, run, live.get(service.name))
            group = {"instance": instance_of(session), "service": service.name}
            push(client, url, registry_of(vitals), group=group, is_whole=vitals.is_whole)
    except OpsError as error:
        return Receipt(CHANNEL, "failed", str(error))
    return Receipt(CHANNEL, "sent")


def vitals_of(session: Session, service: Service, run: Run, live: Mapping[str, datetime] | None) -> Vitals:
    """Gather all that is told of one service; a cycle that failed, or a ledger in doubt, leaves less to tell."""
    vitals = Vitals(
        service=service.name,
        version=__version__,
        mode=session.settings.mode,
        at=session.place.clock(),
        seconds=run.seconds,
        exit_code=run.exit_codes.get(service.name, 0),
        is_paused=session.kill_switch.read() is not None,
        state_bytes=state_bytes(session),
        slo_target_percent=service.slo.target_percent,
        live_changes=None if live is None else len(live),
    )
    try:
        past = recorded(session, service.name)
    except StateError:  # the run has failed for that very reason, and says so by its exit code
        return vitals
    allowed = {action: one.allowed for action, one in autonomy_of(session, service, past).items()}
    return replace(vitals, result=run.result_of(service.name), past=past, autonomy=allowed)


def instance_of(session: Session) -> str:
    """Which agent of many this is: its repository."""
    return session.settings.github_repository or session.place.root.resolve().name or "unnamed"


def state_bytes(session: Session) -> int:
    """Size of what would be kept on the state branch, as plain files."""
    files = (file for pattern in PATTERNS for file in session.memory.glob(pattern))
    return sum(file.stat().st_size for file in files if file.is_file())
