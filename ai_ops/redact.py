"""Secrets and personal data out of any text, before it is stored, shown or sent.

Three nets: the values this run knows to be secret, in every spelling they travel in, the shapes that secrets usually
have, and `personal_data`. Every pattern runs in linear time: what repeats starts at a fixed word or at the edge of a
run.
"""

from __future__ import annotations

import base64
import json
import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from ai_ops.personal_data import without_personal_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK = "***"
_PASSES = 8  # two changed something at most, in 120,000 random texts; the bound is for the one that nobody has seen
_SHORTEST = 6  # a shorter value is a word that innocent text contains too

# What takes no room on a page: fillers, joiners, marks of direction, selectors of a letter's variant.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]"
)

_NAMES = r"token(?!s)|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credential|signature"
_SHAPES = (
    r"gl(?:sa|c)_[\w+/=-]{8,}",  # Grafana service account, Grafana Cloud
    r"gh[oprsu]_[A-Za-z0-9]{16,}|github_pat_\w{20,}",
    r"glpat-[\w-]{16,}",
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}",
    r"(?<![A-Za-z0-9])sk-[\w-]{20,}",  # language models
    r"ntn_[A-Za-z0-9]{20,}|secret_[A-Za-z0-9]{20,}",  # Notion
    r"(?:AKIA|ASIA)[0-9A-Z]{16}",
    r"AIza[\w-]{35}",
    r"(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*",  # JSON Web Token
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # A private key, cut off or whole, and with its line breaks escaped.
    (re.compile(r"(?s)-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"), MASK),
    # scheme://name:password@host, up to the last @ of the host part.
    (re.compile(r"(?<=://)[^/\s?#\"'<>]*@"), f"{MASK}@"),
    # The path of an incoming webhook is its password.
    (re.compile(r"/(services|workflows|triggers)/T\w+/\w+/[\w/]+"), rf"/\1/{MASK}"),
    # Headers: whatever follows on the line.
    (re.compile(r"(?i)((?:authorization|cookie)[\"']?\s{0,3}[:=]\s{0,3}[\"']?)[^\r\n\"']+"), rf"\1{MASK}"),
    (re.compile(r"\b((?i:bearer|basic)\s{1,3})(?=[a-z._~+/-]*[0-9A-Z=])[\w.~+/=-]{8,}"), rf"\1{MASK}"),
    # name=value, "name": "value", ?name=value, where the name says that the value is a secret.
    (re.compile(rf"(?i)((?:{_NAMES})[\w.-]{{0,40}}[\"']?\s?=\s?[\"']?)[^\s&\"'<>,;]+"), rf"\1{MASK}"),
    (re.compile(rf"(?i)((?:{_NAMES})[\w.-]{{0,40}}[\"']\s?:\s?[\"'])[^\"']+"), rf"\1{MASK}"),
    (re.compile(r"(?i)((?:passw(?:or)?d|api[_-]?key|secret)\s?:\s?)[^\s\"'<>,;]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)([?&](?:key|sig|auth)=)[^\s&\"'<>#]+"), rf"\1{MASK}"),
    (re.compile("|".join(_SHAPES)), MASK),
)


class Redactor:
    """Takes secrets and personal data out of a text; doing it twice changes nothing more.

    Parameters
    ----------
    secrets
        Values known to be secret. Those shorter than 6 characters are ignored.

    Examples
    --------
    >>> Redactor(["hunter2!"])("login with hunter2! or hunter2%21 at http://me:pw@prom:9090")
    'login with *** or *** at http://***@prom:9090'
    """

    __slots__ = ("_spellings",)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        spellings = {spelling for secret in secrets if len(secret) >= _SHORTEST for spelling in _spellings(secret)}
        self._spellings = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))

    def __call__(self, text: str) -> str:
        """Return `text` without its secrets, and without personal data.

        Where letters that nobody sees split what is found, they leave with it: a page shows it whole again.
        """
        clean = self._until_settled(text)
        if clean.isascii() or (seen := _UNSEEN.sub("", clean)) == clean:
            return clean
        settled = self._until_settled(seen)
        return clean if settled == seen else settled

    def _until_settled(self, text: str) -> str:
        for _ in range(_PASSES):  # a mask may lay bare what touched the secret before
            before, text = text, self._once(text)
            if text == before:
                break
        return text

    def _once(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling, MASK)
        for pattern, replacement in _RULES:
            text = pattern.sub(replacement, text)
        return without_personal_data(text)


redact = Redactor()
"""Removes what looks like a secret or personal data, for places that know no secret values."""


def _spellings(secret: str) -> Iterator[str]:
    """Every form in which `secret` may turn up in a URL, a page, a header, JSON or a traceback."""
    yield secret
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
    for escaped in (escape(secret, quote=False), escape(secret)):
        yield from (escaped, escaped.replace("&quot;", "&#34;").replace("&#x27;", "&#39;"))  # as templates write them
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):  # inside base64("name:secret") its letters depend on where the secret begins
            letters = encode(b"\0" * before + secret.encode()).decode().rstrip("=")
            inner = letters[-(-before * 8 // 6) : (before + len(secret.encode())) * 8 // 6]
            if len(inner) >= _SHORTEST:
                yield inner
