"""A pull request that a reviewer approves in one minute, and in which nothing that was measured can act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.apply.commit_message import subject
from ai_ops.apply.pull_request_body import details, effect, grounds, knobs
from ai_ops.apply.pull_request_body.facts import Facts as Facts  # noqa: PLC0414, TC001  # what a body is written from
from ai_ops.apply.pull_request_body.facts import Similar as Similar  # noqa: PLC0414
from ai_ops.apply.pull_request_body.facts import similar_to as similar_to  # noqa: PLC0414
from ai_ops.apply.pull_request_body.markers import episode_in as episode_in  # noqa: PLC0414  # reads what `body` wrote
from ai_ops.apply.pull_request_body.markers import episode_marker, trailers
from ai_ops.apply.pull_request_body.parts import Part, Pen, fitted
from ai_ops.apply.pull_request_body.verdict import SIMULATED, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_ops.domain.cycle import Episode

MOST_BYTES = 65_536
"""GitHub takes so many characters; in bytes it is safe however they are counted."""


def title(episode: Episode) -> str:
    """What moves, in the 72 characters that the commit has as well."""
    return subject(episode)


def body(facts: Facts, redact: Callable[[str], str]) -> str:
    """Verdict, table, effect, grounds, way back; then, folded, what proves it; last what git reads in a squash.

    Parameters
    ----------
    redact
        Takes secrets out of a text.
    """
    pen = Pen(redact)
    parts = (
        Part("marker", episode_marker(facts.episode.id)),
        Part("simulated", SIMULATED if facts.episode.is_simulated else ""),
        Part("verdict", verdict(facts, pen)),
        Part("settings", knobs.knob_table(facts, pen)),
        Part("effect", effect.effect_table(facts, pen)),
        Part("the reasons", knobs.reasons(facts, pen), 1),
        Part("the replay", effect.replay_table(facts, pen), 2),
        Part("the chart", effect.chart(facts), 3),
        Part("the drawing", effect.drawn_here(facts), 5),
        Part("what would make it wrong", grounds.doubts(facts, pen), 3),
        Part("the evidence", grounds.evidence(facts, pen), 4),
        Part("similar decisions", grounds.precedents(facts, pen), 6),
        Part("the checks", grounds.checks(facts, pen), 7),
        Part("the way back", details.way_back(facts, pen)),
        Part("the method", details.method(facts, pen), 8),
        Part("the settings as they stand", details.settings(facts, pen), 9),
        Part("replay and ledger", details.proof(facts, pen), 2),
        Part("the diff", details.diff(facts, pen), 10),
    )
    return fitted(parts, Part("the trailers", trailers(facts.episode.id)), MOST_BYTES)
