"""A scan of a fleet: list the services, give the blocks to the workers, add up what they find."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.collect.fleet import NAMES, Fleet, blocks
from ai_ops.detect.calibration import alarms_per_week
from ai_ops.detect.direction import WORSE
from ai_ops.domain.errors import ConfigError, DataUnavailable
from ai_ops.domain.metrics import Gap, Window, aligned
from ai_ops.domain.one_line import one_line
from ai_ops.domain.scan import FleetScan, Scan
from ai_ops.wiring.crew import local_crew
from ai_ops.wiring.detection import planned_work
from ai_ops.wiring.scan_block import Block, Door, Look, scan_block

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ai_ops.domain.metrics import Query
    from ai_ops.settings.model import Settings
    from ai_ops.settings.scan import ScanSettings
    from ai_ops.wiring.crew import Crew
    from ai_ops.wiring.scan_block import Seen

    Progress = Callable[[int, int], None]
    """Told how many blocks of how many are done."""

SILENCES_MAX = 3
"""After so many blocks in a row to which nobody answered, the rest is not asked for: each would be waited for."""

ATTEMPTS = 3
"""How often the blocks that were lost with a worker are given out: one of them may be what kills it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for; what is None stands in the settings.

    Parameters
    ----------
    metrics
        Only these; empty for all.
    most
        How many series to name.
    """

    group_by: str | None = None
    metrics: tuple[str, ...] = ()
    days: int | None = None
    engine: str | None = None
    most: int = 20


def scan_fleet(
    settings: Settings, wish: Wish, now: datetime, progress: Progress = lambda _done, _of: None
) -> FleetScan:
    """Judge every series of the fleet, and rank the most abnormal ones.

    Raises
    ------
    ConfigError
        When the metrics do not come from Prometheus itself, or something else is set wrongly.
    DataUnavailable
        When nothing could be scanned.
    """
    _refuse_other_sources(settings)
    chosen, step = _chosen(settings.scan, wish), timedelta(minutes=settings.metrics.step_minutes)
    end = aligned(now, step)
    window = Window(end - timedelta(days=wish.days or settings.metrics.history_days), end, step)
    look = Look(
        window,
        recent=min(window.points, max(1, round(timedelta(hours=chosen.judged_hours) / step))),
        budget_per_week=alarms_per_week(settings.anomaly_sensitivity),
        most=wish.most,
        maintenance=planned_work(settings),
    )
    queries, door = _queries(chosen, wish.metrics), _door(settings)
    names = Fleet(door.api(), chosen.group_by, window).names(chosen.filled_selector)
    with _crew(chosen, door) as crew:
        door = door if crew.is_here else door.without_secrets()
        shares = [(query, some) for query in queries for some in blocks(names, window.points)]
        todo = [
            Block(number, door, look, chosen.group_by, some, query, WORSE.get(query.metric, 0))
            for number, (query, some) in enumerate(shares)
        ]
        found = gather(crew, todo, wish.most, progress)
    _refuse_nothing(found, chosen.group_by)
    return FleetScan(
        label=chosen.group_by,
        services=len(names),
        metrics=tuple(query.metric for query in queries),
        window=window,
        judged_hours=look.recent * step / timedelta(hours=1),
        engine=crew.name,
        by_chance=found.judged * look.budget_per_week * (look.recent * step / timedelta(weeks=1)),
        found=found,
    )


def gather(crew: Crew, blocks: Sequence[Block], most: int, progress: Progress) -> Scan:
    """Add up what the workers find; what is lost with a worker is given out again, and becomes a gap at last."""
    found, todo, reason = Scan(), {block.number: block for block in blocks}, ""
    for _ in range(ATTEMPTS):
        try:
            for seen in _until_silence(crew.results(scan_block, list(todo.values()))):
                del todo[seen.number]
                found = found.joined(seen.scan, most)
                progress(len(blocks) - len(todo), len(blocks))
        except crew.losses as error:
            words = one_line(str(error) or type(error).__name__)
            reason = f"workers were lost, perhaps for want of memory or of a network ({words})"
        else:
            reason = "nobody answers at Prometheus any more, so it was not asked for the rest"
            break
    if not todo:
        return found
    missing = sum(len(block.names) for block in todo.values())
    return replace(found, failed=found.failed + missing, gaps=(*found.gaps, Gap(f"{missing:,} series", reason)))


def _until_silence(results: Generator[Seen]) -> Generator[Seen]:
    """Pass results on until too many in a row say that nobody answers."""
    silences = 0
    with closing(results):
        for seen in results:
            yield seen
            silences = silences + 1 if seen.is_silent else 0
            if silences == SILENCES_MAX:
                return


def _refuse_nothing(found: Scan, label: str) -> None:
    """Raise unless something was there to look at."""
    if not found.seen:
        reasons = "\n".join(f"  {gap.metric}: {gap.reason}" for gap in found.gaps[:SILENCES_MAX])
        raise DataUnavailable(f"nothing could be scanned:\n{reasons}")
    if found.seen == found.without_data:
        raise DataUnavailable(
            f"no query has a value for any `{label}`; check scan.group_by and scan.metrics, "
            "and ask Prometheus one of the queries of ai_ops/config/presets.yaml"
        )


def _refuse_other_sources(settings: Settings) -> None:
    if settings.metric_source == "grafana":
        limit = settings.rate_limits.grafana_queries_per_hour
        raise ConfigError(
            f"a scan asks a query per block and metric, and Grafana may be asked {limit} times an hour "
            "(rate_limits.grafana_queries_per_hour): a fleet is scanned at Prometheus itself. Set PROMETHEUS_URL"
        )
    if settings.metric_source != "prometheus":
        raise ConfigError("the embedded simulated service is no fleet; set PROMETHEUS_URL to scan yours")


def _door(settings: Settings) -> Door:
    password, token = (
        secret.get_secret_value() if secret else ""
        for secret in (settings.prometheus_password, settings.prometheus_token)
    )
    seconds = float(settings.metrics.deadline_seconds)
    return Door(settings.prometheus_url, settings.prometheus_username, password, token, seconds)


def _chosen(settings: ScanSettings, wish: Wish) -> ScanSettings:
    """Lay what the command line asked for over the settings."""
    from pydantic import ValidationError

    asked = {"group_by": wish.group_by, "engine": wish.engine}
    given = {key: value for key, value in asked.items() if value is not None}
    try:
        return type(settings).model_validate({**settings.model_dump(by_alias=True), **given})
    except ValidationError as error:
        raise ConfigError(
            "--group-by must be the name of a label, like service; --engine local, dask or ray"
        ) from error


def _queries(chosen: ScanSettings, wanted: Sequence[str]) -> tuple[Query, ...]:
    """Build the grouped queries that are wanted, each with a place for a block's names."""
    queries = chosen.queries(chosen.group_by, NAMES)
    known = [query.metric for query in queries]
    if not known:
        raise ConfigError("the scan has no query: choose scan.preset, or write your own under scan.metrics")
    if strangers := [metric for metric in wanted if metric not in known]:
        raise ConfigError(f"the scan has no metric {strangers[0]!r}; it knows {', '.join(known)}")
    return tuple(query for query in queries if not wanted or query.metric in wanted)


def _crew(chosen: ScanSettings, door: Door) -> AbstractContextManager[Crew]:
    """Get the workers of the engine that is wanted."""
    if chosen.engine == "local":
        return local_crew(chosen.workers)
    if not chosen.address:
        raise ConfigError(f"the engine {chosen.engine} needs scan.address: where the cluster is")
    if chosen.engine == "dask":
        from ai_ops.wiring.dask_crew import dask_crew

        return dask_crew(chosen.address, door.without_secrets())
    from ai_ops.wiring.ray_crew import ray_crew

    return ray_crew(chosen.address, door.without_secrets())
