"""The agent's memory as people see it: where it lives, what it holds, how large it is."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai_ops.domain.errors import StateError
from ai_ops.store.state_branch import full_name, length_noted
from ai_ops.store.state_files import contents
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Episode
    from ai_ops.store.archived import Archived
    from ai_ops.store.ledger import Ledger
    from ai_ops.wiring.session import Place, Session


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch that the memory lives on.

    Parameters
    ----------
    name
        Such as "origin/neuropilot/state".
    tip
        Its newest commit.
    commits
        How many there are; None where the newest one is somebody else's and does not say.
    """

    name: str
    tip: str
    commits: int | None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the memory holds.

    Parameters
    ----------
    branch
        None where it lives in the folders of this checkout.
    files, size_bytes, packed_bytes
        The state files, their size, and about what git makes of it.
    episodes
        How many the ledger has, without those that were archived.
    model_decisions
        How many decisions about models it knows.
    newest
        The newest of them.
    doubt
        Why the ledger cannot be trusted; None when it can.
    pause
        Why, by whom and since when the agent is paused; None when it is not.
    archived
        The months that stand on the archive branch.
    """

    branch: Branch | None
    files: int
    size_bytes: int
    packed_bytes: int
    episodes: int
    model_decisions: int
    newest: Episode | None
    doubt: str | None
    pause: str | None
    archived: Archived | None


def remembered(place: Place) -> Remembered:
    """Look at the memory without changing anything.

    Raises
    ------
    ConfigError
        When the settings are wrong.
    StateError
        When the memory cannot be read at all; a ledger that cannot be trusted is a `doubt`.
    DeliveryError
        When it lives on a branch for certain and the remote does not answer.
    """
    with open_session(place, is_writing=False) as session:
        files = contents(session.memory)
        episodes, about_models, archived, doubt = _past(session.ledger)
        return Remembered(
            branch=_branch(session),
            files=len(files),
            size_bytes=sum(map(len, files.values())),
            packed_bytes=sum(len(zlib.compress(content)) for content in files.values()),
            episodes=len(episodes),
            model_decisions=about_models,
            newest=episodes[-1] if episodes else None,
            doubt=doubt,
            pause=session.pause_in_words(),
            archived=archived,
        )


def _branch(session: Session) -> Branch | None:
    """The branch that the session's memory was copied from."""
    git, name = session.git, session.settings.state.branch
    if git is None or session.memory == session.place.root:
        return None
    tip = git.fetch(name, is_tip_enough=True)
    return Branch(full_name(git, name), tip, length_noted(git, tip))


def _past(ledger: Ledger) -> tuple[tuple[Episode, ...], int, Archived | None, str | None]:
    """The episodes, how much was decided about models, what was archived, and what speaks against trusting them."""
    try:
        return ledger.episodes(), len(ledger.model_decisions()), ledger.archived(), None
    except StateError as error:
        return (), 0, None, str(error)
