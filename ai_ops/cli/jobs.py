"""`neuropilot collect`, `decide` and `deliver`: one cycle in three jobs, each with no more rights than it needs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ai_ops.cli.json_text import failing_as_json
from ai_ops.cli.options import AsJson, Config, Debug, Root, Service, Summary, place_for
from ai_ops.cli.services import Way, Wish, run_each, speaking, the_service, wanted_services
from ai_ops.domain.errors import OpsError, Overtaken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ai_ops.domain.cycle import Cycle, CycleResult
    from ai_ops.domain.metrics import Window
    from ai_ops.settings.service import Service as Settings
    from ai_ops.store.handover import Collected, Failure, Purpose, Seen, Thought
    from ai_ops.wiring import Session, Wired
    from ai_ops.wiring.jobs.deliver import Documents
    from ai_ops.wiring.session import Place

    Look = Callable[[Session, Settings, Callable[[Cycle], Cycle], Callable[[str], None]], Seen]

Out = Annotated[Path, typer.Option("--out", help="Write the document into this file.")]
Sha256 = Annotated[str | None, typer.Option(help="What its SHA-256 must be, as the job that made it says.")]


def collect(  # one parameter per option
    out: Out,
    *,
    purpose: Annotated[
        Literal["cycle", "training", "report"],
        typer.Option("--for", help="What it is for: a decision, `neuropilot train` or `neuropilot report`."),
    ] = "cycle",
    config: Config = None,
    root: Root = None,
    service: Service = None,
    debug: Debug = False,
) -> int:
    """Collect what a decision, a training or a report needs into one document. It writes nowhere else."""
    manner = "collecting only" if purpose == "cycle" else f"collecting only, for a {purpose}"
    return collect_into(out, place_for(root, config), Wish(service=service, is_debugging=debug, manner=manner), purpose)


def decide(
    collected: Annotated[Path, typer.Option("--in", help="The document of `neuropilot collect`.")],
    out: Out,
    *,
    isolated: Annotated[
        bool, typer.Option("--isolated", help="Refuse to start with a secret or a network within reach.")
    ] = False,
    config: Config = None,
    root: Root = None,
    debug: Debug = False,
) -> int:
    """Decide on what was collected. Second of three jobs; it needs no secret and no network."""
    place = place_for(root, config)
    if isolated:
        from ai_ops.cli.isolation import check_isolation

        check_isolation(place.root, place.environment)
    return decide_into(out, collected, place, Wish(is_debugging=debug, manner="deciding only"))


def deliver(  # noqa: PLR0913  # one parameter per option
    collected: Annotated[Path, typer.Option("--collected", help="The document of `neuropilot collect`.")],
    decided: Annotated[Path, typer.Option("--decided", help="The document of `neuropilot decide`.")],
    *,
    collected_sha256: Sha256 = None,
    decided_sha256: Sha256 = None,
    config: Config = None,
    root: Root = None,
    summary: Summary = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Act on what was decided: record, change what `mode` allows, notify. Last of three jobs."""
    from ai_ops.store.handover import read_document
    from ai_ops.wiring.jobs.deliver import Digest, documents_in

    wish = Wish(is_acting=True, summary=summary, as_json=as_json, is_debugging=debug, manner="acting on a decision")
    with failing_as_json(is_wanted=as_json, results=[], failures=[], degraded=[]):
        place, expected = place_for(root, config), Digest(collected_sha256, decided_sha256)
        documents = documents_in(read_document(collected), read_document(decided), expected, place)
        return deliver_documents(documents, place, wish)


def collect_into(out: Path, place: Place, wish: Wish, purpose: Purpose = "cycle") -> int:
    """Observe every wanted service; one that fails does not stop the others, and fails again when it is delivered."""
    from ai_ops.store.handover import collected_to_bytes
    from ai_ops.wiring.jobs.collect import collected, open_collecting, see, see_again

    with open_collecting(place) as (session, tip), speaking(session, wish) as say:
        names = wanted_services(session.settings, wish.service)
        look = see if purpose == "cycle" else see_again
        seen = tuple(_seen(session, the_service(session.settings, name), look, say) for name in names)
        _write(out, collected_to_bytes(collected(session, tip, seen, purpose)), say)
    if purpose == "report":
        return 0  # that nothing could be had is what the report then says
    return _exit_code(one.failure for one in seen)


def decide_into(out: Path, document: Path, place: Place, wish: Wish) -> int:
    """Decide about every service that was observed."""
    from ai_ops.store.handover import COLLECTED, collected_in, decided_to_bytes, digest_of, read_document
    from ai_ops.wiring.jobs.decide import decided, open_deciding

    raw = read_document(document)
    collected = collected_in(raw, COLLECTED)
    with open_deciding(place, collected) as session, speaking(session, wish) as say:
        thoughts = tuple(_thought(session, seen, say) for seen in collected.services)
        _write(out, decided_to_bytes(decided(session, digest_of(raw), thoughts), session.redact), say)
    failures = [seen.failure or thought.failure for seen, thought in zip(collected.services, thoughts, strict=True)]
    return _exit_code(failures)


def deliver_documents(documents: Documents, place: Place, wish: Wish) -> int:
    """Run the cycle of every service with what was handed over in place of looking and thinking."""
    from ai_ops.wiring.jobs.taken_over import open_acting

    pairs = zip(documents.collected.services, documents.decided.services, strict=True)
    known = {seen.service: (seen, thought) for seen, thought in pairs}
    with open_acting(place, documents.collected) as session:
        wire = partial(_wire, session, known, documents.collected)
        return run_each(session, wish, tuple(known), Way(wire, _land))


def _seen(session: Session, service: Settings, look: Look, say: Callable[[str], None]) -> Seen:
    """Observe one service, or say why that is not possible."""
    from ai_ops.cli.narrative import narrated
    from ai_ops.cli.progress import metric_bar
    from ai_ops.domain.metrics import CANONICAL_METRICS
    from ai_ops.store.handover import Seen

    say(f"Service {service.name}")
    try:
        with metric_bar(len(CANONICAL_METRICS)) as progress:
            return look(session, service, lambda cycle: narrated(cycle, say), progress)
    except OpsError as error:
        return Seen(service.name, failure=_failure(session, service.name, error))


def _thought(session: Session, seen: Seen, say: Callable[[str], None]) -> Thought:
    """Decide about one service, or say why that is not possible."""
    from ai_ops.cli.narrative import narrated
    from ai_ops.store.handover import Thought
    from ai_ops.wiring.jobs.decide import think

    say(f"Service {seen.service}")
    if seen.recalled is not None:
        say(f"This period was already decided: episode {seen.recalled}")
    try:
        return think(session, the_service(session.settings, seen.service), seen, lambda cycle: narrated(cycle, say))
    except OpsError as error:
        failure = _failure(session, seen.service, error)
        return Thought(seen.service, session.place.clock(), failure=failure)


def _wire(
    session: Session,
    known: dict[str, tuple[Seen, Thought]],
    collected: Collected,
    service: Settings,
    _progress: Callable[[str], None],
) -> Wired:
    from ai_ops.wiring.jobs.deliver import wire_delivery

    seen, thought = known[service.name]
    return wire_delivery(session, service, seen, thought, collected)


def _land(cycle: Cycle, window: Window) -> CycleResult:
    """Run the cycle; when somebody else decided this period meanwhile, bring their decision to its end instead."""
    from ai_ops.ops_brain import run_cycle

    try:
        return run_cycle(cycle, window)
    except Overtaken:
        if cycle.recall(window) is None:
            raise  # what was decided rests on something that has changed, and only looking again helps
    return run_cycle(cycle, window)


def _failure(session: Session, service: str, error: OpsError) -> Failure:
    """Say what failed, and write it down without secrets."""
    from ai_ops.cli.voice import speak
    from ai_ops.markdown import cut
    from ai_ops.store.handover import Failure
    from ai_ops.store.handover_room import LONGEST_WORDS

    words = cut(session.redact(str(error)), LONGEST_WORDS)
    speak(f"error: {service}: {words}", err=True)
    return Failure(words, error.exit_code)


def _write(out: Path, raw: bytes, say: Callable[[str], None]) -> None:
    from ai_ops.store.handover import digest_of, write_document

    write_document(out, raw)
    say(f"Handed over: {out}, {len(raw) / 1e6:.1f} MB, SHA-256 {digest_of(raw)}")


def _exit_code(failures: Iterable[Failure | None]) -> int:
    """Give that of the first failure where nothing is left to go on with, else success: the last job tells it."""
    told = list(failures)
    first = next((one for one in told if one is not None), None)
    return first.exit_code if first is not None and all(told) else 0
