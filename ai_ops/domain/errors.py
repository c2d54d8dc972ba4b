"""Every error the agent raises on purpose, and the exit code it ends in.

OpsError
├── ConfigError            settings or command line                     exit 1
├── DataUnavailable        no metrics, or state that cannot be trusted  exit 2
│   ├── SourceError        one query to one source failed (becomes a Gap)
│   │   ├── SourceSilent   nobody answers there at all: no other query will fare better
│   │   └── TooHeavy       more than the server computes, or we take, at once: ask for less
│   ├── HttpError          too slow, too large, or an address that is refused
│   │   ├── Unreachable    no connection came about
│   │   └── TooLarge       the answer has more bytes than we take
│   ├── BudgetSpent        an hourly request budget is used up
│   ├── StateError         a state file is corrupt, altered or of another version
│   │   └── ModelRefused   the files of a model are not those that were promoted: the champion stays
│   └── TooFewSamples      not enough history to train on yet
├── GuardrailRefused       a person asked for a change that may not be made   exit 3
├── DeliveryError          the change or a message could not be delivered     exit 4
│   ├── EditError          the settings file cannot be edited safely
│   ├── Overtaken          somebody else wrote first: look again, decide again
│   └── NotifyError        one channel failed; `retryable` says if trying again helps
└── (anything else)        a defect in the agent                        exit 5

What is expected is a value, not an error: `Gap`, `Decision.hold(...)`.
"""

from __future__ import annotations


class OpsError(Exception):
    """Base of every expected failure: what failed, why probably, the next command."""

    exit_code = 5


class ConfigError(OpsError):
    """The settings or the command line are wrong; nothing was read or written."""

    exit_code = 1


class DataUnavailable(OpsError):
    """There is nothing trustworthy to decide on."""

    exit_code = 2


class SourceError(DataUnavailable):
    """A metric source did not answer one query properly."""


class SourceSilent(SourceError):
    """Nobody answers at the source, so that asking it more is a waste of time."""


class TooHeavy(SourceError):
    """The answer is more than the server computes, or more than we take, at once: half of it may be had."""


class HttpError(DataUnavailable):
    """A server could not be reached, took too long, sent too much, or has an address that is refused."""


class Unreachable(HttpError):
    """No connection to the server came about, in any attempt."""


class TooLarge(HttpError):
    """The answer has more bytes than we take."""


class BudgetSpent(DataUnavailable):
    """An hourly request budget is used up."""


class StateError(DataUnavailable):
    """A state file is corrupt, altered, or written by another version."""


class ModelRefused(StateError):
    """A model's files are altered, not signed as they must be, or of another schema; they were not loaded.

    Parameters
    ----------
    message
        What is wrong, why probably, and what to do.
    what
        What is wrong alone, for a list; the message where that is left out.
    """

    def __init__(self, message: str, what: str = "") -> None:
        super().__init__(message)
        self.what = what or message


class TooFewSamples(DataUnavailable):
    """There is not enough history to train on yet."""


class GuardrailRefused(OpsError):
    """A person asked for a change, and what protects the service does not let it pass; nothing was changed."""

    exit_code = 3


class DeliveryError(OpsError):
    """A change or a message could not be delivered."""

    exit_code = 4


class EditError(DeliveryError):
    """A settings file cannot be edited without doubt; it was left as it was."""


class Overtaken(DeliveryError):
    """Somebody else wrote first, so the decision rests on old text."""


class NotifyError(DeliveryError):
    """One channel did not take the message.

    Parameters
    ----------
    message
        What the channel answered, with secrets removed.
    retryable
        Whether sending the same message again may help.
    may_have_arrived
        Whether the channel may have taken it all the same, so that sending it again might show it twice: the answer
        got lost, or made no sense. A channel that knows a message again never says so.
    """

    def __init__(self, message: str, *, retryable: bool = False, may_have_arrived: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.may_have_arrived = may_have_arrived
