"""Telephone numbers, and the social security numbers of the United States in their written form."""

from __future__ import annotations

import re

from ai_ops.personal_data.shape import Kind, Shape

_DIGITS = "0123456789"
_SHORTEST, _LONGEST = 8, 15  # digits, with the country's (ITU-T E.164)
_NO_DATE = r"(?!\d{4}-\d\d-\d\d)"
_GAP = rf"(?:[ \u00a0\u202f()/.-]{{0,3}}{_NO_DATE})"  # between two digits, or nothing
_END = r"(?![\w%]|[.,:]\d|\s?%)"

# Codes of countries (ITU-T E.164). Behind +1 stands a number of ten digits, neither part of which begins with 0 or 1.
_AMERICAN = rf"1{_GAP}[2-9]{_GAP}\d{_GAP}\d{_GAP}[2-9](?:{_GAP}\d){{6}}"
_COUNTRY = (
    r"(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|7|8[1246]|9[0-58]"
    r"|2[1-689]\d|3[578]\d|42\d|5[09]\d|6[7-9]\d|8[058]\d|9[679]\d)"
)
_INTERNATIONAL = rf"(?:{_AMERICAN}|{_COUNTRY}(?:{_GAP}\d){{5,13}})"

_WORD = (
    r"(?i:(?<![A-Za-z])(?:tel(?:ephone|efon)?|phone|mobile|cell\s?phone|fax|msisdn|whatsapp)"
    r"(?:\.?\s?(?:no|nr|number)\b)?)"
)
_SIGN = r"(?P<sign>\.?[\"']?\s?[:=#]\s?[\"']?)"


def _is_international(found: re.Match[str]) -> bool:
    number = found["it"].removeprefix("00").removeprefix("%2B").removeprefix("%2b")
    return _SHORTEST <= _count(number) <= _LONGEST and number.count(".") != 1  # one point is that of a decimal number


def _is_national(found: re.Match[str]) -> bool:
    number = found["it"]
    is_written_as_one = number[0] in "0(+" or re.search("[-/.()]", number) is not None
    return bool(found["sign"]) or is_written_as_one


def _count(text: str) -> int:
    return sum(char.isdecimal() for char in text)


PHONES = (
    Shape(
        Kind.PHONE,
        "+%",
        re.compile(rf"(?<![\w+.%])(?P<it>(?:\+|%2[Bb])[ \u00a0]?\(?{_INTERNATIONAL}){_END}"),
        _is_international,
    ),
    Shape(
        Kind.PHONE,
        "0",
        re.compile(rf"(?<![\w+.:,/-])(?<!\d )(?P<it>00{_INTERNATIONAL}){_END}"),
        _is_international,
    ),
    Shape(
        Kind.PHONE,
        _DIGITS,
        re.compile(rf"{_WORD}(?:{_SIGN}|\.?\s)(?P<it>{_NO_DATE}[+(]?\d(?:{_GAP}\d){{5,12}}){_END}"),
        _is_national,
    ),
)
SSN = Shape(
    Kind.SSN,
    "-",
    re.compile(r"(?<![\w./-])(?P<it>(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4})(?!\w|[/-]\w|\.\d)"),
)
