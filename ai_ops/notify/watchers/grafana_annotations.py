"""Marks in Grafana: one for each change that went live, on every dashboard that asks for the tag `neuropilot`.

The one place that knows Grafana's annotations API. This is the old one, `/api/annotations`: deprecated since October
2026 but answered by every Grafana, while its successor `/apis/annotation.grafana.app` is off by default.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import HttpError, NotifyError
from ai_ops.domain.tuning import value_in_words
from ai_ops.markdown import cut, defused
from ai_ops.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.tuning import Change
    from ai_ops.http_client import HttpClient, Reply

TAG = "neuropilot"

FOUND_MAX = 1000
"""Marks that one question brings. A service has four decisions a day at most, and most days have none that moves."""

_LINE_MAX = 200
_OK = 200
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_HINTS = {
    401: "check GRAFANA_API_KEY: a token of a service account, beginning with glsa_",
    403: "give the service account of GRAFANA_API_KEY the permissions annotations:read and annotations:create",
    404: "check GRAFANA_URL: it is the address of Grafana's start page",
}
_EMPHASIS = str.maketrans({"`": "'", "*": "·", "\\": "/"})


@dataclass(frozen=True, slots=True)
class Annotation:
    """One mark on the time axis.

    Parameters
    ----------
    at
        When it happened, aware.
    tags
        The first two are `neuropilot` and the service, the third is the episode, which names the mark.
    text
        What a person reads, already harmless as HTML and as Markdown.
    """

    at: datetime
    tags: tuple[str, str, str]
    text: str

    @property
    def episode(self) -> str:
        """What the mark is about."""
        return self.tags[2]


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks that Grafana has, as far as one question tells.

    Parameters
    ----------
    tags
        Of all of them together.
    since
        From here on the answer is complete.
    """

    tags: frozenset[str]
    since: datetime

    def lacks(self, annotation: Annotation) -> bool:
        """Whether the mark is surely not there."""
        return annotation.episode not in self.tags and annotation.at >= self.since


class GrafanaAnnotations:
    """The annotations of the Grafana at `url`.

    Parameters
    ----------
    client
        Asks over the network; it must not send a POST twice.
    url
        Where Grafana's start page is.
    token
        Of a service account that may read and create annotations.
    spend
        Called before every request; raises `BudgetSpent` when the hour is used up.
    """

    def __init__(self, client: HttpClient, url: str, *, token: str, spend: Callable[[], None]) -> None:
        self._client = client
        self._url = f"{url.rstrip('/')}/api/annotations"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._spend = spend

    def marked(self, since: datetime, until: datetime) -> Marked:
        """Find the agent's marks between two times.

        Raises
        ------
        NotifyError
            When Grafana does not say.
        BudgetSpent
            When the hour's requests are used up.
        """
        limits = {"from": _milliseconds(since), "to": _milliseconds(until), "limit": str(FOUND_MAX)}
        self._spend()
        reply = self._checked(
            lambda: self._client.get(self._url, params={**limits, "tags": TAG}, headers=self._headers)
        )
        found = _as_marks(reply)
        if len(found) >= FOUND_MAX:  # Grafana gives the newest ones; of what is older, nothing is known
            since = max(since, min(_moment(mark) for mark in found) + timedelta(milliseconds=1))
        return Marked(frozenset(str(tag) for mark in found for tag in mark.get("tags") or ()), since)

    def add(self, annotation: Annotation) -> None:
        """Make one mark, visible to every dashboard of the organisation.

        Raises
        ------
        NotifyError
            When Grafana did not take it; the next run sees whether it did, and tries again.
        BudgetSpent
            When the hour's requests are used up.
        """
        document = {
            "time": int(_milliseconds(annotation.at)),
            "tags": list(annotation.tags),
            "text": annotation.text,
        }
        self._spend()
        self._checked(lambda: self._client.post(self._url, json=document, headers=self._headers))

    def _checked(self, ask: Callable[[], Reply]) -> Reply:
        """Ask; everything but a plain yes is an error that says what to do."""
        try:
            reply = ask()
        except HttpError as error:
            raise NotifyError(str(error), retryable=True) from error
        if reply.status != _OK:
            hint = _HINTS.get(reply.status, "see Grafana's own log")
            raise NotifyError(f"Grafana answered HTTP {reply.status}: {hint}")
        return reply


def annotation_of(episode: Episode, at: datetime, clean: Callable[[str], str] = redact) -> Annotation:
    """Say what `episode` moved and why, as a mark at the moment when it went live.

    Parameters
    ----------
    clean
        Takes secrets out of a text.
    """
    title = f"NeuroPilot changed {episode.service}" + (" (simulated figures)" if episode.is_simulated else "")
    lines = (
        title,
        *(_move(change) for change in episode.decision.changes),
        *episode.decision.reasons[:3],
        *([f"Expected: {episode.prediction.headline}"] if episode.prediction else ()),
        episode.id,
    )
    text = "\n".join(_harmless(clean(line)) for line in lines)
    return Annotation(at, (TAG, episode.service, episode.id), text)


def missing(annotations: Iterable[Annotation], marked: Marked) -> tuple[Annotation, ...]:
    """Marks that Grafana surely lacks, oldest first."""
    return tuple(sorted((one for one in annotations if marked.lacks(one)), key=lambda one: one.at))


def _move(change: Change) -> str:
    return f"{change.knob}: {value_in_words(change.before)} → {value_in_words(change.after)}"


def _harmless(line: str) -> str:
    """One visible line in which nothing is a tag, an entity, a link or an emphasis."""
    return escape(cut(defused(line).translate(_EMPHASIS), _LINE_MAX), quote=False)


def _milliseconds(moment: datetime) -> str:
    return str(round(moment.timestamp() * 1000))


def _as_marks(reply: Reply) -> list[Mapping[str, Any]]:
    try:
        document = reply.json()
    except HttpError as error:
        raise NotifyError(f"Grafana's annotations: {error}") from error
    if not isinstance(document, list) or not all(isinstance(mark, dict) for mark in document):
        raise NotifyError("Grafana's annotations: the answer is no list; check GRAFANA_URL")
    return document


def _moment(mark: Mapping[str, Any]) -> datetime:
    """When a mark is; one that does not say is taken as of the end of time, so that nothing is concluded from it."""
    time = mark.get("time")
    return datetime.fromtimestamp(time / 1000, UTC) if isinstance(time, int | float) else _NEVER
