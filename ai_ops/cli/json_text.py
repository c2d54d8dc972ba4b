"""What a program reads."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ai_ops import __version__
from ai_ops.domain.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def json_text(document: Any, redact: Callable[[str], str]) -> str:  # noqa: ANN401  # JSON may be anything
    """Write `document` as JSON without secrets.

    Every text is redacted by itself: inside of JSON a quote looks different, so a secret behind one would be
    missed, and cutting out what surrounds it would leave no JSON.
    """
    return json.dumps(_redacted(document, redact), indent=2, sort_keys=True)


def utc_text(moment: datetime) -> str:
    """Write a moment as every document does: 2026-11-18T06:00:00Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@contextmanager
def failing_as_json(*, is_wanted: bool, **rest: Any) -> Iterator[None]:  # noqa: ANN401  # JSON may be anything
    """Give a program its document on stdout also when an error ends the block; the error itself goes on.

    Parameters
    ----------
    is_wanted
        Whether a program reads stdout.
    rest
        What else the command's document holds, empty.
    """
    try:
        yield
    except OpsError as error:
        if is_wanted:
            _tell(error, rest)
        raise


def _tell(error: OpsError, rest: dict[str, Any]) -> None:
    from ai_ops.cli.voice import speak
    from ai_ops.redact import Redactor
    from ai_ops.settings.environment import secrets_in

    document = {"version": __version__, "exit_code": error.exit_code, "error": str(error), **rest}
    speak(json_text(document, Redactor(secrets_in(os.environ))))  # unheard or not, the error is what counts


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401  # JSON may be anything
    match value:
        case str():
            return redact(value)
        case list() | tuple():
            return [_redacted(one, redact) for one in value]
        case dict():
            return {redact(str(key)): _redacted(one, redact) for key, one in value.items()}
    return value
