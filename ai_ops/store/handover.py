"""What one job hands to the next, in a file: what was collected, and what was decided on that.

    {"agent": "17.3.0", "at": "2026-11-20T06:18:02Z", "kind": "collected", "memory": {…}, "services": [{…}], …}

Canonical JSON, so that there is one way to write a document: whatever does not come out again byte for byte when it is
read and written, such as an unknown key, is refused. Nothing in it is ever run. Who made it, and that nobody changed
it on the way, only its SHA-256 can tell, and that travels beside it (see `wiring.jobs`).
"""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from ai_ops.domain.errors import StateError
from ai_ops.files import replace_atomically
from ai_ops.store.ledger_lines import canonical, portable
from ai_ops.store.state_file import not_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from ai_ops.domain.finding import Finding
    from ai_ops.domain.metrics import Observation, Window
    from ai_ops.domain.tuning import Decision, Reward
    from ai_ops.store.handover_forms import Form

Purpose = Literal["cycle", "training", "report"]
"""What is collected for: a decision; or a training or a report, which want no minutes and ask for no period."""

COLLECTED, DECIDED = "the collected document", "the decided document"
VERSION = 1
MAX_BYTES = 256 * 1024**2
"""More than a hundred services with their minutes."""
_FORMLESS = (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What reading JSON of any other shape ends in; pydantic's own error is a ValueError."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one service goes no further; `exit_code` is that of the error (see `domain.errors`)."""

    words: str
    exit_code: int


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen of one service.

    Parameters
    ----------
    service
        Its name.
    window
        What this run judges.
    base
        The commit whose settings were read; None means a work tree.
    past
        SHA-256 of the service's episodes that a decision rests on.
    recalled
        Id of the episode that already decides this period, so that nothing was observed; None without one.
    given_up
        Id of the episode of this period that can never be delivered, as its settings have changed; None without one.
    delivered
        Episodes whose change stands on the branch, by id, with the time when it came there.
    observation
        None where `recalled` or `failure` says why.
    failure
        Why it could not be observed.
    """

    service: str
    window: Window | None = None
    base: str | None = None
    past: str | None = None
    recalled: str | None = None
    given_up: str | None = None
    delivered: Mapping[str, datetime] = field(default_factory=dict)
    observation: Observation | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Collected:
    """What the job that looks hands to the one that thinks, trains or reports.

    Parameters
    ----------
    agent
        Release of the agent.
    repository
        Which repository it is about.
    settings
        SHA-256 of the settings file.
    source
        Where the metrics come from: the settings of a job that must not know the address cannot say it.
    at
        When it was collected, aware UTC.
    state
        The commit of the state branch that was read; None where there was none.
    memory
        By path, the files of the agent's memory that a decision rests on.
    services
        In the order of the settings.
    purpose
        See `Purpose`.
    """

    agent: str
    repository: str
    settings: str
    source: str
    at: datetime
    state: str | None
    memory: Mapping[str, bytes]
    services: tuple[Seen, ...]
    purpose: Purpose = "cycle"


@dataclass(frozen=True, slots=True)
class Thought:
    """What was thought about one service; nothing where an earlier decision stands, or `failure` says why.

    Parameters
    ----------
    at
        When it was decided, aware UTC.
    """

    service: str
    at: datetime
    findings: tuple[Finding, ...] = ()
    reward: Reward | None = None
    decision: Decision | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What the job that thinks hands to the one that acts; `collected` is the SHA-256 of what it rests on."""

    agent: str
    collected: str
    at: datetime
    services: tuple[Thought, ...]


def collected_to_bytes(document: Collected) -> bytes:
    """Write what was collected; its texts have no secrets any more.

    Raises
    ------
    StateError
        When it is more than a document has room for.
    """
    from ai_ops.store.handover_forms import CollectedForm, ObservationForm

    memory = {path: base64.b64encode(content).decode() for path, content in sorted(document.memory.items())}
    with _having_room(COLLECTED):
        services = tuple(
            {**_shallow(one), "observation": one.observation and ObservationForm.of(one.observation)}
            for one in document.services
        )
        form = _shallow(document) | {"services": services, "memory": memory, "kind": "collected", "version": VERSION}
        return _canonical_of(CollectedForm, form, str)


def decided_to_bytes(document: Decided, redact: Callable[[str], str]) -> bytes:
    """Write what was decided, every text without secrets. Raises as `collected_to_bytes` does."""
    from ai_ops.store.handover_forms import DecidedForm

    services = tuple(_shallow(one) for one in document.services)
    form = _shallow(document) | {"services": services, "kind": "decided", "version": VERSION}
    with _having_room(DECIDED):
        return _canonical_of(DecidedForm, form, redact)


def collected_in(raw: bytes, name: str) -> Collected:
    """Read what `collected_to_bytes` wrote into a file called `name`.

    Raises
    ------
    StateError
        When it is anything else.
    """
    from ai_ops.store.handover_forms import CollectedForm

    form = _read(CollectedForm, raw, name)
    try:
        services = tuple(
            Seen(**{**_fields(one), "observation": one.observation and one.observation.to_observation()})
            for one in form.services
        )
        memory = {path: base64.b64decode(content, validate=True) for path, content in form.memory.items()}
    except ValueError as error:
        raise refused(name, f"it holds what is no base64 of numbers ({error})") from error
    return Collected(**_fields(form, "kind", "version") | {"services": services, "memory": memory})


def decided_in(raw: bytes, name: str) -> Decided:
    """Read what `decided_to_bytes` wrote. Raises as `collected_in` does."""
    from ai_ops.store.handover_forms import DecidedForm

    form = _read(DecidedForm, raw, name)
    services = tuple(Thought(**_fields(one)) for one in form.services)
    return Decided(**_fields(form, "kind", "version") | {"services": services})


def digest_of(raw: bytes) -> str:
    """SHA-256 of a document, as 64 hexadecimal digits."""
    return sha256(raw).hexdigest()


def read_document(path: Path) -> bytes:
    """Bytes of a document.

    Raises
    ------
    StateError
        When there is none, or it is larger than any that an agent writes.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise refused(path.name, f"it cannot be read ({error.strerror})") from error
    if len(raw) > MAX_BYTES:
        raise refused(path.name, f"it has more than {MAX_BYTES} bytes")
    return raw


def write_document(path: Path, raw: bytes) -> None:
    """Put a document in its place. Raises `StateError` when the disk refuses."""
    try:
        replace_atomically(path, raw)
    except OSError as error:
        raise not_written(path, error) from error


def refused(name: str, what: str) -> StateError:
    """Build the error for a document that is not acted on."""
    return StateError(
        f"{name} is refused, and nothing was changed: {what}. "
        "Begin a new run: `neuropilot run --apply`, or `gh workflow run ai-ops-daily.yml`"
    )


@contextmanager
def _having_room(name: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise refused(name, _first_line(error)) from error


def _canonical_of(form: type[Form], fields: Mapping[str, Any], redact: Callable[[str], str]) -> bytes:
    """Write once, read, and write again: a whole number where a decimal one belongs is written the same way always."""
    once = canonical(portable(form(**fields).model_dump(), redact))
    return canonical(portable(form.model_validate(json.loads(once)).model_dump(), str))


def _read(form: type[Form], raw: bytes, name: str) -> Any:  # noqa: ANN401  # a model of that form
    try:
        document = form.model_validate(json.loads(raw))
        is_ours = canonical(portable(document.model_dump(), str)) == raw
    except _FORMLESS as error:
        raise refused(name, _first_line(error)) from error
    if not is_ours:
        raise refused(name, "it is not written as this agent writes it")
    return document


def _first_line(error: Exception) -> str:
    """Say what does not fit, without the values."""
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return f"it is no document ({type(error).__name__})"


def _shallow(document: Any) -> dict[str, Any]:  # noqa: ANN401  # any of the classes above
    return {name: getattr(document, name) for name in type(document).__dataclass_fields__} | (
        {"failure": asdict(document.failure)} if getattr(document, "failure", None) else {}
    )


def _fields(form: Any, *left_out: str) -> dict[str, Any]:  # noqa: ANN401  # a model
    fields = {name: getattr(form, name) for name in type(form).model_fields if name not in left_out}
    if fields.get("failure"):
        fields["failure"] = Failure(fields["failure"].words, fields["failure"].exit_code)
    return fields
