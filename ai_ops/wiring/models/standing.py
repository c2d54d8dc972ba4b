"""Which versions one could go back to: whose folders stand, and load as they were promoted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ConfigError, ModelRefused
from ai_ops.domain.one_line import one_line
from ai_ops.learn.manifest import is_version
from ai_ops.wiring.models.champion import in_use, load, registry
from ai_ops.wiring.models.rivals import ahead_of, used

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_ops.domain.model_version import ModelDecision
    from ai_ops.wiring.session import Session

_SHOWN = 5
"""Of so many it is told one by one what is wrong with them."""

_NAME = 60
"""Letters of a name that a person has typed; those of a version are 23."""


class Files(StrEnum):
    """What became of the files of a version."""

    KEPT = "kept"
    GONE = "gone"
    """Thrown away by age, or never kept because the candidate was refused."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a version could be put in use, as far as its files go.

    Parameters
    ----------
    version
        Its name.
    files
        What became of them.
    problem
        What is wrong with them; empty unless they are refused.
    """

    version: str
    files: Files
    problem: str = ""

    @property
    def sentence(self) -> str:
        """Why it cannot be used."""
        return f"{self.version} is gone" if self.files is Files.GONE else f"{self.version} is refused: {self.problem}"


@dataclass(frozen=True, slots=True)
class Former:
    """The version that one goes back to.

    Parameters
    ----------
    decision
        The last one that put it in use.
    skipped
        Newer ones that cannot be used.
    """

    decision: ModelDecision
    skipped: tuple[Standing, ...] = ()


def standing_of(session: Session, decision: ModelDecision) -> Standing:
    """Look whether the version that a decision is about loads, as a run would load it. Raises nothing."""
    try:
        version = load(session, decision)
    except (ConfigError, ModelRefused) as error:
        if registry(session).has(decision.service, decision.version):
            return Standing(decision.version, Files.REFUSED, getattr(error, "what", str(error)))
        return Standing(decision.version, Files.GONE)
    if ahead_of(version, session.place.clock()):
        return Standing(decision.version, Files.REFUSED, "it knows data that is still to come")
    return Standing(decision.version, Files.KEPT)


def former(session: Session, decisions: Sequence[ModelDecision], version: str | None) -> Former:
    """Find what a person goes back to: the version that is named, or the newest one before that is sound.

    Raises
    ------
    ConfigError
        When there is no such version, or it is in use already.
    ModelRefused
        When none is named, and not one of those before is sound.
    """
    champion = in_use(decisions)
    others = [one for one in used(decisions) if champion is None or one.version != champion.version]
    if version is not None:
        return Former(_named(decisions, others, version))
    skipped: list[Standing] = []
    for decision in others:
        standing = standing_of(session, decision)
        if standing.files is Files.KEPT:
            return Former(decision, tuple(skipped))
        skipped.append(standing)
    if not skipped:
        raise ConfigError(
            "no other version was ever in use, so there is no way back; `neuropilot model list` shows all"
        )
    raise ModelRefused(
        f"no version before can be used, so nothing was changed: {skipped_in_words(skipped)}. "
        "`neuropilot train --rebuild --apply` trains another"
    )


def skipped_in_words(skipped: Sequence[Standing]) -> str:
    """What was passed over, and why."""
    more = [f"and {len(skipped) - _SHOWN} more"] if len(skipped) > _SHOWN else []
    return "; ".join([*(one.sentence for one in skipped[:_SHOWN]), *more])


def _named(decisions: Sequence[ModelDecision], others: Sequence[ModelDecision], version: str) -> ModelDecision:
    found = [one for one in others if one.version == version]
    if found:
        return found[0]
    name, known = one_line(version, _NAME), [one for one in decisions if one.version == version]
    if not known:
        why = f"no version is called {name}" if not is_version(version) else f"nothing is known of {name}"
    elif (champion := in_use(decisions)) is not None and champion.version == version:
        why = f"{name} is in use already"
    else:
        why = f"{name} was never in use, so there is no way back to it"
    raise ConfigError(f"{why}; `neuropilot model list` shows the versions")
