"""Fetching: ask a set of queries over a span of time, and of each only what earlier runs have not fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ai_ops.collect.history import joined, key, resume_at
from ai_ops.collect.parts import requests_for
from ai_ops.collect.plausible import cleaned
from ai_ops.domain.errors import BudgetSpent, SourceError, SourceSilent
from ai_ops.domain.metrics import Gap, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ai_ops.domain.metrics import Answer, Query, Series
    from ai_ops.domain.ports import MetricSource


class SeriesCache(Protocol):
    """What earlier runs fetched of a service, by `history.key` of the query."""

    def load(self, service: str) -> Mapping[str, Series]:
        """Read it; empty where there is nothing that can be used."""

    def save(self, service: str, series: Mapping[str, Series]) -> None:
        """Replace it."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of it.

    Parameters
    ----------
    series
        By metric, on the grid that was asked for.
    gaps
        Metrics that could not be had, with the reason.
    warnings
        By metric, what the source said beside its answer; a warning means partial data.
    """

    series: Mapping[str, Series]
    gaps: tuple[Gap, ...]
    warnings: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Fetching:
    """A set of queries, who answers them, and what is known already.

    Parameters
    ----------
    service
        Its name.
    source
        Who answers.
    queries
        One per metric.
    late_points
        How many known points are asked again, because samples may arrive late.
    origin
        Who exactly answers, such as the server's address: what another server said is never mixed in.
    cache
        What earlier runs fetched; None fetches everything and keeps nothing.
    progress
        Told the name of each metric before it is asked for.
    objection
        Told how many requests are about to be sent; gives the reason when they have to wait, else None.
    warn
        Told, in one sentence, which values of long ago were left out because they cannot be.
    """

    service: str
    source: MetricSource
    queries: tuple[Query, ...]
    late_points: int
    origin: str = ""
    cache: SeriesCache | None = None
    progress: Callable[[str], None] = lambda _metric: None
    objection: Callable[[int], str | None] = lambda _requests: None
    warn: Callable[[str], None] = lambda _sentence: None

    def fetch(self, reach: Window, judged_from: datetime | None = None) -> Fetched:
        """Ask, join the answers with what is known, and remember what is whole.

        Parameters
        ----------
        judged_from
            A metric with a value that cannot be is a gap from here on; before, such a value is left out where it is
            one of few (see `plausible.cleaned`). None judges all of `reach`.
        """
        known = self.cache.load(self.service) if self.cache else {}
        names = {query.metric: key(query, self.origin) for query in self.queries}
        missing = {metric: self._missing(known.get(name), reach) for metric, name in names.items()}
        if reason := self.objection(sum(map(requests_for, missing.values()))):
            return Fetched({}, tuple(Gap(query.metric, reason) for query in self.queries), {})
        kept = {name: known[name] for name in names.values() if name in known}
        series: dict[str, Series] = {}
        gaps: list[Gap] = []
        warnings: dict[str, tuple[str, ...]] = {}
        asker = Asker(self.source)
        for query in self.queries:
            self.progress(query.metric)
            answer = asker.ask(query, missing[query.metric])
            if isinstance(answer, Gap):
                gaps.append(answer)
                continue
            before = known.get(names[query.metric])
            parts = [part for part in (before, answer.series) if part is not None]
            whole = cleaned(joined(parts, reach), judged_from or reach.start)
            if isinstance(whole, Gap):
                gaps.append(whole)
                kept.pop(names[query.metric], None)  # whichever part it came from, the next run asks for all of it
                continue
            series[query.metric] = whole.series
            if whole.note:
                self.warn(f"{self.service}: {whole.note}")
            if answer.warnings:  # partial data must not be remembered as if it were whole
                warnings[query.metric] = answer.warnings
            else:
                kept[names[query.metric]] = whole.series
        if self.cache:
            self.cache.save(self.service, kept)
        return Fetched(series, tuple(gaps), warnings)

    def _missing(self, known: Series | None, reach: Window) -> Window:
        return Window(resume_at(known, reach, self.late_points), reach.end, reach.step)


class Asker:
    """Asks a source, turns what fails into a gap, and asks no more once nobody answers there."""

    def __init__(self, source: MetricSource) -> None:
        self._source = source
        self._silence: str | None = None

    def ask(self, query: Query, window: Window) -> Answer | Gap:
        """Answer `query`, or say why there is a gap."""
        if self._silence is not None:
            return Gap(query.metric, self._silence)
        try:
            return self._source.fetch(query, window)
        except SourceSilent as error:
            self._silence = str(error)
            return Gap(query.metric, self._silence)
        except (SourceError, BudgetSpent) as error:
            return Gap(query.metric, str(error))
