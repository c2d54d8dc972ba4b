"""The Prometheus HTTP API wherever it answers: Prometheus, VictoriaMetrics, Mimir, Thanos, or one behind Grafana."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.collect.matrix import lay_on_grid, read_matrix
from ai_ops.collect.parts import halves, parts
from ai_ops.domain.errors import HttpError, SourceError, SourceSilent, TooHeavy, TooLarge, Unreachable
from ai_ops.domain.metrics import Answer, Series, Window
from ai_ops.domain.one_line import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ai_ops.collect.matrix import Matrix
    from ai_ops.domain.metrics import Query
    from ai_ops.http_client import HttpClient, Reply

LEAST_HOURS = 24
"""A span that is not halved any more, however heavy."""

WARNINGS_MAX = 20
"""How many warnings of one answer are kept."""

_SERIES_SHOWN = 3
_TOO_HEAVY = re.compile(rb"too many samples into memory|-search[.]max|err-mimir-max-[a-z-]+-per-query")
"""From the errors of Prometheus, VictoriaMetrics and Mimir for a query beyond what they compute at once."""
_LESS = "ask for less of it (metrics.history_days), or raise that limit of the server"
_OK, _FORBIDDEN, _METHOD_NOT_ALLOWED = 200, 403, 405
_HINTS: Mapping[int, str] = {
    400: "correct the expression under services in ops_config.yaml",
    422: "correct the expression under services in ops_config.yaml",
    429: "the server wants fewer queries; run again later",
    503: "the server is busy or the query too heavy for it; lower metrics.history_days or record the query as a rule",
}
_GRAFANA_REFUSES_POST = b"not allowed on proxied"  # from the text of its 403; other 403s are about permissions

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach an HTTP API and be let in.

    Parameters
    ----------
    url
        What stands before every path, without a slash at the end.
    client
        Asks over the network.
    headers, auth
        What lets us in: headers, or a name and a password.
    spend
        Called before every request; raises BudgetSpent when no more are allowed.
    hints
        By HTTP status, what a person can do about it.
    """

    url: str
    client: HttpClient
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: tuple[str, str] | None = None
    spend: Callable[[], None] = lambda: None
    hints: Mapping[int, str] = field(default_factory=dict)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        """Ask with GET.

        Raises
        ------
        SourceError
            When no reply came.
        """
        return self._asked(
            lambda: self.client.get(self.url + path, params=params, headers=self.headers, auth=self.auth)
        )

    def post(self, path: str, form: Mapping[str, str]) -> Reply:
        """Ask with POST, which takes expressions of any length.

        Raises
        ------
        SourceError
            When no reply came.
        """
        return self._asked(lambda: self.client.post(self.url + path, form=form, headers=self.headers, auth=self.auth))

    def _asked(self, ask: Callable[[], Reply]) -> Reply:
        self.spend()
        try:
            return ask()
        except Unreachable as error:
            raise SourceSilent(str(error)) from error
        except TooLarge as error:
            raise TooHeavy(str(error)) from error
        except HttpError as error:
            raise SourceError(str(error)) from error

    def clean(self, text: str) -> str:
        """Make one line of `text`, which a server wrote, without what must not be shown."""
        return one_line(self.client.redactor(text))

    def content(self, reply: Reply) -> Any:  # noqa: ANN401  # JSON may be anything
        """Parse what a successful reply holds.

        Raises
        ------
        SourceError
            When the reply is an error, saying what to do, or no JSON.
        """
        if reply.status != _OK:
            is_too_heavy = _TOO_HEAVY.search(reply.body) is not None
            usual = self.hints.get(reply.status) or _HINTS.get(reply.status) or "run `neuropilot doctor`"
            hint, kind = (_LESS, TooHeavy) if is_too_heavy else (usual, SourceError)
            complaint = _complaint(reply, self.clean)
            raise kind(self.client.redactor(f"{self.url} answered HTTP {reply.status}{complaint}; {hint}"))
        try:
            return reply.json()
        except HttpError as error:
            raise SourceError(self.client.redactor(f"{self.url}: {self.clean(str(error))}")) from error


class PrometheusApi:
    """Asks range queries and lays the answers on the window's grid."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._takes_post = True

    def fetch(self, query: Query, window: Window) -> Answer:
        """Ask `query` over `window`, in as many parts as the server's limit makes necessary.

        Raises
        ------
        SourceError
            When there is no usable answer, or not exactly one series.
        BudgetSpent
            When no more requests are allowed.
        """
        values = np.full(window.points, np.nan)
        names: dict[str, None] = {}
        warnings: dict[str, None] = {}
        for matrix in chain.from_iterable(self._matrices(query.expression, part) for part in parts(window)):
            names |= dict.fromkeys(matrix.series)
            warnings |= dict.fromkeys(matrix.warnings)
            for info in matrix.infos[:WARNINGS_MAX]:
                _log.info("%s: %s", query.metric, self._connection.clean(info))
            if len(names) > 1:
                raise SourceError(_several(list(names)))
            for points in matrix.series.values():
                lay_on_grid(points, window, values)
        if not names:
            raise SourceError(
                f"no data between {window.start:%F %R} and {window.end:%F %R} UTC: the expression matched no series; "
                "check the service's selector and that the exporter is scraped"
            )
        series = Series(query.metric, window.start, window.step, values)
        return Answer(series, self.clean(warnings))

    def _matrices(self, expression: str, part: Window) -> Iterator[Matrix]:
        """Ask for `part`, in two halves where it is too much at once; a day is the least."""
        try:
            # One series more than the message shows.
            yield self.ask_range(expression, part, limit=_SERIES_SHOWN + 1)
        except TooHeavy:
            if part.hours <= LEAST_HOURS:
                raise
            for half in halves(part):
                yield from self._matrices(expression, half)

    def ask(self, path: str, form: Mapping[str, str]) -> Any:  # noqa: ANN401  # JSON may be anything
        """Ask with POST, or with GET where something on the way lets only that through; return the parsed JSON.

        Raises
        ------
        SourceError
            When there is no answer, or an error.
        """
        if self._takes_post:
            reply = self._connection.post(path, form)
            if not _refuses_post(reply):
                return self._connection.content(reply)
        reply = self._connection.get(path, form)
        self._takes_post = self._takes_post and reply.status != _OK
        return self._connection.content(reply)

    def ask_range(self, expression: str, part: Window, limit: int) -> Matrix:
        """Ask one range query that the server answers at once; see `parts`.

        Parameters
        ----------
        limit
            How many series are wanted at most. Prometheus 3 stops sending there; older servers ignore it.

        Raises
        ------
        SourceError
            When there is no usable answer.
        """
        form = {"query": expression, "limit": str(limit), **_times(part)}
        return read_matrix(self.ask("/api/v1/query_range", form))

    def label_values(self, label: str, selector: str, window: Window, limit: int) -> tuple[str, ...]:
        """Values that `label` has on series within `window`, sorted.

        Parameters
        ----------
        selector
            Label matchers without braces that the series must fit; empty when any will do.
        limit
            How many are wanted at most; older servers ignore it.

        Raises
        ------
        SourceError
            When there is no usable answer.
        """
        matchers = {"match[]": f"{{{selector}}}"} if selector else {}
        times = {key: value for key, value in _times(window).items() if key != "step"}
        form = {**times, **matchers, "limit": str(limit)}
        document = self._connection.content(self._connection.get(f"/api/v1/label/{label}/values", form))
        values = look_up(document, "data")
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise SourceError(f"{self._connection.url} gives no list of the values of `{label}`")
        return tuple(sorted(values))

    def clean(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Make one line of each of the first texts that a server wrote; see `WARNINGS_MAX`."""
        return tuple(map(self._connection.clean, islice(dict.fromkeys(texts), WARNINGS_MAX)))

    def version(self) -> str:
        """What the server calls itself, after checking that it answers queries.

        Raises
        ------
        SourceError
            When it does not, with the line that fixes it.
        """
        self.ask("/api/v1/query", {"query": "vector(1)"})
        reply = self._connection.get("/api/v1/status/buildinfo")
        if reply.status != _OK:  # some compatible servers do not have it
            return "of unknown version"
        version = look_up(self._connection.content(reply), "data", "version")
        return self._connection.clean(str(version or "of unknown version"))


def look_up(document: Any, *names: str) -> Any:  # noqa: ANN401  # JSON may be anything
    """Follow `names` down into parsed JSON; None where the document has another form."""
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _times(part: Window) -> dict[str, str]:
    """Start, end and step as the API takes them. Its end is inclusive, that of a window is not."""
    times = {"start": part.start.timestamp(), "end": (part.end - part.step).timestamp()}
    numbers = {**times, "step": part.step.total_seconds()}
    return {name: str(int(number)) if number.is_integer() else repr(number) for name, number in numbers.items()}


def _refuses_post(reply: Reply) -> bool:
    """Whether GET may succeed where this POST failed: a proxy that only lets reading through."""
    if reply.status == _FORBIDDEN:
        return b'"message"' not in reply.body or _GRAFANA_REFUSES_POST in reply.body
    return reply.status == _METHOD_NOT_ALLOWED


def _complaint(reply: Reply, clean: Callable[[str], str]) -> str:
    """What the server says is wrong: Prometheus, Grafana and web servers say it differently."""
    try:
        document = reply.json()
        kind, text = look_up(document, "errorType"), look_up(document, "error") or look_up(document, "message")
    except HttpError:
        kind, text = None, reply.body.decode(errors="replace")
    if "html" in reply.headers.get("content-type", ""):
        kind, text = None, "a web page instead of an API"
    shown = clean(str(text or ""))
    return (f" ({clean(str(kind))})" if kind else "") + (f": {shown}" if shown else "")


def _several(names: list[str]) -> str:
    """Say that one series was expected, and how to get it."""
    shown = ", ".join(map(one_line, names[:_SERIES_SHOWN])) + (", ..." if len(names) > _SERIES_SHOWN else "")
    return f"the expression gives several series: {shown}; aggregate them into one, with sum(...) or avg(...) around it"
