"""Run the cycle of every service that is wanted, and say what came of it."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from ai_ops import __version__
from ai_ops.domain.errors import ConfigError, OpsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ai_ops.domain.cycle import Cycle, CycleResult
    from ai_ops.domain.metrics import Window
    from ai_ops.domain.vitals import Run
    from ai_ops.settings.model import Settings
    from ai_ops.settings.service import Service
    from ai_ops.wiring import Session, Wired
    from ai_ops.wiring.session import Place


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for."""

    is_acting: bool = False
    service: str | None = None
    summary: Path | None = None
    as_json: bool = False
    is_debugging: bool = False
    manner: str | None = None
    """How the run introduces itself; None says whether it acts."""


@dataclass(slots=True)
class _Outcome:
    """What became of all services."""

    results: list[CycleResult]
    failures: list[tuple[str, OpsError]]
    degraded: list[str]

    def exit_code(self) -> int:
        return self.failures[0][1].exit_code if self.failures else 0

    def as_run(self, seconds: float) -> Run:
        """The run, as far as those who watch the agent want to know it."""
        from ai_ops.domain.vitals import Run

        return Run(seconds, tuple(self.results), {name: error.exit_code for name, error in self.failures})

    def to_json(self) -> dict[str, Any]:
        from pydantic import TypeAdapter

        from ai_ops.domain.cycle import CycleResult

        adapter = TypeAdapter(tuple[CycleResult, ...])
        return {
            "version": __version__,
            "exit_code": self.exit_code(),
            "error": None,
            "results": json.loads(adapter.dump_json(tuple(self.results))),
            "failures": [{"service": name, "error": str(error)} for name, error in self.failures],
            "degraded": self.degraded,
        }


@dataclass(frozen=True, slots=True)
class Way:
    """How one service is run.

    Parameters
    ----------
    wire
        Joins its steps, given the service and what is told of every metric.
    run
        Takes them.
    """

    wire: Callable[[Service, Callable[[str], None]], Wired]
    run: Callable[[Cycle, Window], CycleResult]


def run_services(place: Place, wish: Wish) -> int:
    """Run the cycle of every service that is wanted; one that fails does not stop the others."""
    from ai_ops.cli.json_text import failing_as_json
    from ai_ops.ops_brain import run_until_it_lands
    from ai_ops.wiring import wire
    from ai_ops.wiring.session import open_session

    with (
        failing_as_json(is_wanted=wish.as_json, results=[], failures=[], degraded=[]),
        open_session(place, is_writing=wish.is_acting) as session,
    ):
        names = wanted_services(session.settings, wish.service)
        return run_each(session, wish, names, Way(partial(wire, session), run_until_it_lands))


def run_each(session: Session, wish: Wish, names: Sequence[str], way: Way) -> int:
    """Run these services in an open session, say what came of them, and give the exit code."""
    from ai_ops.cli.json_text import json_text
    from ai_ops.wiring.session import finish

    started = time.monotonic()
    outcome = _Outcome([], [], [])
    with speaking(session, wish) as say:
        for name in names:
            _run_one(session, name, way, outcome, say)
        _tell_watchers(session, outcome, time.monotonic() - started, say)
        if problem := finish(session):
            outcome.degraded.append(f"state: {problem}")
        _conclude(session, wish, outcome, say)
        say(f"Completed in {time.monotonic() - started:.1f} s")
    if wish.as_json:
        typer.echo(json_text(outcome.to_json(), session.redact))
    return outcome.exit_code()


def _run_one(session: Session, service_name: str, way: Way, outcome: _Outcome, say: Callable[[str], None]) -> None:
    """Run one service and sort what came of it into `outcome`."""
    from ai_ops.cli.narrative import narrated
    from ai_ops.cli.progress import metric_bar
    from ai_ops.domain.errors import StateError
    from ai_ops.domain.metrics import CANONICAL_METRICS

    service = the_service(session.settings, service_name)
    say(f"Service {service.name}")
    try:
        with metric_bar(len(CANONICAL_METRICS)) as progress:
            wired = way.wire(service, progress)
            result = way.run(narrated(wired.cycle, say), wired.window)
    except OpsError as error:
        outcome.failures.append((service.name, error))
        return
    outcome.results.append(result)
    outcome.degraded += [receipt.channel for receipt in result.receipts if receipt.is_degraded]
    if (doubt := wired.doubt()) is not None:
        outcome.failures.append((service.name, StateError(doubt)))


def _tell_watchers(session: Session, outcome: _Outcome, seconds: float, say: Callable[[str], None]) -> None:
    """Let those who watch the agent know how it went."""
    from ai_ops.wiring.watched import tell_watchers

    receipts = tell_watchers(session, outcome.as_run(seconds))
    if receipts:
        told = ", ".join(f"{one.channel} {one.status}{f' ({one.reason})' if one.reason else ''}" for one in receipts)
        say(f"Watchers: {told}")
    outcome.degraded += [receipt.channel for receipt in receipts if receipt.is_degraded]


def _conclude(session: Session, wish: Wish, outcome: _Outcome, say: Callable[[str], None]) -> None:
    """Say what failed and what is missing, also to those who read only the summary."""
    from ai_ops.cli.summary import append_summary

    failures = complain(session, outcome.failures)
    if wish.summary is not None:
        try:
            append_summary(wish.summary, outcome.results, failures, session.redact)
        except OSError as error:
            outcome.degraded.append(f"summary: {wish.summary} cannot be written ({error.strerror})")
    if outcome.degraded:
        say(f"Degraded: {', '.join(outcome.degraded)}")


def complain(session: Session, failures: Sequence[tuple[str, OpsError]]) -> list[tuple[str, str]]:
    """Say on stderr and in the log which services failed, and give the same, redacted, for the summary."""
    from ai_ops.cli.log import logger
    from ai_ops.cli.voice import speak

    told = [(name, session.redact(str(error))) for name, error in failures]
    for name, words in told:
        speak(f"error: {name}: {words}", err=True)
        logger.error("%s: %s", name, words)
    return told


@contextmanager
def speaking(session: Session, wish: Wish) -> Iterator[Callable[[str], None]]:
    """Give the narrator a voice: stdout for people, stderr when stdout belongs to a program; always the log."""
    from ai_ops.cli.log import debug_on_stderr, log_file, logger
    from ai_ops.cli.voice import speak
    from ai_ops.domain.one_line import visible
    from ai_ops.wiring.session import STATE

    def say(text: str) -> None:
        line = visible(text)  # else a name or a diff could forge a line that a CI takes for a command
        speak(session.redact(line), err=wish.as_json)
        logger.info("%s", line)

    with ExitStack() as ears:
        log = None
        if wish.is_acting:
            fallback = session.place.root / STATE / "ops_brain.log"
            log = ears.enter_context(log_file(session.settings.log, fallback, session.redact, session.place.warn))
        if wish.is_debugging:
            ears.enter_context(debug_on_stderr(session.redact))
        _introduce(session, wish, say)
        if log is not None:
            say(f"Log: {log}")
        yield say


def _introduce(session: Session, wish: Wish, say: Callable[[str], None]) -> None:
    """Say what kind of run this is, before it asks anything."""
    from ai_ops.wiring.stop_file import stopped_in_checkout

    acting = wish.manner or ("acting" if wish.is_acting else "dry run, nothing is written")
    say(f"NeuroPilot {__version__} initialised: mode {session.settings.mode}, {acting}")
    say(f"Settings: {session.settings.origin}; metrics: {_source_in_words(session.settings)}")
    if (pause := session.pause_in_words()) is not None:
        say(f"Paused: {pause}; `neuropilot resume` ends it")
    if (stopped := stopped_in_checkout(session.place.root)) is not None:
        say(f"Nothing will move: {stopped}")


def _source_in_words(settings: Settings) -> str:
    if settings.metric_source != "simulated":
        return settings.metric_source
    why = "as the settings ask" if settings.metrics.source == "simulated" else "because no source is configured"
    return f"the embedded simulated service, {why}"


def wanted_services(settings: Settings, name: str | None) -> Sequence[str]:
    """Names of all services, or the one that was asked for.

    Raises
    ------
    ConfigError
        When the settings do not know it.
    """
    names = [service.name for service in settings.services]
    if name is not None and name not in names:
        raise ConfigError(f"there is no service {name!r}; the settings know {', '.join(names)}")
    return names if name is None else [name]


def the_service(settings: Settings, name: str | None) -> Service:
    """Give the service that was named, or the only one.

    Raises
    ------
    ConfigError
        When the settings do not know it, or there are several and none was named.
    """
    names = wanted_services(settings, name)
    if len(names) > 1:
        raise ConfigError(f"there are {len(names)} services: name one with --service ({', '.join(names)})")
    return next(one for one in settings.services if one.name == names[0])
