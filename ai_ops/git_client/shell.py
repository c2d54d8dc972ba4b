"""One git command: no prompt, no hook, no locale, never without end; and its failure in words a person can act on."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ai_ops.domain.errors import ConfigError, DeliveryError
from ai_ops.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

_AMBIENT = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE")
"""Variables that would point git at another repository than the one asked for; hooks inherit them."""

_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",  # the credential manager's own windows
    "SSH_ASKPASS": "",  # git falls back to it when it has no GIT_ASKPASS
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "i18n.commitEncoding=utf-8",
    "i18n.logOutputEncoding=utf-8",
    "log.showSignature=false",
    "trailer.separators=:",
    "http.lowSpeedLimit=1",  # bytes per second, over
    "http.lowSpeedTime=30",  # so many seconds: a silent server ends by itself
)

_BATCH_SSH = "ssh -oBatchMode=yes -oConnectTimeout=15"

_HINTS = (
    (
        r"protected branch|GH006|GH013|rule violations",
        "let this account push past the branch's protection, or name another branch in `repository.branch`",
    ),
    (r"hook declined", "the server's own check refuses it; its words say why"),
    (
        r"exists; cannot create|directory file conflict",
        "a branch of the remote bears a part of this name; rename it or choose another name",
    ),
    (
        r"error: 403|permission to \S+ denied|write access",
        "give the token write access (GitHub Actions: `permissions: contents: write`)",
    ),
    (
        r"could not read (username|password)|authentication failed|error: 401|prompts disabled|publickey|host key",
        "give git credentials for the remote; it never asks for them here",
    ),
    (r"no space left|out of diskspace|file too large|couldn't write|signal 25", "free space on the repository's disk"),
    (r"dubious ownership", "run `git config --global --add safe.directory` with the folder that git names"),
    (r"shallow update not allowed", "fetch the whole history: `git fetch --unshallow`"),
    (r"couldn't find remote ref|not our ref|unadvertised object", "the branch has moved meanwhile; run again"),
    (
        r"timeout|timed out|resolve host|unable to (access|connect)|connection|does not appear to be a git",
        "see whether `git ls-remote` reaches the remote from this machine",
    ),
)
"""What helps, by the words of the failure, first match wins."""


_NOISE = re.compile(
    r"hint:|error: failed to push some refs|Please make sure you have the correct|and the repository exists"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one git command said: exit status, standard output, and standard error as text."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as text, without the last newline; bytes that are not UTF-8 survive as surrogates."""
        return self.out.decode("utf-8", "surrogateescape").removesuffix("\n")

    def failure(self, what: str) -> DeliveryError:
        """The error for this answer: what failed, git's own words, what helps."""
        words = readable(f"{self.err}\n{_refusals(self.text)}")
        hint = next((hint for pattern, hint in _HINTS if re.search(pattern, words, re.IGNORECASE)), "")
        said = words or f"git ended with status {self.status}"
        return DeliveryError(f"{what}: {said}" + (f". Next: {hint}" if hint else ""))


class Shell:
    """Runs git in one folder.

    Parameters
    ----------
    folder
        An existing folder; git finds the repository it lies in.
    timeout_seconds
        After this long a command is killed with its children.

    Raises
    ------
    ConfigError
        When there is no git, no such folder, or a variable points git elsewhere.
    """

    def __init__(self, folder: Path, timeout_seconds: float) -> None:
        ambient = [name for name in _AMBIENT if name in os.environ]
        if ambient:
            raise ConfigError(f"{', '.join(ambient)} points git at another repository (inside a hook?): unset it")
        if not folder.is_dir():
            raise ConfigError(f"{folder} is not a folder: give the root of a git repository")
        try:
            from git import Git
        except ImportError as err:
            raise _no_git(err) from err
        self._git = Git(folder)
        self._git.update_environment(**_ENVIRONMENT)
        self._git.set_persistent_git_options(c=_SETTINGS)
        self._timeout_seconds = timeout_seconds

    def identify(self, name: str, email: str) -> None:
        """Make commits in this name, whatever git is configured to."""
        who = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", name), ("EMAIL", email))
        }
        self._git.update_environment(**who)

    def refuse_prompts_of_ssh(self) -> None:
        """Keep ssh from asking on the terminal, unless the person has chosen an ssh command."""
        is_chosen = (
            os.environ.keys() & {"GIT_SSH", "GIT_SSH_COMMAND"} or self.run("config", "--get", "core.sshCommand").text
        )
        if not is_chosen:
            self._git.update_environment(GIT_SSH_COMMAND=_BATCH_SSH)

    def run(self, command: str, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Answer:
        """Run `git command arguments...` and return what it said, whatever its status."""
        from git import GitCommandNotFound

        try:
            with _file_with(stdin) as file:
                status, out, err = getattr(self._git, command)(
                    *arguments,
                    istream=file,
                    env=env,
                    kill_after_timeout=self._timeout_seconds,
                    with_extended_output=True,
                    with_exceptions=False,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                )
        except GitCommandNotFound as missing:
            raise _no_git(missing) from missing
        is_late = err.startswith("Timeout:")
        return Answer(status, out, f"timeout: no answer within {self._timeout_seconds:g} s" if is_late else err)

    def ask(
        self, what: str, command: str, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> Answer:
        """Run a command that must succeed; `what` opens the sentence when it does not.

        Raises
        ------
        DeliveryError
            When its status is not 0.
        """
        answer = self.run(command, *arguments, stdin=stdin, env=env)
        if answer.status:
            raise answer.failure(what)
        return answer


def _file_with(content: bytes) -> IO[bytes]:
    """Open a file to read `content` from; where there is none, a full disk does not matter."""
    if not content:
        return Path(os.devnull).open("rb")
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    file.write(content)
    file.seek(0)
    return file


def _no_git(err: Exception) -> ConfigError:
    return ConfigError(f"git does not run ({readable(str(err))}): install git 2.34 or newer")


def readable(text: str) -> str:
    """Git's words in one line: no control characters, no credentials, no hints of its own."""
    lines = (line.removeprefix("remote:").strip() for line in text.splitlines() if not _NOISE.match(line))
    joined = "; ".join(line.rstrip(".") for line in lines if line)
    shown = "".join(char for char in joined if char.isprintable())
    return redact(shown)[:600]


def _refusals(porcelain: str) -> str:
    """What `git push --porcelain` says behind the refs that it refused."""
    return "\n".join(line.rpartition("\t")[2] for line in porcelain.splitlines() if line.startswith("!"))
