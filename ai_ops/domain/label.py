"""What people say of findings: right to wake somebody, or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from ai_ops.domain.judgement import Alarm

ID = r"f[0-9a-f]{8}"
"""What the id of a finding looks like. The letter keeps YAML from reading `12345678` or `0777` as a number."""


def finding_id(service: str, metric: str, since: datetime) -> str:
    """Short name of a finding, the same in every run that sees the same onset.

    >>> finding_id("web", "latency_p95_ms", datetime(2026, 11, 20, 6, 10, tzinfo=UTC))
    'fd9ee4a5d'
    """
    onset = since.astimezone(UTC).isoformat(timespec="seconds")
    return "f" + sha256(f"{service}\n{metric}\n{onset}".encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Label:
    """One finding, and whether it deserved its alarm.

    Parameters
    ----------
    finding
        Its id, see `finding_id`.
    service, metric, alarm, since
        What was found; `since` is its onset.
    is_true
        Whether something was wrong.
    at, by
        When it was said, and by whom.
    note
        Why, in one line.
    is_simulated
        Whether it was found in the made-up service, which says nothing of a real one.
    """

    finding: str
    service: str
    metric: str
    alarm: Alarm
    since: datetime
    is_true: bool
    at: datetime
    by: str
    note: str = ""
    is_simulated: bool = False
