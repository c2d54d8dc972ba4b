"""One way in which personal data is written, and what stands in its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Callable


class Kind(StrEnum):
    """What a piece of personal data is, in the word that a reader sees in its place."""

    E_MAIL = "e-mail"
    PERSON = "person"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    SSN = "ssn"
    IP = "ip"

    @property
    def token(self) -> str:
        """What stands in its place.

        >>> Kind.E_MAIL.token
        '[e-mail]'
        """
        return f"[{self}]"


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern, and the second look at what it found.

    Parameters
    ----------
    kind
        What it finds.
    needs
        Characters of which a text holds at least one if the pattern finds anything in it: most texts are done with
        after that question.
    pattern
        Runs in linear time. Its group `it` is the personal data; what else it matches stays.
    is_real
        Whether a match is what it looks like, by a check digit or by what stands around it.
    """

    kind: Kind
    needs: str
    pattern: re.Pattern[str]
    is_real: Callable[[re.Match[str]], bool] = bool

    def without(self, text: str) -> str:
        """Put the kind's token in the place of everything that is found and real."""
        if not any(sign in text for sign in self.needs):
            return text
        return self.pattern.sub(self._written, text)

    def _written(self, found: re.Match[str]) -> str:
        if not self.is_real(found):
            return found[0]
        begin, end = (place - found.start() for place in found.span("it"))
        return f"{found[0][:begin]}{self.kind.token}{found[0][end:]}"
