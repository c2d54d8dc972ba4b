"""Which code host the settings mean, and the remote that it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ai_ops.apply.plain_remote import link_to_open
from ai_ops.apply.remote_url import github_name, read_remote_url
from ai_ops.domain.errors import ConfigError

if TYPE_CHECKING:
    from ai_ops.apply.github import GitHub
    from ai_ops.wiring.session import Session


PUBLIC_API = "https://api.github.com"


def code_host(session: Session) -> GitHub | None:
    """Connect to where people review; None when `pull_requests.host` is `none`, or nothing is known to log in with.

    `auto` means GitHub as soon as there is a token and the name of a repository.

    Raises
    ------
    ConfigError
        When `pull_requests.host` is `github` and no setting and no remote says which repository, or when the token
        would go to a host that only the settings file names.
    """
    settings = session.settings
    if settings.pull_requests.host == "none" or settings.github_token is None:
        return None
    _refuse_strange_host(session)
    repository = repository_name(session)
    if repository is None:
        if settings.pull_requests.host == "auto":
            return None
        raise ConfigError("which repository on GitHub? set `github_repository` to owner/name, or GITHUB_REPOSITORY")
    from ai_ops.apply.github import GitHub

    token = settings.github_token.get_secret_value()
    return GitHub(token, repository, settings.github_api_url, redact=session.redact)


def repository_name(session: Session) -> str | None:
    """The repository on GitHub as owner/name: what the settings say, else what the remote's address says."""
    url, settings = remote_address(session), session.settings
    return settings.github_repository or (github_name(url, settings.github_api_url) if url else None)


def _refuse_strange_host(session: Session) -> None:
    """Keep the token from a host that only a settings file names, which may come with anybody's branch."""
    settings, url = session.settings, remote_address(session)
    api = settings.github_api_url
    if api == PUBLIC_API or "github_api_url" in settings.origins:
        return
    remote = read_remote_url(url) if url else None
    host = urlsplit(api).hostname or ""
    if remote is None or host.removeprefix("api.") != remote.host:
        raise ConfigError(f"github_api_url: {host} is not where this repository lies; set GITHUB_API_URL to confirm it")


def link_for_people(session: Session, branch: str, base: str) -> str | None:
    """Where a person opens the pull request of a pushed branch; None where the host is not known."""
    url = remote_address(session)
    return link_to_open(url, branch, base) if url else None


def file_address(session: Session, branch: str, path: str) -> str | None:
    """Where a browser that is logged in gets a file of a branch on GitHub; None where that is not known."""
    repository = repository_name(session)
    if repository is None:
        return None
    # GitHub's own API has a host of its own, api.*; that of an Enterprise Server lies below the server's address.
    web = session.settings.github_api_url.replace("://api.", "://", 1).removesuffix("/api/v3")
    return f"{web}/{repository}/raw/{branch}/{path}"


def remote_address(session: Session) -> str | None:
    """Address of the remote that changes go to. It may hold a password: never show it."""
    if session.git is None or not session.git.has_remote():
        return None
    return session.git.shell.run("remote", "get-url", session.git.remote).text or None
