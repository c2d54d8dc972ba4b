"""Writing pages at a real web server that behaves like Notion, and holds us to its rules."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from fakes.clock import Clock
from fakes.notion import COLUMNS, DATABASE, TOKEN, FakeNotion, Fault
from reports import bad, quiet, report, several

from ai_ops.domain.errors import NotifyError
from ai_ops.domain.message import Level, Message, MessageKind, Picture, Property
from ai_ops.notify.notion.notion import NotionNotifier
from ai_ops.redact import Redactor
from ai_ops.report.pages.document import document_of

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_RUN_ID = {name: kind for name, kind in COLUMNS.items() if name != "Run ID"}
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 40


@pytest.fixture
def clock() -> Clock:
    """Time for one test."""
    return Clock()


@pytest.fixture
def notion(clock: Clock) -> Iterator[FakeNotion]:
    """Start a Notion that grants three requests a second."""
    with FakeNotion(clock=clock) as server:
        yield server


def a_notifier(notion: FakeNotion, clock: Clock, **changes: Any) -> NotionNotifier:
    """A notifier that never really sleeps."""
    plain: dict[str, Any] = {"redact": Redactor([TOKEN]), "base_url": notion.url}
    token, database = changes.pop("token", TOKEN), changes.pop("database", DATABASE)
    return NotionNotifier(token, database, clock=clock, sleep=clock.sleep, **{**plain, **changes})


def a_message(**changes: Any) -> Message:
    """A cycle, told plainly."""
    plain: dict[str, Any] = {
        "key": "web-20261120T06Z",
        "title": "web: hold",
        "facts": (("CPU", "47 %"), ("Cost", "0.54 EUR")),
        "lines": ("the promise was kept", "neuropilot explain web-20261120T06Z"),
    }
    return Message(**{**plain, **changes})


def a_long_message(lines: int = 250, key: str = "long") -> Message:
    """One that needs several requests."""
    return a_message(key=key, facts=(), lines=tuple(f"line {number}" for number in range(lines)))


def failure(notifier: NotionNotifier, message: Message | None = None) -> NotifyError:
    """Send, and return the error; its whole story must not hold the token."""
    with pytest.raises(NotifyError) as caught:
        notifier.send(message or a_message())
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert not caught.value.may_have_arrived, "the page is found again, so that sending again is always safe"
    return caught.value


def lines_of(notion: FakeNotion) -> list[str]:
    """The lines of the only page, in order."""
    (page,) = notion.pages
    items = [block["bulleted_list_item"] for block in page.blocks if block["type"] == "bulleted_list_item"]
    return [item["rich_text"][0]["text"]["content"] for item in items]


# -- what arrives ------------------------------------------------------------------------------------------------------


def test_a_message_becomes_a_page(notion: FakeNotion, clock: Clock) -> None:
    """Its title, its figures in columns, its facts and lines below; the receipt leads there (S001-33, S001-84)."""
    at = datetime(2026, 11, 20, 6, 5, tzinfo=UTC)
    figures = (Property("Date", at), Property("Kind", "cycle"), Property("Cost", 0.54), Property("Services", ("web",)))
    sent = a_notifier(notion, clock).send(a_message(properties=figures))
    (page,) = notion.pages
    assert (page.text("Name"), page.text("Run ID")) == ("web: hold", "web-20261120T06Z")
    assert page.properties["Date"] == {"date": {"start": "2026-11-20T06:05:00+00:00"}}
    assert page.properties["Kind"] == {"select": {"name": "cycle"}}
    assert page.properties["Cost"] == {"number": 0.54}
    assert page.properties["Services"] == {"multi_select": [{"name": "web"}]}
    assert all(part in page.json for part in ("CPU", "47 %", "the promise was kept"))
    assert sent.url.endswith(page.id.replace("-", ""))
    assert (sent.reference, sent.note, sent.attempts) == (page.id, "", 1)


def test_any_message_fills_the_columns_that_all_have(notion: FakeNotion, clock: Clock) -> None:
    """A digest or a training has no figures of its own, and can be sorted and filtered all the same."""
    at = datetime(2026, 11, 20, 6, 5, tzinfo=UTC)
    a_notifier(notion, clock).send(a_message(kind=MessageKind.DIGEST, at=at, service="web", level=Level.HIGH))
    (page,) = notion.pages
    assert page.properties["Date"] == {"date": {"start": "2026-11-20T06:05:00+00:00"}}
    assert page.properties["Kind"] == {"select": {"name": "digest"}}
    assert page.properties["Level"] == {"select": {"name": "high"}}
    assert page.properties["Services"] == {"multi_select": [{"name": "web"}]}


def test_a_report_becomes_a_page(notion: FakeNotion, clock: Clock) -> None:
    """Every section, table and figure of it, its pictures, and what each number rests on (S001-33, H45)."""
    document = document_of(report(bad()))
    message = a_message(document=document, pictures=(Picture("a-chart", "costs", PNG),))
    a_notifier(notion, clock).send(message)
    (page,) = notion.pages
    kinds = {block["type"] for block in page.blocks}
    assert {"callout", "heading_2", "paragraph", "table", "toggle", "image"} <= kinds
    assert all(section.title in page.json for section in document.sections)
    assert document.headline in page.json
    toggles = [block for block in page.blocks if block["type"] == "toggle"]
    assert len(toggles) == len(document.evidence) > 3
    assert list(notion.files.values()) == [PNG]


def test_sending_again_changes_nothing(notion: FakeNotion, clock: Clock) -> None:
    """The page is found by the key of its message; another notifier, after a crash, finds it as well (R30)."""
    first = a_notifier(notion, clock).send(a_message())
    again = a_notifier(notion, clock).send(a_message(title="web: told in other words"))
    assert (again.url, again.note) == (first.url, "it was there already")
    assert notion.count("POST", "/pages$") == 1
    a_notifier(notion, clock).send(a_message(key="web-20261120T12Z"))
    assert len(notion.pages) == 2


def test_keys_that_differ_in_their_capitals_are_two(notion: FakeNotion, clock: Clock) -> None:
    """Notion's filter does not tell them apart."""
    for key in ("web-20261120t06z", "web-20261120T06Z"):
        a_notifier(notion, clock).send(a_message(key=key))
    assert len(notion.pages) == 2


def test_the_database_is_looked_at_once(notion: FakeNotion, clock: Clock) -> None:
    """Each further message takes two requests (H31)."""
    notifier = a_notifier(notion, clock)
    for key in "abc":
        notifier.send(a_message(key=key))
    assert [notion.count("GET", kind) for kind in ("/databases/", "/data_sources/")] == [1, 1]
    assert len(notion.requests) == 8


def test_simulation_shows_in_title_and_text(notion: FakeNotion, clock: Clock) -> None:
    """A row of the database that is made up says so, and so does a test (H18)."""
    a_notifier(notion, clock).send(a_message(is_simulated=True, kind=MessageKind.TEST))
    (page,) = notion.pages
    assert page.text("Name") == "(test) (simulated) web: hold"
    assert "Simulated figures" in page.json


# -- the database ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "database",
    [
        DATABASE,
        DATABASE.upper(),
        f" {DATABASE}\n",
        "01234567-89ab-cdef-0123-456789abcdef",
        f"https://www.notion.so/{DATABASE}",
        f"https://www.notion.so/acme/{DATABASE}?v=ffffffffffffffffffffffffffffffff&pvs=4",
        f"https://acme.notion.site/Our-reports-{DATABASE}#part",
    ],
)
def test_a_database_is_named_as_a_person_copies_it(notion: FakeNotion, clock: Clock, database: str) -> None:
    """An id in both spellings, or the address from the browser."""
    a_notifier(notion, clock, database=database).send(a_message())
    assert len(notion.pages) == 1


@pytest.mark.parametrize(
    "database",
    [
        "",
        "reports",
        DATABASE[:-1],
        DATABASE + "0",
        f"https://www.notion.so/?v={DATABASE}",
        "https://www.notion.so/acme/reports",
        f"../../v1/users/{DATABASE}",
        "https://[",
    ],
)
def test_what_names_no_database_is_explained(notion: FakeNotion, clock: Clock, database: str) -> None:
    """Nothing is asked under an id that is none."""
    assert "NOTION_DATABASE_ID" in str(failure(a_notifier(notion, clock, database=database)))
    assert not notion.requests


def test_of_several_data_sources_the_first_is_taken_and_named(clock: Clock) -> None:
    """Since 2025 a database may have several; a page belongs to one of them (R30)."""
    with FakeNotion(clock=clock, sources=3) as notion:
        assert "3 data sources" in a_notifier(notion, clock).send(a_message()).note
        assert len(notion.pages) == 1


def test_a_database_without_a_data_source_is_explained(clock: Clock) -> None:
    """A linked view looks like a database, and is none."""
    with FakeNotion(clock=clock, sources=0) as notion:
        assert "linked view" in str(failure(a_notifier(notion, clock)))


def test_a_database_that_is_not_shared_is_explained(clock: Clock) -> None:
    """The step that everybody forgets."""
    with FakeNotion(clock=clock, is_shared=False) as notion:
        error = failure(a_notifier(notion, clock))
    assert "Connections" in str(error)
    assert not error.retryable


def test_a_wrong_token_is_explained(notion: FakeNotion, clock: Clock) -> None:
    """It is not repeated either."""
    error = failure(a_notifier(notion, clock, token="ntn_" + "x" * 40))
    assert "NOTION_API_KEY" in str(error)
    assert not error.retryable


@pytest.mark.parametrize("token", ["", f"{TOKEN}\n", f"{TOKEN} x", "ntn_\u2013dash"])
def test_a_token_that_cannot_be_sent_is_explained(notion: FakeNotion, clock: Clock, token: str) -> None:
    """A copied line break is a sentence, not a traceback (H10)."""
    assert "NOTION_API_KEY" in str(failure(a_notifier(notion, clock, token=token)))
    assert not notion.requests


def test_columns_that_are_missing_or_mistyped_are_named(clock: Clock) -> None:
    """The page is written without them, and a person reads what to change."""
    figures = (Property("Cost", 0.5), Property("Kind", "cycle"), Property("Burn", 3.0), Property("Date", None))
    with FakeNotion(
        {"Title": "title", "run id": "rich_text", "COST": "number", "Kind": "number"}, clock=clock
    ) as notion:
        note = a_notifier(notion, clock).send(a_message(properties=figures)).note
        (page,) = notion.pages
    assert page.properties["COST"] == {"number": 0.5}
    assert page.text("run id") == "web-20261120T06Z"
    assert 'column "Kind" is of type number: make it Text or Select' in note
    assert 'no column "Burn": add one of type Number' in note
    assert "Date" not in note, "what is not known is no column's fault"


@pytest.mark.parametrize("columns", [NO_RUN_ID, NO_RUN_ID | {"Run ID": "number"}], ids=["missing", "mistyped"])
def test_without_a_column_for_the_key_the_title_bears_it(clock: Clock, columns: dict[str, str]) -> None:
    """Still never two pages for one message, and a note says what is better."""
    with FakeNotion(columns, clock=clock) as notion:
        first = a_notifier(notion, clock).send(a_message())
        again = a_notifier(notion, clock).send(a_message(title="in other words"))
        a_notifier(notion, clock).send(a_message(key="06Z"))
        assert [page.text("Name") for page in notion.pages] == ["web: hold · web-20261120T06Z", "web: hold · 06Z"]
    assert again.url == first.url
    assert "Run ID" in first.note


def test_the_title_itself_may_be_the_column_for_the_key(clock: Clock) -> None:
    """Then the pages are named by their keys, and the message's title stands on the page."""
    with FakeNotion({"Run ID": "title"}, clock=clock) as notion:
        for _ in range(2):
            a_notifier(notion, clock).send(a_message())
        (page,) = notion.pages
    assert page.text("Run ID") == "web-20261120T06Z"
    assert "web: hold" in page.json


# -- large pages -------------------------------------------------------------------------------------------------------


def test_three_thousand_blocks_arrive_in_order_and_at_the_right_pace(notion: FakeNotion, clock: Clock) -> None:
    """A hundred with each request, three requests a second (H31)."""
    a_notifier(notion, clock).send(a_long_message(3000))
    assert lines_of(notion) == [f"line {number}" for number in range(3000)]
    assert notion.pages[0].text("Run ID") == "long"
    assert len(notion.requests) == 3 + 31 + 1
    assert 11.0 < clock.now < 13.0


def test_a_report_on_twenty_services_arrives(notion: FakeNotion, clock: Clock) -> None:
    """Real tables and evidence, within the limits of every request."""
    document = document_of(several(20))
    a_notifier(notion, clock).send(a_message(document=document))
    (page,) = notion.pages
    assert all(section.title in page.json for section in document.sections)


def test_what_is_half_written_says_so_and_is_written_anew(notion: FakeNotion, clock: Clock) -> None:
    """A run that breaks off leaves a marked page, which the next one moves to the trash."""
    notion.inject(Fault("PATCH", "/children", 403, "restricted_resource", skip=1))
    failure(a_notifier(notion, clock), a_long_message())
    (half,) = notion.pages
    assert half.text("Run ID") == "long (being written)"
    a_notifier(notion, clock).send(a_long_message())
    assert half.in_trash
    assert lines_of(notion) == [f"line {number}" for number in range(250)]
    assert notion.pages[0].text("Run ID") == "long"


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_a_picture_that_is_refused_is_told_in_words(notion: FakeNotion, clock: Clock) -> None:
    """The page is worth more than its pictures."""
    notion.inject(Fault("POST", "/file_uploads$", 403, "restricted_resource"))
    pictures = (Picture("cost", "cost rose to 5 EUR", PNG), Picture("cpu", "cpu is flat", PNG))
    note = a_notifier(notion, clock).send(a_message(pictures=pictures)).note
    (page,) = notion.pages
    assert 'picture "cost" is missing' in note
    assert "cost rose to 5 EUR" in page.json
    assert sum(block["type"] == "image" for block in page.blocks) == 1


def test_a_picture_that_is_too_large_is_not_even_sent(notion: FakeNotion, clock: Clock) -> None:
    """Twenty megabytes are the limit of one request."""
    note = a_notifier(notion, clock).send(a_message(pictures=(Picture("big", "big", b"x" * 20_000_001),))).note
    assert "20 MB" in note
    assert not notion.count("POST", "/file_uploads")


# -- secrets and hostile text ------------------------------------------------------------------------------------------


def test_no_secret_leaves_or_is_logged(notion: FakeNotion, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """A canary in any part of a message stays here, and the token stands in no log (H09)."""
    canary = "canary-7Q2mZ-sk"
    plain = document_of(report(quiet()))
    document = replace(plain, headline=f"{canary[:8]}\u200b{canary[8:]}", title=canary, why=canary, subtitle=canary)
    message = a_message(
        key=canary,
        title=canary,
        facts=((canary, canary),),
        properties=(Property("Kind", canary), Property("Services", (canary,)), Property("Run ID", canary)),
        pictures=(Picture("safe", canary, PNG),),
        link=f"https://ci.example/{canary}",
        review_url=f"https://ci.example/?token={canary}",
    )
    with caplog.at_level(logging.DEBUG):
        for number, form in enumerate((message, replace(message, document=document))):
            a_notifier(notion, clock, redact=Redactor([canary])).send(replace(form, key=f"{canary}{number}"))
    assert len(notion.pages) == 2
    assert not any(canary in page.json for page in notion.pages)
    assert TOKEN not in caplog.text
    assert canary not in caplog.text
