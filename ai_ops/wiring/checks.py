"""What `neuropilot doctor` tries, from the settings of this repository."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from ai_ops.apply.knob_files import lines_to_add, read_thresholds
from ai_ops.apply.work_tree import work_tree_reader
from ai_ops.domain.check import Check
from ai_ops.domain.clocks import clocks_in_words
from ai_ops.domain.counted_lines import lines_in_words
from ai_ops.domain.errors import ConfigError, EditError, SourceError, StateError
from ai_ops.domain.metrics import CANONICAL_METRICS, Query, Window, aligned
from ai_ops.domain.tuning import value_in_words
from ai_ops.settings import DEFAULTS
from ai_ops.wiring.host_checks import host_checks
from ai_ops.wiring.http import http_client
from ai_ops.wiring.models.checks import model_checks
from ai_ops.wiring.reward import own_formula
from ai_ops.wiring.sources import metric_source, queries
from ai_ops.wiring.stop_file import stopped_in_checkout
from ai_ops.wiring.telling.checks import channel_checks
from ai_ops.wiring.watcher_checks import watcher_checks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.ports import MetricSource
    from ai_ops.domain.tuning import Thresholds
    from ai_ops.settings.service import Service
    from ai_ops.wiring.session import Session


def checks(session: Session, *, is_offline: bool) -> Iterator[Check]:
    """Everything a run depends on, in the order in which a run meets it."""
    yield Check("settings", partial(_settings, session))
    if not is_offline:
        yield Check("repository", partial(_repository, session), is_required=session.settings.mode != "observe")
        yield from host_checks(session)
    for service in session.settings.services:
        yield from _knob_checks(session, service)
    yield Check("reward", partial(_reward, session))
    yield Check("ledger", partial(_ledger, session))
    yield from model_checks(session)
    yield Check("pause", partial(_pause, session), is_required=False)
    yield from channel_checks(session)
    if is_offline:
        return
    yield from watcher_checks(session)
    for service in session.settings.services:
        yield from _measurements(session, service)


def _knob_checks(session: Session, service: Service) -> Iterator[Check]:
    standing: list[Thresholds] = []
    yield Check(f"knobs of {service.name}", partial(_knobs, session, service, standing))
    if standing and service.knobs and session.settings.tuning.policy == "model":
        yield Check(f"policy of {service.name}", partial(_policy, standing[0]))


def _measurements(session: Session, service: Service) -> Iterator[Check]:
    source = metric_source(
        session,
        lambda: read_thresholds(work_tree_reader(session.place.root), service.knobs.values()),
        partial(http_client, session),
    )
    answers: list[str] = []

    def reach() -> str:
        answers.append(source.probe())
        return answers[-1]

    yield Check(f"source of {service.name}", reach)
    if source.is_simulated or not answers:  # a server that is not there would be waited for once per query
        return
    asked = queries(session.settings, service)
    for query in asked:
        is_required = query.metric in {"slo_good_ratio", "requests_per_second", "cpu_percent"}
        yield Check(f"{service.name} {query.metric}", partial(_ask, session, source, query), is_required)
    for metric in CANONICAL_METRICS.keys() - {query.metric for query in asked} - {"cost_per_hour"}:
        yield Check(f"{service.name} {metric}", partial(_not_asked, metric), is_required=False)
    if service.slo_bucket_query is not None:
        yield Check(f"{service.name} SLO bucket", partial(_bucket, session, source, service))


def _settings(session: Session) -> str:
    origins = ", ".join(f"{key} from {origin}" for key, origin in sorted(session.settings.origins.items()))
    return f"{session.settings.origin}; {origins or 'nothing from the environment'}"


def _repository(session: Session) -> str:
    if session.git is None:
        raise ConfigError(f"{session.place.root} is no git repository; `git init`, or name one with --root")
    branch = session.settings.repository.branch or session.git.default_branch()
    where = f"{session.git.remote}/{branch}" if session.git.has_remote() else f"the local branch {branch}"
    if session.git.tip(branch) is None:  # as a run would find out
        raise ConfigError(f"there is no {where}: push it, or name another in `repository.branch`")
    return f"changes would go to {where}"


def _knobs(session: Session, service: Service, seen: list[Thresholds]) -> str:
    knobs = service.knobs.values()
    try:
        thresholds = read_thresholds(work_tree_reader(session.place.root), knobs)
    except EditError as error:
        if session.settings.origin != DEFAULTS or (session.place.root / service.tfvars.file).exists():
            raise
        raise EditError(
            f"there are no settings here, and no {service.tfvars.file}: `neuropilot init` finds the file that holds "
            "your knobs, and writes settings that name it"
        ) from error
    seen.append(thresholds)
    standing = ", ".join(f"{name} {value_in_words(value)}" for name, value in thresholds.values.items())
    missing = lines_to_add(knobs, thresholds)
    return f"{standing}; more could move: add {'; '.join(missing)}" if missing else standing


def _policy(thresholds: Thresholds) -> str:
    from ai_ops.tune.learning.ledger_state import settings_of
    from ai_ops.tune.model import unfit

    if (reason := unfit(settings_of(thresholds))) is not None:
        raise ConfigError(f"the policy `model` can never decide: {reason}")
    return "the model has every knob that it replays"


def _reward(session: Session) -> str:
    own, formula = own_formula(session), session.settings.reward.formula
    return formula if own is None else f"{formula}; `neuropilot reward` says whether it counts yet"


def _ledger(session: Session) -> str:
    problems = session.ledger.verify()
    if problems:
        raise StateError(f"{problems[0]}; `neuropilot ledger verify` lists everything")
    episodes = session.ledger.episodes()
    whole = f"{lines_in_words(len(episodes), len(session.ledger.model_decisions()))}, every hash fits"
    clocks = clocks_in_words(episodes, session.place.clock())
    return whole if clocks is None else f"{whole}; {clocks}"


def _pause(session: Session) -> str:
    if (pause := session.kill_switch.read()) is not None:
        raise StateError(f"paused by {pause.by}: {pause.reason}; `neuropilot resume` ends it")
    if (stopped := stopped_in_checkout(session.place.root)) is not None:
        raise StateError(stopped)
    return "not paused"


def _ask(session: Session, source: MetricSource, query: Query) -> str:
    step = timedelta(minutes=session.settings.metrics.step_minutes)
    end = aligned(session.place.clock(), step)
    series = source.fetch(query, Window(end - timedelta(hours=6), end, step)).series
    newest = series.newest()
    if newest is None:
        raise SourceError(f"the query gives no value in the last 6 h: {query.expression}")
    value = series.values[round((newest - series.start) / series.step)]
    return f"{value:.4g} at {newest:%H:%M} UTC"


def _not_asked(metric: str) -> str:
    raise ConfigError(f"no query; add one under services.queries for {CANONICAL_METRICS[metric]}")


def _bucket(session: Session, source: MetricSource, service: Service) -> str:
    expression = service.slo_bucket_query or ""
    try:
        _ask(session, source, Query("slo_bucket", expression))
    except SourceError as error:
        raise SourceError(
            f"the latency histogram has no bucket at {service.slo.latency_ms:g} ms, so the SLI cannot be measured; "
            f"set slo.latency_ms to one of its buckets ({error})"
        ) from error
    return f"the histogram has a bucket at {service.slo.latency_ms:g} ms"
