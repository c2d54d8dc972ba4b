"""Which reward counts: the formula that the settings name, and what it says of the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.reward.formulas import DEFAULT, FORMULAS
from ai_ops.reward.linear import linear
from ai_ops.reward.own_function import OwnFunction
from ai_ops.reward.reward import Own, Scoring
from ai_ops.reward.trial import try_out
from ai_ops.reward.weighted import weighted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.cycle import Episode
    from ai_ops.reward.formulas import Formula
    from ai_ops.reward.reward import Count
    from ai_ops.reward.trial import Trial
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One service's formula, tried on its past.

    Parameters
    ----------
    service
        Its name.
    formula
        The one that the settings name.
    counting
        The one that counts: the same, or `budget_burn` as long as there is a doubt.
    trial
        What it said of the past.
    doubt
        Why it does not count yet; None when it does.
    """

    service: str
    formula: str
    counting: str
    trial: Trial
    doubt: str | None


def own_formula(session: Session) -> Count | None:
    """The formula that the settings or a program make; None where it is one of ours, which needs no trial.

    Raises
    ------
    ConfigError
        When a function cannot be loaded, with the reason.
    """
    chosen = session.settings.reward
    if chosen.formula in FORMULAS:
        return None
    if chosen.formula == "weighted":
        return _each(weighted(chosen.weights.model_dump()))
    if chosen.formula == "linear":
        return _each(linear(chosen.terms))
    function = OwnFunction(chosen.formula, session.place.root, session.place.environment)
    function.check()
    return function.count


def scoring(session: Session, service: Service, own: Count | None, past: Sequence[Episode]) -> Scoring:
    """Join the formula, the promise and the budget; a formula of the team's own is tried on the past first."""
    chosen = session.settings.reward.formula
    tried = None if own is None else Own(own, try_out(own, past, service.slo).doubt)
    return Scoring(chosen, service.slo, service.cost_budget, tried)


def evaluate(session: Session, service: Service, own: Count | None) -> Evaluation:
    """Try the formula of the settings on the episodes of a service.

    Raises
    ------
    StateError
        When the ledger cannot be trusted.
    """
    chosen, is_simulated = session.settings.reward.formula, session.settings.is_simulated
    past = [one for one in session.ledger.episodes(service.name) if one.is_simulated is is_simulated]
    trial = try_out(_each(FORMULAS[chosen]) if own is None else own, past, service.slo)
    doubt = None if own is None else trial.doubt
    return Evaluation(service.name, chosen, chosen if doubt is None else DEFAULT, trial, doubt)


def _each(formula: Formula) -> Count:
    return lambda windows: [formula(facts) for facts in windows]
