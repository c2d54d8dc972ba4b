"""The deadband of proposals: what changes next to nothing is not worth a person's minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.prediction import Prediction


def effect_percent(before: Prediction, after: Prediction) -> float:
    """How far two predictions lie apart: in percent of the cost or of the error budget, whichever is more."""
    cost = before.cost_per_hour.expected
    of_cost = abs(after.cost_per_hour.expected - cost) / cost if cost > 0 else 0.0
    return 100.0 * max(of_cost, abs(after.burn.expected - before.burn.expected))


def too_little(episode: Episode, least_percent: float) -> str | None:
    """Why a decision is not worth a review, or None. What is urgent, or predicts nothing, always is."""
    if episode.decision.is_urgent or episode.prediction is None or episode.if_unchanged is None:
        return None
    effect = effect_percent(episode.if_unchanged, episode.prediction)
    if effect >= least_percent:
        return None
    return (
        f"it would change {effect:.1f} % of the cost or of the error budget, and less than {least_percent:g} % is not "
        "worth a review (pull_requests.least_effect_percent)"
    )


def is_about_the_same(standing: Episode, wanted: Episode, least_percent: float) -> bool:
    """Whether `wanted` differs so little from what is proposed already that reading it again would be a waste.

    Only where both predict something, and neither is urgent while the other is not.
    """
    if standing.prediction is None or wanted.prediction is None:
        return False
    is_as_urgent = standing.decision.is_urgent == wanted.decision.is_urgent
    is_same_knobs = {one.knob for one in standing.decision.changes} == {one.knob for one in wanted.decision.changes}
    return is_as_urgent and is_same_knobs and effect_percent(standing.prediction, wanted.prediction) < least_percent
