"""Where a git remote lies, read from its address. Names and passwords inside the address are dropped at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_SCP = re.compile(r"(?:[^@/:]+@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?!//)(?P<path>[^\\].*)")
"""`git@host:path`; git itself takes it for ssh as long as no slash stands before the colon."""

_WEB = {"http", "https"}
_SCHEMES = _WEB | {"ssh", "git", "git+ssh", "ssh+git"}
_GITHUB_NAME = re.compile(r"(?P<owner>[A-Za-z0-9][\w.-]*)/(?P<name>[A-Za-z0-9_.-][\w.-]*)")


@dataclass(frozen=True, slots=True)
class RemoteUrl:
    """A remote on some host.

    Parameters
    ----------
    host
        In small letters, without a port.
    path
        What follows the host, without slashes around it and without `.git`; not quoted.
    web
        Scheme, host and port under which the host shows pages. Of ssh addresses the port is dropped.
    """

    host: str
    path: str
    web: str


def read_remote_url(url: str) -> RemoteUrl | None:
    """Read an https, ssh, git or scp-like address; None for a folder, and for what is no address.

    >>> read_remote_url("git@github.com:acme/shop.git").path
    'acme/shop'
    >>> read_remote_url("https://me:secret@git.acme.example:8443/ops/shop/").web
    'https://git.acme.example:8443'
    """
    if not url.isprintable():
        return None
    if "://" not in url:
        short = _SCP.fullmatch(url)
        return short and _remote(short["host"], unquote(short["path"]), f"https://{short['host'].lower()}")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not host or not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", host):
        return None
    scheme = parts.scheme if parts.scheme in _WEB else "https"
    shown_port = f":{port}" if port and parts.scheme in _WEB else ""
    return _remote(host, unquote(parts.path), f"{scheme}://{host}{shown_port}")


def github_name(url: str, api_url: str) -> str | None:
    """Read `owner/repository` out of a remote's address, if it lies at the GitHub whose API is at `api_url`.

    >>> github_name("ssh://git@ssh.github.com:443/acme/shop.git", "https://api.github.com")
    'acme/shop'
    >>> github_name("https://gitlab.com/acme/shop.git", "https://api.github.com") is None
    True
    """
    remote = read_remote_url(url)
    api_host = urlsplit(api_url).hostname or ""
    home = api_host.removeprefix("api.")  # of GitHub Enterprise Server the API lies at the host itself
    if remote is None or remote.host not in {home, f"ssh.{home}", f"www.{home}"}:
        return None
    found = _GITHUB_NAME.fullmatch(remote.path)
    return found and f"{found['owner']}/{found['name']}"


def _remote(host: str, path: str, web: str) -> RemoteUrl | None:
    bare = path.strip("/").removesuffix(".git").rstrip("/")
    return RemoteUrl(host.lower(), bare, web) if bare and bare.isprintable() else None
