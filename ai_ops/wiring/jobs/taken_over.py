"""What was collected, in the hands of a job that may write: checked, and what it has cost and fetched taken over."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ai_ops.collect.history import MetricsHistory
from ai_ops.domain.errors import ConfigError, DataUnavailable, DeliveryError, OpsError
from ai_ops.files import replace_atomically
from ai_ops.store import budgets
from ai_ops.store.handover import COLLECTED, collected_in, digest_of
from ai_ops.store.reconcile import BUDGETS
from ai_ops.wiring.jobs.agreement import (
    at_source,
    check_age,
    check_agent,
    check_digest,
    check_purpose,
    check_repository,
    check_settings,
    check_shape,
    check_source,
)
from ai_ops.wiring.observe import HISTORY
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.store.handover import Collected, Failure, Purpose
    from ai_ops.wiring.session import Place, Session

_ERRORS: dict[int, type[OpsError]] = {kind.exit_code: kind for kind in (ConfigError, DataUnavailable, DeliveryError)}


def taken_over(raw: bytes, expected: str | None, purpose: Purpose, place: Place) -> Collected:
    """Read what was collected, and check that it is whole, fresh, for this purpose, of this agent and its settings.

    Parameters
    ----------
    expected
        What its SHA-256 must be; None where nobody says, as in a run by hand.

    Raises
    ------
    StateError
        When it is not; nothing was changed.
    """
    check_digest(COLLECTED, digest_of(raw), expected)
    collected = collected_in(raw, COLLECTED)
    check_agent(collected.agent, COLLECTED)
    check_age(collected.at, place.clock(), COLLECTED)
    check_purpose(collected, purpose)
    check_settings(collected, place)
    return collected


@contextmanager
def open_acting(place: Place, collected: Collected) -> Iterator[Session]:
    """Open the real memory, after checking that the document is about this repository.

    Raises
    ------
    StateError
        When it is not, or as `open_session` does.
    """
    with open_session(at_source(place, collected.source), is_writing=True) as session:
        check_repository(collected, session)
        check_source(collected, session.settings)
        check_shape(collected, session.settings, place.clock())
        _count_what_was_asked(collected, session)
        yield session


def keep_history(session: Session, service: str, collected: Collected) -> None:
    """Remember the metrics that were fetched, so that the next run asks only for what is new."""
    history, warn, now = collected.memory.get(HISTORY.as_posix()), session.place.warn, session.place.clock()
    if history is None:
        return
    with tempfile.TemporaryDirectory(prefix="neuropilot-") as folder:
        copy = Path(folder).resolve() / HISTORY.name
        replace_atomically(copy, history)
        fetched = MetricsHistory(copy, warn, now=now).load(service)
    MetricsHistory(session.memory / HISTORY, warn, now=now).save(service, fetched)


def error_of(failure: Failure) -> OpsError:
    """Build the error with which another job could not go on, so that it fails here as well."""
    return _ERRORS.get(failure.exit_code, OpsError)(failure.words)


def _count_what_was_asked(collected: Collected, session: Session) -> None:
    """Let the requests of the other job count in this hour's budgets."""
    file = session.place.root / BUDGETS
    before = file.read_bytes() if file.is_file() else None
    content = budgets.merged(collected.memory.get(BUDGETS), before)
    if content is not None and content != before:
        replace_atomically(file, content)
