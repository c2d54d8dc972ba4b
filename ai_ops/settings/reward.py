"""The section `reward` of ops_config.yaml: which formula counts, and the formulas that a team makes by settings."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from ai_ops.domain.metrics import CANONICAL_METRICS
from ai_ops.settings.fields import Section
from ai_ops.settings.problems import Place, nearest, refusal

FORMULA_NAMES = ("budget_burn", "literal", "per_percent", "weighted", "linear")

TERM_NAMES = frozenset({"sla", "cost_variance", "cost_ratio", "burn"} | CANONICAL_METRICS.keys())
"""What a linear formula may use; `Facts.quantities` gives their values."""

ROUNDING = 1e-6
"""Weights that are written with decimals may add up to 1 within this."""

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"


def _formula(text: str) -> str:
    if text in FORMULA_NAMES or re.fullmatch(rf"{_NAME}(?:\.{_NAME})*:{_NAME}", text):
        return text
    names = ", ".join(FORMULA_NAMES)
    raise refusal(f"must be {names}, or your own function as module:function{nearest(text, FORMULA_NAMES)}")


Weight = Annotated[float, Field(ge=0, le=1)]


class WeightSettings(Section):
    """How much each objective counts; one that is not named counts nothing."""

    sla: Weight = 0.0
    cost: Weight = 0.0
    latency: Weight = 0.0
    availability: Weight = 0.0

    @model_validator(mode="after")
    def _add_up_to_one(self) -> Self:
        total = sum(self.model_dump().values())
        if abs(total - 1.0) > ROUNDING:
            raise refusal(f"must add up to 1, and add up to {total:.6g}")
        return self


class RewardSettings(Section):
    """Which formula counts, and what `weighted` and `linear` are made of."""

    formula: Annotated[str, AfterValidator(_formula)] = "budget_burn"
    weights: WeightSettings = WeightSettings(sla=0.4, cost=0.3, latency=0.2, availability=0.1)
    terms: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _terms_are_known(self) -> Self:
        problems: dict[Place, str] = {
            ("terms", name): f"is nothing that is measured{nearest(name, TERM_NAMES)}"
            for name in self.terms
            if name not in TERM_NAMES
        }
        if self.formula == "linear" and not self.terms:
            problems["terms",] = "is empty, and linear needs it, like {sla: 2.0, cost_variance: -1.0}"
        if problems:
            raise refusal(problems)
        return self
