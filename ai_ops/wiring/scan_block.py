"""What one worker does for one block of a scan: ask, read, judge, rank. It may run on another machine.

Only plain values go in and out. Secrets travel to processes of this machine alone; a cluster's workers have their own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ai_ops.collect.fleet import Fleet
from ai_ops.collect.prometheus import prometheus_api
from ai_ops.detect.counters import by_increase
from ai_ops.detect.floors import spread_floor
from ai_ops.detect.judge import Terms, judge_measured
from ai_ops.detect.standings import present, standings
from ai_ops.domain.errors import SourceError, SourceSilent
from ai_ops.domain.metrics import Gap, Query, Window
from ai_ops.domain.one_line import one_line
from ai_ops.domain.scan import Scan

if TYPE_CHECKING:
    from datetime import datetime

    from ai_ops.collect.prometheus_api import PrometheusApi

_CORRECT = "correct the expression under scan.metrics in ops_config.yaml"
_HINTS = {400: _CORRECT, 422: _CORRECT}
_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Door:
    """Where Prometheus is, and what lets us in. What is missing comes from the environment of whoever goes there.

    Parameters
    ----------
    url
        Everything before `/api/v1`.
    username, password, token
        As in the settings; the secrets appear in no text that shows a door.
    seconds
        For one request with its retries.
    """

    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    seconds: float = 120.0

    def without_secrets(self) -> Door:
        """The same door, for workers of a cluster."""
        return replace(self, password="", token="")

    def api(self) -> PrometheusApi:
        """Open it, from where this runs."""
        from ai_ops.http_client import HttpClient, Limits
        from ai_ops.redact import Redactor

        username, password, token = self.username, self.password, self.token
        if not password and not token:
            username = username or os.environ.get("PROMETHEUS_USERNAME", "")
            password, token = (os.environ.get(f"PROMETHEUS_{name}", "") for name in ("PASSWORD", "TOKEN"))
        client = HttpClient(
            allow_private=True,
            retry_post=True,
            limits=Limits(read_seconds=self.seconds, total_seconds=self.seconds),
            redactor=Redactor((password, token)),
        )
        auth = (username, password) if username or password else None
        return prometheus_api(client, self.url, auth=auth, token=token, hints=_HINTS)


@dataclass(frozen=True, slots=True)
class Look:
    """How closely every block is looked at.

    Parameters
    ----------
    window
        The history that is asked for.
    recent
        How many points at its end are "now".
    budget_per_week
        False alarms that one series may raise in a week.
    most
        How many series to name, at most.
    maintenance
        Planned work, as (start, end): nothing that happens in it is judged or learned from.
    """

    window: Window
    recent: int
    budget_per_week: float
    most: int
    maintenance: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Some services of a fleet, and one metric of theirs.

    Parameters
    ----------
    number
        Tells the blocks of a scan apart.
    label, names
        The label that tells the services apart, and its values in this block.
    query
        See `Fleet.panel`.
    worse
        +1 or -1 where only a rise or only a fall is harm; 0 for both.
    """

    number: int
    door: Door
    look: Look
    label: str
    names: tuple[str, ...]
    query: Query
    worse: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in the block of that number, and whether nobody answers at Prometheus at all."""

    number: int
    scan: Scan
    is_silent: bool = False


def scan_block(block: Block) -> Seen:
    """Look at one block; one that cannot be had is a gap with its reason."""
    look, fleet = block.look, Fleet(block.door.api(), block.label, block.look.window)
    try:
        panel, warnings = fleet.panel(block.query, block.names)
    except SourceError as error:
        return Seen(block.number, _gap(block, str(error)), isinstance(error, SourceSilent))
    here, found = present(panel, look.recent, look.maintenance)
    if here.names:
        here = replace(here, values=by_increase(here.values, here.step))
        terms = Terms(look.budget_per_week, block.worse, with_band=False)
        judgement = judge_measured(here.values, here.step, spread_floor(here, None), terms)
        found = found.joined(standings(here, judgement, look.recent, look.most), look.most)
    return Seen(block.number, replace(found, warnings=warnings))


def _gap(block: Block, reason: str) -> Scan:
    first, last = (one_line(name, _NAME_LENGTH) for name in (block.names[0], block.names[-1]))
    which = first if len(block.names) == 1 else f"{len(block.names)} from {first} to {last}"
    return Scan(failed=len(block.names), gaps=(Gap(block.query.metric, f"{which}: {reason}"),))


def probe(door: Door) -> str:
    """Say what keeps this machine from asking Prometheus; empty when nothing does."""
    try:
        door.api().version()
    except SourceError as error:
        return str(error)
    return ""
