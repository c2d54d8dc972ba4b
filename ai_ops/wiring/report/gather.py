"""Everything that a report says of one service, from what was just observed and from the memory.

Nothing that is missing keeps a report from being made: it says what is missing, and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import OpsError
from ai_ops.domain.metrics import Observation
from ai_ops.learn.progress import learning_of
from ai_ops.report.gathered import Gathered, OpenRequest
from ai_ops.tune.autonomy.rollout import advice
from ai_ops.tune.exploration import exploration
from ai_ops.wiring.autonomy import autonomy_of, judgements_of, recorded
from ai_ops.wiring.capacity import outlook_of
from ai_ops.wiring.models.rows import kept_series
from ai_ops.wiring.models.vitals import vitals_of
from ai_ops.wiring.report.newest import newest_findings
from ai_ops.wiring.settings_files import SettingsFiles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.episode_judgement import EpisodeJudgement
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.domain.warming_up import WarmingUp
    from ai_ops.settings.service import Service
    from ai_ops.twin.outlook.outlook import Outlook
    from ai_ops.wiring.session import Session


def gather(session: Session, service: Service, span: ReportSpan, seen: Observation | OpsError) -> Gathered:
    """Put together what is known of `service`.

    Parameters
    ----------
    span
        What the report is about.
    seen
        What was just observed, or why nothing could be: then the report rests on what earlier runs have kept.
    """
    settings, observation = session.settings, seen if isinstance(seen, Observation) else None
    missing = [] if isinstance(seen, Observation) else [f"the metrics are those that earlier runs have kept: {seen}"]
    episodes, doubt = _episodes(session, service.name)
    vitals = vitals_of(session, service)
    delivered, request = _on_the_branch(session, service, missing)
    return Gathered(
        service=service.name,
        source=settings.metric_source,
        is_simulated=settings.is_simulated,
        slo=service.slo,
        monthly_budget=service.cost_budget,
        vitals=vitals,
        mode=settings.mode,
        policy=settings.tuning.policy,
        series=observation.series if observation else kept_series(session, service),
        gaps=observation.gaps if observation else (),
        knobs=service.knobs,
        thresholds=observation.thresholds if observation else episodes[-1].thresholds if episodes else None,
        episodes=episodes,
        delivered=delivered,
        newest_findings=newest_findings(session, service, span, observation, episodes) if observation else (),
        learning=learning_of(vitals.records).sentence if vitals.records else "",
        outlook=_outlook(service, observation),
        autonomy={action: one.allowed for action, one in autonomy_of(session, service, episodes).items()},
        request=request,
        judgements=_judgements(session, service.name, missing),
        pause=session.pause_in_words(),
        doubt=doubt,
        silence="" if isinstance(seen, Observation) else session.redact(str(seen).partition("\n")[0]),
        rollout_advice=advice(exploration(episodes, session.place.clock()).day).text,
        warnings=tuple(session.redact(text) for text in (*(observation.warnings if observation else ()), *missing)),
    )


def _episodes(session: Session, service: str) -> tuple[tuple[Episode, ...], str | None]:
    """What was decided, and why that cannot be trusted where it cannot."""
    try:
        return recorded(session, service), None
    except OpsError as error:
        return (), session.redact(str(error))


def _judgements(session: Session, service: str, missing: list[str]) -> tuple[EpisodeJudgement, ...]:
    try:
        return judgements_of(session, service)
    except OpsError as error:
        missing.append(f"what people said of decisions is not known: {error}")
        return ()


def _on_the_branch(
    session: Session, service: Service, missing: list[str]
) -> tuple[Mapping[str, datetime], OpenRequest | None]:
    """Which decisions are live, and the pull request that waits; neither in mode observe, which changes nothing."""
    files = SettingsFiles(session, service)
    if session.settings.mode == "observe" or session.git is None:
        return {}, None
    try:
        files.thresholds()  # looks at the branch as it stands now
        delivered, one = files.delivered(), files.standing_request()
    except OpsError as error:
        missing.append(f"what is live, and what waits for a review, is not known: {error}")
        return {}, None
    return delivered, None if one is None else OpenRequest(one.number, one.url, one.title, one.opened_at)


def _outlook(service: Service, observation: Observation | None) -> Outlook | WarmingUp | str:
    if observation is None:
        return "nothing was measured just now"
    try:
        return outlook_of(observation, service)
    except OpsError as error:
        return str(error).partition("\n")[0]
