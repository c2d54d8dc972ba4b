"""A host of private git repositories on loopback: git's own server behind HTTP, for holders of its tokens alone."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class GitHost:
    """A host for `with`: the bare repository `folder/NAME` answers at `url/NAME`.

    Like GitHub it takes the user name `x-access-token` with a token as its password, and says 401 to everyone else.

    Parameters
    ----------
    token
        Lets its holder read and push.
    readers
        Tokens that let their holders read.
    """

    def __init__(self, folder: Path, token: str, *, readers: Iterable[str] = ()) -> None:
        self._folder = folder
        self._login = _login(token)
        self._readers = {_login(one) for one in readers}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Address of the host, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def header(self) -> str:
        """The HTTP header that lets its sender in."""
        return f"Authorization: {self._login}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.headers.get("Authorization") not in {host._login, *host._readers}:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="git"')
                    self.end_headers()
                    return
                head, _, content = host._ask_git(self).partition(b"\r\n\r\n")
                fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
                self.send_response(int(fields.pop("Status", "200").split()[0]))
                for name, value in fields.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        return Handler

    def _ask_git(self, request: BaseHTTPRequestHandler) -> bytes:
        """Hand the request to `git http-backend` by the rules of CGI."""
        path, _, query = request.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_PROJECT_ROOT": str(self._folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": request.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": request.headers.get("Content-Length", "0"),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        }
        if request.headers["Authorization"] == self._login:
            environment["REMOTE_USER"] = "x-access-token"  # whom git knows by name, it lets push
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        return subprocess.run(
            ["git", "http-backend"], input=body, env=environment, stdout=subprocess.PIPE, check=True
        ).stdout


def _login(token: str) -> str:
    return "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
