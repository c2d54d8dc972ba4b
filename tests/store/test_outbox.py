"""Nothing is sent twice, not even by a run that follows a crash."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.delivery_record import Passage
from ai_ops.domain.errors import StateError
from ai_ops.domain.message import Heard, Sent
from ai_ops.store.outbox import Outbox, merged
from ai_ops.store.outbox_entry import Sending

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def an_outbox(folder: Path, now: datetime = NOON) -> Outbox:
    """Open the outbox as a new run would."""
    return Outbox(folder / "outbox.json", lambda: now)


def test_a_sent_message_is_never_claimed_again(tmp_path: Path) -> None:
    """A replayed schedule stays silent, on that channel only (H18)."""
    assert an_outbox(tmp_path).claim("slack", "web-1")
    an_outbox(tmp_path).confirm("slack", "web-1")
    assert not an_outbox(tmp_path).claim("slack", "web-1")
    assert an_outbox(tmp_path).state("slack", "web-1") is Sending.SENT
    assert an_outbox(tmp_path).claim("email", "web-1")
    assert an_outbox(tmp_path).claim("slack", "web-2")


def test_a_crash_between_claim_and_confirm_is_unknown_and_not_tried_again(tmp_path: Path) -> None:
    """The message may have left: at most once (H24)."""
    an_outbox(tmp_path).claim("slack", "web-1")
    assert an_outbox(tmp_path).state("slack", "web-1") is Sending.UNKNOWN
    assert not an_outbox(tmp_path).claim("slack", "web-1")


def test_a_message_that_surely_failed_may_be_tried_again(tmp_path: Path) -> None:
    """The reason stays readable until then."""
    an_outbox(tmp_path).claim("slack", "web-1")
    an_outbox(tmp_path).release("slack", "web-1", "no_service")
    assert an_outbox(tmp_path).state("slack", "web-1") is Sending.FAILED
    assert "no_service" in (tmp_path / "outbox.json").read_text()
    assert an_outbox(tmp_path).claim("slack", "web-1")


def test_an_untried_message_is_called_that(tmp_path: Path) -> None:
    """Asking leaves nothing behind."""
    assert an_outbox(tmp_path).state("slack", "web-1") is Sending.NOT_TRIED
    assert not (tmp_path / "outbox.json").exists()


def test_what_is_older_than_90_days_is_forgotten(tmp_path: Path) -> None:
    """The file stays small for years (H33)."""
    for day in range(200):
        outbox = an_outbox(tmp_path, NOON + timedelta(days=day))
        outbox.claim("slack", f"web-{day}")
        outbox.confirm("slack", f"web-{day}")
    kept = json.loads((tmp_path / "outbox.json").read_text())["channels"]["slack"]
    assert len(kept) == 90
    assert "web-199" in kept


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "null",
        '{"version": 2, "channels": {}}',
        '{"version": 1}',
        '{"version": 1, "channels": []}',
        '{"version": 1, "channels": {"slack": ["web-1"]}}',
        '{"version": 1, "channels": {"slack": {"web-1": {"state": "perhaps", "at": "2026-11-18T12:00:00+00:00"}}}}',
        '{"version": 1, "channels": {"slack": {"web-1": {"state": "sent", "at": "2026-11-18T12:00:00"}}}}',
        '{"version": 1, "channels": {"slack": {"web-1": {"state": [], "at": "2026-11-18T12:00:00+00:00"}}}}',
        '{"version": 1, "channels": {"slack": {"web-1": null}}}',
    ],
)
def test_a_file_that_cannot_be_trusted_lets_nothing_out(tmp_path: Path, content: str) -> None:
    """A corrupt memory must not become an empty one (H32)."""
    (tmp_path / "outbox.json").write_text(content)
    for method in (an_outbox(tmp_path).claim, an_outbox(tmp_path).confirm, an_outbox(tmp_path).state):
        with pytest.raises(StateError, match=r"outbox\.json"):
            method("slack", "web-1")
    assert (tmp_path / "outbox.json").read_text() == content


def test_a_disk_that_refuses_lets_nothing_out(tmp_path: Path) -> None:
    """A claim that is not on the disk is no claim (H24)."""
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(StateError, match="could not be written"):
        an_outbox(tmp_path / "state").claim("slack", "web-1")


@given(st.lists(st.sampled_from(["claim", "confirm", "release", "crash"]), max_size=30))
def test_no_order_of_events_allows_a_second_sending(
    tmp_path_factory: pytest.TempPathFactory, events: list[str]
) -> None:
    """Between two granted claims of one message there is always a sure failure."""
    folder = tmp_path_factory.mktemp("outbox")
    may_have_left = False
    for event in events:
        outbox = an_outbox(folder)
        if event == "claim":
            granted = outbox.claim("slack", "web-1")
            assert not (granted and may_have_left)
            may_have_left = True
        elif event == "confirm":
            outbox.confirm("slack", "web-1")
            may_have_left = True
        elif event == "release":
            outbox.release("slack", "web-1", "refused")
            may_have_left = False


def test_a_file_of_an_earlier_release_is_still_read(tmp_path: Path) -> None:
    """What it did not note is not known; what it did still counts."""
    entry = {"state": "sent", "reason": "", "at": "2026-11-18T11:00:00+00:00"}
    (tmp_path / "outbox.json").write_text(json.dumps({"version": 1, "channels": {"slack": {"web-1": entry}}}))
    assert not an_outbox(tmp_path).claim("slack", "web-1")
    (passage,) = an_outbox(tmp_path).passages()
    assert passage == Passage("slack", "web-1", "", "sent", "", NOON - timedelta(hours=1))


def test_what_a_channel_said_of_a_message_is_noted(tmp_path: Path) -> None:
    """How often it was tried, by what it is found, and what people did with it (S004-46)."""
    outbox = an_outbox(tmp_path)
    outbox.claim("slack", "report-1")
    outbox.release("slack", "report-1", "it is down")
    outbox.claim("slack", "report-1")
    outbox.confirm("slack", "report-1", Sent("1700.1", "https://acme.slack.com/p1", 2, "no picture"), "daily_report")
    an_outbox(tmp_path, NOON + timedelta(days=1)).note_heard("slack", "report-1", Heard(replies=2))
    an_outbox(tmp_path).note_heard("slack", "never sent", Heard(replies=2))
    (passage,) = an_outbox(tmp_path).passages()
    assert passage == Passage(
        channel="slack",
        key="report-1",
        kind="daily_report",
        state="sent",
        reason="",
        at=NOON,
        attempts=3,
        reference="1700.1",
        url="https://acme.slack.com/p1",
        note="no picture",
        heard=Heard(replies=2),
    )


@pytest.mark.parametrize(
    "change",
    [{"attempts": "3"}, {"attempts": True}, {"kind": 3}, {"url": None}, {"heard": {"likes": 3}}, {"heard": 3}],
)
def test_a_note_that_nobody_wrote_is_not_trusted(tmp_path: Path, change: dict[str, object]) -> None:
    """Each field is read as what it must be (H32)."""
    entry = {"state": "sent", "reason": "", "at": "2026-11-18T11:00:00+00:00"} | change
    (tmp_path / "outbox.json").write_text(json.dumps({"version": 1, "channels": {"slack": {"web-1": entry}}}))
    with pytest.raises(StateError):
        an_outbox(tmp_path).claim("slack", "web-1")


def test_several_claims_are_granted_at_once(tmp_path: Path) -> None:
    """Those that are free; the others stay whose they are."""
    an_outbox(tmp_path).claim("slack", "web-1")
    wanted = [("slack", "web-1"), ("slack", "web-2"), ("email", "web-1")]
    assert an_outbox(tmp_path).claim_all(wanted) == {("slack", "web-2"), ("email", "web-1")}
    assert an_outbox(tmp_path).claim_all(wanted) == set()


def test_a_claim_of_which_no_use_was_made_leaves_no_trace(tmp_path: Path) -> None:
    """And one of a letter leaves the letter."""
    outbox = an_outbox(tmp_path)
    outbox.claim("slack", "web-1")
    outbox.unclaim("slack", "web-1")
    assert outbox.passages() == ()
    outbox.claim("slack", "web-1")
    outbox.release("slack", "web-1", "down")
    outbox.claim("slack", "web-1")
    outbox.unclaim("slack", "web-1")
    assert outbox.state("slack", "web-1") is Sending.FAILED
    outbox.claim("slack", "web-1")
    outbox.confirm("slack", "web-1")
    outbox.unclaim("slack", "web-1")
    assert outbox.state("slack", "web-1") is Sending.SENT


# -- two checkouts --------------------------------------------------------------------------------------------------

STATES = {
    "not tried": lambda _: None,
    "unknown": lambda outbox: outbox.claim("slack", "web-1"),
    "sent": lambda outbox: outbox.confirm("slack", "web-1"),
    "failed": lambda outbox: outbox.release("slack", "web-1", "down"),
}


@pytest.mark.parametrize(
    ("here", "there", "both"),
    [
        ("sent", "not tried", "sent"),
        ("sent", "unknown", "sent"),
        ("sent", "failed", "sent"),
        ("failed", "unknown", "failed"),
        ("failed", "sent", "sent"),
        ("failed", "not tried", "failed"),
        ("unknown", "not tried", "not tried"),
        ("unknown", "failed", "failed"),
        ("unknown", "sent", "sent"),
        ("not tried", "unknown", "unknown"),
        ("not tried", "sent", "sent"),
    ],
)
def test_what_was_sent_on_either_side_is_sent(tmp_path: Path, here: str, there: str, both: str) -> None:
    """A claim counts once the branch has it; what is known for sure counts from whichever side is later."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder, state, now in ((theirs, there, NOON), (ours, here, NOON + timedelta(minutes=1))):
        an_outbox(folder, now).claim("slack", "web-0")
        STATES[state](an_outbox(folder, now))
    content = merged((ours / "outbox.json").read_bytes(), (theirs / "outbox.json").read_bytes())
    assert content is not None
    (ours / "outbox.json").write_bytes(content)
    assert an_outbox(ours).state("slack", "web-1") == both
    assert merged(content, content) == content


def test_what_one_side_heard_is_kept(tmp_path: Path) -> None:
    """Asking a channel again costs a request."""
    for folder in ("ours", "theirs"):
        an_outbox(tmp_path / folder).confirm("slack", "report-1")
    an_outbox(tmp_path / "ours").note_heard("slack", "report-1", Heard(replies=1))
    ours, theirs = ((tmp_path / folder / "outbox.json").read_bytes() for folder in ("ours", "theirs"))
    assert merged(ours, theirs) == ours
    assert merged(theirs, ours) == ours


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"version": 1, "channels": 3}', b"[" * 100_000, b"\xff"])
def test_a_damaged_outbox_is_not_repaired_by_another(tmp_path: Path, damage: bytes) -> None:
    """A person decides about it; ours adds nothing where it cannot be read."""
    an_outbox(tmp_path).confirm("slack", "web-1")
    ours = (tmp_path / "outbox.json").read_bytes()
    assert merged(ours, damage) == damage
    assert merged(damage, ours) == ours
    assert merged(ours, None) == ours
    assert merged(None, ours) == ours
    assert merged(damage, None) is None
