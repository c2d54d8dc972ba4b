"""Secrets, personal data and traps wherever they can come from, and none wherever a report or a message goes."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import laden_morning as laden
import pytest
from canaries import leaks
from inertness import HIDDEN
from laden_morning import PERSONAL_PARTS, SECRETS, lived, morning_of
from listeners import READER
from repositories import isolate

from ai_ops.redact import Redactor
from ai_ops.settings.environment import SECRETS as SECRET_KEYS
from ai_ops.settings.environment import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from laden_morning import Morning

PLACES = (laden.GAP, laden.LABEL, laden.WARNING, laden.TITLE, laden.PAUSE, laden.FOUND)
"""Words of places that a report speaks of."""

FOR_PEOPLE = ("the report for people on stdout", "out .html", "out .md", "summary", "slack bot", "notion", "e-mail")


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """Everything has happened; nobody has looked yet."""
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch)
        with morning_of(tmp_path_factory.mktemp("laden")) as team:
            yield lived(team)


@pytest.fixture(scope="module")
def outputs(morning: Morning) -> dict[str, str]:
    """Every place where somebody can read what the agent wrote."""
    return dict(morning.outputs)


def test_everything_went_as_it_goes_on_such_a_day(morning: Morning) -> None:
    """Hostile words are no reason for a command to fail."""
    assert set(morning.exit_codes.values()) == {0}


def test_every_secret_of_the_settings_is_in_this_world(morning: Morning) -> None:
    """A new key must be planted here, or this fails (H09)."""
    held = set(morning.agent.environment) | {(morning.agent.clone / ".env").read_text().partition("=")[0]}
    missing = {key for key in SECRET_KEYS if not held & set(VARIABLES[key])}
    assert missing == {"prometheus_token", "slack_bot_token"}  # instead of the password; taken away half-way


def test_foreign_words_reach_every_reader(outputs: dict[str, str]) -> None:
    """What is looked for below can be there: the texts around it are."""
    for name in (*FOR_PEOPLE, "out .json", "the report on stdout", "webhook"):
        assert {place for place in PLACES if place not in outputs[name]} <= {laden.FOUND}, name
    for name in ("pagerduty", "apprise", "file ai_ops/state/ops_brain.log", "file ai_ops/state/undelivered.json"):
        assert laden.GAP in outputs[name], name
    for name in ("file ai_ops/state/sent.json", "notify history on stdout", "the report that nobody takes on stderr"):
        assert laden.REFUSED in outputs[name], name
    assert laden.JUDGED in outputs["file ai_ops/state/judgements.jsonl"]
    assert all(place in outputs["remote"] for place in (*PLACES, laden.REFUSED, laden.JUDGED))


def test_no_secret_is_in_any_output(outputs: dict[str, str]) -> None:
    """In no spelling, however it was cut, on no channel, in no file, in no commit (H09, H10, S001-127)."""
    assert leaks(outputs, SECRETS) == []


def test_nothing_that_tells_of_a_person_is_in_any_output(outputs: dict[str, str]) -> None:
    """Nothing is left of it, in no grouping (H11)."""
    found = {name: PERSONAL_PARTS.search(HIDDEN.sub("", text)) for name, text in outputs.items()}
    assert [name for name, match in found.items() if match] == []


def test_whom_the_letters_go_to_is_said_nowhere(outputs: dict[str, str]) -> None:
    """Their address stands in the team's settings, and from there it goes to the mail server alone (H11)."""
    told = {name for name, text in outputs.items() if READER in text}
    assert told == {"file ai_ops/config/ops_config.yaml", "remote"}


def test_what_does_not_arrive_waits_without_them(morning: Morning) -> None:
    """Dead letters, and messages held until quiet hours end, are kept in git (H09, H11, S003-70)."""
    waiting = json.loads(morning.kept("ai_ops/state/undelivered.json"))["waiting"]
    kept = {(one["channel"], one["why"], one["message"]["kind"]) for one in waiting}
    failed = {(name, "failed", "daily_report") for name in ("slack", "notion", "email", "apprise")}
    assert kept >= failed | {("webhook", "quiet hours", "daily_report"), ("pagerduty", "failed", "cycle")}
    assert "[person]" in json.dumps(waiting)


def test_what_nobody_asked_for_is_kept_nowhere(outputs: dict[str, str]) -> None:
    """The labels of a metric that was had without trouble are nobody's business (H12, S001-128)."""
    assert [name for name, text in outputs.items() if laden.QUIET_LABEL in text] == []


def test_a_report_keeps_no_more_of_foreign_texts_than_the_memory(morning: Morning) -> None:
    """What lies on the state branch for ever is what the ledger and people's own words have, and a title (H12)."""
    pause, lines = morning.kept("ai_ops/state/paused.json"), morning.kept("ai_ops/state").splitlines()
    memory = {Redactor(SECRETS)(text) for text in texts_in([pause, *lines])}
    reports = texts_in(morning.site.content(path, laden.STATE_BRANCH).decode() for path in morning.kept_reports)
    places = {place for place in (*PLACES, laden.PAGE, laden.QUIET_LABEL, laden.JUDGED) if words_of(place, reports)}
    assert places >= {laden.GAP, laden.LABEL, laden.WARNING, laden.PAUSE, laden.TITLE}
    for place in places - {laden.TITLE}:
        assert words_of(place, reports) <= words_of(place, memory), place


def texts_in(documents: Iterable[str]) -> set[str]:
    """Every text in documents of JSON, or in lines of it; what is no JSON is left out."""
    found: set[str] = set()
    for document in documents:
        with suppress(ValueError):
            found |= set(filter(None, texts_of(json.loads(document))))
    return found


def texts_of(value: Any) -> Iterator[str]:
    """Every text in JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_of(one)


def words_of(place: str, texts: Iterable[str]) -> set[str]:
    """Every word behind that of `place` which the agent did not choose itself."""
    planted = set(Redactor(SECRETS)(laden.cargo(place)).split())
    return {word for text in texts for word in text.partition(place)[2].split()} & planted


def test_nothing_of_it_acts_for_those_who_read(outputs: dict[str, str]) -> None:
    """No script, no mention, no closing keyword, no picture from elsewhere (H06, H20, H38)."""
    for name in FOR_PEOPLE:
        assert not re.search("[\x1b\u202e]", outputs[name]), name
    for name, text in outputs.items():
        assert not re.search(r"^::", text, re.MULTILINE), name
    for name in ("out .html", "out .md", "summary", "e-mail"):
        assert not re.search(r"<script|<img[^>]+src=.?https?:", outputs[name].partition("<!DOCTYPE")[2]), name
    for name in ("out .md", "summary"):
        assert not re.search(r"<script|@everyone|fixes #1|\[skip ci\]|\]\(https?://evil", outputs[name]), name
    assert "<!channel>" not in outputs["slack bot"]
