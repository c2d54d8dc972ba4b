"""The parts of a secret address that are secrets of their own: a log or an error may hold one without the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SIGNS = re.compile(r"[/?#&=@:,;|]+")
_PASSWORD = re.compile(r"^[^@/?#]*?:([^/?#]*)@")
_LONG = 20
_TOKEN = 16  # characters; shorter pieces of a path may be the name of a page with a number behind it


def secret_parts(secrets: Mapping[str, str]) -> tuple[str, ...]:
    """Take apart what is an address among `secrets`.

    Parameters
    ----------
    secrets
        Value by settings key; keys whose value has no parts are welcome.
    """
    return tuple(part for key, value in secrets.items() if key in _PARTS for part in _PARTS[key](value) if part)


def _behind_the_server(address: str) -> Iterator[str]:
    """What stands behind the server's name, as a library's log writes it; with its sign, so that no word is hit.

    Its long pieces come by themselves as well, unless they are words: they are what makes the address a secret.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    yield parts.path
    yield parts.query and f"?{parts.query}"
    yield from _password(address)
    yield from (one for one in _SIGNS.split(f"{parts.path}?{parts.query}") if len(one) >= _TOKEN and _looks_secret(one))


def _password(address: str) -> Iterator[str]:
    """The password before the server's name, as it is written and as it is meant."""
    found = _PASSWORD.match(address.partition("://")[2])
    if found:
        yield from (found[1], unquote(found[1]))


def _of_every_address(addresses: str) -> Iterator[str]:
    """What may be a token, wherever in an address it stands: a channel may have it in the place of a server's name."""
    for address in addresses.split():
        yield address
        yield from _password(address)
        pieces = (piece for piece in _SIGNS.split(address.partition("://")[2]) if _looks_secret(piece))
        for piece in pieces:
            yield from (piece, unquote(piece))


def _looks_secret(piece: str) -> bool:
    """Whether nobody would call a server, a channel or an option so; a word that texts are made of is none.

    >>> [_looks_secret(piece) for piece in ("TIiajkdnlazkcOXrIdevi7FQ", "markdown", "mail2.example.com", "10.0.0.17")]
    [True, False, False, False]
    """
    is_name = re.fullmatch(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}|\d{1,3}(?:\.\d{1,3}){3}", piece) is not None
    has_digit, is_mixed = re.search(r"\d", piece), re.search(r"[a-z][A-Z]", piece)
    return not is_name and bool(has_digit or is_mixed or len(piece) >= _LONG)


_PARTS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "heartbeat_url": _behind_the_server,
    "slack_webhook_url": _behind_the_server,
    "webhook_url": _behind_the_server,
    "smtp_url": _password,
    "apprise_urls": _of_every_address,
}
