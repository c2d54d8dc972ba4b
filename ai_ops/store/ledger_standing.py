"""Which decisions about models stand: they are said again each month, so that none leaves with an old one.

A service whose model is never trained again, or whose candidates are refused, has its champion in a line that may be
years old. At least three complete months stay here whatever leaves, so what each of them ends with is always known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.model_version import CHAMPION_MAKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.domain.model_version import ModelDecision

WAYS = 2
"""Versions of a service that stand: the one in use, and the one before it, to which a person can go back."""


def standing(decided: Mapping[int, ModelDecision]) -> dict[int, ModelDecision]:
    """Those of the decisions that made the model in use of each service, and the one before it.

    The made-up service has models of its own, which stand beside those of the real one.

    Parameters
    ----------
    decided
        Every decision by the number of its line.
    """
    versions: dict[tuple[str, bool], dict[str, int]] = {}
    for number in sorted(decided, reverse=True):
        one = decided[number]
        used = versions.setdefault((one.service, one.is_simulated), {})
        if one.verdict in CHAMPION_MAKING and len(used) < WAYS:
            used.setdefault(one.version, number)
    numbers = sorted(number for used in versions.values() for number in used.values())
    return {number: decided[number] for number in numbers}
