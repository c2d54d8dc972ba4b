"""Hands the agent's own metrics to a Prometheus Pushgateway, by our own door to the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.domain.errors import HttpError, NotifyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from prometheus_client import CollectorRegistry

    from ai_ops.http_client import HttpClient

JOB = "neuropilot"

_ACCEPTED = {200, 202}
_HINTS = {
    400: "what was pushed contradicts what is there; see the Pushgateway's own log",
    404: "check PUSHGATEWAY_URL: it is the address of its start page",
    405: "check PUSHGATEWAY_URL: there is a server, but no Pushgateway",
}


def push(
    client: HttpClient,
    url: str,
    registry: CollectorRegistry,
    *,
    group: Mapping[str, str],
    is_whole: bool,
    job: str = JOB,
) -> None:
    """Push the metrics of one group.

    Parameters
    ----------
    client
        Asks over the network; it may send a POST twice, because the second one changes nothing.
    url
        Where the Pushgateway's start page is.
    group
        The labels that tell this group from others, beside the job.
    is_whole
        Whether `registry` is all there is to say, so that figures of former runs go away; else those stay that
        `registry` has no newer ones of.
    job
        What the figures are of.

    Raises
    ------
    NotifyError
        When the Pushgateway did not take it.
    """
    from prometheus_client import push_to_gateway, pushadd_to_gateway

    send = push_to_gateway if is_whole else pushadd_to_gateway
    try:
        send(url, job, registry, grouping_key=dict(group), timeout=None, handler=_through(client))
    except HttpError as error:
        raise NotifyError(str(error), retryable=True) from error


def _through(client: HttpClient) -> Callable[..., Callable[[], None]]:
    """Make the library's requests with `client`, which keeps to our limits and refuses what we refuse."""

    def handler(
        url: str,
        method: str,
        timeout: float | None,  # noqa: ARG001  # the client has its own
        headers: Sequence[tuple[str, str]],
        data: bytes,
    ) -> Callable[[], None]:
        def send() -> None:
            as_mapping = dict(headers)
            is_put = method == "PUT"
            reply = (
                client.put(url, data, headers=as_mapping) if is_put else client.post(url, form=data, headers=as_mapping)
            )
            if reply.status not in _ACCEPTED:
                hint = _HINTS.get(reply.status, "see the Pushgateway's own log")
                raise NotifyError(f"the Pushgateway answered HTTP {reply.status}: {hint}")

        return send

    return handler
