"""The chart of a proposal: what is proposed beside today's settings, on the very minutes it was decided on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.domain.tuning import Thresholds
from ai_ops.store.proposal_charts import MOST_BYTES, SUFFIX
from ai_ops.tune.learning.ledger_state import settings_of
from ai_ops.tune.look import compare, look
from ai_ops.twin.calibration import Uncalibrated
from ai_ops.wiring.inputs import inputs_in
from ai_ops.wiring.minutes import POLICIES_ON_MINUTES

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Episode
    from ai_ops.settings.service import Service
    from ai_ops.tune.look import Compared
    from ai_ops.wiring.session import Session


def proposal_chart(session: Session, service: Service, episode: Episode) -> bytes | None:
    """Draw what `episode` proposes as SVG; None where there is nothing to draw, or nothing to draw it from.

    A proposal is no worse without its picture: why there is none is told through `place.warn`, unless it is that
    nothing was proposed or no snapshot is kept.
    """
    from ai_ops.charts.charts import check_drawable, rendered
    from ai_ops.charts.what_if import idea_beside_today
    from ai_ops.wiring.alternative import alternative

    is_kept = episode.inputs_digest is not None and session.snapshots.has(episode.id)
    if episode.policy not in POLICIES_ON_MINUTES or not episode.decision.changes or not is_kept:
        return None
    try:
        check_drawable(SUFFIX)
        compared = _replayed(session, episode)
    except (ConfigError, DataUnavailable) as error:
        session.place.warn(f"{episode.id} is proposed without its chart: {error}")
        return None
    shown = alternative(compared, episode.decision.changes, (service.name, episode.is_simulated), is_proposal=True)
    drawn = rendered(idea_beside_today(shown), SUFFIX)
    if len(drawn) > MOST_BYTES:
        session.place.warn(f"{episode.id} is proposed without its chart: that has {len(drawn)} bytes")
        return None
    return drawn


def _replayed(session: Session, episode: Episode) -> Compared:
    """Replay the changes of `episode` on its own snapshot, with what was learned by then."""
    inputs = inputs_in(session.snapshots.read(episode.id, episode.inputs_digest or ""))
    earlier = (one for one in session.ledger.episodes(episode.service) if one.decided_at < episode.decided_at)
    past = [one for one in earlier if one.is_simulated is episode.is_simulated]
    question = inputs.policy().question(inputs.situation(episode, past))
    if isinstance(question, str):
        raise DataUnavailable(question)
    looked = look(question)
    if isinstance(looked, Uncalibrated):
        raise DataUnavailable(f"there is no model of this service: {looked.reason}")
    wanted = Thresholds({change.knob: change.after for change in episode.decision.changes})
    return compare(looked, question.thresholds, settings_of(wanted))
