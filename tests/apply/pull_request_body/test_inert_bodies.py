"""Nothing that came from telemetry acts in a pull request, whatever it says."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from examples import NOON
from hostile import hostile
from hypothesis import given, settings
from hypothesis import strategies as st
from inertness import ACTIVE_ANYWHERE, complaints, structure
from infested import PICTURE, infested_episode, infested_facts
from predictions import an_outcome

from ai_ops.apply.commit_message import SUBJECT_WIDTH, commit_message
from ai_ops.apply.pull_request_body.comments import closing_comment, live_comment, outcome_marker, verdict_comment
from ai_ops.apply.pull_request_body.pull_request_body import MOST_BYTES, body, episode_in, title
from ai_ops.markdown import defused
from ai_ops.redact import Redactor, redact

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTILE = hostile()
GROUPS = sorted({name.partition(": ")[0] for name in HOSTILE})
OURS = frozenset({PICTURE})
TRAILERS = ["Episode", "Reason", "Predicted", "Rollback"]
TRAILERS_OF_A_BODY = ["Episode", "Rollback"]


def texts(group: str) -> dict[str, str]:
    """The texts of one group of the corpus, by name."""
    return {name: text for name, text in HOSTILE.items() if name.startswith(f"{group}: ")}


@cache
def a_body(text: str) -> str:
    """A body full of `text`."""
    return body(infested_facts(text), redact)


def comments(text: str) -> Iterator[str]:
    """Every comment that there is, about a decision full of `text`."""
    episode, outcome = infested_episode(text), an_outcome(1.0, reason=text)
    yield live_comment(episode, NOON, NOON)
    yield live_comment(replace(episode, prediction=None), NOON, NOON)
    yield verdict_comment(episode, NOON, outcome)
    yield verdict_comment(episode, NOON, outcome, is_taken_back=True)
    yield closing_comment(text)
    yield f"{outcome_marker(episode.id)}\n{closing_comment(text)}"


def trailers(message: str) -> list[str]:
    """Names of the trailers that git reads."""
    return [line.partition(":")[0] for line in trailer_lines(message)]


def trailer_lines(message: str) -> list[str]:
    """The trailers that git reads."""
    call = ["git", "interpret-trailers", "--parse", "--no-divider"]
    done = subprocess.run(call, input=message.encode(), capture_output=True, check=True)
    return done.stdout.decode().splitlines()


@pytest.mark.parametrize("group", GROUPS)
def test_a_body_full_of_it_is_inert_and_fits(group: str) -> None:
    """No link, picture, HTML, mention, reference, switch or hidden character but ours (H01, H20)."""
    for name, text in texts(group).items():
        assert (name, complaints(a_body(text), OURS)) == (name, [])
        squashed = a_body(text).replace(PICTURE, "")  # what becomes a commit message, diff and all
        assert (name, [kind for kind, pattern in ACTIVE_ANYWHERE if pattern.search(squashed)]) == (name, [])
        assert squashed.startswith("<!-- neuropilot: ")
        assert len(a_body(text).encode()) <= MOST_BYTES


@pytest.mark.parametrize("group", GROUPS)
def test_comments_full_of_it_are_inert(group: str) -> None:
    """The same after the merge (H01, H20)."""
    for name, text in texts(group).items():
        for comment in comments(text):
            assert (name, complaints(comment)) == (name, [])
            assert len(comment.encode()) <= MOST_BYTES


@pytest.mark.parametrize("group", GROUPS)
def test_titles_and_commit_messages_full_of_it_are_inert(group: str) -> None:
    """Git reads our trailers and no others, from a commit as from a body that became one (H01, H20, S001-143)."""
    for name, text in texts(group).items():
        message, heading = commit_message(infested_episode(text)), title(infested_episode(text))
        assert (name, [kind for kind, pattern in ACTIVE_ANYWHERE if pattern.search(message)]) == (name, [])
        assert (name, trailers(message)) == (name, TRAILERS)
        assert message.startswith(f"{heading}\n\n")
        assert len(heading) <= SUBJECT_WIDTH
        assert (name, trailers(f"{heading}\n\n{a_body(text)}")) == (name, TRAILERS_OF_A_BODY)


@pytest.mark.parametrize("group", GROUPS)
def test_the_trailers_of_a_body_are_of_its_own_episode(group: str) -> None:
    """Whatever stands above them, however it is cut, and with the line ends of a browser (H20, S001-143)."""
    for name, text in texts(group).items():
        ours = replace(infested_facts(text), episode=replace(infested_episode(text), id="web-20261118T12Z.2"))
        for squashed in (body(ours, redact), body(ours, redact).replace("\n", "\r\n")):
            assert (name, trailer_lines(f"x (#1)\n\n{squashed}")) == (
                name,
                ["Episode: web-20261118T12Z.2", "Rollback: neuropilot rollback web-20261118T12Z.2 --apply"],
            )


@pytest.mark.parametrize("group", [group for group in GROUPS if group != "long"])
def test_a_body_keeps_its_shape(group: str) -> None:
    """However it is written, it is words in the place of words: every block and every span is where it was (H20)."""
    usual = without_code(structure(a_body("plain words")))
    for name, text in texts(group).items():
        if defused(text):
            assert (name, without_code(structure(a_body(text)))) == (name, usual)


@settings(max_examples=80)
@given(
    st.text(max_size=120) | st.lists(st.sampled_from("@#[](){}<>&|`*_~\\!-+=.:/$ \n\tafx1\u200b\u202e"), max_size=60)
)
def test_any_text_at_all_is_inert(text: str | list[str]) -> None:
    """Also what nobody has thought of (H01, H20)."""
    said = "".join(text)
    assert complaints(body(infested_facts(said), redact), OURS) == []
    assert [complaint for comment in comments(said) for complaint in complaints(comment)] == []
    assert trailers(commit_message(infested_episode(said))) == TRAILERS
    assert trailers(f"x (#1)\n\n{body(infested_facts(said), redact)}") == TRAILERS_OF_A_BODY


def test_the_marker_leads_back_to_the_episode_it_was_written_for() -> None:
    """Nothing inside of a body can pretend to be another episode's (H20)."""
    for text in HOSTILE.values():
        name = text.encode("utf-8", "replace").decode()
        assert episode_in(a_body(text)) == (name[:300] or "unnamed")


def test_the_corpus_is_large_and_each_of_it_says_something_else() -> None:
    """H01 asks for at least 200."""
    assert len(set(HOSTILE.values())) == len(HOSTILE) >= 400


def test_an_address_that_is_none_shows_no_picture() -> None:
    """Only a plain web address becomes one (H06)."""
    for name, text in HOSTILE.items():
        written = body(replace(infested_facts("x"), chart_url=text), redact)
        if name not in {"links: bare", "links: bare, http", "links: ip"}:
            assert "![" not in written, name


def test_no_secret_survives_in_any_place() -> None:
    """A known one, whole or with a hidden character in its middle (H09)."""
    secret = "correct-horse-battery"
    hides = Redactor([secret])
    for text in (secret, f"x{secret[:7]}\u200b{secret[7:]}y", f"token={secret}"):
        episode = replace(infested_episode(text), id="web-20261118T12Z")  # no name of ours has a secret in it
        facts = replace(infested_facts(text), episode=episode)
        places = [body(facts, hides), live_comment(episode, NOON, NOON, redact=hides), closing_comment(text, hides)]
        places.append(verdict_comment(episode, NOON, an_outcome(1.0, reason=text), redact=hides))
        assert not [place for place in places if secret in place]


def test_defusing_takes_a_moment_however_long_the_text() -> None:
    """Every pattern runs in about linear time: 100,000 characters of anything below two seconds."""
    for name, text in HOSTILE.items():
        begun = time.monotonic()
        defused(text)
        assert time.monotonic() - begun < 2.0, name


def without_code(kinds: list[str]) -> list[str]:
    """Leave out code spans: what looks like a commit is put in one."""
    return [kind for kind in kinds if kind != "- code_inline"]
