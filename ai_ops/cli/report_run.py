"""Make a report, show it, and with --apply keep it and send it."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from ai_ops import __version__
from ai_ops.cli.services import Wish, speaking, the_service, wanted_services
from ai_ops.domain.errors import ConfigError, OpsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from ai_ops.domain.message import MessageKind, Receipt
    from ai_ops.domain.metrics import Observation
    from ai_ops.domain.report_span import ReportSpan
    from ai_ops.wiring.report.made import Made
    from ai_ops.wiring.session import Place, Session

    Seen = Mapping[str, Observation | OpsError]


_REACHES_PEOPLE = {"sent", "already sent", "held"}
"""What becomes of a message that somebody reads, now or later."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for.

    Parameters
    ----------
    kind, days
        Which report, and of how many days.
    is_keeping
        Whether it is kept and sent.
    out
        Folder that it is written into besides; None for none.
    link
        Where the page can be read; "" where nobody says.
    collected, collected_sha256
        Another job's document to report on, and what it must be.
    """

    kind: MessageKind
    days: int
    is_keeping: bool = False
    out: Path | None = None
    link: str = ""
    collected: Path | None = None
    collected_sha256: str | None = None
    service: str | None = None
    summary: Path | None = None
    as_json: bool = False
    is_debugging: bool = False

    def manner(self) -> Wish:
        """How the run introduces itself: on stderr, as stdout is the report's."""
        manner = "reporting" if self.is_keeping else "reporting, nothing is kept or sent"
        return Wish(
            is_acting=self.is_keeping,
            service=self.service,
            as_json=True,
            is_debugging=self.is_debugging,
            manner=manner,
        )


@dataclass(slots=True)
class _Outcome:
    """What became of it besides the report itself."""

    files: list[str] = field(default_factory=list)
    receipts: tuple[Receipt, ...] = ()
    degraded: list[str] = field(default_factory=list)

    def exit_code(self) -> int:
        """4 only where a channel failed and none took it: a report that nobody gets is no success.

        A channel that carries no reports did not take it.
        """
        told = {one.status for one in self.receipts}
        return 4 if "failed" in told and not told & _REACHES_PEOPLE else 0

    def to_json(self, made: Made) -> dict[str, Any]:
        return {
            "version": __version__,
            "exit_code": self.exit_code(),
            "error": None,
            "report": json.loads(made.form),
            "files": self.files,
            "channels": [{"channel": one.channel, "status": one.status, "reason": one.reason} for one in self.receipts],
            "degraded": self.degraded,
        }


def run_report(place: Place, request: Request) -> int:
    """Make the report of every service that is wanted; what cannot be had of one does not stop it."""
    from ai_ops.cli.json_text import json_text
    from ai_ops.wiring.report.made import make
    from ai_ops.wiring.session import finish

    started, outcome = time.monotonic(), _Outcome()
    with _opened(place, request) as (session, look), speaking(session, request.manner()) as say:
        _refuse_a_part(session, request)
        span, seen = look(say)
        made = make(session, request.kind, span, seen)
        if request.as_json is False:
            typer.echo(made.text)
        if request.is_keeping:
            _keep_and_send(session, request, made, outcome, say)
            if problem := finish(session):
                outcome.degraded.append(f"state: {problem}")
        _write(request, made, outcome, say)  # last: a copy that cannot be written leaves nobody untold
        if outcome.degraded:
            say(f"Degraded: {', '.join(outcome.degraded)}")
        say(f"Completed in {time.monotonic() - started:.1f} s")
        if request.as_json:
            typer.echo(json_text(outcome.to_json(made), session.redact))
    return outcome.exit_code()


@contextmanager
def _opened(
    place: Place, request: Request
) -> Iterator[tuple[Session, Callable[[Callable[[str], None]], tuple[ReportSpan, Seen]]]]:
    """The session, and how to look: at the sources, or at what another job has collected."""
    from ai_ops.wiring.report.look import span_now, span_until
    from ai_ops.wiring.session import open_session

    if request.collected is None:
        with open_session(place, is_writing=request.is_keeping) as session:
            span = span_now(session, request.days)
            yield session, lambda say: (span, _look(session, span, request.service, say))
        return
    from ai_ops.store.handover import read_document
    from ai_ops.wiring.jobs.report import open_reporting

    with open_reporting(place, read_document(request.collected), request.collected_sha256) as (session, seen):
        wanted = {name: one for name, one in seen.items() if name in wanted_services(session.settings, request.service)}
        yield session, lambda _say: (span_until(session, request.days, wanted), wanted)


def _refuse_a_part(session: Session, request: Request) -> None:
    """Keep the day's report from being replaced by, and told as, that of one of its services.

    Raises
    ------
    ConfigError
        When one of several services is to be kept and told alone.
    """
    wanted = wanted_services(session.settings, request.service)
    if request.is_keeping and len(wanted) < len(session.settings.services):
        raise ConfigError(
            f"the day's report is kept and sent once, and is of every service: leave --service {request.service} out, "
            "or see that service alone with `neuropilot report --service` and --out"
        )


def _look(session: Session, span: ReportSpan, service: str | None, say: Callable[[str], None]) -> Seen:
    """Ask the sources about every wanted service; why not, where one does not answer."""
    from ai_ops.cli.progress import metric_bar
    from ai_ops.domain.metrics import CANONICAL_METRICS
    from ai_ops.wiring.report.look import look

    seen: dict[str, Observation | OpsError] = {}
    for name in wanted_services(session.settings, service):
        say(f"Service {name}")
        try:
            with metric_bar(len(CANONICAL_METRICS)) as progress:
                seen[name] = look(session, the_service(session.settings, name), span, progress)
        except OpsError as error:
            say(f"  the metrics are those that earlier runs have kept: {str(error).partition(chr(10))[0]}")
            seen[name] = error
    return seen


def _write(request: Request, made: Made, outcome: _Outcome, say: Callable[[str], None]) -> None:
    """Write it where the command line wants it."""
    from ai_ops.wiring.report.kept import files_of, write

    if request.out is not None:
        files = files_of(made)
        write(request.out, files)
        outcome.files += [str(request.out / name) for name in files]
        say(f"Written: {', '.join(outcome.files)}")
    if request.summary is not None:
        try:
            with request.summary.open("a", encoding="utf-8") as file:
                file.write(made.summary)
        except OSError as error:
            outcome.degraded.append(f"summary: {request.summary} cannot be written ({error.strerror})")


def _keep_and_send(
    session: Session, request: Request, made: Made, outcome: _Outcome, say: Callable[[str], None]
) -> None:
    """Keep it where the agent remembers, and tell every channel once."""
    from ai_ops.wiring.report.sent import keep_and_send

    kept, outcome.receipts = keep_and_send(session, made, request.link)
    outcome.files += [str(path) for path in kept]
    say(f"Kept: {', '.join(str(path) for path in kept)}")
    told = ", ".join(
        f"{one.channel} {one.status}{f' ({one.reason})' if one.reason else ''}" for one in outcome.receipts
    )
    say(f"Notifications: {told or 'no channel is configured'}")
    outcome.degraded += [one.channel for one in outcome.receipts if one.is_degraded]
