"""Real servers for the tests: Debian packages unpacked below `.cache/servers`, without root, nothing installed.

`server_folder("prometheus") / "usr/bin/prometheus"` is then a program to start. Only the machine's own apt sources
are asked; a package that only a later Debian has is looked up there by replacing the suite.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CACHE = Path(__file__).parents[1] / ".cache" / "servers"
_LEFT_OUT = ("libc6_", "libgl1-mesa-dri_", "libllvm", "libz3-")
"""The C library must be the machine's own; and what only a graphics card needs is a third of a browser's packages."""

_DEBIAN_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


def server_folder(package: str) -> Path:
    """Folder that holds the unpacked Debian `package`, fetched when it is not there yet.

    Skips the test, with the command to run, where there is no apt or no such package; with CI=true that is a failure.
    """
    try:
        return _unpacked(package, suite=None)
    except (OSError, subprocess.SubprocessError) as error:
        remedy = f"`apt-get download {package} && dpkg -x {package}_*.deb {CACHE / package}` where apt works"
        return give_up(package, error, remedy)


def whole_folder(*packages: str) -> Path:
    """Folder that holds the unpacked Debian `packages` with all that they need but the C library; named by the first.

    That is what starts a program on a machine that has none of its libraries. Skips the test where it cannot be had;
    with CI=true that is a failure.
    """
    try:
        return _once(CACHE / f"{packages[0]}-whole", lambda scratch: _download_whole(packages, scratch))
    except (OSError, subprocess.SubprocessError) as error:
        return give_up(packages[0], error, f"`apt-get install {packages[0]}` as root")


def give_up(package: str, error: Exception, remedy: str) -> NoReturn:
    """Skip the test, or fail it with CI=true, and say what to run."""
    give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    give_up(f"{package} could not be fetched: {_words(error)}; run {remedy}")


def later_server_folder(package: str) -> Path:
    """Folder of the unpacked `package` as Debian sid has it; skips with the reason wherever that cannot be had."""
    try:
        return _unpacked(package, suite="sid")
    except (OSError, subprocess.SubprocessError) as error:
        return pytest.skip(f"{package} from Debian sid could not be fetched: {_words(error)}")


def _unpacked(package: str, suite: str | None) -> Path:
    folder = CACHE / (f"{package}-{suite}" if suite else package)
    return _once(folder, lambda scratch: _download(package, scratch, suite))


def _once(folder: Path, download: Callable[[Path], None]) -> Path:
    """Unpack what `download` puts into a folder, but once, even when several workers ask at the same time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
                download(Path(scratch))
                for archive in Path(scratch).glob("*.deb"):
                    _run(["dpkg", "-x", str(archive), str(Path(scratch) / "unpacked")])
                (Path(scratch) / "unpacked").rename(folder)
    return folder


def _download(package: str, into: Path, suite: str | None) -> None:
    """Put the .deb of `package` into the folder `into`."""
    _ask(suite, ["download", package], into)


def _download_whole(packages: Sequence[str], into: Path) -> None:
    """Put the .deb of each of `packages`, and of all that they need, into the folder `into`."""
    (into / "partial").mkdir()
    options = ["--download-only", "--yes", "--no-install-recommends", "-o", f"Dir::Cache::archives={into}"]
    _ask(None, ["install", *options, *packages], into)
    for archive in into.glob("*.deb"):
        if archive.name.startswith(_LEFT_OUT):
            archive.unlink()


def _ask(suite: str | None, command: list[str], cwd: Path) -> None:
    """Run an apt command, refreshing the private package lists when they lack what it needs."""
    apt = _private_apt(suite or "own")
    with FileLock(CACHE / f"apt-{suite or 'own'}.lock"):
        try:
            _run([*apt, *_sources(suite), *command], cwd=cwd)
        except subprocess.CalledProcessError:
            _run([*apt, *_sources(suite), "update"])
            _run([*apt, *_sources(suite), *command], cwd=cwd)


def _private_apt(name: str) -> list[str]:
    """`apt-get` with its own lists and cache, so that neither root nor the machine's own lists are needed."""
    state, cache = CACHE / f"apt-{name}" / "state", CACHE / f"apt-{name}" / "cache"
    (state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (cache / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    options = {
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::Cache": cache,
        "APT::Sandbox::User": "root",  # only matters to root: its helper user may not write here
        "Acquire::Languages": "none",
    }
    return ["apt-get", "-q", *(word for key, value in options.items() for word in ("-o", f"{key}={value}"))]


def _sources(suite: str | None) -> list[str]:
    """Options that make apt look into `suite` of the Debian archives this machine already uses."""
    if suite is None:
        return []
    archives = _debian_archives()
    if not archives:  # apt names no archive before it has ever asked one
        _run([*_private_apt("own"), "update"])
        archives = _debian_archives()
    if not archives:
        raise OSError("this machine's apt sources name no Debian archive")
    listing = CACHE / f"apt-{suite}" / "sources.list"
    listing.write_text("".join(f"deb [signed-by={_DEBIAN_KEYS}] {uri} {suite} main\n" for uri in archives))
    return ["-o", f"Dir::Etc::SourceList={listing}", "-o", "Dir::Etc::SourceParts=/dev/null"]


def _debian_archives() -> list[str]:
    """Addresses of the Debian archives among this machine's apt sources."""
    targets = _run([*_private_apt("own"), "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"])
    return sorted({uri for uri in targets.split() if uri.rstrip("/").endswith("/debian")})


def _run(command: list[str], cwd: Path | None = None) -> str:
    """Run `command` and return what it printed; a failure carries its complaint."""
    done = subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, timeout=300)
    return done.stdout


def _words(error: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(error, subprocess.CalledProcessError):
        return (error.stderr.strip().splitlines() or [str(error)])[-1]
    return str(error)
