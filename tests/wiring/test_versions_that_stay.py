"""What a person is asked about is there when they answer, whatever is promoted meanwhile."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from agents import NOW, Agent, make_agent_site
from model_vitals import a_decision
from repositories import isolate

from ai_ops.domain.model_version import TrainingKind, Verdict, version_name
from ai_ops.domain.open_question import ASKED_FOR
from ai_ops.learn.registry import KEPT
from ai_ops.wiring.models.champion import decisions_of, in_use, registry
from ai_ops.wiring.models.keep import keep_decision
from ai_ops.wiring.session import open_session

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ai_ops.domain.model_version import ModelDecision
    from ai_ops.wiring import Session


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Agent:
    """One without any model."""
    isolate(monkeypatch)
    return Agent(make_agent_site(tmp_path).clone("checkout"), {})


def a_night(session: Session, at: datetime, verdict: Verdict, kind: TrainingKind) -> ModelDecision:
    """Keep a version of that night, and what was decided about it."""
    files = {"anomaly_model.json": f'{{"rows": {at.toordinal()}}}\n'.encode()}
    version = version_name(at, sha256(files["anomaly_model.json"]).hexdigest())
    manifest = registry(session).write("web", version, files)
    champion = in_use(decisions_of(session, "web"))
    before = champion.version if champion else None
    decision = a_decision(verdict, 0, version, at=at, kind=kind, champion=before, manifest_sha256=manifest)
    keep_decision(session, decision)
    return decision


def test_a_rebuild_is_kept_as_long_as_it_is_asked_about(agent: Agent) -> None:
    """H42, S001-140: more nights pass than versions are kept, some of them paused, and then nobody has answered."""
    last = ASKED_FOR.days + 1
    for night in range(last + 1):
        at = NOW + timedelta(days=night)
        with open_session(agent.place(at), is_writing=True) as session:
            if not night:
                asked = a_night(session, at, Verdict.WAITING, TrainingKind.REBUILD).version
            else:
                verdict = Verdict.WAITING if night % 5 == 0 else Verdict.PROMOTED
                a_night(session, at, verdict, TrainingKind.WARM)
            assert (asked in registry(session).versions("web")) is (night < last)
            assert len(registry(session).versions("web")) == min(night + 1, KEPT)
