"""Train the models of all services that are wanted, and say what came of it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from ai_ops import __version__
from ai_ops.cli.services import Wish as Manner
from ai_ops.cli.services import complain, speaking, the_service, wanted_services
from ai_ops.domain.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from ai_ops.domain.metrics import Observation
    from ai_ops.wiring.models.lesson import Wish
    from ai_ops.wiring.models.trained import NothingNew, Trained
    from ai_ops.wiring.session import Place, Session

    Observed = Mapping[str, Observation]


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for.

    Parameters
    ----------
    wish
        How to train.
    is_keeping
        Whether anything is left behind.
    is_scheduled
        Whether nobody asked for it, so that the settings may say that it shall not be.
    service
        One of them; None for all.
    collected, collected_sha256
        Another job's document to learn from, and what it must be.
    """

    wish: Wish
    is_keeping: bool = False
    is_scheduled: bool = False
    service: str | None = None
    collected: Path | None = None
    collected_sha256: str | None = None
    summary: Path | None = None
    as_json: bool = False
    is_debugging: bool = False

    def manner(self) -> Manner:
        """How the run introduces itself."""
        return Manner(
            is_acting=self.is_keeping,
            service=self.service,
            as_json=self.as_json,
            is_debugging=self.is_debugging,
            manner="training" if self.is_keeping else "training, nothing is kept",
        )


@dataclass(slots=True)
class _Outcome:
    """What became of all services."""

    trainings: list[Trained | NothingNew] = field(default_factory=list)
    failures: list[tuple[str, OpsError]] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)

    def exit_code(self) -> int:
        return self.failures[0][1].exit_code if self.failures else 0

    def to_json(self) -> dict[str, Any]:
        from ai_ops.cli.training_words import training_form

        return {
            "version": __version__,
            "exit_code": self.exit_code(),
            "error": None,
            "trainings": [training_form(one) for one in self.trainings],
            "failures": [{"service": name, "error": str(error)} for name, error in self.failures],
            "degraded": self.degraded,
        }


def run_training(place: Place, request: Request) -> int:
    """Train every service that is wanted; one that cannot be does not stop the others."""
    from ai_ops.cli.json_text import json_text
    from ai_ops.wiring.session import finish

    started = time.monotonic()
    outcome = _Outcome()
    with _opened(place, request) as (session, observed), speaking(session, request.manner()) as say:
        if request.is_scheduled and session.settings.model.retrain == "off":
            say("The nightly training is switched off by model.retrain; `neuropilot train --apply` trains all the same")
        else:
            for name in wanted_services(session.settings, request.service):
                _train_one(session, name, observed, request, (outcome, say))
            _tell_watchers(session, outcome, say)
            if problem := finish(session):
                outcome.degraded.append(f"state: {problem}")
        _conclude(session, request, outcome, say)
        say(f"Completed in {time.monotonic() - started:.1f} s")
        if request.as_json:
            typer.echo(json_text(outcome.to_json(), session.redact))
    return outcome.exit_code()


@contextmanager
def _opened(place: Place, request: Request) -> Iterator[tuple[Session, Observed]]:
    """The session, and what another job has observed; nothing where this one asks the sources itself."""
    from ai_ops.wiring.session import open_session

    if request.collected is None:
        with open_session(place, is_writing=request.is_keeping) as session:
            yield session, {}
        return
    from ai_ops.store.handover import read_document
    from ai_ops.wiring.jobs.train import open_training

    with open_training(place, read_document(request.collected), request.collected_sha256) as opened:
        yield opened


def _train_one(
    session: Session, name: str, observed: Observed, request: Request, ends: tuple[_Outcome, Callable[[str], None]]
) -> None:
    """Train one service, and sort what came of it into the outcome."""
    from ai_ops.cli.training_words import sentences, unheeded
    from ai_ops.wiring.models.keep import keep
    from ai_ops.wiring.models.rows import rows_to_learn
    from ai_ops.wiring.models.train import train_service

    outcome, say = ends
    service = the_service(session.settings, name)
    say(f"Service {name}")
    try:
        if request.collected is not None and name not in observed:
            return  # why not, was said when the document was opened, and is what the run ends in
        trained = train_service(session, service, rows_to_learn(session, service, observed.get(name)), request.wish)
        if request.is_keeping:
            keep(session, trained)
    except OpsError as error:
        outcome.failures.append((name, error))
        return
    outcome.trainings.append(trained)
    told = sentences(trained, is_kept=request.is_keeping, most_components=session.settings.model.n_components)
    for line in (*unheeded(request.wish, trained), *told):
        say(f"  {line}")


def _tell_watchers(session: Session, outcome: _Outcome, say: Callable[[str], None]) -> None:
    """Let those who watch the models know how they are."""
    from ai_ops.wiring.models.watched import tell_of_models

    receipt = tell_of_models(session) if session.is_writing else None
    if receipt is not None:
        say(f"Watchers: {receipt.channel} {receipt.status}{f' ({receipt.reason})' if receipt.reason else ''}")
        outcome.degraded += [receipt.channel] if receipt.is_degraded else []


def _conclude(session: Session, request: Request, outcome: _Outcome, say: Callable[[str], None]) -> None:
    """Say what failed and what is missing, also to those who read only the summary."""
    from ai_ops.cli.training_words import summary_text

    failures = complain(session, outcome.failures)
    if request.summary is not None:
        try:
            with request.summary.open("a", encoding="utf-8") as file:
                file.write(session.redact(summary_text(outcome.trainings, failures)))
        except OSError as error:
            outcome.degraded.append(f"summary: {request.summary} cannot be written ({error.strerror})")
    if outcome.degraded:
        say(f"Degraded: {', '.join(outcome.degraded)}")
