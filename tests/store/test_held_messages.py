"""Messages that wait are kept as they were, in bounded room, and on whichever checkout they came to wait."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from posting import NOON, a_message, a_report

from ai_ops.domain.document import (
    Bullets,
    Cell,
    Document,
    Evidence,
    Figure,
    Paragraph,
    Section,
    Table,
    Tone,
)
from ai_ops.domain.errors import StateError
from ai_ops.domain.held_message import HeldMessage, Why
from ai_ops.domain.message import AlarmNotice, Level, Message, MessageKind, Picture, Property
from ai_ops.store.held_form import merged
from ai_ops.store.held_messages import HeldMessages
from ai_ops.store.held_room import Room
from ai_ops.store.kept_message import TOO_LARGE

if TYPE_CHECKING:
    from pathlib import Path

NAME = "undelivered.json"
SOON = NOON + timedelta(hours=1)


class Side:
    """One checkout, with a clock that tests turn."""

    def __init__(self, folder: Path, room: Room | None = None) -> None:
        self.file = folder / NAME
        self.now = NOON
        self.room = room or Room()

    @property
    def held(self) -> HeldMessages:
        """Opened as a new run would."""
        return HeldMessages(self.file, lambda: self.now, str, self.room)

    def put(self, message: Message, why: Why = Why.QUIET, **fields: object) -> int:
        """Keep a message now."""
        return self.held.put(replace(HeldMessage("slack", message, why, "", self.now, self.now), **fields))

    @property
    def keys(self) -> list[str]:
        """Of what waits."""
        return [one.key for one in self.held.waiting()]

    @property
    def raw(self) -> bytes | None:
        """The file."""
        return self.file.read_bytes() if self.file.exists() else None


@pytest.fixture
def side(tmp_path: Path) -> Side:
    """A checkout in which nothing waits."""
    return Side(tmp_path)


DOCUMENT = Document(
    "Report",
    "Friday",
    "All is calm",
    "because",
    "nothing",
    Tone.GOOD,
    is_simulated=True,
    sections=(
        Section(
            "health",
            "Health",
            (
                Paragraph("fine", "web-health", Tone.WATCH),
                Bullets((Cell("one"), Cell("two", "web-health"))),
                Table("figures", ("a", "b"), ((Cell("1"), Cell("2", "web-health", Tone.BAD)),)),
                Figure("latency", "Latency", "p95 was 120 ms"),
            ),
            "web",
        ),
    ),
    evidence=(
        Evidence("web-health", "health of web", "a + b", (("a", "1 ms"),), "prometheus", "neuropilot explain x"),
    ),
)
EVERYTHING = a_report(
    title="web: schwül «ü» 🙂",
    facts=(("CPU", "47 %"),),
    lines=("one", "two"),
    is_simulated=True,
    review_url="https://github.com/acme/shop/pull/7",
    level=Level.MEDIUM,
    at=NOON,
    alarms=(AlarmNotice("web/p95", "slow", Level.HIGH), AlarmNotice("web/cpu", "fine", Level.INFO, is_over=True)),
    properties=(
        Property("CPU %", 47.5),
        Property("Date", NOON),
        Property("Services", ("web", "shop")),
        Property("Decision", "2026-11-20T12:00:00+00:00"),
        Property("Cost", None),
    ),
    document=DOCUMENT,
    text="the whole\nof it",
    link="https://acme.example/report",
)


def test_a_message_comes_back_as_it_was(side: Side) -> None:
    """Every part of it but pictures and page, types included; a text that looks like a moment stays a text."""
    side.put(replace(EVERYTHING, html="<p>page</p>", pictures=(Picture("latency", "p95", b"png"),)))
    (held,) = side.held.waiting()
    assert held.message == EVERYTHING


TEXTS = st.text(max_size=30)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(TEXTS, TEXTS), max_size=3),
    st.lists(TEXTS, max_size=3),
    st.tuples(st.sampled_from(MessageKind), st.sampled_from(Level)),
    TEXTS,
    st.one_of(st.none(), st.floats(allow_nan=False), TEXTS, st.tuples(TEXTS)),
)
def test_any_text_comes_back(tmp_path_factory, facts, lines, sort, text, value) -> None:
    """Whatever telemetry puts into it."""
    message = a_message(
        title=text,
        facts=tuple(facts),
        lines=tuple(lines),
        kind=sort[0],
        level=sort[1],
        properties=(Property(text, value),),
    )
    side = Side(tmp_path_factory.mktemp("held"))
    side.put(message)
    assert [one.message for one in side.held.waiting()] == [message]


def test_half_a_character_does_not_break_the_file(side: Side) -> None:
    """However telemetry was cut."""
    side.put(a_message(title="a\ud83d"))
    assert side.held.waiting()[0].message.title == "a\ud83d"


def test_a_message_that_waits_is_one_line_of_a_readable_file(side: Side) -> None:
    """People look into it, and git keeps its differences small."""
    side.put(a_message("web-1"))
    side.put(a_message("web-2"))
    lines = side.file.read_text().splitlines()
    assert len([line for line in lines if '"key":"web-' in line]) == 2
    assert json.loads(side.file.read_text())["version"] == 1


def test_what_is_too_large_is_cut_and_says_so(side: Side) -> None:
    """A page of fifty services stays out; its message stays in."""
    large = replace(DOCUMENT, sections=DOCUMENT.sections * 400)
    side.put(a_report(lines=("x" * 5_000,), text="y" * 100_000, document=large))
    (held,) = side.held.waiting()
    assert held.message.document is None
    assert held.message.lines[-1] == TOO_LARGE
    assert (len(held.message.lines[0]), held.message.lines[0][-1]) == (2_000, "…")
    assert len(held.message.text) == 40_000
    assert side.file.stat().st_size < 100_000


def test_so_many_wait_and_no_more(tmp_path: Path) -> None:
    """Of too many the quietest go first, of these the oldest, and reports last; the count is kept."""
    side = Side(tmp_path, Room(messages=3))
    for number, level in enumerate((Level.LOW, Level.INFO, Level.INFO)):
        assert side.put(a_message(f"web-{number}", level=level)) == 0
        side.now += timedelta(minutes=1)
    assert side.put(a_report()) == 1
    assert side.keys == ["web-0", "web-2", "report-1"]
    assert side.put(a_message("web-4", level=Level.CRITICAL)) == 1
    assert side.put(a_message("web-5", level=Level.CRITICAL)) == 1
    assert side.keys == ["report-1", "web-4", "web-5"]
    assert side.held.counts() == ({"slack": {"2026-11-20": 6}}, {"slack": {"2026-11-20": 3}})
    side.put(a_message("web-6"), channel="email")
    assert len(side.keys) == 4


def test_the_file_stays_small_enough_to_travel(tmp_path: Path) -> None:
    """So many bytes of each channel, at most."""
    side = Side(tmp_path, Room(size_bytes=20_000))
    dropped = sum(side.put(a_message(f"web-{number}", lines=("x" * 1_000,))) for number in range(40))
    assert dropped > 20
    assert side.file.stat().st_size < 25_000


def test_what_was_let_go_is_known_for_a_week(side: Side) -> None:
    """So that nobody brings it back, and nobody gathers it twice."""
    side.put(a_message())
    side.held.let_go("slack", "web-1")
    side.held.let_go("slack", "web-2")
    assert side.keys == []
    assert side.held.was_let_go("slack", "web-1")
    assert not side.held.was_let_go("slack", "web-2")
    assert not side.held.was_let_go("email", "web-1")
    side.now += timedelta(days=8)
    side.put(a_message("web-3"))
    assert not side.held.was_let_go("slack", "web-1")


def test_attempts_add_up_and_the_first_failure_counts(side: Side) -> None:
    """How long a letter is tried again counts from when it was refused first, not from the evening before."""
    side.put(a_message())
    side.now = NOON + timedelta(hours=9)
    side.put(a_message(), Why.FAILED, attempts=1)
    side.now += timedelta(hours=6)
    side.put(a_message(), Why.FAILED, attempts=1)
    (held,) = side.held.waiting()
    assert (held.attempts, held.since, held.at) == (2, NOON + timedelta(hours=9), NOON + timedelta(hours=15))


def test_counts_of_a_month_are_kept(side: Side) -> None:
    """Those of longer ago are forgotten with the next word."""
    side.put(a_message("web-1"))
    side.now += timedelta(days=29)
    side.put(a_message("web-2"))
    assert side.held.counts()[0] == {"slack": {"2026-12-19": 1}}


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "null",
        "[]",
        '{"version": 2}',
        '{"version": 1}',
        '{"version": 1, "held": {}, "dropped": {}, "gone": {}, "waiting": [{"channel": "slack"}]}',
        '{"version": 1, "held": {}, "dropped": {}, "gone": {"slack": {"web-1": "noon"}}, "waiting": []}',
        '{"version": 1, "held": {"slack": 3}, "dropped": {}, "gone": {}, "waiting": []}',
    ],
)
def test_a_file_that_cannot_be_trusted_is_left_as_it_is(side: Side, damage: str) -> None:
    """A corrupt memory must not become an empty one (H32)."""
    side.file.write_text(damage)
    for method in (side.held.waiting, side.held.prune, side.held.counts):
        with pytest.raises(StateError, match=r"undelivered\.json"):
            method()
    with pytest.raises(StateError, match=r"undelivered\.json"):
        side.put(a_message())
    assert side.file.read_text() == damage


@pytest.mark.parametrize(
    "change",
    [
        {"why": "whim"},
        {"since": "2026-11-20T12:00:00"},
        {"attempts": "many"},
        {"message": {}},
    ],
)
def test_a_form_that_nobody_wrote_is_refused(side: Side, change: dict[str, object]) -> None:
    """Each field is read as what it must be."""
    side.put(EVERYTHING)
    content = json.loads(side.file.read_text())
    content["waiting"][0] |= change
    side.file.write_text(json.dumps(content))
    with pytest.raises(StateError):
        side.held.waiting()


@pytest.mark.parametrize(
    "change",
    [
        {"title": 3},
        {"facts": [["one"]]},
        {"level": "deafening"},
        {"kind": "gossip"},
        {"at": "noon"},
        {"alarms": [{"key": "web"}]},
        {"properties": [{"name": "x", "value": []}]},
        {"document": {"title": "half"}},
    ],
)
def test_a_message_that_nobody_wrote_is_refused(side: Side, change: dict[str, object]) -> None:
    """What is sent is what was kept, or nothing."""
    side.put(EVERYTHING)
    content = json.loads(side.file.read_text())
    content["waiting"][0]["message"] |= change
    side.file.write_text(json.dumps(content))
    with pytest.raises(StateError):
        side.held.waiting()


# -- two checkouts --------------------------------------------------------------------------------------------------


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Side, Side]:
    """Two checkouts that share a past in which one message waits."""
    ours, theirs = Side(tmp_path / "ours"), Side(tmp_path / "theirs")
    ours.put(a_message("web-1"))
    theirs.file.parent.mkdir()
    theirs.file.write_bytes(ours.file.read_bytes())
    ours.now = theirs.now = SOON
    return ours, theirs


def keys_after(ours: Side, theirs: Side) -> list[str]:
    """What waits once they were brought together, either way."""
    content = merged(ours.raw, theirs.raw)
    assert merged(theirs.raw, ours.raw) == content
    assert merged(content, content) == content
    assert content is not None
    ours.file.write_bytes(content)
    return ours.keys


def test_what_waits_in_either_waits(sides: tuple[Side, Side]) -> None:
    """Two runs that hold something at the same time lose neither."""
    ours, theirs = sides
    ours.put(a_message("web-2"))
    theirs.put(a_message("web-3"))
    assert keys_after(ours, theirs) == ["web-1", "web-2", "web-3"]


def test_what_either_let_go_does_not_come_back(sides: tuple[Side, Side]) -> None:
    """A checkout that has slept does not send it again."""
    ours, theirs = sides
    theirs.held.let_go("slack", "web-1")
    assert keys_after(ours, theirs) == []


def test_what_was_kept_again_after_it_was_let_go_waits(sides: tuple[Side, Side]) -> None:
    """The later word counts."""
    ours, theirs = sides
    theirs.held.let_go("slack", "web-1")
    ours.now += timedelta(minutes=1)
    ours.put(a_message("web-1", title="anew"), Why.FAILED)
    assert keys_after(ours, theirs) == ["web-1"]
    assert ours.held.waiting()[0].message.title == "anew"


def test_counts_of_both_are_brought_together(sides: tuple[Side, Side]) -> None:
    """What both counted is counted once."""
    ours, theirs = sides
    ours.put(a_message("web-2"))
    assert keys_after(ours, theirs) == ["web-1", "web-2"]
    assert ours.held.counts()[0] == {"slack": {"2026-11-20": 2}}


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"version": 1, "waiting": 3}', b"[" * 100_000, b"\xff"])
def test_a_damaged_copy_is_not_repaired_by_another(sides: tuple[Side, Side], damage: bytes) -> None:
    """A person decides about it; ours adds nothing where it cannot be read."""
    ours, _ = sides
    assert merged(ours.raw, damage) == damage
    assert merged(damage, ours.raw) == ours.raw
    assert merged(None, ours.raw) == ours.raw
    assert merged(damage, None) is None


def test_what_the_branch_never_had_is_carried_there(sides: tuple[Side, Side]) -> None:
    """A laptop that held something before CI began."""
    ours, _ = sides
    assert merged(ours.raw, None) == ours.raw
