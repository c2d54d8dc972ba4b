"""What a Railway project uses, asked of Railway's public GraphQL API.

Endpoint, header, `projectToken` and the rate limits are documented at https://docs.railway.com/integrations/api; the
query `metrics` is the one that Railway's own command line sends (railwayapp/cli, `Metrics.graphql`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops.domain.errors import HttpError, SourceError

if TYPE_CHECKING:
    from ai_ops.domain.metrics import Window
    from ai_ops.http_client import HttpClient, Reply

ENDPOINT = "https://backboard.railway.com/graphql/v2"

CPU, MEMORY, DISK = "CPU_USAGE", "MEMORY_USAGE_GB", "DISK_USAGE_GB"
"""Measurements: vCPU, GB of memory and GB of volumes in use."""

_WHOSE_TOKEN = "query { projectToken { projectId environmentId } }"  # noqa: S105  # a query
_USAGE = """\
query Usage(
  $environmentId: String!, $projectId: String!, $serviceId: String, $startDate: DateTime!, $endDate: DateTime!,
  $sampleRateSeconds: Int!, $measurements: [MetricMeasurement!]!, $groupBy: [MetricTag!]
) {
  metrics(
    environmentId: $environmentId, projectId: $projectId, serviceId: $serviceId, startDate: $startDate,
    endDate: $endDate, sampleRateSeconds: $sampleRateSeconds, measurements: $measurements, groupBy: $groupBy
  ) { measurement values { ts value } }
}"""
_SHOWN = 200
"""Characters of a server's complaint that are worth repeating."""


@dataclass(frozen=True, slots=True)
class RailwayProject:
    """Whose usage is asked for.

    Parameters
    ----------
    token
        A project token: it belongs to one environment of one project.
    project_id
        The project that the token must belong to.
    service_id
        One service of it; empty means all.
    endpoint
        Address of the API.
    """

    token: str = field(repr=False)
    project_id: str
    service_id: str = ""
    endpoint: str = ENDPOINT


def railway_usage(client: HttpClient, project: RailwayProject, window: Window) -> dict[str, np.ndarray]:
    """By measurement, how much was in use at each point of `window`, shape (points,); NaN where nothing was reported.

    Raises
    ------
    SourceError
        When Railway cannot be reached, refuses the token, or answers something else.
    """
    if not project.token or not project.project_id:
        raise SourceError("Railway needs RAILWAY_TOKEN and RAILWAY_PROJECT_ID in the environment")
    try:
        owner = _ask(client, project, _WHOSE_TOKEN, {})["projectToken"]
        if owner["projectId"] != project.project_id:
            raise SourceError("RAILWAY_TOKEN belongs to another project than RAILWAY_PROJECT_ID; set both for the same")
        answer = _ask(client, project, _USAGE, _variables(project, owner["environmentId"], window))["metrics"]
        return {name: _sum(answer, name, window) for name in (CPU, MEMORY, DISK)}
    except HttpError as error:
        raise SourceError(f"Railway: {error}") from error
    except (KeyError, TypeError, ValueError):
        raise SourceError("Railway's answer has another form than it is documented to have") from None


def _variables(project: RailwayProject, environment_id: str, window: Window) -> dict[str, Any]:
    return {
        "environmentId": environment_id,
        "projectId": project.project_id,
        "serviceId": project.service_id or None,
        "startDate": window.start.isoformat(),
        "endDate": window.end.isoformat(),
        "sampleRateSeconds": round(window.step.total_seconds()),
        "measurements": [CPU, MEMORY, DISK],
        "groupBy": ["SERVICE_ID"],
    }


def _ask(client: HttpClient, project: RailwayProject, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Send one GraphQL query and return its data."""
    headers = {"Project-Access-Token": project.token}
    answer = _said(client.post(project.endpoint, json={"query": query, "variables": variables}, headers=headers))
    if answer.get("errors"):
        raise SourceError(f"Railway refused: {_complaint(answer['errors'])}")
    return dict(answer["data"])


def _said(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer; GraphQL puts its errors into one, with status 200 or 400."""
    if reply.status == 429:  # noqa: PLR2004  # Too Many Requests
        raise SourceError("Railway's hourly limit of requests is used up; the next run tries again")
    answer = reply.json()
    if not isinstance(answer, dict) or (reply.status != 200 and "errors" not in answer):  # noqa: PLR2004  # OK
        raise SourceError(f"Railway answered with status {reply.status}")
    return answer


def _complaint(errors: Any) -> str:  # noqa: ANN401  # JSON
    first = errors[0] if isinstance(errors, list) else errors
    text = str(first.get("message", "no reason given") if isinstance(first, dict) else first)[:_SHOWN]
    if "not authorized" in text.lower():
        return f"{text}. RAILWAY_TOKEN must be a project token (project settings, Tokens), not an account token"
    return text


def _sum(answer: list[dict[str, Any]], measurement: str, window: Window) -> np.ndarray:
    """Add up the services; a service that reports nothing at a point counts nothing there."""
    parts = [_on_grid(entry["values"], window) for entry in answer if entry["measurement"] == measurement]
    if not parts:
        return np.full(window.points, np.nan)
    stacked = np.stack(parts)
    return np.where(np.isfinite(stacked).any(axis=0), np.nansum(stacked, axis=0), np.nan)


def _on_grid(values: list[dict[str, Any]], window: Window) -> np.ndarray:
    """Mean of the samples nearest to each point of the window; Railway chooses their times itself."""
    times = np.array([float(value["ts"]) for value in values])
    amounts = np.array([float(value["value"]) for value in values])
    steps = np.rint((times - window.start.timestamp()) / window.step.total_seconds())
    inside = (steps >= 0) & (steps < window.points) & np.isfinite(amounts)
    places = steps[inside].astype(int)
    count = np.bincount(places, minlength=window.points)
    total = np.bincount(places, weights=amounts[inside], minlength=window.points)
    return np.asarray(np.divide(total, count, out=np.full(window.points, np.nan), where=count > 0))
