"""Real servers for the tests: Debian packages unpacked below `.cache/servers`, without root, nothing installed.

`server_folder("prometheus") / "usr/bin/prometheus"` is then a program to start. Only the machine's own apt sources
are asked; a package that only a later Debian has is looked up there by replacing the suite.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from filelock import FileLock

CACHE = Path(__file__).parents[1] / ".cache" / "servers"
_DEBIAN_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


def server_folder(package: str) -> Path:
    """Folder that holds the unpacked Debian `package`, fetched when it is not there yet.

    Skips the test, with the command to run, where there is no apt or no such package; with CI=true that is a failure.
    """
    try:
        return _unpacked(package, suite=None)
    except (OSError, subprocess.SubprocessError) as error:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        return give_up(
            f"{package} could not be fetched: {_words(error)}; "
            f"run `apt-get download {package} && dpkg -x {package}_*.deb {CACHE / package}` where apt works"
        )


def later_server_folder(package: str) -> Path:
    """Folder of the unpacked `package` as Debian sid has it; skips with the reason wherever that cannot be had."""
    try:
        return _unpacked(package, suite="sid")
    except (OSError, subprocess.SubprocessError) as error:
        return pytest.skip(f"{package} from Debian sid could not be fetched: {_words(error)}")


def _unpacked(package: str, suite: str | None) -> Path:
    """Fetch and unpack `package` once, even when several workers ask at the same time."""
    folder = CACHE / (f"{package}-{suite}" if suite else package)
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
                _download(package, Path(scratch), suite)
                (archive,) = Path(scratch).glob("*.deb")
                _run(["dpkg", "-x", str(archive), str(Path(scratch) / "unpacked")])
                (Path(scratch) / "unpacked").rename(folder)
    return folder


def _download(package: str, into: Path, suite: str | None) -> None:
    """Put the .deb of `package` into the folder `into`, refreshing the private package lists when they lack it."""
    apt = _private_apt(suite or "own")
    with FileLock(CACHE / f"apt-{suite or 'own'}.lock"):
        try:
            _run([*apt, *_sources(suite), "download", package], cwd=into)
        except subprocess.CalledProcessError:
            _run([*apt, *_sources(suite), "update"])
            _run([*apt, *_sources(suite), "download", package], cwd=into)


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
