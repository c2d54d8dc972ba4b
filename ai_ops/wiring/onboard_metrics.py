"""What `init` asks Prometheus: names, labels, and whether a guess answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ai_ops.adopt.service_guess import VALUES_MAX, guess_service, service_name
from ai_ops.collect.prometheus import prometheus_api
from ai_ops.domain.adoption import Evidence, ServiceGuess
from ai_ops.domain.errors import SourceError, SourceSilent
from ai_ops.domain.metrics import Window, aligned
from ai_ops.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ai_ops.collect.prometheus_api import PrometheusApi

SECONDS = 60.0
"""For everything that is asked."""

HOURS = 6
"""How far back a series counts as there; the newest figures of CloudWatch are ten minutes old."""

_NOT_ASKED = (
    "no Prometheus was asked, so preset and selector are not guessed: "
    "set PROMETHEUS_URL, or give --prometheus-url, and run again"
)


def evidence_from(settings: Settings, repository: str, now: datetime) -> Evidence:
    """Ask the Prometheus of `settings` which service the repository is; say so where there is none to ask."""
    home = ServiceGuess(service_name(repository))
    if not settings.prometheus_url:
        return Evidence(home, (_NOT_ASKED,))
    catalogue = _Catalogue(_api(settings), _window(now))
    try:
        version = catalogue.api.version()
        evidence = guess_service(catalogue, repository)
    except SourceError as error:
        return Evidence(home, (f"Prometheus was asked in vain, so preset and selector are not guessed: {error}",))
    return Evidence(evidence.guess, (f"Prometheus {version} answers", *evidence.words))


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """A Prometheus, and the hours that count."""

    api: PrometheusApi
    window: Window

    def label_values(self, label: str, selector: str) -> tuple[str, ...]:
        return self.api.label_values(label, selector, self.window, VALUES_MAX)

    def answers(self, guess: ServiceGuess) -> Mapping[str, float | None]:
        written = {
            "name": guess.name,
            "preset": guess.preset,
            "selector": guess.selector,
            "variables": dict(guess.variables),
        }
        (service,) = Settings.model_validate({"services": [written]}).services
        return {query.metric: self._newest(query.expression) for query in service.queries if _is_asked(query.metric)}

    def _newest(self, expression: str) -> float | None:
        from ai_ops.domain.metrics import Query

        try:
            series = self.api.fetch(Query("guess", expression), self.window).series
        except SourceSilent:
            raise
        except SourceError:
            return None
        newest = series.newest()
        return None if newest is None else float(series.values[round((newest - series.start) / series.step)])


def _is_asked(metric: str) -> bool:
    """Leave out the SLI: whether it answers hangs on the bucket, which is chosen afterwards."""
    return metric != "slo_good_ratio"


def _api(settings: Settings) -> PrometheusApi:
    from ai_ops.http_client import Deadline, HttpClient
    from ai_ops.redact import Redactor

    password, token = (
        secret.get_secret_value() if secret else ""
        for secret in (settings.prometheus_password, settings.prometheus_token)
    )
    auth = (settings.prometheus_username, password) if settings.prometheus_username or password else None
    redactor = Redactor(settings.secret_values())
    client = HttpClient(allow_private=True, retry_post=True, deadline=Deadline(SECONDS), redactor=redactor)
    return prometheus_api(client, settings.prometheus_url, auth=auth, token=token)


def _window(now: datetime) -> Window:
    step = timedelta(minutes=10)
    end = aligned(now, step)
    return Window(end - timedelta(hours=HOURS), end, step)
