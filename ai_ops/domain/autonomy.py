"""What kind of action a decision is, and how far the agent may go with it by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from ai_ops.domain.tuning import SCALING_MODE, SCHEDULED_MINIMUM, Change, Knob


class Mode(StrEnum):
    """How far the agent may go, from the least to the most. Compare with `lowest`: as texts they sort otherwise."""

    OBSERVE = "observe"
    """Record and report."""

    PROPOSE = "propose"
    """Ask a person to make the change."""

    COMMIT = "commit"
    """Make the change."""


class ActionClass(StrEnum):
    """What a decision does to the service; each class has a record of its own."""

    SAVE = "save"
    """At least one knob moves to the cheaper side."""

    SAFETY = "safety"
    """Every knob moves to the dearer, safer side."""

    SCHEDULE = "schedule"
    """The minimum of some hours of the week is set."""

    MODE = "mode"
    """The way of scaling is switched."""

    @property
    def in_words(self) -> str:
        """What a sentence calls it: "autonomy for savings"."""
        return _WORDS[self]


_WORDS = {
    ActionClass.SAVE: "savings",
    ActionClass.SAFETY: "safety",
    ActionClass.SCHEDULE: "schedules",
    ActionClass.MODE: "switching the scaling mode",
}

_BY_KNOB = {SCALING_MODE: ActionClass.MODE, SCHEDULED_MINIMUM: ActionClass.SCHEDULE}
"""Knobs that make a decision one of their class, whatever moves with them, the rarer and riskier one first."""


def lowest(*modes: Mode) -> Mode:
    """The mode that allows the least.

    >>> lowest(Mode.PROPOSE, Mode.OBSERVE, Mode.COMMIT)
    <Mode.OBSERVE: 'observe'>
    """
    return min(modes, key=list(Mode).index)


def action_class(changes: Iterable[Change], knobs: Mapping[str, Knob]) -> ActionClass | None:
    """Class of a decision by what it moves; None when it holds.

    A decision that trades one knob against another saves at least somewhere, and so does, for all one knows, a knob
    that the settings no longer name.
    """
    moved = {change.knob: change for change in changes}
    if not moved:
        return None
    for knob, action in _BY_KNOB.items():
        if knob in moved:
            return action
    is_safer = all(
        name in knobs and knobs[name].is_safer(change.before, change.after) for name, change in moved.items()
    )
    return ActionClass.SAFETY if is_safer else ActionClass.SAVE
