"""One line of the outbox: how one message came through on one channel, in JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from ai_ops.domain.delivery_record import Passage
from ai_ops.domain.message import Heard

UNTRUSTED = (AttributeError, KeyError, LookupError, TypeError, ValueError, RecursionError)
"""What reading strange content may raise."""


class Sending(StrEnum):
    """How far one message came on one channel."""

    NOT_TRIED = "not tried"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is remembered of one message on one channel; see `domain.delivery_record.Passage`.

    Parameters
    ----------
    claims
        How often somebody took the right to send it.
    """

    state: Sending
    at: datetime
    reason: str = ""
    kind: str = ""
    claims: int = 0
    attempts: int = 0
    reference: str = ""
    url: str = ""
    note: str = ""
    heard: Heard | None = None

    def form(self) -> dict[str, Any]:
        """Write it; what says nothing is left out."""
        said = {name: value for name in _OPTIONAL if (value := getattr(self, name))}
        heard = {} if self.heard is None else {"heard": _said(self.heard)}
        at = self.at.astimezone(UTC).isoformat()
        return {"state": self.state, "reason": self.reason, "at": at, **said, **heard}

    def passage(self, channel: str, key: str) -> Passage:
        """What a person may be shown of it."""
        return Passage(
            channel,
            key,
            kind=self.kind,
            state=str(self.state),
            reason=self.reason,
            at=self.at,
            attempts=max(self.attempts, self.claims),
            reference=self.reference,
            url=self.url,
            note=self.note,
            heard=self.heard,
        )


_OPTIONAL = ("kind", "claims", "attempts", "reference", "url", "note")
_TYPES = {"claims": int, "attempts": int}


def entry_of(form: Any) -> Entry:  # noqa: ANN401  # whatever stands in the file
    """Read what `Entry.form` wrote, or a release that noted less.

    Raises
    ------
    One of `UNTRUSTED`
        When it is anything else.
    """
    at = datetime.fromisoformat(form["at"])
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    said = {name: _typed(form[name], _TYPES.get(name, str)) for name in _OPTIONAL if name in form}
    heard = Heard(**form["heard"]) if "heard" in form else None
    return Entry(Sending(form["state"]), at, _typed(form.get("reason", ""), str), heard=heard, **said)


def _typed(value: Any, kind: type) -> Any:  # noqa: ANN401  # of that kind
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _said(heard: Heard) -> dict[str, Any]:
    named = {name: getattr(heard, name) for name in ("replies", "reactions", "opened")}
    return {name: value for name, value in named.items() if value is not None}
