"""Every way to alter a version, tried one after the other: none is loaded (S004-36, H32).

With a key nothing at all may change. Without one the signature is not looked at, and the ledger's digest vouches for
all the rest.
"""

from __future__ import annotations

import shutil
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from model_versions import content_of, model_files, name_of

from ai_ops.domain.errors import ModelRefused
from ai_ops.domain.model_status import Signature
from ai_ops.learn.manifest import Broken
from ai_ops.learn.registry import Registry
from ai_ops.learn.signature import Forged, Signer
from ai_ops.learn.stored import Promoted, stored_in

if TYPE_CHECKING:
    from pathlib import Path

    from ai_ops.learn.signature import Verifier

SIGNER = Signer("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
FILES = ["MODEL_CARD.md", "anomaly_model.json", "manifest.json", "model_card.json", "scaler.json", "signature.json"]


class Kept(NamedTuple):
    """Three versions of one service, a day apart."""

    registry: Registry
    root: Path
    names: tuple[str, ...]
    digests: tuple[str, ...]

    def folder(self, number: int) -> Path:
        """Where a version lies."""
        return self.root / "web" / self.names[number]

    def loads(self, number: int, verifier: Verifier | None = SIGNER.verifier) -> Signature | None:
        """What vouches for a version; None when it is refused."""
        try:
            return self.registry.read("web", self.names[number], self.digests[number], verifier).signature
        except ModelRefused:
            return None


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Written once; every test puts back what it alters."""
    root = tmp_path_factory.mktemp("models")
    registry = Registry(root)
    versions = [model_files(40.0 + number) for number in range(3)]
    names = tuple(name_of(files, day) for day, files in enumerate(versions))
    digests = tuple(registry.write("web", name, files, SIGNER) for name, files in zip(names, versions, strict=True))
    return Kept(registry, root, names, digests)


def refused_with(kept: Kept, file: str, content: bytes | None) -> None:
    """Put `content` in place of a file of the first version, or take it away, and expect a refusal.

    Without a key, an altered signature is no reason to refuse: nobody looks at it. In memory, because there are
    thousands of ways; that the disk is judged in the same way is shown below.
    """
    altered = {**content_of_first(kept), file: content}
    assert altered != content_of_first(kept)
    contents = {name: here for name, here in altered.items() if here is not None}
    promoted = Promoted("web", kept.names[0], kept.digests[0])
    with pytest.raises((Broken, Forged)):
        stored_in(contents, promoted, SIGNER.verifier)
    if file == "signature.json":
        assert stored_in(contents, promoted, None).signature is Signature.UNSIGNED
    else:
        with pytest.raises((Broken, Forged)):
            stored_in(contents, promoted, None)


@cache
def content_of_first(kept: Kept) -> dict[str, bytes]:
    """Every file of the first version."""
    return content_of(kept.folder(0))


def test_the_versions_load_as_long_as_nobody_alters_them(kept: Kept) -> None:
    """Otherwise the tests below could not fail."""
    assert [kept.loads(number) for number in range(3)] == [Signature.SIGNED] * 3
    assert sorted(content_of(kept.folder(0))) == FILES


@pytest.mark.parametrize("file", FILES)
def test_every_byte_counts(kept: Kept, file: str) -> None:
    """Each byte of each file, with one bit of it turned."""
    content = (kept.folder(0) / file).read_bytes()
    for place in range(len(content)):
        altered = bytearray(content)
        altered[place] ^= 1 << place % 8
        refused_with(kept, file, bytes(altered))


@pytest.mark.parametrize("file", FILES)
def test_every_length_counts(kept: Kept, file: str) -> None:
    """Cut off anywhere, or gone."""
    content = (kept.folder(0) / file).read_bytes()
    for length in range(len(content)):
        refused_with(kept, file, content[:length])
    refused_with(kept, file, None)


@settings(max_examples=60)
@given(file=st.sampled_from(FILES), more=st.binary(min_size=1, max_size=50), is_before=st.booleans())
def test_nothing_is_added(kept: Kept, file: str, more: bytes, is_before: bool) -> None:  # noqa: FBT001
    """Neither behind, where JSON allows blanks, nor before."""
    content = (kept.folder(0) / file).read_bytes()
    refused_with(kept, file, more + content if is_before else content + more)


@settings(max_examples=60)
@given(file=st.sampled_from(FILES), content=st.binary(max_size=300))
def test_nothing_else_stands_there(kept: Kept, file: str, content: bytes) -> None:
    """Any other content."""
    assume(content != (kept.folder(0) / file).read_bytes())
    refused_with(kept, file, content)


@settings(max_examples=40, deadline=None)
@given(file=st.sampled_from(FILES), content=st.none() | st.binary(max_size=300))
def test_what_lies_on_the_disk_is_what_is_judged(kept: Kept, file: str, content: bytes | None) -> None:
    """The same, with real files: altered, gone, and put back."""
    path = kept.folder(0) / file
    before = path.read_bytes()
    assume(content != before)
    try:
        path.unlink() if content is None else path.write_bytes(content)
        assert kept.loads(0) is None
        assert kept.loads(0, None) is (Signature.UNSIGNED if file == "signature.json" else None)
    finally:
        path.write_bytes(before)
    assert kept.loads(0) is Signature.SIGNED


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("other", [1, 2])
def test_no_file_comes_from_another_version(kept: Kept, file: str, other: int) -> None:
    """Sound and signed, but of another night."""
    refused_with(kept, file, (kept.folder(other) / file).read_bytes())


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("other", FILES)
def test_no_file_stands_in_for_another(kept: Kept, file: str, other: str) -> None:
    """Of the same version."""
    if file != other:
        refused_with(kept, file, (kept.folder(0) / other).read_bytes())


@pytest.mark.parametrize("count", [2, 3])
def test_not_even_several_files_together_come_from_an_older_version(kept: Kept, count: int) -> None:
    """Every choice of files; all of them at once is the attack below."""
    newest = content_of(kept.folder(2))
    for chosen in combinations(FILES, count):
        try:
            for file in chosen:
                shutil.copyfile(kept.folder(0) / file, kept.folder(2) / file)
            assert kept.loads(2) is None
            assert kept.loads(2, None) is None
        finally:
            for file in chosen:
                (kept.folder(2) / file).write_bytes(newest[file])
    assert kept.loads(2) is Signature.SIGNED


def test_an_older_version_does_not_pass_for_a_newer_one(kept: Kept, tmp_path: Path) -> None:
    """Rollback attack: all of it is sound and truly signed, only not what the ledger promoted."""
    root = tmp_path / "models"
    shutil.copytree(kept.root, root)
    attacked = Kept(Registry(root), root, kept.names, kept.digests)
    shutil.rmtree(attacked.folder(2))
    shutil.copytree(attacked.folder(0), attacked.folder(2))
    assert attacked.loads(2) is None
    assert attacked.loads(2, None) is None
    assert attacked.loads(0) is Signature.SIGNED


def test_a_renamed_folder_is_another_version(kept: Kept, tmp_path: Path) -> None:
    """Even for a ledger that names its digest: the manifest says which version and whose it is."""
    root = tmp_path / "models"
    shutil.copytree(kept.folder(0), root / "web" / kept.names[1])
    shutil.copytree(kept.folder(0), root / "shop" / kept.names[0])
    for service, name in (("web", kept.names[1]), ("shop", kept.names[0])):
        with pytest.raises(ModelRefused, match="another version"):
            Registry(root).read(service, name, kept.digests[0], SIGNER.verifier)


def test_a_signature_of_another_version_does_not_help(kept: Kept, tmp_path: Path) -> None:
    """Who can write files and the ledger, but has no key, gets no model past a verifier."""
    forged = Registry(tmp_path)
    files = model_files(99.0)
    name = name_of(files, 9)
    digest = forged.write("web", name, files)
    shutil.copyfile(kept.folder(0) / "signature.json", tmp_path / "web" / name / "signature.json")
    assert forged.read("web", name, digest).signature is Signature.UNSIGNED
    with pytest.raises(ModelRefused, match="does not fit its manifest"):
        forged.read("web", name, digest, SIGNER.verifier)


@settings(max_examples=60)
@given(digest=st.text("0123456789abcdef", min_size=64, max_size=64) | st.text(max_size=70))
def test_only_the_ledgers_digest_opens_it(kept: Kept, digest: str) -> None:
    """Any other digest, or what is none."""
    assume(digest != kept.digests[0])
    with pytest.raises(ModelRefused):
        kept.registry.read("web", kept.names[0], digest)
