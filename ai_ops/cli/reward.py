"""`neuropilot reward`: what the reward formula of the settings says of the past, before it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ai_ops import __version__
from ai_ops.cli.json_text import failing_as_json, json_text
from ai_ops.cli.options import AsJson, Config, Root, place_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.reward.comparison import Disagreement
    from ai_ops.wiring.reward import Evaluation


def reward(
    config: Config = None,
    root: Root = None,
    service: Annotated[str | None, typer.Option("--service", help="Only this service.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Try the reward formula of the settings on past episodes, beside budget_burn. Nothing is changed or kept."""
    from ai_ops.cli.services import wanted_services
    from ai_ops.domain.one_line import visible
    from ai_ops.wiring import open_session
    from ai_ops.wiring.reward import evaluate, own_formula

    with (
        failing_as_json(is_wanted=as_json, services=[]),
        open_session(place_for(root, config), is_writing=False) as session,
    ):
        names, own = wanted_services(session.settings, service), own_formula(session)
        wanted = [one for one in session.settings.services if one.name in names]
        evaluations = [evaluate(session, one, own) for one in wanted]
    if as_json:
        forms = [_form(one) for one in evaluations]
        document = {"version": __version__, "exit_code": 0, "error": None, "services": forms}
        typer.echo(json_text(document, session.redact))
        return
    for one in evaluations:
        for line in in_words(one):
            typer.echo(session.redact(visible(line)))


def in_words(evaluation: Evaluation) -> Iterator[str]:
    """What the formula says of one service's past, line by line."""
    from ai_ops.reward.comparison import disagreements, rank_correlation

    tried, left_out = evaluation.trial.tried, evaluation.trial.left_out
    yield f"{evaluation.service}: reward.formula is {evaluation.formula}"
    if evaluation.doubt is None:
        yield "  counts     yes"
    else:
        yield f"  counts     not yet, {evaluation.counting} does: {evaluation.doubt}"
    missing = f", {left_out} left out because something it needs was not measured" if left_out else ""
    yield f"  tried on   {len(tried)} episodes{missing}"
    if not tried:
        return
    values = sorted(one.value for one in tried)
    yield f"  values     {values[0]:+.3g} to {values[-1]:+.3g}, half of them below {values[len(values) // 2]:+.3g}"
    terms = ", ".join(f"{name} {value:+.3g}" for name, value in tried[-1].terms.items())
    yield f"  newest     {tried[-1].episode} {tried[-1].value:+.3g} ({terms})"
    correlation = rank_correlation(tried)
    agreement = "cannot be told: one of the two says always the same" if correlation is None else f"{correlation:.2f}"
    yield f"  agreement  rank correlation with budget_burn {agreement}"
    for row in disagreements(tried):
        yield f"  disagrees  {_disagreement(row, evaluation.formula, len(tried))}"


def _disagreement(row: Disagreement, formula: str, count: int) -> str:
    facts = row.tried.facts
    return (
        f"{row.tried.episode}: {formula} {row.tried.value:+.3g} (rank {row.rank:g} of {count}), "
        f"budget_burn {row.tried.default_value:+.3g} (rank {row.default_rank:g}); "
        f"burn {facts.burn:.2f}, cost {facts.cost / facts.budget:.0%} of the budget"
    )


def _form(evaluation: Evaluation) -> dict[str, Any]:
    from ai_ops.reward.comparison import disagreements, rank_correlation

    trial = evaluation.trial
    return {
        "service": evaluation.service,
        "formula": evaluation.formula,
        "counting": evaluation.counting,
        "doubt": evaluation.doubt,
        "left_out": trial.left_out,
        "rank_correlation": rank_correlation(trial.tried),
        "disagreements": [row.tried.episode for row in disagreements(trial.tried)],
        "episodes": [
            {"id": one.episode, "value": one.value, "terms": dict(one.terms), "budget_burn": one.default_value}
            for one in trial.tried
        ],
    }
