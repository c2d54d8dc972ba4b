"""What a program reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def json_text(document: Any, redact: Callable[[str], str]) -> str:  # noqa: ANN401  # JSON may be anything
    """Write `document` as JSON without secrets.

    Every text is redacted by itself: inside of JSON a quote looks different, so a secret behind one would be
    missed, and cutting out what surrounds it would leave no JSON.
    """
    return json.dumps(_redacted(document, redact), indent=2, sort_keys=True)


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401  # JSON may be anything
    match value:
        case str():
            return redact(value)
        case list() | tuple():
            return [_redacted(one, redact) for one in value]
        case dict():
            return {redact(str(key)): _redacted(one, redact) for key, one in value.items()}
    return value
