"""Nothing is sent twice, not even by a run that follows a crash."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_ops.domain.errors import StateError
from ai_ops.store.outbox import Outbox
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
