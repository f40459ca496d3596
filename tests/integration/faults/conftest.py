"""Give a store without an engine, what was published of it, and ways to break both."""

import functools
import random
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.delivery.soundness.aftermath import aftermath
from arkes_build.delivery.soundness.donor import donor
from arkes_build.delivery.soundness.fsck import fsck
from arkes_build.delivery.soundness.repair import Repairer
from arkes_build.plan.keys import key
from arkes_build.plan.state import Inputs, Origin, Record
from arkes_build.store.index import write_index
from arkes_build.store.keymaking import make_key
from arkes_build.store.model import LayerDiff, NodeMetadata
from arkes_build.store.repository import Repository
from arkes_build.store.signing import Signer
from arkes_build.store.store import Store

NODES = ("base", "server")
RELEASES = 3
INPUTS = Inputs(
    settings={"family": "debian"}, instructions=(), files={}, file_details={}, parents={}
)


def ostree(*words):
    done = subprocess.run(["ostree", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def layer_folder(folder, name, number):
    """Write what a layer changes: some files of every release, some of this one only."""
    for at in range(6):
        write(folder / f"usr/share/{name}/{at}/text", f"{name} {at}\n" * 40)
    write(folder / f"usr/share/{name}/release", f"{name} {number}\n" * (30 + number))
    write(folder / "etc" / f"{name}.conf", f"release={number}\n")
    (folder / f"usr/share/{name}/link").unlink(missing_ok=True)
    (folder / f"usr/share/{name}/link").symlink_to("release")
    (folder / f"usr/share/{name}/release").chmod(0o600 + number)


class Made:
    """A store with several releases of two nodes; ``chains`` are the layers of each image."""

    def __init__(self, folder):
        self.root = folder
        self.path = folder / "store"
        self.repo = self.path / "repo"
        self.chains = {}

    def build(self):
        store = Store.open(self.path, family=Family.DEBIAN, arch=Arch.X86_64)
        repository = store.repository()
        for number in range(1, RELEASES + 1):
            chain = []
            for level, node in enumerate(NODES, 1):
                name = f"{number}{level}".ljust(64, "0")
                folder = self.root / "layers" / name
                layer_folder(folder, node, number)
                chain.append(LayerDiff(chain_id=f"sha256:{name}", path=folder))
                self._commit(store, repository, node, number, tuple(chain))
        return self

    def _commit(self, store, repository, node, number, chain):
        image = f"{node}{number}".encode().hex().ljust(64, "0")
        self.chains[image] = chain
        origins = tuple(Origin(chain_id=one.chain_id, node=node) for one in chain)
        packages = ("bash=5.2", f"{node}={number}")
        made = repository.commit_node(
            f"test/x86_64/{node}",
            repository.commit_layers(chain)[-1],
            NodeMetadata(
                node=node,
                version=str(number),
                key=key(INPUTS),
                image=f"sha256:{image}",
                packages=packages,
                layers=origins,
            ),
            epoch=0,
        )
        write_index(store.path, node, repository.known(made.checksum, packages))
        store.save(
            Record(
                node=node,
                family="debian",
                arch="x86_64",
                key=key(INPUTS),
                inputs=INPUTS,
                result="",
                image=image,
                ref=made.ref,
                commit=made.checksum,
                size=0,
                seconds=0.0,
                packages=packages,
                layers=tuple(one.chain_id for one in chain),
            )
        )

    def images(self, wanted):
        for image in wanted:
            if image in self.chains:
                yield self.chains[image]

    def look(self, **options):
        return fsck(self.repo, store=self.path, **options)[0]

    def repair(self, *, images=True, source=None):
        return repair(
            self.repo,
            store=self.path,
            source=source,
            repository=Repository.open(self.repo),
            images=self.images if images else lambda _wanted: iter(()),
        )


def repair(path, *, store=None, source=None, keyrings=None, **means):
    before, world = fsck(path, store=store, keyrings=keyrings)
    if source is None:
        repairer = Repairer(world=world, **means)
        repairer.repair()
        return aftermath(before, world, repairer.how)
    with donor(str(source), path) as other:
        repairer = Repairer(world=world, donor=other, **means)
        repairer.repair()
        return aftermath(before, world, repairer.how)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    return Made(tmp_path_factory.mktemp("pristine")).build()


@pytest.fixture
def made(pristine, tmp_path):
    """Return a store of one's own: the layers are those of the first."""
    mine = Made(tmp_path / "mine")
    subprocess.run(["cp", "-a", str(pristine.root), str(mine.root)], check=True)
    mine.chains = pristine.chains
    return mine


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    """Return a keyring, and what signs with the key in it."""
    folder = tmp_path_factory.mktemp("keys")
    make = functools.partial(make_key, folder / "home", algorithm="ed25519", expires="never")
    ours, public = make(owner="Ours")
    (folder / "ours.gpg").write_bytes(public)
    return folder / "ours.gpg", functools.partial(Signer, (ours,), folder / "home")


@pytest.fixture(scope="session")
def archive(pristine, keys, tmp_path_factory):
    """Return an archive of the same commits, signed, with deltas and a signed summary."""
    import gi

    gi.require_version("OSTree", "1.0")
    from gi.repository import Gio, GLib, OSTree

    path = tmp_path_factory.mktemp("archive") / "repo"
    ostree("init", f"--repo={path}", "--mode=archive")
    for node in NODES:
        ref = f"test/x86_64/{node}"
        ostree("pull-local", "--depth=-1", f"--repo={path}", pristine.repo, ref)
        ostree("static-delta", "generate", f"--repo={path}", f"--from={ref}^", f"--to={ref}")
        ostree("static-delta", "generate", f"--repo={path}", "--empty", f"--to={ref}")
    ostree("summary", f"--repo={path}", "--update")
    repo = OSTree.Repo.new(Gio.File.new_for_path(str(path)))
    repo.open(None)
    with keys[1]() as signer:
        for file in sorted(path.glob("objects/??/*.commit")):
            signer.sign_commit(repo, file.parent.name + file.stem)
        blobs = signer.detached((path / "summary").read_bytes())
    said = GLib.Variant("a{sv}", {"ostree.gpgsigs": GLib.Variant("aay", blobs)})
    (path / "summary.sig").write_bytes(said.get_data_as_bytes().get_data())
    return path


@pytest.fixture
def published(archive, tmp_path):
    return Path(shutil.copytree(archive, tmp_path / "published", symlinks=True))


@pytest.fixture
def chance():
    return random.Random(20)  # noqa: S311 - the same faults in every run


def contents(folder):
    """Return path → bytes of every file below; of a link its text.

    Not the empty lock of a transaction that was killed before it had a folder: libostree
    leaves it, and nothing reads it.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if fnmatch(name, "*repo/tmp/staging-*-lock"):
            continue
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


def flip(path, chance):
    """Turn one bit of a file."""
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data) * 8)
    data[at // 8] ^= 1 << at % 8
    with path.open("r+b") as stream:
        stream.write(data)


@pytest.fixture(scope="session")
def tools():
    """Return the functions of this file."""
    return SimpleNamespace(contents=contents, flip=flip, repair=repair, ostree=ostree, write=write)
