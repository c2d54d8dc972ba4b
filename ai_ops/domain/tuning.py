"""Knobs, what may become of them, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

SCALE_OUT, SCALE_IN, LATENCY = "cpu_scale_out_percent", "cpu_scale_in_percent", "latency_scale_out_ms"
"""Names of the knobs that rules and guardrails speak of; the others are only bounded."""


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
        Keys that lead to the value inside the file: `("cpu_scale_out_percent",)` at the top level.
    unit
        "percent", "ms", "instances", "minutes".
    minimum, maximum
        Bounds, both inclusive.
    max_step
        The most it may move in one decision.
    costs_money
        The direction that makes the service dearer.
    live_query
        Expression whose newest value is what the platform really runs; None when unknown.
    """

    name: str
    file: str
    path: tuple[str, ...]
    unit: str
    minimum: float
    maximum: float
    max_step: float
    costs_money: CostDirection
    live_query: str | None = None

    def is_safer(self, before: float, after: float) -> bool:
        """Whether moving from `before` to `after` buys safety with money."""
        return after > before if self.costs_money is CostDirection.UP else after < before


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The settings as they stand in the repository.

    Parameters
    ----------
    values
        By knob name.
    ignored
        Knobs whose line says `neuropilot: ignore`.
    """

    values: Mapping[str, float]
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """One knob moves from one value to another."""

    knob: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a policy wants, before any guardrail has looked. No changes means: stay."""

    changes: tuple[Change, ...]
    reasons: tuple[str, ...]
    is_urgent: bool = False

    @classmethod
    def stay(cls, reason: str) -> Proposal:
        """Leave everything as it is."""
        return cls((), (reason,))


@dataclass(frozen=True, slots=True)
class Decision:
    """What shall happen: changes that passed every guardrail, or a hold. Always with reasons."""

    changes: tuple[Change, ...]
    reasons: tuple[str, ...]
    is_urgent: bool = False

    @classmethod
    def hold(cls, *reasons: str) -> Decision:
        """Change nothing, and say why."""
        return cls((), reasons)

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
    is_credited
        Whether `value` is the last decision's merit; what was not live, or is somebody else's work, earns it nothing.
    is_credited: bool = False
