"""The job that trains: it may write, and learns only from what the job that looks has handed over."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ai_ops.wiring.jobs.taken_over import error_of, keep_history, open_acting, taken_over

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.domain.metrics import Observation
    from ai_ops.wiring.session import Place, Session


@contextmanager
def open_training(
    place: Place, raw: bytes, expected: str | None = None
) -> Iterator[tuple[Session, Mapping[str, Observation]]]:
    """Open the real memory, and give what was observed of each service, by its name.

    A service that could not be observed is missing, with a warning that says why. The others can be trained, and then
    the block ends with that error: what failed in one job fails in the last.

    Parameters
    ----------
    raw
        What `neuropilot collect --for training` wrote.
    expected
        What its SHA-256 must be; None where nobody says, as in a run by hand.

    Raises
    ------
    StateError
        When the document is not what it must be, or as `open_session` does; nothing was changed.
    OpsError
        At the end, when a service could not be observed.
    """
    collected = taken_over(raw, expected, "training", place)
    failures = [(one.service, one.failure) for one in collected.services if one.failure is not None]
    with open_acting(place, collected) as session:
        observed = {one.service: one.observation for one in collected.services if one.observation is not None}
        for service in observed:
            keep_history(session, service, collected)
        for service, failure in failures:
            place.warn(f"{service} is not trained: {failure.words}")
        yield session, observed
    if failures:
        raise error_of(failures[0][1])
