"""The job that looks: it holds the keys of the metric sources, and may write nowhere but into its document."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from ai_ops import __version__
from ai_ops.domain.errors import StateError
from ai_ops.domain.metrics import Gap
from ai_ops.files import replace_atomically
from ai_ops.store import budgets
from ai_ops.store.handover import Collected, Seen
from ai_ops.store.reconcile import BUDGETS, PAUSE
from ai_ops.store.state_branch import StateBranch
from ai_ops.store.state_files import PATTERNS
from ai_ops.wiring.cycle import window_now
from ai_ops.wiring.jobs.agreement import past_digest, repository_of, settings_digest
from ai_ops.wiring.jobs.elsewhere import elsewhere
from ai_ops.wiring.memory import Memory
from ai_ops.wiring.models.champion import decisions_of, in_use
from ai_ops.wiring.observe import HISTORY, observe
from ai_ops.wiring.session import MODELS, Session, lives_on_branch, repository
from ai_ops.wiring.settings_files import SettingsFiles
from ai_ops.wiring.steps import Watching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ai_ops.domain.cycle import Cycle, Episode
    from ai_ops.domain.metrics import Observation, Window
    from ai_ops.settings.service import Service
    from ai_ops.store.handover import Purpose
    from ai_ops.wiring.session import Place

    Told = Callable[[Cycle], Cycle]

_NOT_NEEDED = (
    "ai_ops/reports/",
    "ai_ops/state/snapshots/",
    "ai_ops/state/charts/",
    "ai_ops/state/sent.json",
    "ai_ops/state/undelivered.json",
)
"""What no decision looks at: beginnings of paths."""


@contextmanager
def open_collecting(place: Place) -> Iterator[tuple[Session, str | None]]:
    """Open a session whose memory is a throw-away copy, and the commit of the state branch that it was copied from.

    Raises
    ------
    ConfigError, StateError
        As `open_session` does.
    DeliveryError
        When the memory lives on a branch and the remote does not answer: what was decided before counts always.
    """
    from ai_ops.redact import Redactor
    from ai_ops.settings import load_settings

    settings = load_settings(place.config, root=place.root, environment=place.environment)
    git = repository(place.root, settings.repository.remote)
    with tempfile.TemporaryDirectory(prefix="neuropilot-") as name:
        folder, tip = Path(name).resolve(), None
        if git is not None and lives_on_branch(place, settings.state, git):
            tip = StateBranch(git, settings.state.branch, root=folder, warn=place.warn, clock=place.clock).pull()
            if (pause := StateBranch(git, settings.state.branch).unseen_pause()) is not None:
                replace_atomically(folder / PAUSE, pause)
        if tip is None:
            _lay_out(memory_in(place.root), folder)
        _share_budgets(place.root, folder)
        yield Session(place, settings, Redactor(settings.secret_values()), git, folder, None, is_writing=True), tip


def see(session: Session, service: Service, told: Told, progress: Callable[[str], None]) -> Seen:
    """Observe one service, unless this period was decided before.

    Raises
    ------
    DataUnavailable
        When not one metric could be had.
    DeliveryError
        When the settings cannot be read from the branch that a change would go to.
    """
    memory, files = Memory(session, service.name), SettingsFiles(session, service)
    watching = Watching(session, service, memory, files, progress)
    cycle = told(replace(elsewhere(), recall=memory.recall, collect=watching.collect))
    window = window_now(session, memory)
    standing = cycle.recall(window)
    is_outdated = standing is not None and _is_outdated(standing, files)
    if standing is not None and not is_outdated:
        return Seen(service.name, window, past=past_digest(memory.past()), recalled=standing.id)
    observation = cycle.collect(window)
    return Seen(
        service=service.name,
        window=window,
        base=files.base,
        past=past_digest(memory.past()),
        given_up=standing.id if standing else None,
        delivered=files.delivered(),
        observation=_without_secrets(observation, session.redact),
    )


def see_again(session: Session, service: Service, told: Told, progress: Callable[[str], None]) -> Seen:
    """Observe one service for a training or a report: whatever was decided on this period, and without its minutes.

    Raises as `see` does.
    """
    memory, files = Memory(session, service.name), SettingsFiles(session, service)

    def look(window: Window) -> Observation:
        return observe(session, service, window, files.thresholds, with_minutes=False, progress=progress)

    window = window_now(session, memory)
    observation = told(replace(elsewhere(), collect=look)).collect(window)
    return Seen(service.name, window, files.base, observation=_without_secrets(observation, session.redact))


def collected(session: Session, tip: str | None, services: Sequence[Seen], purpose: Purpose = "cycle") -> Collected:
    """Put together what the next job needs, and nothing else."""
    memory = _needed(session, purpose)
    spent = session.place.root / BUDGETS  # in the checkout, whatever the memory is: see `Session.budget`
    if spent.is_file():
        memory[BUDGETS] = spent.read_bytes()
    return Collected(
        agent=__version__,
        repository=repository_of(session),
        settings=settings_digest(session.place),
        source=session.settings.metric_source,
        at=session.place.clock(),
        state=tip,
        memory=memory,
        services=tuple(services),
        purpose=purpose,
    )


def memory_in(root: Path) -> dict[str, bytes]:
    """By path, the files of the memory below `root` that a decision may look at."""
    files = {file.relative_to(root).as_posix(): file for pattern in PATTERNS for file in root.glob(pattern)}
    return {
        path: file.read_bytes()
        for path, file in sorted(files.items())
        if file.is_file()
        and not file.is_symlink()
        and not file.name.startswith(".")
        and not path.startswith(_NOT_NEEDED)
    }


def _needed(session: Session, purpose: Purpose) -> dict[str, bytes]:
    """What the next job looks at: one that writes has a memory of its own; a decision asks the models in use alone."""
    memory = memory_in(session.memory)
    if purpose != "cycle":
        return {path: content for path, content in memory.items() if path == HISTORY.as_posix()}
    versions, asked = f"{MODELS.as_posix()}/*/*/*", tuple(_folders_in_use(session))
    return {path: one for path, one in memory.items() if path.startswith(asked) or not fnmatchcase(path, versions)}


def _folders_in_use(session: Session) -> Iterator[str]:
    """Folder of each service's model in use; none of a ledger that cannot be trusted, which the next job says."""
    for service in session.settings.services:
        with suppress(StateError):
            if (decision := in_use(decisions_of(session, service.name))) is not None:
                yield f"{(MODELS / service.name / decision.version).as_posix()}/"


def _lay_out(memory: Mapping[str, bytes], folder: Path) -> None:
    for path, content in memory.items():
        replace_atomically(folder / path, content)


def _share_budgets(root: Path, folder: Path) -> None:
    """Let what earlier runs have asked count here as well: a budget is kept in the checkout."""
    here, there = (place / BUDGETS for place in (root, folder))
    content = budgets.merged(*(file.read_bytes() if file.is_file() else None for file in (here, there)))
    if content is not None:
        replace_atomically(here, content)


def _is_outdated(standing: Episode, files: SettingsFiles) -> bool:
    """Whether an earlier decision of this period can never be delivered: its settings have changed since."""
    changes = standing.decision.changes
    if not changes:
        return False
    now = files.thresholds()
    return now != standing.thresholds and any(now.values.get(one.knob) != one.after for one in changes)


def _without_secrets(observation: Observation, redact: Callable[[str], str]) -> Observation:
    """Take the secrets out of what servers said: nothing else in it is free text."""
    return replace(
        observation,
        gaps=tuple(Gap(gap.metric, redact(gap.reason)) for gap in observation.gaps),
        minute_gaps=tuple(Gap(gap.metric, redact(gap.reason)) for gap in observation.minute_gaps),
        warnings=tuple(redact(text) for text in observation.warnings),
        notes=tuple(redact(text) for text in observation.notes),
    )
