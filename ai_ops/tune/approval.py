"""The only gate: who may act, on every path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Knob


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
    """

    mode: str
    knobs: frozenset[str]
    is_simulation_wanted: bool


def may_apply(episode: Episode, approval: Approval, knobs: Mapping[str, Knob]) -> Allowed | Refused:
    """Join mode, approval and bounds; anything that cannot be judged is refused."""
    if approval.mode != "commit":
        return Refused(f"mode {approval.mode}: recorded and reported, nothing changed")
    if episode.is_simulated and not approval.is_simulation_wanted:
        return Refused("the metrics are simulated because no source is configured; set PROMETHEUS_URL or GRAFANA_URL")
    for change in episode.decision.changes:
        knob = knobs.get(change.knob)
        if knob is None:
            return Refused(f"{change.knob} is not a knob of {episode.service}")
        if change.knob not in approval.knobs:
            return Refused(f"{change.knob} is not listed under approval.knobs, so a person must move it")
        # Written so that NaN fails: a comparison with it is never true.
        if not (knob.minimum <= change.after <= knob.maximum and abs(change.after - change.before) <= knob.max_step):
            return Refused(f"{change.knob}: {change.before:g} -> {change.after:g} leaves its bounds or its step")
    return Allowed()
