"""The only gate: who may act, on every path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Change, Knob


@dataclass(frozen=True, slots=True)
class Allowed:
    """The change may be made."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The change may not be made, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Approval:
    """What the team allows.

    Parameters
    ----------
    mode
        "observe" or "commit".
    knobs
        Names of the knobs that may move without a review.
    is_simulation_wanted
        Whether the settings ask for simulated metrics by name; a source that is simulated only because
        nothing else was configured must never move a real file.
    standstill
        Why nothing may move at this moment, such as a pause; None when changes are welcome.
    """

    mode: str
    knobs: frozenset[str]
    is_simulation_wanted: bool
    standstill: str | None = None


def may_apply(episode: Episode, approval: Approval, knobs: Mapping[str, Knob]) -> Allowed | Refused:
    """Join mode, approval and bounds; anything that cannot be judged is refused."""
    reasons = (
        _against_acting(episode, approval),
        *(_against(one, approval, knobs) for one in episode.decision.changes),
    )
    reason = next(filter(None, reasons), None)
    return Allowed() if reason is None else Refused(reason)


def _against_acting(episode: Episode, approval: Approval) -> str | None:
    """Why nothing at all may move, or None."""
    if approval.mode != "commit":
        return f"mode {approval.mode}: recorded and reported, nothing changed"
    if episode.is_simulated and not approval.is_simulation_wanted:
        return "the metrics are simulated because no source is configured; set PROMETHEUS_URL or GRAFANA_URL"
    return approval.standstill


def _against(change: Change, approval: Approval, knobs: Mapping[str, Knob]) -> str | None:
    """Why this change may not be made, or None."""
    knob = knobs.get(change.knob)
    if knob is None:
        return f"{change.knob} is not a knob of this service"
    if change.knob not in approval.knobs:
        return f"{change.knob} is not listed under approval.knobs, so a person must move it"
    # Written so that NaN fails: a comparison with it is never true.
    if not (knob.minimum <= change.after <= knob.maximum and abs(change.after - change.before) <= knob.max_step):
        return f"{change.knob}: {change.before:g} -> {change.after:g} leaves its bounds or its step"
    return None
