"""One line of the ledger: an episode, or a decision about a model, sealed by a hash that covers it and the line before.

    {"episode": {…}, "hash": "9c1f…", "previous": "77ab…", "sequence": 12, "version": 1}
    {"hash": "e07a…", "model": {…}, "previous": "9c1f…", "sequence": 13, "version": 2}
    {"hash": "51d2…", "previous": "03be…", "sequence": 140, "standing": {"line": 13, …}, "version": 3}

The third says again, at the end of a month, what line 13 decided about a model and what still stands.

`hash` is the SHA-256 of the same object without `hash`, written as canonical JSON: sorted keys, no spaces, UTF-8.
The line itself is canonical too, so there is one way to write it and every changed byte shows.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import TypeAdapter

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.model_version import ModelDecision

VERSIONS = {"episode": 1, "model": 2, "standing": 3}
"""By what a line holds, its version: an agent that knows no models says that it cannot read them."""

ABOUT_MODELS = frozenset({"model", "standing"})

GENESIS = "0" * 64
"""What the very first line names as the hash of the line before."""


class Unreadable(ValueError):
    """A line that is not what the ledger wrote; `kind` is that of `ledger_check.Problem`."""

    def __init__(self, kind: str, explanation: str) -> None:
        super().__init__(explanation)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Line:
    """A sealed line.

    Parameters
    ----------
    sequence
        Counts from 1 over all files of the ledger.
    previous, hash
        Hex digests: of the line before, and of this one.
    kind
        What it holds: "episode", "model" or "standing".
    content
        The episode, or the decision about a model, in its JSON form; of "standing" also the "line" that it repeats.
    """

    sequence: int
    previous: str
    hash: str
    kind: str
    content: Mapping[str, Any]

    def to_bytes(self) -> bytes:
        """Return the line as it stands in the file, with its newline."""
        sealed = _sealed_part(self.sequence, self.previous, self.kind, self.content)
        return canonical({**sealed, "hash": self.hash}) + b"\n"

    def to_episode(self) -> Episode:
        """Read the episode back, equal to the one that was sealed.

        Raises
        ------
        Unreadable
            When its fields are not those of an episode.
        """
        return cast("Episode", self._validated(_with_knob_values(self.content)))

    def to_model_decision(self) -> ModelDecision:
        """Read the decision about a model back. Raises as `to_episode` does."""
        decision = cast("ModelDecision", self._validated(self.content))
        figures = [figure for figure in (decision.auc, decision.auc_low) if figure is not None]
        if decision.at.tzinfo is None or not all(map(math.isfinite, figures)):
            raise Unreadable("edited", "its decision has a time without a zone, or a figure that is none")
        return decision

    @property
    def said_first(self) -> int:
        """Number of the line that said this first: its own, unless it repeats another."""
        return int(self.content["line"]) if self.kind == "standing" else self.sequence

    def moment(self) -> datetime:
        """When it was decided. Raises as `to_episode` does."""
        return self.to_episode().decided_at if self.kind == "episode" else self.to_model_decision().at

    def _validated(self, content: Mapping[str, Any]) -> object:
        from pydantic import ValidationError

        try:
            return _adapter(self.kind).validate_python(content)
        except ValidationError as err:
            first = err.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise Unreadable("version", f"its {self.kind} does not fit this release: {place}: {first['msg']}") from err


def seal(record: Episode | ModelDecision, sequence: int, previous: str, redact: Callable[[str], str] = str) -> Line:
    """Make the line that holds `record`, its texts redacted, behind the line whose hash is `previous`."""
    from ai_ops.domain.cycle import Episode

    kind = "episode" if isinstance(record, Episode) else "model"
    return _sealed(kind, portable(_adapter(kind).dump_python(record), redact), sequence, previous)


def seal_again(decision: ModelDecision, line: int, sequence: int, previous: str) -> Line:
    """Make the line that says again what `line` said first; it was redacted when it did."""
    form = portable(_adapter("standing").dump_python(decision), str)
    return _sealed("standing", {**form, "line": line}, sequence, previous)


def _sealed(kind: str, form: Mapping[str, Any], sequence: int, previous: str) -> Line:
    digest = hashlib.sha256(canonical(_sealed_part(sequence, previous, kind, form))).hexdigest()
    return Line(sequence, previous, digest, kind, form)


def read_line(raw: bytes) -> Line:
    """Read one line, given without its newline, and check that nothing in it was changed.

    Raises
    ------
    Unreadable
        When it is no JSON, has another version, or does not match its own hash.
    """
    try:
        form = json.loads(raw)
        rewritten = canonical(form)
    except (ValueError, RecursionError) as err:
        raise Unreadable("edited", "it is no line of JSON") from err
    if not isinstance(form, dict) or "version" not in form:
        raise Unreadable("edited", "it is no object with a version")
    if form["version"] not in VERSIONS.values():
        known = f"1 to {max(VERSIONS.values())}"
        raise Unreadable("version", f"it has version {form['version']!r}, and this agent reads versions {known}")
    digest = form.pop("hash", None)
    kind = next((one for one in VERSIONS if one in form), "")
    if rewritten != raw or digest != hashlib.sha256(canonical(form)).hexdigest() or not _has_shape(form, kind):
        raise Unreadable("edited", "its hash does not match its content")
    return Line(form["sequence"], form["previous"], digest, kind, form[kind])


def canonical(form: object) -> bytes:
    """Write JSON in the one way that the hashes are taken over.

    Raises
    ------
    ValueError
        For what JSON cannot say: NaN, infinity, half a surrogate pair.
    """
    text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def _sealed_part(sequence: int, previous: str, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": VERSIONS[kind], "sequence": sequence, "previous": previous, kind: content}


def _has_shape(form: Mapping[str, Any], kind: str) -> bool:
    return (
        kind in VERSIONS
        and form.keys() == {"version", "sequence", "previous", kind}
        and form["version"] == VERSIONS[kind]
        and type(form["sequence"]) is int
        and isinstance(form["previous"], str)
        and isinstance(form[kind], dict)
        and (kind != "standing" or _is_earlier(form[kind].get("line"), form["sequence"]))
    )


def _is_earlier(line: object, sequence: int) -> bool:
    return type(line) is int and 0 < line < sequence


def portable(value: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401, PLR0911  # leaves have many types
    """Turn plain Python values into what JSON can say, exactly: readable, sorted, UTC."""
    if isinstance(value, dict):
        return {portable(str(key), redact): portable(item, redact) for key, item in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(portable(item, redact) for item in value)
    if isinstance(value, (list, tuple)):
        return [portable(item, redact) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, float) and not math.isfinite(value):
        return str(float(value))  # "nan", "inf": words that the reader turns back
    if isinstance(value, str):
        return redact(value.encode("utf-8", "backslashreplace").decode())  # StrEnum included
    return value


def _with_knob_values(form: Mapping[str, Any]) -> Mapping[str, Any]:
    """Turn "nan" and "inf" into numbers where a knob's value stands, which may be a word; elsewhere types tell."""
    try:
        thresholds, decision = {**form["thresholds"]}, {**form["decision"]}
        thresholds["values"] = {knob: _knob_value(value) for knob, value in thresholds["values"].items()}
        decision["changes"] = [
            {**change, "before": _knob_value(change["before"]), "after": _knob_value(change["after"])}
            for change in decision["changes"]
        ]
    except (AttributeError, LookupError, TypeError):
        return form  # not an episode of this release: whoever validates it says what is wrong
    return {**form, "thresholds": thresholds, "decision": decision}


def _knob_value(value: Any) -> Any:  # noqa: ANN401  # JSON
    return float(value) if value in ("nan", "inf", "-inf") else value  # a list is in no set


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.model_version import ModelDecision

    return TypeAdapter(Episode if kind == "episode" else ModelDecision)
