"""Numbers of payment cards and bank accounts, which carry digits to check them by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ai_ops.personal_data.shape import Kind, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIGITS = "0123456789"
_GAP = r"[ \u00a0\u202f-]"

# Issuers by how their numbers begin, with the lengths that they give out (ISO/IEC 7812). None begins with 1, as the
# milliseconds and nanoseconds since 1970 do.
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|220[0-4]\d{12,15}"  # Mir
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11,16}"  # Diners Club
    r"|35(?:2[89]|[3-8]\d)\d{12,15}"  # JCB
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d|8[12]\d\d)\d{12,15}"  # Discover, UnionPay, RuPay
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{9,15}"  # Maestro
)
_ID = re.compile(r"(?i)(?:id|trace|span|hash|offset|seq|sequence|cursor)[\"']?\s?[:=#]\s?[\"']?$")

# By length, the countries whose account numbers have it (SWIFT IBAN registry).
_COUNTRIES: Mapping[int, str] = {
    15: "NO",
    16: "BE",
    18: "DK FK FI FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_ACCOUNT = "|".join(
    rf"(?:{'|'.join(countries.split())})[0-9]{{2}}(?:{_GAP}?[A-Z0-9]){{{length - 4}}}"
    for length, countries in _COUNTRIES.items()
)


def _is_card(found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found["it"])
    if not _ISSUERS.fullmatch(digits) or _ID.search(found.string, max(0, found.start() - 40), found.start()):
        return False
    return _luhn(digits)


def _luhn(digits: str) -> bool:
    """Whether the last digit fits the others (ISO/IEC 7812-1, annex B).

    >>> _luhn("4111111111111111"), _luhn("4111111111111112")
    (True, False)
    """
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(value, 10)) for value in doubled) % 10 == 0


def _is_account(found: re.Match[str]) -> bool:
    return _is_checked(re.sub(_GAP, "", found["it"]))


def _is_checked(account: str) -> bool:
    """Whether the two digits behind the country fit the rest (ISO 13616).

    >>> _is_checked("GB82WEST12345698765432"), _is_checked("GB83WEST12345698765432")
    (True, False)
    """
    return int("".join(str(int(char, 36)) for char in account[4:] + account[:4])) % 97 == 1


CARD = Shape(
    Kind.CARD,
    _DIGITS,
    # In one run, or in the groups that stand on cards; no part of a longer number, word, path or fraction.
    re.compile(
        rf"(?<![\w.+/-])(?<!\d{{4}}{_GAP})(?P<it>[2-68]\d{{12,18}}"
        rf"|[2-68]\d{{3}}(?P<gap>{_GAP})\d{{4}}(?P=gap)\d{{4}}(?P=gap)\d{{1,4}}(?:(?P=gap)\d{{1,3}})?"
        rf"|3\d{{3}}(?P<wide>{_GAP})\d{{6}}(?P=wide)\d{{4,5}})(?!\w|-\w|\.\d|{_GAP}\d{{4}}(?!\d))"
    ),
    _is_card,
)
IBAN = Shape(Kind.IBAN, _DIGITS, re.compile(rf"(?<![\w/+-])(?P<it>{_ACCOUNT})(?!\w)"), _is_account)
