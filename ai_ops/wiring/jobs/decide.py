"""The job that thinks: all it knows stands in a document and in the checkout. It holds no secret and asks nobody."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ai_ops import __version__
from ai_ops.files import replace_atomically
from ai_ops.store.handover import COLLECTED, Decided, Thought
from ai_ops.wiring.jobs.agreement import (
    at_source,
    check_age,
    check_agent,
    check_purpose,
    check_settings,
    check_shape,
    check_source,
)
from ai_ops.wiring.jobs.elsewhere import elsewhere
from ai_ops.wiring.memory import Memory
from ai_ops.wiring.reward import own_formula
from ai_ops.wiring.session import Session
from ai_ops.wiring.steps import Thinking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ai_ops.domain.cycle import Cycle
    from ai_ops.settings.service import Service
    from ai_ops.store.handover import Collected, Seen
    from ai_ops.wiring.session import Place


@contextmanager
def open_deciding(place: Place, collected: Collected) -> Iterator[Session]:
    """Open a session whose memory is what was handed over, in a throw-away folder; it knows no repository.

    Raises
    ------
    ConfigError
        When the settings are wrong.
    StateError
        When the document does not fit them, or is too old.
    """
    from ai_ops.redact import Redactor
    from ai_ops.settings import load_settings

    check_agent(collected.agent, COLLECTED)
    check_age(collected.at, place.clock(), COLLECTED)
    check_purpose(collected, "cycle")
    check_settings(collected, place)
    place = at_source(place, collected.source)
    settings = load_settings(place.config, root=place.root, environment=place.environment)
    check_source(collected, settings)
    check_shape(collected, settings, place.clock())
    with tempfile.TemporaryDirectory(prefix="neuropilot-") as name:
        folder = Path(name).resolve()
        for path, content in collected.memory.items():
            replace_atomically(folder / path, content)
        yield Session(place, settings, Redactor(settings.secret_values()), None, folder, None, is_writing=False)


def think(session: Session, service: Service, seen: Seen, told: Callable[[Cycle], Cycle]) -> Thought:
    """Decide about one service; nothing where an earlier decision stands, or it could not be observed.

    Raises
    ------
    ConfigError
        When the team's own reward function cannot be loaded.
    """
    if seen.observation is None:
        return Thought(service.name, session.place.clock())
    memory = Memory(session, service.name)
    thinking = Thinking(session, service, memory, lambda: seen.delivered, own_formula(session))
    steps = replace(elsewhere(), detect=thinking.detect, reward=thinking.reward, tune=thinking.tune)
    cycle = told(steps)
    findings = cycle.detect(seen.observation)
    reward = cycle.reward(seen.observation)
    decision = cycle.tune(seen.observation, findings, reward)
    return Thought(service.name, session.place.clock(), findings, reward, decision)


def decided(session: Session, digest: str, services: Sequence[Thought]) -> Decided:
    """Put together what the next job needs; `digest` is that of the collected document."""
    return Decided(__version__, digest, session.place.clock(), tuple(services))
