"""The job that reports: it may write and tell, and holds no key of a metric source."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ai_ops.domain.errors import DataUnavailable
from ai_ops.wiring.jobs.taken_over import error_of, keep_history, open_acting, taken_over

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_ops.domain.errors import OpsError
    from ai_ops.domain.metrics import Observation
    from ai_ops.store.handover import Seen
    from ai_ops.wiring.session import Place, Session


@contextmanager
def open_reporting(
    place: Place, raw: bytes, expected: str | None = None
) -> Iterator[tuple[Session, Mapping[str, Observation | OpsError]]]:
    """Open the real memory, and give what was observed of each service by its name, or why nothing could be.

    Parameters
    ----------
    raw
        What `neuropilot collect --for report` wrote.
    expected
        What its SHA-256 must be; None where nobody says, as in a run by hand.

    Raises
    ------
    StateError
        When the document is not what it must be, or as `open_session` does; nothing was changed.
    """
    collected = taken_over(raw, expected, "report", place)
    with open_acting(place, collected) as session:
        seen = {one.service: _observed(one) for one in collected.services}
        for one in collected.services:
            if one.observation is not None:
                keep_history(session, one.service, collected)
        yield session, seen


def _observed(seen: Seen) -> Observation | OpsError:
    if seen.observation is not None:
        return seen.observation
    if seen.failure is not None:
        return error_of(seen.failure)
    return DataUnavailable("nothing was collected")
