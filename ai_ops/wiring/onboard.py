"""The steps of `neuropilot init`, made from a real repository and a real Prometheus."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from ai_ops.adopt.ignored import MEMORY_FOLDERS, with_ignored, with_owners_hint
from ai_ops.adopt.settings_draft import settings_text
from ai_ops.adopt.workflow_draft import WORKFLOW, pinned_agent
from ai_ops.apply.remote_url import read_remote_url
from ai_ops.domain.adoption import Adoption, Draft, Onboarding, Repository
from ai_ops.domain.errors import ConfigError
from ai_ops.settings import DEFAULT_FILE, load_settings, settings_in
from ai_ops.wiring.adopted_files import content_of
from ai_ops.wiring.onboard_knobs import default_knobs, find_knobs
from ai_ops.wiring.onboard_metrics import evidence_from
from ai_ops.wiring.onboard_words import knob_words, model_words, notes_for
from ai_ops.wiring.onboard_workflow import drafted_workflow
from ai_ops.wiring.session import repository as open_repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_ops.domain.adoption import Evidence, KnobFile
    from ai_ops.git_client import GitClient
    from ai_ops.wiring.session import Place

REMOTE = "origin"
CONFIG, IGNORED = DEFAULT_FILE.as_posix(), ".gitignore"
OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in this order; the first one counts."""

_PLAIN_PATHS = {"GIT_LITERAL_PATHSPECS": "0"}
"""`git check-ignore` takes nothing but plain paths, and refuses to be told so."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for.

    Parameters
    ----------
    workflow
        Which kind of workflow to write.
    agent
        Where the agent comes from, as OWNER/REPO@COMMIT; None finds out.
    prometheus_url
        Whom to ask; None means the environment and the settings that are there.
    """

    workflow: Literal["caller", "full", "none"] = "caller"
    agent: str | None = None
    prometheus_url: str | None = None


def onboarding(place: Place, wish: Wish) -> Onboarding:
    """Join the steps with the repository at `place`.

    Raises
    ------
    ConfigError
        Outside of a git repository.
    """
    git = open_repository(place.root, REMOTE)
    if git is None:
        raise ConfigError(f"{place.root} is no git repository; run this inside of one, or name it with --root")
    return Onboarding(
        look=partial(_look, git),
        ask=partial(_ask, place, wish),
        find_knobs=partial(find_knobs, place.root),
        draft=partial(_Drafting(place, wish, git).draft),
    )


def _look(git: GitClient) -> Repository:
    address = git.shell.run("remote", "get-url", git.remote).text if git.has_remote() else ""
    remote = read_remote_url(address) if address else None
    listing = git.shell.ask("the files cannot be listed", "ls_files", "-z", "-co", "--exclude-standard").text
    name = remote.path.rpartition("/")[2] if remote else git.root.name
    files = tuple(sorted({path for path in listing.split("\0") if path}))
    return Repository(name, git.checked_out() or "", remote.host if remote else "", files)


def _ask(place: Place, wish: Wish, repository: Repository) -> Evidence:
    """Ask whom the settings that are there, the environment, or the command line names."""
    given = {"PROMETHEUS_URL": wish.prometheus_url} if wish.prometheus_url else {}
    settings = load_settings(place.config, root=place.root, environment={**place.environment, **given})
    return evidence_from(settings, repository.name, place.clock())


@dataclass(frozen=True, slots=True)
class _Drafting:
    """Drafts the files of one repository."""

    place: Place
    wish: Wish
    git: GitClient

    def draft(self, repository: Repository, evidence: Evidence, knobs: KnobFile | None) -> Adoption:
        """Write down all that would be written, and all that was seen."""
        warnings: list[str] = []
        workflow = drafted_workflow(self.wish.workflow, self._agent(), warnings.append)
        wanted = {CONFIG: self._settings(evidence, knobs)}
        wanted |= {WORKFLOW: workflow.text.encode()} if workflow.text else {}
        standing = {path: content_of(self.place.root, path) for path in wanted}
        drafts = [Draft(path, None, text) for path, text in wanted.items() if standing[path] is None]
        left_alone = tuple(_kept(path, wanted[path], old) for path, old in standing.items() if old is not None)
        owners, hint = self._owners(tuple(wanted))
        ignored = tuple(
            f"git ignores {draft.path}: no commit would hold it" for draft in drafts if self._ignores(draft.path)
        )
        lacking = tuple(model_words(knobs)) if standing[CONFIG] is None else ()
        return Adoption(
            found=(*evidence.words, *knob_words(knobs)),
            drafts=(*drafts, *self._ignore(), *owners),
            left_alone=left_alone,
            secrets=workflow.secrets,
            notes=(*ignored, *warnings, *lacking, *notes_for(repository, knobs, workflow), *hint),
        )

    def _agent(self) -> str | None:
        """The agent that was asked for, else the one that the workflow here runs already."""
        standing = content_of(self.place.root, WORKFLOW) or b""
        return self.wish.agent or pinned_agent(standing.decode(errors="replace"))

    def _settings(self, evidence: Evidence, knobs: KnobFile | None) -> bytes:
        text = settings_text(evidence.guess, knobs, default_knobs()).encode()
        settings_in(text, CONFIG, root=self.place.root, environment={})  # a draft that cannot be loaded is a defect
        return text

    def _ignore(self) -> Iterator[Draft]:
        """Add the folders of the memory that git does not ignore yet."""
        missing = [folder for folder in MEMORY_FOLDERS if not self._ignores(f"{folder[1:]}x")]
        before = content_of(self.place.root, IGNORED)
        after = with_ignored(before, missing)
        if after is not None and after != before:
            yield Draft(IGNORED, before, after)

    def _ignores(self, path: str) -> bool:
        """Whether a .gitignore of this repository, not one of this machine alone, has git ignore `path`."""
        said = self.git.shell.run("check_ignore", "--no-index", "-v", "--", path, env=_PLAIN_PATHS)
        source = said.text.partition(":")[0]
        return said.status == 0 and source.endswith(IGNORED) and not source.startswith("/")

    def _owners(self, paths: tuple[str, ...]) -> tuple[list[Draft], list[str]]:
        """Suggest whom to ask for reviews: in the file for that, or in words where there is none."""
        for name in OWNERS:
            before = content_of(self.place.root, name)
            if before is not None:
                return [Draft(name, before, with_owners_hint(before, paths, name))], []
        lines = "".join(f"\n    /{path} @YOUR-TEAM" for path in paths)
        return [], [f"let changes of what the agent may do be reviewed, with {OWNERS[0]}:{lines}"]


def _kept(path: str, wanted: bytes, standing: bytes) -> str:
    return (
        f"{path} is there, as it would be written" if standing == wanted else f"{path} is there, and yours: left alone"
    )
