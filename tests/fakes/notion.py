"""A Notion on loopback that holds its callers to the documented limits, types and pace."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from fakes import notion_rules as rules
from fakes.notion_rules import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TOKEN = "ntn_canary51842Q7mZsecretOfTheIntegration"
DATABASE = "0123456789abcdef0123456789abcdef"
COLUMNS = {
    "Name": "title",
    "Run ID": "rich_text",
    "Date": "date",
    "Kind": "select",
    "Level": "select",
    "Services": "multi_select",
    "Cost": "number",
    "Simulated": "checkbox",
}
"""Of a database as the guide says to make it: name and type."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next request that it fits.

    Parameters
    ----------
    method, path
        Which request; the path is a pattern to search for.
    status, body, headers
        What the server answers instead; status 0 hangs up without a word. A word as body is a code of Notion's.
    acts
        Whether the request is obeyed all the same.
    times
        How many requests it spoils.
    skip
        How many that it fits go well before.
    """

    method: str = "GET|POST|PATCH"
    path: str = ""
    status: int = 502
    body: str = "<html>Bad Gateway</html>"
    headers: Mapping[str, str] = field(default_factory=dict)
    acts: bool = False
    times: int = 1
    skip: int = 0


@dataclass
class Page:
    """A page as the workspace has it."""

    id: str
    properties: dict[str, Any]
    blocks: list[dict[str, Any]]
    in_trash: bool = False

    def text(self, column: str) -> str:
        """What a person reads in one column."""
        ((_, items),) = self.properties[column].items()
        return rules.text_of(items)

    @property
    def json(self) -> str:
        """Everything on it."""
        return json.dumps([self.properties, self.blocks], ensure_ascii=False)


class FakeNotion:
    """A server for `with`; `url` is what `channel_addresses.notion` names.

    Parameters
    ----------
    columns
        Of the first data source: by name, the type, or a whole column.
    sources
        How many data sources the database has.
    is_shared
        Whether the integration may see it.
    clock
        Seconds; with it, requests that come faster than three a second are refused.
    """

    def __init__(
        self,
        columns: Mapping[str, Any] = COLUMNS,
        *,
        sources: int = 1,
        is_shared: bool = True,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.columns = {name: form if isinstance(form, dict) else _column(form) for name, form in columns.items()}
        self.sources = [_number(10 + each) for each in range(sources)]
        self.is_shared = is_shared
        self.all_pages: list[Page] = []
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        self.versions: set[str] = set()
        self.blind_queries = 0
        self._clock = clock
        self._newest = float("-inf")
        self._uploads: dict[str, str] = {}
        self._faults: list[list[Any]] = []
        self._made = 100
        self._one_at_a_time = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"notion": self}))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    # -- what a test looks at, and does -------------------------------------------------------------------------------

    @property
    def pages(self) -> list[Page]:
        """Those that are not in the trash, oldest first."""
        return [page for page in self.all_pages if not page.in_trash]

    def count(self, method: str, path: str) -> int:
        """How many requests fit."""
        return sum(verb == method and re.search(path, asked) is not None for verb, asked in self.requests)

    def inject(self, *faults: Fault) -> None:
        """Let each of these spoil requests, the first ones that it fits."""
        self._faults += [[fault, fault.skip, fault.times] for fault in faults]

    def recover(self) -> None:
        """Let nothing go wrong from now on."""
        self._faults.clear()

    # -- the server ---------------------------------------------------------------------------------------------------

    def judge(self, method: str, target: str, headers: Any, raw: bytes) -> tuple[int, str, Mapping[str, str]] | None:
        """Answer one request; None hangs up."""
        with self._one_at_a_time:
            self.requests.append((method, target))
            fault = self._fault(method, target)
            if fault is None or fault.acts:
                answer = self._answer(method, target, headers, raw)
        if fault is None:
            return answer
        if fault.status == 0:
            return None
        body = fault.body
        if re.fullmatch("[a-z_]+", body):
            body = json.dumps(Refusal(fault.status, body, "it is so").body)
        return fault.status, body, fault.headers

    def _fault(self, method: str, target: str) -> Fault | None:
        for entry in self._faults:
            fault, skip, times = entry
            if not (re.fullmatch(fault.method, method) and re.search(fault.path, target)) or times == 0:
                continue
            if skip:
                entry[1] -= 1
                continue
            entry[2] -= 1
            return fault
        return None

    def _answer(self, method: str, target: str, headers: Any, raw: bytes) -> tuple[int, str, Mapping[str, str]]:
        try:
            self._let_in(headers)
            return 200, json.dumps(self._routed(method, target, headers, raw)), {}
        except Refusal as refusal:
            return refusal.status, json.dumps(refusal.body), refusal.headers

    def _let_in(self, headers: Any) -> None:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, "unauthorized", "API token is invalid.")
        version = headers.get("Notion-Version")
        if version is None:
            raise Refusal(400, "missing_version", "Notion-Version header should be defined")
        if version != rules.VERSION:
            raise invalid(f"Notion-Version should be {rules.VERSION} here, instead was {version}")
        if self._clock is not None:
            now = self._clock()
            if now - self._newest < 1 / 3 - 1e-6:
                raise Refusal(429, "rate_limited", "You have been rate limited.", {"Retry-After": "1"})
            self._newest = now

    def _routed(self, method: str, target: str, headers: Any, raw: bytes) -> dict[str, Any]:
        parts = urlsplit(target)
        if sent := re.fullmatch(r"/v1/file_uploads/([^/]+)/send", parts.path):
            return self._receive(sent[1], headers, raw)
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            raise Refusal(400, "invalid_json", "Error parsing JSON body.") from None
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        for verb, pattern, act in self._routes():
            found = re.fullmatch(pattern, parts.path)
            if found and verb == method:
                return act(*found.groups(), body, raw, query)
        raise Refusal(400, "invalid_request_url", "Invalid request URL")

    def _routes(self) -> tuple[tuple[str, str, Callable[..., dict[str, Any]]], ...]:
        return (
            ("GET", "/v1/databases/([^/]+)", self._database),
            ("GET", "/v1/data_sources/([^/]+)", self._source),
            ("POST", "/v1/data_sources/([^/]+)/query", self._query),
            ("POST", "/v1/pages", self._create),
            ("PATCH", "/v1/pages/([^/]+)", self._update),
            ("GET", "/v1/blocks/([^/]+)/children", self._children),
            ("PATCH", "/v1/blocks/([^/]+)/children", self._append),
            ("POST", "/v1/file_uploads", self._upload),
        )

    def _database(self, number: str, *_: Any) -> dict[str, Any]:
        if number.replace("-", "") != DATABASE or not self.is_shared:
            raise _not_found("database", number)
        names = [{"id": source, "name": f"Source {at}"} for at, source in enumerate(self.sources)]
        return {"object": "database", "id": DATABASE, "data_sources": names, "in_trash": False}

    def _source(self, number: str, *_: Any) -> dict[str, Any]:
        self._check_source(number)
        return {"object": "data_source", "id": number, "properties": self.columns}

    def _query(self, number: str, body: dict[str, Any], raw: bytes, _: Any) -> dict[str, Any]:
        self._check_source(number)
        rules.check_body(body, raw, {"filter", "sorts", "start_cursor", "page_size"})
        found = [page for page in self.pages if rules.matches(body["filter"], vars(page), self.columns)]
        if self.blind_queries:
            self.blind_queries -= 1
            found = []
        return {"object": "list", "results": [self._form(page) for page in found], "has_more": False}

    def _create(self, body: dict[str, Any], raw: bytes, _: Any) -> dict[str, Any]:
        rules.check_body(body, raw, {"parent", "properties", "children", "icon", "cover"})
        parent = body.get("parent", {})
        rules.demand(parent.get("type") == "data_source_id", "body.parent.data_source_id should be defined")
        self._check_source(parent["data_source_id"])
        rules.check_properties(body["properties"], self.columns, is_new=True)
        rules.check_children(body.get("children", []), self._uploads)
        page = Page(self._id(), body["properties"], list(body.get("children", [])))
        self.all_pages.append(page)
        return self._form(page)

    def _update(self, number: str, body: dict[str, Any], raw: bytes, _: Any) -> dict[str, Any]:
        rules.check_body(body, raw, {"properties", "in_trash", "icon", "cover"})
        page = self._page(number)
        rules.check_properties(body.get("properties", {}), self.columns, is_new=False)
        if page.in_trash and body.get("in_trash") is not False:
            raise invalid("Can't edit page on block with an archived ancestor.")
        page.properties.update(body.get("properties", {}))
        page.in_trash = body.get("in_trash", page.in_trash)
        return self._form(page)

    def _children(self, number: str, _body: Any, _raw: Any, query: dict[str, str]) -> dict[str, Any]:
        start, blocks = int(query.get("start_cursor", "0")), self._page(number).blocks
        end = start + 100
        more = str(end) if end < len(blocks) else None
        return {"object": "list", "results": blocks[start:end], "has_more": bool(more), "next_cursor": more}

    def _append(self, number: str, body: dict[str, Any], raw: bytes, _: Any) -> dict[str, Any]:
        rules.check_body(body, raw, {"children", "position"})
        rules.check_children(body.get("children"), self._uploads)
        self._page(number).blocks.extend(body["children"])
        return {"object": "list", "results": body["children"]}

    def _upload(self, body: dict[str, Any], raw: bytes, _: Any) -> dict[str, Any]:
        rules.check_body(body, raw, {"mode", "filename", "content_type"})
        rules.demand(body.get("filename", "").endswith(".png"), "body.filename should have a supported extension")
        number = self._id()
        self._uploads[number] = "pending"
        return {"object": "file_upload", "id": number, "status": "pending", "filename": body["filename"]}

    def _receive(self, number: str, headers: Any, raw: bytes) -> dict[str, Any]:
        if number not in self._uploads:
            raise _not_found("file_upload", number)
        kind = headers.get("Content-Type", "")
        rules.demand(kind.startswith("multipart/form-data"), "Content-Type should be multipart/form-data")
        parsed = BytesParser(EmailMessage, policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + raw)
        files = [part for part in parsed.iter_parts() if 'name="file"' in part.get("Content-Disposition", "")]
        rules.demand(files and files[0].get_content_type() == "image/png", "file should be an image/png")
        self._uploads[number] = "uploaded"
        self.files[number] = files[0].get_payload(decode=True)
        return {"object": "file_upload", "id": number, "status": "uploaded"}

    def _check_source(self, number: str) -> None:
        if number not in self.sources or not self.is_shared:
            raise _not_found("data_source", number)

    def _page(self, number: str) -> Page:
        for page in self.all_pages:
            if page.id == number:
                return page
        raise _not_found("page", number)

    def _form(self, page: Page) -> dict[str, Any]:
        """The page as an answer tells it, with the plain text of every item."""
        properties = json.loads(json.dumps(page.properties))
        for value in properties.values():
            for item in (*value.get("title", ()), *value.get("rich_text", ())):
                item["plain_text"] = item["text"]["content"]
        url = f"https://www.notion.so/{page.id.replace('-', '')}"
        return {"object": "page", "id": page.id, "url": url, "in_trash": page.in_trash, "properties": properties}

    def _id(self) -> str:
        self._made += 1
        return _number(self._made)


def _number(value: int) -> str:
    return str(UUID(int=value))


def _column(kind: str) -> dict[str, Any]:
    return {"id": kind, "type": kind, kind: {}}


def _not_found(what: str, number: str) -> Refusal:
    says = f"Could not find {what} with ID: {number}. Make sure the relevant pages are shared with your integration."
    return Refusal(404, "object_not_found", says)


class _Handler(BaseHTTPRequestHandler):
    """Hands each request to its Notion."""

    notion: FakeNotion

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.notion.judge(self.command, self.path, self.headers, body)
        if answer is None:
            return
        status, text, headers = answer
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())
