"""Marks in Grafana: each live change once, harmless to read, whatever Grafana does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from examples import NOON
from fakes import flaky
from fakes.flaky import FlakyServer, answer, answer_json, web_page
from fakes.grafana import TOKEN, FakeGrafana
from ledgers import numbered

from ai_ops.domain.errors import BudgetSpent, NotifyError
from ai_ops.domain.tuning import Change, Decision
from ai_ops.http_client import Deadline, HttpClient, Limits
from ai_ops.notify.watchers.grafana_annotations import FOUND_MAX, GrafanaAnnotations, Marked, annotation_of, missing
from ai_ops.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.cycle import Episode

SAVES = Change("cpu_scale_in_percent", 30.0, 35.0)
SINCE, UNTIL = NOON - timedelta(days=30), NOON + timedelta(days=1)


class Purse:
    """A budget of so many requests."""

    def __init__(self, requests: int = 100) -> None:
        self.left = requests

    def spend(self) -> None:
        """Take one out."""
        if not self.left:
            raise BudgetSpent("100 requests an hour are used up")
        self.left -= 1


@pytest.fixture
def grafana() -> Iterator[FakeGrafana]:
    """A Grafana without marks."""
    with FakeGrafana() as server:
        yield server


def a_board(url: str, *, token: str = TOKEN, purse: Purse | None = None, seconds: float = 10) -> GrafanaAnnotations:
    """The marks at `url`, seen through a client that does not wait long."""
    limits = Limits(connect_seconds=1, read_seconds=1, retries=1)
    client = HttpClient(
        allow_private=True, deadline=Deadline(seconds), limits=limits, redactor=Redactor([token]), sleep=lambda _: None
    )
    return GrafanaAnnotations(client, url, token=token, spend=(purse or Purse()).spend)


def an_episode(number: int = 1, *reasons: str, **changes: object) -> Episode:
    """An episode that moved something."""
    return numbered(number, decision=Decision((SAVES,), reasons or ("the budget is exceeded",)), **changes)


def test_a_mark_is_found_again_by_its_episode(grafana: FakeGrafana) -> None:
    """The tag of the episode is the key, so that any later run sees that the mark is there (S001-143)."""
    board, annotation = a_board(grafana.url + "/"), annotation_of(an_episode(), NOON)
    assert missing([annotation], board.marked(SINCE, UNTIL)) == (annotation,)
    board.add(annotation)
    assert missing([annotation], board.marked(SINCE, UNTIL)) == ()
    (mark,) = grafana.annotations
    assert mark["tags"] == ["neuropilot", "web", "web-1"]
    assert mark["time"] == int(NOON.timestamp() * 1000)
    assert mark["dashboardUID"] is None, "any dashboard that asks for the tag shall show it"


def test_marks_of_others_and_of_other_times_do_not_count(grafana: FakeGrafana) -> None:
    """People mark deploys in the same Grafana; a mark outside of the times asked for is not looked at."""
    board = a_board(grafana.url)
    board.add(annotation_of(an_episode(1), NOON - timedelta(days=40)))
    grafana.annotations.append({"id": 2, "time": 0, "tags": ["deploy", "web-2"], "text": "release 7"})
    assert board.marked(SINCE, UNTIL).tags == frozenset()


def test_the_text_says_what_moved_and_why(grafana: FakeGrafana) -> None:
    """A reader of a dashboard needs no other tool to know what happened."""
    text = annotation_of(an_episode(1, "cost 1.2 of a budget of 1.0"), NOON).text
    assert text.splitlines() == [
        "NeuroPilot changed web",
        "cpu_scale_in_percent: 30 → 35",
        "cost 1.2 of a budget of 1.0",
        "web-1",
    ]


def test_simulated_figures_are_called_so() -> None:
    """A mark on a real dashboard must not pass for a change of a real service."""
    assert "(simulated figures)" in annotation_of(an_episode(is_simulated=True), NOON).text


@pytest.mark.parametrize(
    "attack",
    [
        "<img src=x onerror=alert(1)>",
        "<script>steal()</script>",
        "[click](javascript:alert(1))",
        "![x](https://evil.example/p.png)",
        "&lt;b&gt;",
        "**bold** `code`",
        "one\ntwo\r\nthree",
        "a\x1b[31mred\u202egnp",
        "a token glsa_abcdefgh12345678 in a label",
    ],
)
def test_foreign_text_stays_text(attack: str) -> None:
    """Grafana shows marks as HTML; whatever a label brought is shown letter by letter (H01, H20)."""
    text = annotation_of(an_episode(1, attack), NOON).text
    assert len(text.splitlines()) == 4
    line = text.splitlines()[2]
    assert not set("<>[]`*\x1b\u202e") & set(line)
    assert line.count("&") == line.count("&lt;") + line.count("&gt;") + line.count("&amp;")
    assert "://" not in line
    assert "glsa_abc" not in line


def test_a_long_reason_is_cut(grafana: FakeGrafana) -> None:
    """A mark is read in a small box."""
    annotation = annotation_of(an_episode(1, *("x" * 5000 for _ in range(50))), NOON)
    assert len(annotation.text) < 1000
    a_board(grafana.url).add(annotation)


def test_the_longest_name_of_a_service_fits_into_the_tags(grafana: FakeGrafana) -> None:
    """Grafana keeps 100 characters a tag."""
    name = "s" * 41
    annotation = annotation_of(replace(an_episode(), id=f"{name}-20261118T12Z.2", service=name), NOON)
    a_board(grafana.url).add(annotation)
    assert all(len(tag) <= 100 for tag in grafana.annotations[0]["tags"])


def test_a_full_answer_proves_nothing_about_older_times(grafana: FakeGrafana) -> None:
    """Grafana gives the newest marks first: where more may be, nothing older is marked again."""
    board = a_board(grafana.url)
    marks = [annotation_of(an_episode(number), NOON - timedelta(minutes=number)) for number in range(FOUND_MAX + 2)]
    times = [int(one.at.timestamp() * 1000) for one in marks]
    grafana.annotations += [
        {"id": number, "time": times[number], "tags": list(one.tags), "text": one.text}
        for number, one in enumerate(marks[: FOUND_MAX + 1])
    ]
    lacking = missing(marks, board.marked(SINCE, UNTIL))
    assert lacking == (), "the last but one is there, but was not among those found; the last is older than it"
    newer = annotation_of(an_episode(9999), NOON + timedelta(hours=1))
    assert missing([*marks, newer], board.marked(SINCE, UNTIL)) == (newer,)


def test_marks_are_made_oldest_first() -> None:
    """Where a run may make only some, the next one goes on where it ended."""
    marks = [annotation_of(an_episode(number), NOON - timedelta(hours=number)) for number in range(3)]
    nothing = Marked(frozenset(), datetime(2026, 1, 1, tzinfo=UTC))
    assert [one.episode for one in missing(marks, nothing)] == ["web-2", "web-1", "web-0"]


class TestTrouble:
    """Whatever Grafana does, one error says what to do, in time."""

    def test_a_token_that_may_not_read(self, grafana: FakeGrafana) -> None:
        """The permissions are named."""
        grafana.permissions = ()
        with pytest.raises(NotifyError, match=r"HTTP 403: .* annotations:read and annotations:create"):
            a_board(grafana.url).marked(SINCE, UNTIL)

    def test_a_token_that_may_not_create(self, grafana: FakeGrafana) -> None:
        """A viewer's token reads marks and makes none."""
        grafana.permissions = ("annotations:read",)
        board = a_board(grafana.url)
        board.marked(SINCE, UNTIL)
        with pytest.raises(NotifyError, match=r"HTTP 403: .* annotations:create"):
            board.add(annotation_of(an_episode(), NOON))
        assert grafana.annotations == []

    def test_a_wrong_token(self, grafana: FakeGrafana) -> None:
        """The variable is named, the token is not."""
        with pytest.raises(NotifyError, match="HTTP 401: check GRAFANA_API_KEY") as caught:
            a_board(grafana.url, token="glsa_made0up1wrong2token").marked(SINCE, UNTIL)
        assert "made0up1" not in str(caught.value)

    def test_a_post_is_not_sent_twice(self) -> None:
        """Whether it arrived, the next run sees: a second one could be a second mark."""
        with FlakyServer(answer_json({"message": "no"}, 503)) as server:
            with pytest.raises(NotifyError, match="HTTP 503"):
                a_board(server.url).add(annotation_of(an_episode(), NOON))
            assert len(server.asked) == 1

    @pytest.mark.parametrize(
        "trouble",
        [web_page(200), answer(200, b"null"), answer(200, b"[1]"), answer(500), flaky.truncated, flaky.reset],
    )
    def test_an_answer_that_is_none(self, trouble: flaky.Behaviour) -> None:
        """A login page, an error, half an answer."""
        with FlakyServer(trouble) as server, pytest.raises(NotifyError):
            a_board(server.url).marked(SINCE, UNTIL)

    def test_marks_without_time_or_tags_are_survived(self) -> None:
        """Other programs mark too."""
        with FlakyServer(answer_json([{"id": 1}, {"tags": None, "time": "soon"}])) as server:
            assert a_board(server.url).marked(SINCE, UNTIL) == Marked(frozenset(), SINCE)

    def test_a_grafana_that_hangs(self) -> None:
        """The time is bounded, as for all that is told."""
        with FlakyServer(flaky.silent) as server, pytest.raises(NotifyError, match="no whole answer within"):
            a_board(server.url, seconds=1).marked(SINCE, UNTIL)

    def test_a_metadata_address(self) -> None:
        """A setting of somebody else's making leads nowhere (H30)."""
        with pytest.raises(NotifyError, match="metadata"):
            a_board("http://169.254.169.254").marked(SINCE, UNTIL)

    def test_a_spent_hour(self, grafana: FakeGrafana) -> None:
        """The requests are those that reading metrics has as well (R44, S001-130)."""
        board = a_board(grafana.url, purse=Purse(1))
        board.marked(SINCE, UNTIL)
        with pytest.raises(BudgetSpent):
            board.add(annotation_of(an_episode(), NOON))
        assert len(grafana.asked) == 1
