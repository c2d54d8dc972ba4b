"""The versions of every service's model, as folders of readable text.

    ai_ops/models/web/20261120T0310Z-3f9c1a2b/manifest.json        SHA-256 and size of each of the others
                                              anomaly_model.json … what the model is
                                              signature.json       only where a key is configured

Which version is in use stands in the ledger, with the SHA-256 of its manifest. So what is loaded is what was promoted,
byte for byte, or it is not loaded: not a byte of it is looked at before its digest has been compared. All of it is
text that is parsed; nothing in such a folder is ever run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING

from ai_ops.domain.errors import ModelRefused, StateError
from ai_ops.files import replace_atomically
from ai_ops.learn.manifest import MANIFEST, SIGNATURE, Broken, is_service, is_version, manifest_of
from ai_ops.learn.raw_text import raw_text_in
from ai_ops.learn.signature import Forged
from ai_ops.learn.stored import Promoted, stored_in
from ai_ops.learn.version_folder import contents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ai_ops.learn.signature import Signer, Verifier
    from ai_ops.learn.stored import Stored

KEPT = 12
"""One of each day of a week and the day before it, so that whoever comes back on Monday can go back to the Monday
before, and room for champions that are older and for what waits for a person."""


class Registry:
    """Writes, reads and prunes versions.

    Parameters
    ----------
    folder
        `ai_ops/models` of a repository; made with the first version.
    words
        Texts that the files may hold although they are no names; the service's own name is always known.
    """

    def __init__(self, folder: Path, words: frozenset[str] = frozenset()) -> None:
        self._folder = folder
        self._words = words

    def write(self, service: str, version: str, files: Mapping[str, bytes], signer: Signer | None = None) -> str:
        """Keep a version, its manifest last, and return the manifest's SHA-256, in hexadecimal.

        A version that stands already is never written over: one that the ledger names must stay what it is.

        Raises
        ------
        ModelRefused
            When a file holds what somebody else may have written, or a version of that name has other content.
        StateError
            When the disk refuses.
        ValueError
            For names or sizes that no version has.
        """
        manifest = manifest_of(service, version, files).to_bytes()
        self._check_words(service, files, signer)
        if self._clear_for(service, version, manifest):
            self._put(service, version, {**files})
        self._vouch(service, version, manifest, signer)
        return hashlib.sha256(manifest).hexdigest()

    def read(self, service: str, version: str, manifest_sha256: str, verifier: Verifier | None = None) -> Stored:
        """Read the version that the ledger means.

        Parameters
        ----------
        manifest_sha256
            As the ledger has it.
        verifier
            Where a key is configured: then its signature must fit as well.

        Raises
        ------
        ModelRefused
            When anything in the folder is not what was promoted.
        """
        try:
            return stored_in(self._contents(service, version), Promoted(service, version, manifest_sha256), verifier)
        except Broken as err:
            raise self._refused(service, version, str(err)) from err
        except Forged as err:
            raise self._not_vouched_for(service, version, str(err)) from err

    def sign(self, service: str, version: str, manifest_sha256: str, signer: Signer) -> None:
        """Sign a version that the ledger vouches for, such as one from before there was a key.

        Raises
        ------
        ModelRefused
            When it is not what was promoted.
        StateError
            When the disk refuses.
        """
        stored = self.read(service, version, manifest_sha256)
        self._put(service, version, {SIGNATURE: signer.sign(stored.manifest)})

    def versions(self, service: str) -> tuple[str, ...]:
        """Names of the versions that were written to the end, those with the oldest data first."""
        return tuple(name for name in self._names(service) if self._path(service, name, MANIFEST).is_file())

    def has(self, service: str, version: str) -> bool:
        """Whether anything stands under that name, sound or not."""
        return is_service(service) and is_version(version) and os.path.lexists(self._path(service, version))

    def prune(self, service: str, keep: Sequence[str], most: int = KEPT) -> tuple[str, ...]:
        """Remove all but `most` versions, and whatever was written half; return the names of what was removed.

        Parameters
        ----------
        keep
            What must stay, dearest first: the champion, the version that a rollback leads to, the reference. The first
            `most` of them stay; the newest others take the places that are left.

        Raises
        ------
        StateError
            When the disk refuses.
        """
        complete = self.versions(service)
        dearest_first = dict.fromkeys([*(name for name in keep if name in complete), *reversed(complete)])
        staying = list(dearest_first)[:most]
        leaving = tuple(name for name in self._names(service) if name not in staying)
        for name in leaving:
            self.remove(service, name)
        return leaving

    def remove(self, service: str, version: str) -> None:
        """Remove one version; without a word when it is not there.

        Raises
        ------
        ModelRefused
            When the service's folder is a link, which may lead out of the repository.
        StateError
            When the disk refuses.
        """
        folder = self._path(service, version)
        if folder.parent.is_symlink():
            raise self._refused(service, version, f"{folder.parent} is a symbolic link")
        try:
            if folder.is_symlink():
                folder.unlink()
            elif folder.exists():
                (folder / MANIFEST).unlink(missing_ok=True)  # from here on it is no version any more
                shutil.rmtree(folder)
        except OSError as err:
            raise _not_written(folder, err) from err

    def _path(self, service: str, version: str, *name: str) -> Path:
        if not (is_service(service) and is_version(version)):
            raise ModelRefused(
                f"no version is called {service}/{version}. It was mistyped, or altered where it was read; "
                f"`neuropilot model list` shows the names"
            )
        return self._folder.joinpath(service, version, *name)

    def _names(self, service: str) -> list[str]:
        """Everything in the service's folder that is called like a version, in order; a link is none."""
        folder = self._folder / service
        if not is_service(service) or folder.is_symlink() or not folder.is_dir():
            return []
        return sorted(one.name for one in folder.iterdir() if is_version(one.name) and not one.is_symlink())

    def _contents(self, service: str, version: str) -> dict[str, bytes]:
        """Everything in a version's folder. Raises ModelRefused."""
        self._path(service, version)
        try:
            return contents(self._folder, (service, version))
        except Broken as err:
            raise self._refused(service, version, str(err)) from err
        except FileNotFoundError as err:
            raise self._refused(service, version, "it is not there") from err
        except OSError as err:
            raise self._refused(service, version, f"it cannot be read ({err.strerror})") from err

    def _check_words(self, service: str, files: Mapping[str, bytes], signer: Signer | None) -> None:
        words = {service, *self._words, *([signer.verifier.public] if signer else [])}
        for name, content in sorted(files.items()):
            if problem := raw_text_in(name, content, words):
                raise ModelRefused(
                    f"{service}: {name} was not kept: it holds {problem}. Only names and numbers of ours go into a "
                    f"model's files, because git keeps them for ever; look whether a metric or a service is called so "
                    f"in the settings. What `neuropilot model list` shows is unchanged"
                )

    def _clear_for(self, service: str, version: str, manifest: bytes) -> bool:
        """Whether the version is still to be written; what a run that ended early has left of it is removed."""
        here = self._path(service, version)
        for folder in (here.parent, here):
            if folder.is_symlink():
                raise self._refused(service, version, f"{folder} is a symbolic link, and none is written through")
        if not (here / MANIFEST).exists():
            self.remove(service, version)
            return True
        try:
            self.read(service, version, hashlib.sha256(manifest).hexdigest())
        except ModelRefused as err:
            raise ModelRefused(
                f"{here}: a version of this name stands there with other content, and none is written over. It was "
                f"trained on the same data before, or altered; `neuropilot model list` says which. Train again when "
                f"there is newer data, or remove the folder if it is not in use"
            ) from err
        return False

    def _vouch(self, service: str, version: str, manifest: bytes, signer: Signer | None) -> None:
        """Write the signature, then the manifest, which makes a version of the folder."""
        signature = {SIGNATURE: signer.sign(manifest)} if signer else {}
        self._put(service, version, {**signature, MANIFEST: manifest})

    def _put(self, service: str, version: str, files: Mapping[str, bytes]) -> None:
        for name, content in files.items():
            path = self._path(service, version, name)
            try:
                replace_atomically(path, content)
            except OSError as err:
                raise _not_written(path, err) from err

    def _refused(self, service: str, version: str, what: str) -> ModelRefused:
        return ModelRefused(
            f"{self._folder / service / version}: {what}, so it is not used. Its files are not those that were "
            f"promoted: edited, cut off, exchanged, or written by another release. `neuropilot model list` shows which "
            f"versions are sound, `neuropilot model rollback` takes the newest of them",
            what,
        )

    def _not_vouched_for(self, service: str, version: str, what: str) -> ModelRefused:
        """Its files are what the ledger names, so that nothing was altered but the signature, if that."""
        return ModelRefused(
            f"{self._folder / service / version}: {what}, so it is not used. All its other files are those that were "
            f"promoted. Where NEUROPILOT_SIGNING_KEY is set, `neuropilot model sign` signs the version in use, and "
            f"`neuropilot train --apply` trains one that is signed; if another key is meant, correct "
            f"`model.verification_key`. `neuropilot model list` shows which versions are vouched for",
            what,
        )


def _not_written(path: Path, err: OSError) -> StateError:
    return StateError(
        f"{path}: could not be written ({err.strerror or err}). Free space in {path.parent} or correct its "
        f"permissions, then run again; the model in use is unchanged"
    )
