"""A GitHub on loopback that holds its callers to GitHub's documented rules, above a real git repository."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from fakes.github_api import Answer, Api, Request, moved
from fakes.github_git import BareRepository
from fakes.github_rules import RateLimits, Refusal, not_found
from fakes.github_state import Artifact, Comment, Pull, RepositoryState, Token, usual_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ADA = ("Ada", "ada@example.org")


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next request that it fits.

    Parameters
    ----------
    method, path
        Which request; the path is a pattern to search for.
    status, body, headers
        What the server answers instead; status 0 hangs up without a word.
    acts
        Whether the request is obeyed all the same.
    wait_seconds
        How long the server is silent first.
    """

    method: str = "GET|POST|PATCH|PUT|DELETE"
    path: str = ""
    status: int = 502
    body: bytes = b"<html>Bad Gateway</html>"
    headers: Mapping[str, str] = field(default_factory=dict)
    acts: bool = False
    wait_seconds: float = 0.0


ANSWER_LOST = 0
"""As a fault's status: the server hangs up."""


class FakeGitHub:
    """A server for `with`; `url` is its API. What people do are methods; what programs may do, the tokens say.

    Parameters
    ----------
    remote
        The bare repository, which is the truth about branches: heads of open pull requests are read from it, and
        merges happen in it.
    repository
        As owner/name.
    tokens
        Who may ask; by default those of `github_state`.
    limits
        How often.
    clock
        Gives aware UTC, for the times that pull requests and comments bear.
    """

    def __init__(
        self,
        remote: Path,
        repository: str = "acme/shop",
        *,
        tokens: Mapping[str, Token] | None = None,
        limits: RateLimits | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.state = RepositoryState(BareRepository(remote), repository, clock)
        self.tokens = dict(usual_tokens() if tokens is None else tokens)
        self.limits = limits or RateLimits()
        self.requests: list[tuple[str, str]] = []
        self._faults: list[Fault] = []
        self._one_at_a_time = threading.RLock()
        self._stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self._server.daemon_threads = True
        self._api = Api(self.state, self.url)

    @property
    def url(self) -> str:
        """Address of the API, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    # -- what a test looks at -----------------------------------------------------------------------------------------

    @property
    def pulls(self) -> list[Pull]:
        """Every pull request, oldest first, with its head as it stands now."""
        with self._one_at_a_time:
            self.state.look_at_branches()
            return list(self.state.pulls.values())

    @property
    def comments(self) -> list[Comment]:
        """Every comment, oldest first."""
        return list(self.state.comments.values())

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that were meant to change something, refused ones too."""
        return [(method, path) for method, path in self.requests if method != "GET"]

    def inject(self, *faults: Fault) -> None:
        """Let each of these spoil one request, the first that it fits."""
        self._faults.extend(faults)

    # -- what people do -----------------------------------------------------------------------------------------------

    def human_merges(self, number: int, how: str = "merge") -> str:
        """Let a colleague press the button; how is merge, squash or rebase. Returns what the base points to now."""
        with self._one_at_a_time:
            self.state.look_at_branches()
            pull = self.state.pulls[number]
            assert pull.state == "open", f"#{number} is closed"
            return self.state.merge(pull, how, ADA)

    def human_closes(self, number: int) -> None:
        """Let a colleague close it without a merge."""
        with self._one_at_a_time:
            self.state.look_at_branches()
            self.state.close(self.state.pulls[number])

    def human_reopens(self, number: int) -> None:
        """Let a colleague open it again."""
        self.state.pulls[number].closed_at = None

    def human_labels(self, number: int, label: str) -> None:
        """Let a colleague put a label on it."""
        self.state.pulls[number].labels.append(label)

    def human_unlabels(self, number: int, label: str) -> None:
        """Let a colleague take a label off."""
        self.state.pulls[number].labels.remove(label)

    def human_edits(self, number: int, *, title: str | None = None, body: str | None = None) -> None:
        """Let a colleague rewrite it; the web form ends lines with CRLF."""
        pull = self.state.pulls[number]
        pull.title = pull.title if title is None else title
        pull.body = pull.body if body is None else body.replace("\n", "\r\n")

    def human_comments(self, number: int, text: str, login: str = "ada") -> None:
        """Let a colleague, or anybody, comment."""
        now = self.state.clock()
        comment = Comment(self.state.next_id(), number, login, text, now, now)
        self.state.comments[comment.id] = comment

    def human_approves(self, number: int, login: str = "ada") -> None:
        """Let a colleague approve it."""
        self.state.approvals.setdefault(number, set()).add(login)

    def fork_opens(self, owner: str, branch: str, base: str = "main", title: str = "From a fork") -> Pull:
        """Let a stranger open a pull request from a branch of their fork, which may have any name."""
        tip = self.state.git.tip(base)
        assert tip is not None
        number, name = self.state.next_number(), self.state.name.partition("/")[2]
        head = self.state.git.empty_commit(tip, title, (owner, f"{owner}@example.org"))
        pull = Pull(number, f"{owner}/{name}", branch, head, base, title, "", owner, self.state.clock())
        self.state.git.keep(number, head)
        self.state.pulls[number] = pull
        return pull

    def run_leaves(self, run_id: int, name: str) -> Artifact:
        """Let a run of a workflow upload an artifact."""
        artifact = Artifact(self.state.next_id(), name, run_id, self.state.clock())
        self.state.artifacts[artifact.id] = artifact
        return artifact

    # -- the server ---------------------------------------------------------------------------------------------------

    def judge(self, method: str, target: str, headers: Any, body: bytes) -> Answer | None:
        """Answer one request; None hangs up."""
        path = urlsplit(target).path
        with self._one_at_a_time:
            self.requests.append((method, target))
            fault = next((one for one in self._faults if _fits(one, method, path)), None)
            if fault is not None:
                self._faults.remove(fault)
            if fault is None or fault.acts:
                answer = self._answer(method, target, headers, body)
        if fault is None:
            return answer
        self._stopped.wait(fault.wait_seconds)
        if fault.status == ANSWER_LOST or self._stopped.is_set():
            return None
        return Answer(fault.status, fault.body, dict(fault.headers))

    def _answer(self, method: str, target: str, headers: Any, body: bytes) -> Answer:
        try:
            token = self._let_in(headers)
            self.limits.count(method)
            return self._routed(token, method, target, body)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.body, refusal.headers)

    def _let_in(self, headers: Any) -> Token:
        if not headers.get("User-Agent"):
            says = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
            raise Refusal(403, says)
        kind, _, secret = headers.get("Authorization", "").partition(" ")
        if not secret:
            raise not_found() if self.state.is_private else Refusal(401, "Requires authentication")
        if kind.lower() not in {"token", "bearer"} or secret not in self.tokens:
            raise Refusal(401, "Bad credentials")
        return self.tokens[secret]

    def _routed(self, token: Token, method: str, target: str, body: bytes) -> Answer:
        parts = urlsplit(target)
        if parts.path == "/user" and method == "GET":
            return self._api.user(token)
        found = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", parts.path)
        name, path = (found[1], found[2] or "") if found else ("", "")
        if name in self.state.former_names:
            return moved(self.url, self.state.name, path, method)
        if name.lower() != self.state.name.lower() or not token.sees:
            raise not_found()
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return self._api.answer(method, path, Request(token, query, _parsed(body), self.url + parts.path))


class _Handler(BaseHTTPRequestHandler):
    """Hands each request to its hub."""

    hub: FakeGitHub

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.hub.judge(self.command, self.path, self.headers, body)
        if answer is None:
            return
        text = answer.body if isinstance(answer.body, bytes) else b""
        if not isinstance(answer.body, bytes | None):
            text = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        standard = {"Content-Type": "application/json; charset=utf-8", **self.hub.limits.headers()}
        for name, value in (standard | answer.headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def _fits(fault: Fault, method: str, path: str) -> bool:
    return bool(re.fullmatch(fault.method, method) and re.search(fault.path, path))


def _parsed(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        sent = json.loads(body)
    except ValueError:
        raise Refusal(400, "Problems parsing JSON") from None
    if not isinstance(sent, dict):
        raise Refusal(400, "Body should be a JSON object")
    return sent
