"""A person puts another version in use: one that waited for that, or one from before."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ai_ops.domain.errors import ConfigError, GuardrailRefused, ModelRefused
from ai_ops.domain.model_version import ModelDecision, Verdict
from ai_ops.learn.gates import refusal
from ai_ops.wiring.models.champion import decisions_of, in_use, load
from ai_ops.wiring.models.flagged import past_of
from ai_ops.wiring.models.keep import keep_decision
from ai_ops.wiring.models.rows import kept_rows
from ai_ops.wiring.models.standing import former, skipped_in_words
from ai_ops.wiring.models.worth import Worth, set_exam, worth_of

if TYPE_CHECKING:
    from ai_ops.domain.model_version import Measured
    from ai_ops.settings.service import Service
    from ai_ops.wiring.models.champion import Version
    from ai_ops.wiring.models.standing import Standing
    from ai_ops.wiring.session import Session


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants, and why.

    Parameters
    ----------
    version
        Which one; None takes the one before.
    by, because
        Who, and why.
    min_auc
        What it must be worth; None takes that of the settings.
    """

    version: str | None
    by: str
    because: str = ""
    min_auc: float | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """Which version is in use now.

    Parameters
    ----------
    decision
        As it stands in the ledger.
    measured
        What the version is worth now; None where there was no history to measure it on.
    skipped
        Newer versions that one could not go back to.
    """

    decision: ModelDecision
    measured: Measured | None = None
    skipped: tuple[Standing, ...] = ()

    @property
    def sentence(self) -> str:
        """For a person."""
        worth = (
            "could not be measured for lack of history"
            if self.measured is None
            else (
                f"is worth an AUC of {self.measured.auc.value:.2f} ({self.measured.auc.low:.2f} to "
                f"{self.measured.auc.high:.2f}) now"
            )
        )
        before = f", in place of {self.decision.champion}" if self.decision.champion else ""
        is_back = self.decision.verdict is Verdict.ROLLED_BACK
        then = "; what is trained from now on waits until somebody promotes it" if is_back else ""
        skipped = f"; passed over: {skipped_in_words(self.skipped)}" if self.skipped else ""
        return f"{self.decision.service}: {self.decision.version} is in use{before}; it {worth}{then}{skipped}"

    def to_json(self) -> dict[str, Any]:
        """For a program."""
        one = self.decision
        return {
            "ok": True,
            "service": one.service,
            "model": one.version,
            "before": one.champion,
            "auc": one.auc,
            "verdict": str(one.verdict),
            "skipped": [asdict(other) for other in self.skipped],
        }


class TooLowAuc(GuardrailRefused):
    """A version that is worth too little to be put in use; `body` is what S004-03 answers."""

    def __init__(self, message: str, body: dict[str, Any]) -> None:
        super().__init__(message)
        self.body = body


def promote(session: Session, service: Service, asked: Asked) -> Changed:
    """Put a version in use that waits for a person.

    Raises
    ------
    ConfigError
        When no such version waits.
    ModelRefused
        When its files are not those that were measured then.
    TooLowAuc
        When it is worth less than it must be: the lower bound of its interval counts.
    """
    decisions = decisions_of(session, service.name)
    named = [one for one in decisions if one.version == asked.version]
    if not named or named[-1].verdict is not Verdict.WAITING:
        found = f"{asked.version} is {named[-1].verdict}" if named else f"nothing is known of {asked.version}"
        raise ConfigError(f"{found}, and only what waits can be promoted; `neuropilot model list` shows what does")
    return _put_in_use(session, service, (named[-1], Verdict.PROMOTED), asked)


def rollback(session: Session, service: Service, asked: Asked) -> Changed:
    """Go back to a version that was in use before; where none is named, to the newest one that is sound.

    Raises
    ------
    ConfigError
        When there is none, or it is in use already.
    ModelRefused
        When its files are not those that were in use then, or none is sound.
    TooLowAuc
        When it is worth less than it must be.
    """
    found = former(session, decisions_of(session, service.name), asked.version)
    changed = _put_in_use(session, service, (found.decision, Verdict.ROLLED_BACK), asked)
    return replace(changed, skipped=found.skipped)


def _put_in_use(session: Session, service: Service, wanted: tuple[ModelDecision, Verdict], asked: Asked) -> Changed:
    chosen, verdict = wanted
    version, decisions = load(session, chosen), decisions_of(session, service.name)
    champion = in_use(decisions)
    worth = _worth_now(session, service, version, champion if verdict is Verdict.PROMOTED else None)
    auc, low = (
        (chosen.auc, chosen.auc_low) if worth.measured is None else (worth.measured.auc.value, worth.measured.auc.low)
    )
    least = session.settings.model.min_auc if asked.min_auc is None else asked.min_auc
    counted = low if verdict is Verdict.PROMOTED else auc
    if counted is None or counted < least:
        raise TooLowAuc(_too_low(chosen.version, auc, counted, least), refusal(auc, least))
    if worth.champion is not None and worth.champion.auc_gain.high < 0.0:
        gain = worth.champion.auc_gain
        raise GuardrailRefused(
            f"{chosen.version} stays unused: its AUC is {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}) beside "
            f"{worth.champion.version}, which is in use, on the same hours. `neuropilot train --rebuild --apply` "
            "trains another"
        )
    decision = ModelDecision(
        service=service.name,
        version=chosen.version,
        verdict=verdict,
        at=session.place.clock(),
        by=asked.by,
        manifest_sha256=chosen.manifest_sha256,
        champion=champion.version if champion else None,
        reason=asked.because or "no reason given",
        auc=auc,
        auc_low=low,
        is_simulated=chosen.is_simulated,
        kind=chosen.kind,
    )
    keep_decision(session, decision)
    return Changed(decision, worth.measured)


def _worth_now(session: Session, service: Service, version: Version, champion: ModelDecision | None) -> Worth:
    """What a version is worth on the history that is kept, alone and beside the model in use where that is asked."""
    rows = kept_rows(session, service)
    if rows is None:
        return Worth(None, None, None)
    beside = _sound(session, champion)
    metrics = dict.fromkeys((*version.metrics, *(beside.metrics if beside else ())))
    return worth_of(
        version.mixture, version.metrics, (beside, None), set_exam(rows.of(tuple(metrics)), past_of(session, service))
    )


def _sound(session: Session, champion: ModelDecision | None) -> Version | None:
    """The model in use; one that cannot be read is no reason to keep it."""
    try:
        return None if champion is None else load(session, champion)
    except ModelRefused:
        return None


def _too_low(version: str, auc: float | None, counted: float | None, least: float) -> str:
    if auc is None or counted is None:
        return f"{version} stays unused: nothing is known of what it is worth, and {least:g} is needed"
    bound = "" if auc == counted else f", and the lower bound of that is {counted:.2f}"
    return (
        f"Model AUC below threshold: {version} is worth {auc:.2f}{bound}; {least:g} is needed. "
        "Another limit is set by --min-auc"
    )
