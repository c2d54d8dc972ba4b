"""Behaviours for `FlakyServer`: pass a request on to a real Prometheus and do something to what comes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import requests
from fakes.flaky import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.flaky import Behaviour, Handler


def relay(url: str, change: Callable[[dict[str, Any]], object] = lambda _: None) -> Behaviour:
    """Answer as the Prometheus at `url` does, after `change` has changed the document in place."""

    def behave(handler: Handler) -> None:
        asked = handler.flaky.asked[-1]
        headers = {"content-type": asked.headers.get("Content-Type", "")}
        reply = requests.request(asked.method, url + asked.path, data=asked.body, headers=headers, timeout=30)
        document = reply.json()
        change(document)
        answer(reply.status_code, json.dumps(document).encode())(handler)

    return behave


def only_for(text: str, special: Behaviour, usual: Behaviour) -> Behaviour:
    """Behave specially where the query holds `text`."""

    def behave(handler: Handler) -> None:
        query = parse_qs(handler.flaky.asked[-1].body.decode()).get("query", [""])[0]
        (special if text in query else usual)(handler)

    return behave
