"""Every shape of personal data, in the order in which a text is searched for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.personal_data.internet import ADDRESSES, E_MAIL
from ai_ops.personal_data.payment import CARD, IBAN
from ai_ops.personal_data.person_keys import PERSON_KEYS
from ai_ops.personal_data.telephone import PHONES, SSN

if TYPE_CHECKING:
    from ai_ops.personal_data.shape import Shape

SHAPES: tuple[Shape, ...] = (E_MAIL, *PERSON_KEYS, IBAN, CARD, SSN, *PHONES, *ADDRESSES)
"""What is surest comes first: digits of a card are no telephone number any more when its turn comes."""


def without_personal_data(text: str) -> str:
    """Return `text` with a word in brackets in the place of each piece of personal data.

    Names of people are found behind a key that says so, and nowhere else: in a sentence, a name is a word like others.
    Addresses of private networks, of this machine and of examples stay, since an operator must read them.

    Examples
    --------
    >>> without_personal_data('user="ada" from 93.184.215.14, call +44 20 7946 0958; pod 10.0.3.7 at 14:30:00')
    'user="[person]" from [ip], call [phone]; pod 10.0.3.7 at 14:30:00'
    """
    for shape in SHAPES:
        text = shape.without(text)
    return text
