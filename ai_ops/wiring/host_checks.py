"""What `neuropilot doctor` tries of the place where people review."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ai_ops.domain.check import Check
from ai_ops.domain.errors import ConfigError
from ai_ops.domain.pull_request import branch_of
from ai_ops.wiring.code_host import code_host, link_for_people, repository_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.apply.github import GitHub
    from ai_ops.apply.github_shapes import Standing
    from ai_ops.wiring.session import Session


def host_checks(session: Session) -> Iterator[Check]:
    """Whether a proposal can become a pull request; nothing where nothing is proposed or committed."""
    if session.settings.mode == "observe":
        return
    seen: list[Standing] = []
    # Without a token a proposal is still a pushed branch and a link; with one, it must work.
    is_required = session.settings.mode == "propose" and session.settings.github_token is not None
    yield Check("pull requests", partial(_host, session, seen), is_required)
    for standing in seen:
        yield Check("workflows may propose", partial(_workflows, standing), is_required=False)
        yield Check("who reads along", partial(_readers, standing), is_required=False)


def _host(session: Session, seen: list[Standing]) -> str:
    host = code_host(session)
    if host is None:
        return _without_host(session)
    standing = _look(session, host)
    seen.append(standing)
    where = urlsplit(session.settings.github_api_url).hostname
    if standing.is_archived:
        raise ConfigError(f"{standing.name} is archived: unarchive it, or set `mode: observe`")
    if standing.may_push is False:
        raise ConfigError(f"the token may not write to {standing.name}: give it `contents: write`")
    return f"{standing.name} at {where} is seen, and its pull requests; whether they may be opened shows the first one"


def _look(session: Session, host: GitHub) -> Standing:
    return host.look(branch_of(session.settings.services[0].name))


def _without_host(session: Session) -> str:
    """What a proposal comes to without an API."""
    settings, name = session.settings, repository_name(session)
    if settings.pull_requests.host != "none" and settings.github_token is None and name:
        raise ConfigError(
            f"no token, so that {name} gets a branch and no pull request: set NEUROPILOT_GITHUB_TOKEN, "
            "or GITHUB_TOKEN in a workflow"
        )
    if settings.pull_requests.host == "github" and settings.github_token is None:
        raise ConfigError("pull_requests.host is `github`, but there is no token: set NEUROPILOT_GITHUB_TOKEN")
    link = link_for_people(session, branch_of(settings.services[0].name), settings.repository.branch or "main")
    return f"a proposal will be a pushed branch, and the link where you open it: {link or 'see your host'}"


def _workflows(standing: Standing) -> str:
    if standing.actions_may_open is False:
        raise ConfigError(
            "workflows may not open pull requests: turn on Settings > Actions > General > Allow GitHub Actions to "
            "create and approve pull requests, or give the workflow an App's token"
        )
    return "yes" if standing.actions_may_open else "the token may not ask; the first proposal will show"


def _readers(standing: Standing) -> str:
    if standing.is_public:
        raise ConfigError(
            f"{standing.name} is public: anybody can read the state branch and, for a day, the raw measurements that "
            "jobs hand to each other"
        )
    return f"{standing.name} is private"
