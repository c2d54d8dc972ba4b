"""Knobs, what may become of them, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ai_ops.domain.change import Change as Change  # noqa: PLC0414  # what a decision is made of
from ai_ops.domain.change import KnobValue as KnobValue  # noqa: PLC0414
from ai_ops.domain.change import value_in_words as value_in_words  # noqa: PLC0414
from ai_ops.domain.foresight import Foresight
from ai_ops.domain.key_path import KeyPath
from ai_ops.domain.schedule import Schedule, minimum_by_minute, overlap
from ai_ops.domain.schedule import ScheduledMinimum as ScheduledMinimum  # noqa: PLC0414  # a knob's value, as Thresholds

SCALE_OUT, SCALE_IN, LATENCY = "cpu_scale_out_percent", "cpu_scale_in_percent", "latency_scale_out_ms"
MIN_INSTANCES, MAX_INSTANCES = "min_instances", "max_instances"
SCALING_MODE, SCHEDULED_MINIMUM = "scaling_mode", "scheduled_minimum"
"""Names of the knobs that rules and guardrails speak of; the others are only bounded."""

BY_THRESHOLD, BY_TARGET = SCALING_MODES = ("threshold", "target")
"""Step scaling between two thresholds, or target tracking: then `cpu_scale_out_percent` is the utilisation aimed at."""


class KnobKind(StrEnum):
    """What sort of value a knob holds."""

    NUMBER = "number"
    CHOICE = "choice"
    SCHEDULE = "schedule"


class CostDirection(StrEnum):
    """Which way a knob must move to cost more money, which is also the safe way."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting the agent may move.

    Parameters
    ----------
    name
        Canonical name, the same in the configuration, in tfvars and in `Thresholds`.
    file
        Path of the file that holds it, relative to the repository.
    path
        Steps that lead to the value inside the file: `("cpu_scale_out_percent",)` at the top level.
    unit
        "percent", "ms", "instances", "minutes"; "" for a choice.
    minimum, maximum
        Bounds, both inclusive: of the number, or of every `min_instances` in a schedule. A choice has none.
    max_step
        The most a number may move in one decision; the other kinds have no steps.
    costs_money
        The direction that makes the service dearer.
    live_query
        Expression whose newest value is what the platform really runs; None when unknown.
    kind
        What sort of value it holds. A file may do without a knob that holds no number.
    words
        What a choice is made between.
    most_entries
        How many entries a schedule may have.
    written_in
        Unit of the number in the file where that is another one: "seconds" or "ratio"; see `file_unit`.
    """

    name: str
    file: str
    path: KeyPath
    unit: str
    minimum: float
    maximum: float
    max_step: float
    costs_money: CostDirection
    live_query: str | None = None
    kind: KnobKind = KnobKind.NUMBER
    words: tuple[str, ...] = ()
    most_entries: int = 0
    written_in: str = ""

    def is_safer(self, before: KnobValue, after: KnobValue) -> bool:
        """Whether moving from `before` to `after` buys safety with money, at no minute of the week the opposite."""
        if isinstance(before, tuple) and isinstance(after, tuple):
            one, other = (before, after) if self.costs_money is CostDirection.UP else (after, before)
            low, high = minimum_by_minute(one), minimum_by_minute(other)
            return bool((high >= low).all() and (high > low).any())
        if isinstance(before, int | float) and isinstance(after, int | float):
            return after > before if self.costs_money is CostDirection.UP else after < before
        return False

    def allows(self, value: KnobValue) -> bool:
        """Whether `value` lies within the bounds of its kind; what cannot be compared, such as NaN, does not."""
        match self.kind:
            case KnobKind.NUMBER:
                return isinstance(value, int | float) and self.minimum <= value <= self.maximum
            case KnobKind.CHOICE:
                return isinstance(value, str) and value in self.words
            case KnobKind.SCHEDULE:
                return isinstance(value, tuple) and self._allows_schedule(value)

    def bounds_in_words(self) -> str:
        """What may stand there: "50 to 90 percent", "threshold or target"."""
        range_in_words = f"{self.minimum:g} to {self.maximum:g} {self.unit}"
        match self.kind:
            case KnobKind.NUMBER:
                return range_in_words
            case KnobKind.CHOICE:
                return " or ".join(self.words)
            case KnobKind.SCHEDULE:
                return f"at most {self.most_entries} entries that do not overlap, each of {range_in_words}"

    def _allows_schedule(self, entries: Schedule) -> bool:
        is_each_within = all(
            isinstance(one, ScheduledMinimum) and self.minimum <= one.min_instances <= self.maximum for one in entries
        )
        return len(entries) <= self.most_entries and is_each_within and overlap(entries) is None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The settings as they stand in the repository.

    Parameters
    ----------
    values
        By knob name; a knob that the file does without is absent.
    ignored
        Knobs that the file keeps from being changed: its line says `neuropilot: ignore`, or a comment stands inside
        of its value.
    """

    values: Mapping[str, KnobValue]
    ignored: frozenset[str] = frozenset()

    @property
    def numbers(self) -> dict[str, float]:
        """The knobs that hold a number, by name."""
        return {name: value for name, value in self.values.items() if isinstance(value, int | float)}

    @property
    def scaling_mode(self) -> str:
        """How the platform scales; by thresholds where the file does not say."""
        mode = self.values.get(SCALING_MODE, BY_THRESHOLD)
        return mode if isinstance(mode, str) else BY_THRESHOLD

    @property
    def scheduled_minimum(self) -> Schedule:
        """The minimums that hold at certain times of the week; none where the file does not say."""
        schedule = self.values.get(SCHEDULED_MINIMUM, ())
        return schedule if isinstance(schedule, tuple) else ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a policy wants, before any guardrail has looked. No changes means: stay.

    Parameters
    ----------
    changes
        Each knob at most once.
    reasons
        In the order they arose.
    is_urgent
        Whether it buys safety that is lacking.
    is_proven_whole
        Whether the changes were proven together, so that a part of them is proven by nothing.
    foresight
        What is expected; None where the policy predicts nothing.
    """

    changes: tuple[Change, ...]
    reasons: tuple[str, ...]
    is_urgent: bool = False
    is_proven_whole: bool = False
    foresight: Foresight | None = None

    @classmethod
    def stay(cls, reason: str) -> Proposal:
        """Leave everything as it is."""
        return cls((), (reason,))


@dataclass(frozen=True, slots=True)
class Decision:
    """What shall happen: changes that passed every guardrail, or a hold. Always with reasons.

    `foresight` is what is expected of it; the ledger keeps it with the episode, not with the decision.
    """

    changes: tuple[Change, ...]
    reasons: tuple[str, ...]
    is_urgent: bool = False
    foresight: Foresight | None = None

    @classmethod
    def hold(cls, *reasons: str, foresight: Foresight | None = None) -> Decision:
        """Change nothing, and say why."""
        return cls((), reasons, foresight=foresight.held() if foresight else None)

    @property
    def is_hold(self) -> bool:
        """Whether nothing moves."""
        return not self.changes


@dataclass(frozen=True, slots=True)
class Reward:
    """What the last decision earned over the window since.

    Parameters
    ----------
    value
        The score that counts; None when it could not be measured.
    formula
        Which formula gave it: "budget_burn", "literal", "per_percent", "weighted", "linear" or a team's
        "module:function".
    terms
        The parts of `value`, by name; they add up to it.
    beside
        What the other formulas would have said, by name.
    slo_good_percent, burn, requests
        The SLO over the window (see `slo.Attainment`); None when unknown.
    cost, budget
        Money spent in the window, and the budget's share for it, in the configured currency.
    reason
        One sentence: what is credited, or why nothing is.
    is_credited
        Whether `value` is the last decision's merit; what was not live, or is somebody else's work, earns it nothing.
    """

    value: float | None
    formula: str
    reason: str
    terms: Mapping[str, float] = field(default_factory=dict)
    beside: Mapping[str, float] = field(default_factory=dict)
    slo_good_percent: float | None = None
    burn: float | None = None
    requests: float | None = None
    cost: float | None = None
    budget: float | None = None
    is_credited: bool = False


@dataclass(frozen=True, slots=True)
class Exploration:
    """How much the past is trusted yet (S001-139), as a margin rather than as random moves.

    Parameters
    ----------
    phase
        "high" in days 1 to 7, "medium" in days 8 to 14, "low" after.
    day
        Days since the first episode, counted from 1.
    burn_margin
        A saving needs the burn below this share of the error budget.
    """

    phase: str
    day: int
    burn_margin: float
