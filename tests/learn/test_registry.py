"""The registry: what was promoted is read back byte for byte, and nothing else is ever loaded (R10, H32)."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from typing import TYPE_CHECKING

import joblib
import pytest
from model_versions import as_json, content_of, model_files, name_of

from ai_ops.domain.errors import ModelRefused, StateError
from ai_ops.domain.model_status import Signature
from ai_ops.learn.manifest import FILE_MAX_BYTES
from ai_ops.learn.registry import KEPT, Registry
from ai_ops.learn.signature import Signer, new_key_pair

if TYPE_CHECKING:
    from pathlib import Path

FILES = model_files()
VERSION = name_of(FILES)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """An empty one."""
    return Registry(tmp_path / "models")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the version lies."""
    return tmp_path / "models" / "web" / VERSION


@pytest.fixture
def digest(registry: Registry) -> str:
    """One version, written without a key, and what the ledger knows of it."""
    return registry.write("web", VERSION, FILES)


@pytest.fixture(scope="module")
def signer() -> Signer:
    """A team's key."""
    return Signer(new_key_pair().private)


def test_what_was_written_is_read_equal(registry: Registry, digest: str) -> None:
    """Every byte, and what vouches for it."""
    stored = registry.read("web", VERSION, digest)
    assert (stored.service, stored.version, stored.manifest_sha256) == ("web", VERSION, digest)
    assert stored.files == FILES
    assert stored.signature is Signature.UNSIGNED


def test_the_manifest_says_in_readable_text_what_belongs_to_it(folder: Path, digest: str) -> None:
    """SHA-256 and size of each file; any tool can check it (S004-36)."""
    raw = (folder / "manifest.json").read_bytes()
    manifest = json.loads(raw)
    assert hashlib.sha256(raw).hexdigest() == digest
    assert (manifest["schema"], manifest["service"], manifest["version"]) == (1, "web", VERSION)
    assert {name: (entry["sha256"], entry["size"]) for name, entry in manifest["files"].items()} == {
        name: (hashlib.sha256(content).hexdigest(), len(content)) for name, content in FILES.items()
    }


def test_with_a_key_the_version_is_signed(registry: Registry, signer: Signer) -> None:
    """And loads as such with the public half, or without: then the ledger vouches alone."""
    digest = registry.write("web", VERSION, FILES, signer)
    assert registry.read("web", VERSION, digest, signer.verifier).signature is Signature.SIGNED
    assert registry.read("web", VERSION, digest).signature is Signature.UNSIGNED


def test_a_key_makes_no_other_manifest(registry: Registry, tmp_path: Path, digest: str, signer: Signer) -> None:
    """So a version can be signed later, or anew, without a new line in the ledger."""
    assert Registry(tmp_path / "other").write("web", VERSION, FILES, signer) == digest


def test_an_older_version_can_be_signed_later(registry: Registry, digest: str, signer: Signer) -> None:
    """A team that sets a key keeps its champion; and one that changes its key."""
    with pytest.raises(ModelRefused, match=r"signature\.json is missing"):
        registry.read("web", VERSION, digest, signer.verifier)
    registry.sign("web", VERSION, digest, signer)
    assert registry.read("web", VERSION, digest, signer.verifier).signature is Signature.SIGNED
    newer = Signer(new_key_pair().private)
    registry.sign("web", VERSION, digest, newer)
    assert registry.read("web", VERSION, digest, newer.verifier).signature is Signature.SIGNED


def test_nothing_that_was_altered_is_signed(registry: Registry, folder: Path, digest: str, signer: Signer) -> None:
    """A signature on what somebody changed would be worse than none."""
    (folder / "scaler.json").write_bytes(b"{}")
    with pytest.raises(ModelRefused):
        registry.sign("web", VERSION, digest, signer)
    assert not (folder / "signature.json").exists()


def test_a_refusal_says_what_why_and_what_next(registry: Registry, folder: Path, digest: str) -> None:
    """Whoever reads it in a log knows what to type."""
    (folder / "scaler.json").write_bytes(b"{}")
    with pytest.raises(ModelRefused) as refusal:
        registry.read("web", VERSION, digest)
    said = str(refusal.value)
    assert f"web/{VERSION}" in said
    assert "scaler.json is not what it was" in said
    assert "edited, cut off, exchanged" in said
    assert "`neuropilot model list`" in said
    assert "`neuropilot model rollback`" in said


def test_a_missing_signature_is_not_called_tampering(registry: Registry, digest: str, signer: Signer) -> None:
    """S004-36: its remedy is a signature, not another version."""
    with pytest.raises(ModelRefused) as refusal:
        registry.read("web", VERSION, digest, signer.verifier)
    said = str(refusal.value)
    assert "signature.json is missing" in said
    assert "edited, cut off, exchanged" not in said
    assert "`neuropilot model sign` signs the version in use" in said
    assert refusal.value.what == "signature.json is missing, and a key is set to verify it"


def test_another_key_is_named_beside_the_one_that_is_wanted(registry: Registry, digest: str, signer: Signer) -> None:
    """S004-36: two ids that can be compared by eye."""
    other = Signer(new_key_pair().private)
    registry.sign("web", VERSION, digest, other)
    wanted = f"another key than {signer.verifier.key_id}, which is wanted: with {other.verifier.key_id}"
    with pytest.raises(ModelRefused, match=wanted):
        registry.read("web", VERSION, digest, signer.verifier)


def link(folder: Path) -> None:
    """A file of the version becomes a link to the same bytes elsewhere."""
    outside = folder.parent.parent / "outside.json"
    (folder / "scaler.json").rename(outside)
    (folder / "scaler.json").symlink_to(outside)


def linked_folder(folder: Path) -> None:
    """The version's folder becomes a link to itself elsewhere."""
    folder.rename(folder.parent.parent / "elsewhere")
    folder.symlink_to(folder.parent.parent / "elsewhere")


def linked_service(folder: Path) -> None:
    """The same one step up."""
    folder.parent.rename(folder.parent.parent / "elsewhere")
    folder.parent.symlink_to(folder.parent.parent / "elsewhere")


def pipe(folder: Path) -> None:
    """A named pipe, which is waited for until the job ends."""
    (folder / "scaler.json").unlink()
    os.mkfifo(folder / "scaler.json")


def own_manifest(folder: Path) -> None:
    """All of it exchanged, down to a manifest that fits."""
    Registry(folder.parents[1] / "theirs").write("web", VERSION, model_files(99.0))
    folder.rename(folder.parent / "gone")
    (folder.parents[1] / "theirs" / "web" / VERSION).rename(folder)


def reformatted(folder: Path) -> None:
    """The same values in another form, as a tool for tidying leaves it."""
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_bytes())))


ALTERATIONS = {
    "a file has other numbers": lambda folder: (folder / "anomaly_model.json").write_bytes(as_json({"means": [1]})),
    "a file is gone": lambda folder: (folder / "scaler.json").unlink(),
    "a file is empty": lambda folder: (folder / "scaler.json").write_bytes(b""),
    "a file is a folder": lambda folder: ((folder / "scaler.json").unlink(), (folder / "scaler.json").mkdir()),
    "there is one more file": lambda folder: (folder / "extra.json").write_bytes(b"{}"),
    "there is a hidden file": lambda folder: (folder / ".hidden").write_bytes(b""),
    "there is one more folder": lambda folder: (folder / "more").mkdir(),
    "there are many more": lambda folder: [(folder / f"f{i}.json").write_bytes(b"{}") for i in range(40)],
    "the manifest is gone": lambda folder: (folder / "manifest.json").unlink(),
    "the manifest was tidied": reformatted,
    "the manifest was exchanged with all of it": own_manifest,
    "the folder is gone": lambda folder: folder.rename(folder.parent / "gone"),
    "a file is a link": link,
    "the folder is a link": linked_folder,
    "the service's folder is a link": linked_service,
    "a file is a pipe": pipe,
    "a file is huge": lambda folder: os.truncate(folder / "scaler.json", 40 * 1024**3),
    "the manifest is huge": lambda folder: os.truncate(folder / "manifest.json", 40 * 1024**3),
    "a signature is a link": lambda folder: (folder / "signature.json").symlink_to("/dev/zero"),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("alter", ALTERATIONS.values(), ids=ALTERATIONS)
def test_whatever_is_altered_is_refused(registry: Registry, folder: Path, digest: str, alter) -> None:
    """A refused model, nothing worse, and soon: no pipe is waited for, no 40 GB are read (H19, H32)."""
    alter(folder)
    with pytest.raises(ModelRefused, match="neuropilot model list"):
        registry.read("web", VERSION, digest)


@pytest.mark.parametrize(
    ("service", "version"),
    [
        ("..", VERSION),
        ("web/..", VERSION),
        ("web", ".."),
        ("web", f"../web/{VERSION}"),
        ("web", f"{VERSION}/"),
        ("web", f"{VERSION}\n"),
        ("", VERSION),
        ("web", ""),
        ("/etc", VERSION),
        ("web\0", VERSION),
        ("WEB", VERSION),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(registry: Registry, digest: str, service: str, version: str) -> None:
    """Names come from the command line and from the ledger; neither leads out of the folder (H19)."""
    with pytest.raises(ModelRefused, match="no version is called"):
        registry.read(service, version, digest)
    with pytest.raises(ModelRefused, match="no version is called"):
        registry.remove(service, version)
    with pytest.raises(ValueError, match="called so"):
        registry.write(service, version, FILES)


@pytest.mark.parametrize(
    "name",
    ["../x.json", "a/b.json", "/etc/x.json", "x.pkl", "x.json\n", ".x.json", "", "manifest.json", "signature.json"],
)
def test_a_file_that_no_version_has_is_not_written(registry: Registry, tmp_path: Path, name: str) -> None:
    """Only readable text under plain names; the registry's own two are its own."""
    with pytest.raises(ValueError, match="no file of a version is called"):
        registry.write("web", VERSION, {**FILES, name: b"{}"})
    assert not (tmp_path / "models").exists()


def test_a_version_is_small(registry: Registry) -> None:
    """What could not be read is not written either."""
    with pytest.raises(ValueError, match="more than"):
        registry.write("web", VERSION, {"scaler.json": b" " * (FILE_MAX_BYTES + 1)})
    with pytest.raises(ValueError, match="1 to 16 files"):
        registry.write("web", VERSION, {f"part{letter}.json": b"{}" for letter in "abcdefghijklmnopq"})
    with pytest.raises(ValueError, match="1 to 16 files"):
        registry.write("web", VERSION, {})


@pytest.mark.parametrize("change", [{"schema": 2}, {"schema": None}, {"files": []}, {"files": {"x.pkl": {}}}, {"a": 1}])
def test_a_manifest_of_another_release_is_refused(registry: Registry, folder: Path, digest: str, change) -> None:
    """Even when the ledger names it: a newer release may mean something else by the same words (H32)."""
    raw = as_json({**json.loads((folder / "manifest.json").read_bytes()), **change})
    (folder / "manifest.json").write_bytes(raw)
    with pytest.raises(ModelRefused, match=r"schema 2|schema None|none of this release"):
        registry.read("web", VERSION, hashlib.sha256(raw).hexdigest())


class Bomb:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self._mark}",)


@pytest.mark.parametrize("name", ["anomaly_model.pkl", "anomaly_model.joblib", "anomaly_model.json"])
@pytest.mark.parametrize("place", ["beside the manifest", "in the manifest"])
def test_a_crafted_pickle_is_refused_and_never_loaded(
    registry: Registry, folder: Path, digest: str, name: str, place: str
) -> None:
    """Unpickling runs code: neither under its own name nor under ours, nor with a ledger that names it (H35, R10)."""
    mark, is_listed = folder.parents[2] / "mark", place == "in the manifest"
    joblib.dump(Bomb(mark), folder / name)
    if is_listed:
        raw = (folder / name).read_bytes()
        manifest = json.loads((folder / "manifest.json").read_bytes())
        manifest["files"][name] = {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}
        (folder / "manifest.json").write_bytes(as_json(manifest))
        digest = hashlib.sha256(as_json(manifest)).hexdigest()
    if is_listed and name.endswith(".json"):  # all that is left to it: to be handed on as bytes that are no JSON
        assert registry.read("web", VERSION, digest).files[name] == (folder / name).read_bytes()
    else:
        with pytest.raises(ModelRefused):
            registry.read("web", VERSION, digest)
    assert not mark.exists()
    joblib.load(folder / name)
    assert mark.exists(), "the trap would have worked"


def test_a_pickle_is_not_written_under_a_name_of_ours(registry: Registry, tmp_path: Path) -> None:
    """What is kept as JSON is JSON."""
    with pytest.raises(ModelRefused, match="no text that this release writes"):
        registry.write("web", VERSION, {**FILES, "scaler.json": pickle.dumps({"centre": 1.0})})
    assert not (tmp_path / "models").exists()


def test_writing_the_same_again_changes_nothing(registry: Registry, digest: str, folder: Path) -> None:
    """A run that is repeated finds its own version."""
    before = content_of(folder)
    assert registry.write("web", VERSION, FILES) == digest
    assert content_of(folder) == before


def test_a_version_is_never_written_over(registry: Registry, digest: str, folder: Path) -> None:
    """The ledger may name it: what stands there stays, or is refused, but is never quietly another."""
    before = content_of(folder)
    with pytest.raises(ModelRefused, match="none is written over"):
        registry.write("web", VERSION, {**FILES, "scaler.json": b"{}\n"})
    assert content_of(folder) == before


def test_what_ended_early_is_written_anew(registry: Registry, digest: str, folder: Path) -> None:
    """Without its manifest it was no version yet; what lay there beside does not stay."""
    (folder / "manifest.json").unlink()
    (folder / ".scaler.json.x7").write_bytes(b"half")
    (folder / "statistics.json").write_bytes(b"{}")
    assert registry.versions("web") == ()
    assert registry.write("web", VERSION, FILES) == digest
    assert registry.read("web", VERSION, digest).files == FILES


@pytest.mark.parametrize("at", range(len(FILES) + 2))
def test_a_write_that_ends_anywhere_is_no_version(registry: Registry, folder: Path, tmp_path: Path, at: int) -> None:
    """The manifest comes last: a crash, a full disk or a lost power leaves nothing that could be loaded (H32)."""
    signer = Signer(new_key_pair().private)
    digest = registry.write("web", VERSION, FILES, signer)
    content = content_of(folder)
    order = [*FILES, "signature.json", "manifest.json"]
    registry.remove("web", VERSION)
    for name in order[:at]:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content[name])
    assert registry.versions("web") == ()
    with pytest.raises(ModelRefused):
        registry.read("web", VERSION, digest, signer.verifier)


def test_nothing_is_written_through_a_link(registry: Registry, tmp_path: Path, folder: Path) -> None:
    """A folder that somebody has linked elsewhere leads out of the repository (H19)."""
    (tmp_path / "outside").mkdir()
    folder.parent.mkdir(parents=True)
    folder.symlink_to(tmp_path / "outside")
    with pytest.raises(ModelRefused, match="symbolic link"):
        registry.write("web", VERSION, FILES)
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_disk_that_refuses_is_said_so(registry: Registry, tmp_path: Path) -> None:
    """Here a file stands where the folder should."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "web").write_bytes(b"")
    with pytest.raises(StateError, match="could not be written"):
        registry.write("web", VERSION, FILES)


def many(registry: Registry, count: int) -> list[str]:
    """So many versions, a day apart."""
    names = []
    for day in range(count):
        files = model_files(40.0 + day)
        names.append(name_of(files, day))
        registry.write("web", names[-1], files)
    return names


def test_versions_are_listed_by_their_data(registry: Registry, tmp_path: Path) -> None:
    """Oldest first; what is no version is not among them."""
    names = many(registry, 3)
    (tmp_path / "models" / "web" / "notes").mkdir()
    (tmp_path / "models" / "web" / "metrics_history.json").write_bytes(b"{}")
    assert registry.versions("web") == tuple(names)
    assert registry.versions("shop") == ()
    assert registry.versions("..") == ()


def test_pruning_keeps_the_newest_and_what_is_needed(registry: Registry) -> None:
    """The champion stays however old it is, and what a rollback leads to (S004-26)."""
    names = many(registry, 8)
    removed = registry.prune("web", (names[1], names[0]), most=4)
    assert registry.versions("web") == (names[0], names[1], names[6], names[7])
    assert sorted(removed) == names[2:6]


def test_what_is_dearest_stays_when_there_is_room_for_little(registry: Registry) -> None:
    """At most so many stay, and the champion is the last to go."""
    names = many(registry, 5)
    registry.prune("web", (names[2], names[1], names[0]), most=1)
    assert registry.versions("web") == (names[2],)


def test_pruning_takes_no_place_for_what_is_not_there(registry: Registry) -> None:
    """An ancestor that was removed long ago counts for nothing, and one that is named twice counts once."""
    names = many(registry, 3)
    registry.prune("web", ("20200101T0000Z-00000000", names[0], names[0]), most=2)
    assert registry.versions("web") == (names[0], names[2])


def test_pruning_clears_away_what_was_written_half(registry: Registry, tmp_path: Path) -> None:
    """A month of crashes does not fill the repository (H33)."""
    names = many(registry, 2)
    (tmp_path / "models" / "web" / names[0] / "manifest.json").unlink()
    assert registry.prune("web", (names[1],)) == (names[0],)
    assert not (tmp_path / "models" / "web" / names[0]).exists()


def test_many_nights_leave_a_handful(registry: Registry) -> None:
    """Pruned after each training, there are never more (H33)."""
    champion = ""
    for day in range(KEPT + 4):
        files = model_files(40.0 + day)
        registry.write("web", name_of(files, day), files)
        champion = champion or name_of(files, day)
        registry.prune("web", (champion,))
        assert len(registry.versions("web")) <= KEPT
        assert champion in registry.versions("web")
    assert len(registry.versions("web")) == KEPT


def test_pruning_follows_no_link(registry: Registry, tmp_path: Path) -> None:
    """What somebody has linked into the folder is not emptied."""
    names = many(registry, 2)
    outside = tmp_path / "outside"
    (tmp_path / "models" / "web" / names[0]).rename(outside)
    before = content_of(outside)
    (tmp_path / "models" / "web" / names[0]).symlink_to(outside)
    registry.prune("web", (names[1],))
    registry.remove("web", names[0])
    assert content_of(outside) == before
    assert not (tmp_path / "models" / "web" / names[0]).is_symlink()
    (tmp_path / "models" / "web").rename(tmp_path / "service")
    (tmp_path / "models" / "web").symlink_to(tmp_path / "service")
    with pytest.raises(ModelRefused, match="symbolic link"):
        registry.remove("web", names[1])
    assert registry.prune("web", ()) == ()
    assert (tmp_path / "service" / names[1] / "manifest.json").exists()
