"""What `init` finds in a repository, guesses, and would write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ai_ops.domain.key_path import KeyPath


@dataclass(frozen=True, slots=True)
class ServiceGuess:
    """One service, as far as the metrics tell.

    Parameters
    ----------
    name
        What the settings would call it.
    preset, selector
        Which queries find it, and by which label matchers.
    variables
        Values of the preset's `$names`.
    latency_ms
        A bucket of its histogram, where the usual one is none of them.
    silent
        Metrics whose query gave no answer.
    others
        Values of the same label that could be services too.
    is_seen
        Whether its traffic was seen; otherwise only the name is more than a default.
    """

    name: str
    preset: str = "node_exporter"
    selector: str = 'job="$service"'
    variables: Mapping[str, str] = field(default_factory=dict)
    latency_ms: float | None = None
    silent: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    is_seen: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A guess and how it came about.

    Parameters
    ----------
    guess
        The best reading; where no known traffic was found, the defaults under the repository's name.
    words
        What was seen, a sentence each.
    """

    guess: ServiceGuess
    words: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class KnobGuess:
    """One value of a file that may be a knob.

    Parameters
    ----------
    knob
        The knob's own name.
    path
        Where it stands in the file.
    value
        What stands there, in the knob's unit; None for a word or a list.
    written_in
        The file's unit, where that is not the knob's: see `domain.file_unit`.
    doubt
        Why it may be another thing; empty where there is no doubt.
    """

    knob: str
    path: KeyPath
    value: float | None = None
    written_in: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class KnobFile:
    """The file that holds the knobs, and those that were found in it."""

    file: str
    knobs: tuple[KnobGuess, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """One file as it would become.

    Parameters
    ----------
    path
        Relative to the top level of the repository.
    before
        What stands there; None where there is nothing.
    after
        What would stand there.
    """

    path: str
    before: bytes | None
    after: bytes

    @property
    def is_change(self) -> bool:
        """Whether anything would be written."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Adoption:
    """All that `init` has to say.

    Parameters
    ----------
    found
        What was seen and what was concluded from it, a sentence each.
    drafts
        What would be written.
    left_alone
        Files that are there already, and stay as they are, with the reason.
    secrets
        Names of the secrets that the workflow reads, the most important first.
    notes
        What a person should know or do.
    """

    found: tuple[str, ...]
    drafts: tuple[Draft, ...]
    left_alone: tuple[str, ...]
    secrets: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def changes(self) -> tuple[Draft, ...]:
        """The drafts that differ from what is there."""
        return tuple(draft for draft in self.drafts if draft.is_change)


@dataclass(frozen=True, slots=True)
class Agent:
    """Where a workflow takes the agent from.

    Parameters
    ----------
    repository
        owner/name on GitHub.
    commit
        The 40 digits of the commit: a branch or a tag could be moved to other code.
    version
        What the agent calls itself, like 17.3.0.
    """

    repository: str
    commit: str
    version: str


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that shall be adopted.

    Parameters
    ----------
    name
        What its remote, or else its folder, is called.
    branch
        The branch that changes would go to; empty where nobody knows.
    host
        Where its remote lies; empty without one.
    files
        Path of every file that is tracked or would be, relative to the top level.
    """

    name: str
    branch: str
    host: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Onboarding:
    """The steps, each of which reads and none of which writes.

    Parameters
    ----------
    look
        What the repository is and holds.
    ask
        Which service the metrics know it by.
    find_knobs
        The file that holds the knobs of a service; None where none does.
    draft
        The files that are missing, and all that was seen.
    """

    look: Callable[[], Repository]
    ask: Callable[[Repository], Evidence]
    find_knobs: Callable[[Repository, ServiceGuess], KnobFile | None]
    draft: Callable[[Repository, Evidence, KnobFile | None], Adoption]
