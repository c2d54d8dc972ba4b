"""What a reviewer reads: the verdict first, the proof behind it, and the way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from examples import NOON, a_finding, an_episode, the_knobs
from inertness import complaints, structure
from infested import PICTURE, infested_rationale
from predictions import a_prediction, an_outcome

from ai_ops.apply.pull_request_body.facts import MOST_SIMILAR, Facts, Similar, similar_to
from ai_ops.apply.pull_request_body.pull_request_body import MOST_BYTES, body, episode_in, title
from ai_ops.domain.cycle import ROLLBACK
from ai_ops.domain.prediction import Interval, Prediction, Verdict
from ai_ops.domain.rationale import Role
from ai_ops.domain.tuning import Change, Decision, ScheduledMinimum

if TYPE_CHECKING:
    from ai_ops.domain.cycle import Episode
    from ai_ops.domain.rationale import Option, Rationale

IN = Change("cpu_scale_in_percent", 30.0, 35.0)
WEEKDAYS = tuple(ScheduledMinimum(day * 1440 + 420, day * 1440 + 1140, 6) for day in range(5))
SCHEDULE = Change("scheduled_minimum", (), WEEKDAYS)
ORDER = (
    "<!-- neuropilot: web-20261118T12Z -->",
    "**Proposes: `cpu_scale_in_percent` 30 → 35.** Saves ",
    "| setting | now | new | bounds | why |",
    "**Predicted effect**",
    "**Why**",
    "**Replay of the last 14 days**",
    f"]({PICTURE})",
    "<details><summary>Drawn without the picture</summary>",
    "**What would make this wrong**",
    "**Evidence**",
    "**Similar decisions**",
    "**Checked, and passed**",
    "**To undo it** after the merge: `neuropilot rollback web-20261118T12Z --apply`",
    "<details><summary>Method</summary>",
    "<details><summary>Settings as they stand</summary>",
    "`neuropilot replay web-20261118T12Z`",
    "<details><summary>Diff</summary>",
    "\n\nEpisode: web-20261118T12Z\nRollback: neuropilot rollback web-20261118T12Z --apply\n",
)


def expected(cost: float, burn: float) -> Prediction:
    """A prediction with bounds a tenth below and above; the promise is 99.9 %."""
    good = [100.0 - 0.1 * share for share in (burn, 1.1 * burn, 0.9 * burn)]
    return replace(
        a_prediction(0.0),
        cost_per_hour=Interval(cost, 0.9 * cost, 1.1 * cost),
        burn=Interval(burn, 0.9 * burn, 1.1 * burn),
        slo_good_percent=Interval(*good),
    )


def rationale(**changes: float) -> Rationale:
    """Grounds in plain words, with something else for the proposed option."""
    plain = infested_rationale("plain words")
    return replace(plain, options=tuple(_changed(one, changes) for one in plain.options[1:]))


def _changed(option: Option, changes: dict[str, float]) -> Option:
    return replace(option, **changes) if option.role is Role.PROPOSED else option


def a_proposal(*changes: Change, **more: object) -> Episode:
    """A saving of a tenth of an hour's money, on a calm service."""
    fields = {
        "decision": Decision(changes or (IN,), ("It costs less, and the promise is kept.",)),
        "policy": "model",
        "prediction": expected(2.0, 0.4),
        "if_unchanged": expected(2.5, 0.3),
        "rationale": rationale(),
        "findings": (a_finding(),),
    }
    return an_episode(**(fields | more))


def facts(episode: Episode | None = None, **changes: object) -> Facts:
    """What a usual body is written from."""
    plain = Facts(
        episode=episode or a_proposal(),
        knobs=the_knobs(),
        diff="--- a/x.tfvars\n+++ b/x.tfvars\n@@ -1 +1 @@\n-in = 30\n+in = 35\n",
        similar=(),
        checks=("the file parses before and after",),
        expires_at=NOON + timedelta(days=7),
        chart_url=PICTURE,
        ledger_hash="f" * 64,
        currency="EUR",
    )
    return replace(plain, **changes)


def written(episode: Episode | None = None, **changes: object) -> str:
    """The body."""
    return body(facts(episode, **changes), str)


def test_everything_stands_in_the_order_of_a_minute() -> None:
    """Verdict, table, effect, grounds, way back, and the rest folded (S001-08, S001-82)."""
    text = written()
    places = [text.find(words) for words in ORDER]
    assert -1 not in places
    assert places == sorted(places)
    assert complaints(text, frozenset({PICTURE})) == []


def test_the_verdict_says_what_it_brings_what_it_costs_and_how_sure_it_is() -> None:
    """In one paragraph, by the month: 0.5 an hour is 365.25 a month, 0.1 % of it are 43.8 minutes (S001-82)."""
    verdict = written().split("\n\n")[1]
    assert verdict == (
        "**Proposes: `cpu_scale_in_percent` 30 → 35.** Saves 365 EUR a month (90 % interval 131 to 599). "
        "SLO: 17.5 bad minutes a month instead of 13.1, where the promise allows 43.8. "
        "How sure: in a bad fortnight it would spend 0.40 of the error budget, where 0.45 is allowed; "
        "no similar prediction was judged yet."
    )


def test_what_costs_more_says_so() -> None:
    """Buying safety is never called a saving; without a currency none is invented."""
    dearer = a_proposal(prediction=expected(2.5, 0.2), if_unchanged=expected(2.0, 1.5))
    dearer = replace(dearer, decision=replace(dearer.decision, is_urgent=True))
    verdict = written(dearer, currency="").split("\n\n")[1]
    assert verdict.startswith("**Buys safety: ")
    assert "Costs 365 a month more (90 % interval 131 to 599). SLO: 8.8 bad minutes a month instead of 65.7" in verdict


def test_each_knob_has_its_row() -> None:
    """Now, new, bounds, why; a schedule in words (S001-129)."""
    changes = (IN, Change("min_instances", 2.0, 3.0), Change("scaling_mode", "threshold", "target"), SCHEDULE)
    text = written(a_proposal(*changes))
    for row in (
        "| `cpu_scale_in_percent` | 30 | 35 | 20 to 70 percent | cheaper, less room |",
        "| `min_instances` | 2 | 3 | 1 to 20 instances | safer, costs money |",
        "| `scaling_mode` | threshold | target | threshold or target | proven together with the rest |",
        "| `scheduled_minimum` | none | Mon-Fri 07:00-19:00 UTC at least 6 | at most 28 entries",
    ):
        assert row in text
    assert "`scheduled_minimum` no entries → 5 entries.**" in text


def test_the_effect_is_told_with_and_without_the_change() -> None:
    """Each figure with its interval, and the difference (S001-83)."""
    text = written()
    assert "| cost per month, EUR | 1,826 (1,644 to 2,009) | 1,461 (1,315 to 1,607) | -365 (-599 to -131) |" in text
    assert (
        "| SLO minutes per month (43.8 allowed) | 13.1 (11.8 to 14.5) | 17.5 (15.8 to 19.3) | 4.4 (2.2 to 6.6) |"
        in text
    )
    assert "| scale events per day | 6.0 (2.0 to 12.0) | 6.0 (2.0 to 12.0) | 0 (-7.2 to 7.2) |" in text
    assert "| **this change** | 1,461 | 0.30 | 0.40 | 0.50 | 6.0 | plain words |" in text


def test_figures_that_are_none_are_told_as_unknown_and_not_drawn() -> None:
    """A burn without end is a burn, and no number for a chart."""
    endless = a_proposal(rationale=rationale(burn_bound=float("inf")))
    text = written(endless, chart_url=None)
    assert "in a bad fortnight it would spend inf of the error budget" in text
    assert 'title "Expected cost"' in text
    assert 'title "Replayed cost"' not in text


def test_a_policy_that_predicts_nothing_gets_a_shorter_body() -> None:
    """No table of expectations that nobody has, and no promise to judge it (S001-83)."""
    bare = a_proposal(policy="rules", prediction=None, if_unchanged=None, rationale=None)
    text = written(bare, chart_url=None)
    assert "The policy is `rules`, and nothing is predicted: there are only the reasons below to judge it by." in text
    for words in ("Predicted effect", "Replay of", "mermaid", "What would make", "How sure", "it is held against"):
        assert words not in text
    assert "neuropilot rollback" in text


def test_a_reversal_says_so_in_title_and_verdict() -> None:
    """Whether a person takes it back, or the agent after a miss."""
    missed = an_outcome(1.0, Verdict.MISS, is_live_change=True)
    by_agent = a_proposal(outcomes=(missed,))
    by_agent = replace(by_agent, decision=replace(by_agent.decision, is_urgent=True))
    by_person = a_proposal(policy=ROLLBACK, prediction=None, if_unchanged=None, rationale=None)
    for episode in (by_agent, by_person):
        assert title(episode) == "ai-ops: web take back cpu_scale_in_percent 30 -> 35"
        assert "**Takes back: `cpu_scale_in_percent` 30 → 35.**" in written(episode)
    assert "A person decided it, and nothing is predicted" in written(by_person)
    assert title(a_proposal(outcomes=(missed,))) == "ai-ops: web cpu_scale_in_percent 30 -> 35"


def test_simulated_figures_are_labelled_before_anything_else() -> None:
    """Nobody may take them for those of a service (S001-08)."""
    text = written(a_proposal(is_simulated=True))
    assert text.split("\n\n")[1].startswith("> **Simulated.**")
    assert "Simulated figures." in text
    assert title(a_proposal(is_simulated=True)).endswith("(simulated)")


def test_evidence_names_findings_and_what_was_not_measured() -> None:
    """By the ids under which the other commands know them."""
    text = written(a_proposal(warnings=("one shard did not answer",)))
    assert "`neuropilot explain web-20261118T12Z` shows all of it" in text
    assert "- finding `f" in text
    assert "critical, `latency_p95_ms`: latency_p95_ms was 420 where z-score expected 150" in text
    assert "- warned: one shard did not answer" in text


def test_similar_decisions_are_those_on_the_same_knobs_with_what_became_of_them() -> None:
    """Newest first, at most five, a hit or a miss; what was never live says so (S001-97)."""
    now = a_proposal()
    past = [
        an_episode(24.0 * days, decision=Decision((IN,), ("x",)), prediction=a_prediction(days))
        for days in range(9, 1, -1)
    ]
    past[-2] = replace(past[-2], decision=Decision((Change("min_instances", 2.0, 3.0),), ("x",)))
    judging = an_episode(
        12, outcomes=(an_outcome(2.0, is_live_change=True), an_outcome(4.0, Verdict.MISS, reason="burn 0.90"))
    )
    found = similar_to(now, [*past, judging, now])
    assert [one.decided_at for one in found] == [past[at].decided_at for at in (-1, -3, -4, -5, -6)]
    assert len(found) == MOST_SIMILAR
    text = written(similar=found)
    assert "1 of 2 similar predictions came true" in text
    rows = [line for line in text.splitlines() if line.startswith("| 2026-11-")]
    assert [row.split(" | ")[2].removesuffix(" |") for row in rows] == [
        "**hit**: as the test wants it",
        "**miss**: burn 0.90 (it was not live)",
        *["not judged"] * 3,
    ]


@pytest.mark.parametrize("edit", [str, lambda text: text.replace("\n", "\r\n"), lambda text: f"Looks good.\n\n{text}"])
def test_the_episode_is_found_again_after_people_edited_the_body(edit) -> None:
    """A browser changes the line ends, and people write above."""
    assert episode_in(edit(written())) == "web-20261118T12Z"


def test_a_body_without_our_line_is_nobodys() -> None:
    """Also where the words stand inside of a sentence."""
    assert episode_in("") is None
    assert episode_in("see <!-- neuropilot: web-20261118T12Z --> above") is None


def test_what_would_be_too_long_gives_way_whole_and_by_name() -> None:
    """Details first; the verdict, the table and the way back stay, and nothing is cut inside of markup."""
    wide = "\U0001f600" * 1000
    many = tuple(Change(f"{number} {wide}", wide, wide) for number in range(60))
    stuffed = a_proposal(
        *many,
        findings=tuple(a_finding(reason=wide) for _ in range(50)),
        rationale=replace(rationale(), what_would_change=(wide,) * 50, riskiest=rationale().riskiest * 50),
    )
    stuffed = replace(stuffed, decision=replace(stuffed.decision, reasons=(wide,) * 50))
    similar = (Similar(wide, NOON, many, an_outcome(1.0, reason=wide)),) * 50
    text = written(stuffed, similar=similar, checks=(wide,) * 50, diff="+x\n" * 6_000)
    assert len(text.encode()) <= MOST_BYTES
    assert "and 54 more.**" in text
    assert "and 40 more, see the diff" in text
    assert "neuropilot rollback" in text
    assert "Left out, because all of it would be too long: the diff, " in text
    assert text.endswith(ORDER[-1])
    assert text.count("<details>") == text.count("</details>")
    assert complaints(text, frozenset({PICTURE})) == []


def test_a_diff_is_whole_or_missing() -> None:
    """Half a diff would be approved as if it were all."""
    assert "<summary>Diff</summary>" not in written(diff="+x\n" * 7_000)
    assert structure(written()) == structure(written(diff="+y\n" * 900))
    assert "fence code diff" in structure(written())
