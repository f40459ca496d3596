"""Prepare what the scenarios need: a signed base, releases of all kinds, a server, a disk."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from arkes_build.core.names import Arch, Family
from arkes_build.disk.assemble import Maker
from arkes_build.disk.identity import derived
from arkes_build.disk.model import Form, Release, RootFs, Tree, Wish
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.publishing import Request, publish
from arkes_build.store.keymaking import make_key
from arkes_build.store.signing import for_project, trusted_folder
from arkes_build.store.store import Store
from arkes_build.sysroot.create import create
from scenario import kinds, trees

CHECKOUT = Path(__file__).resolve().parents[3]
ARCH = Arch.X86_64
REF = f"arkes/{ARCH.value}/base"
PROJECT = """\
[project]
name = "arkes"
version = "1"
epoch = 1735689600

[updates]
from-last = 1
from-scratch = false

[retention."*"]
keep = 50
"""
SPOILED = ("tampered", "unsigned")
"""Views of the good release that somebody spoiled."""
KARGS = ("console=ttyS0",)
GIB = 1 << 30


class Lab:
    """The host's side: everything in one folder, made once for a base and reused."""

    def __init__(self, work, store, *, refresh, port, say):
        self.store_path, self.refresh, self.port, self.say = store, refresh, port, say
        source = Store.open(store, family=Family.DEBIAN, arch=ARCH, read_only=True)
        self.source = source.repository()
        self.built = self.source.head(REF)
        key = hashlib.sha256(
            json.dumps([self.built, self._overlay_digest(), port]).encode()
        ).hexdigest()[:12]
        self._settle(work / f"lab-{key}")

    @property
    def url(self):
        """Where a guest finds the server: QEMU's user network has the host at 10.0.2.2."""
        return f"http://10.0.2.2:{self.port}"

    @property
    def releases(self):
        return json.loads(self.done.read_text())

    def adopt(self, work):
        """Take the lab that is there, whatever changed since it was made."""
        for folder in work.glob("lab-*"):
            if (folder / "releases.json").exists():
                self._settle(folder)

    def _settle(self, folder):
        self.folder = folder
        self.root = folder / "project"
        self.published = folder / "published"
        self.views = folder / "views"
        self.disk = folder / "disk.qcow2"
        self.done = folder / "releases.json"
        os.environ["ARKES_KEYS"] = str(folder / "keys")

    def prepare(self):
        """Make the base and its disk, unless they are there."""
        if not self.disk.exists():
            for old in self.folder.parent.glob("lab-*"):
                _remove(old)
            self._begin()

    def need(self, view):
        """Make the release that a view shows, unless it is there; releases it stands on first."""
        name = "good" if view in SPOILED else view
        kind = next((kind for kind in kinds.KINDS if kind.name == name), None)
        if kind is not None and name not in self.releases:
            self.need(kind.parent)
            self._release(kind)

    def _begin(self):
        """Make the project, the base that trusts its key, and the disk."""
        self.root.mkdir(parents=True)
        (self.root / "arkes.toml").write_text(PROJECT)
        self._trust("scenarios", os.environ["ARKES_KEYS"])
        repository = self._repository()
        self.say("taking the base over")
        _ostree("pull-local", f"--repo={repository.path}", self.source.path, self.built)
        keyring = next(trusted_folder(self.root).glob("*.gpg")).read_bytes()
        changes = {
            "usr/share/ostree/trusted.gpg.d/scenarios.gpg": trees.File(data=keyring),
            **(self._overlay(repository) if self.refresh else {}),
        }
        base = trees.commit(repository, self.built, changes, ref=REF, version="1")
        self._sign(repository, base)
        self.say("publishing the base")
        self._publish("base")
        self.done.write_text(json.dumps({"base": base}, indent=1))
        self.say("making the disk")
        self._make_disk(repository, base)

    def _release(self, kind):
        """Make and publish a release; the views that somebody spoiled come with the good one."""
        self.say(f"publishing the release that {kind.story}")
        repository, parent = self._repository(), self.releases[kind.parent]
        number = len(self.releases) + 1
        changes = kind.changes(repository, parent)
        made = trees.commit(
            repository, parent, changes, ref=REF, version=str(number), late=60 * number
        )
        self._sign(repository, made)
        self._publish(kind.name)
        if kind.name == "good":
            for name in SPOILED:
                self._link(self.views / "good", self.views / name)
            (self.views / "unsigned/summary.sig").unlink()
        self.done.write_text(json.dumps({**self.releases, kind.name: made}, indent=1))

    def _repository(self):
        return Store.open(self.root / ".arkes", family=Family.DEBIAN, arch=ARCH).repository()

    def _trust(self, owner, home):
        _key, public = make_key(Path(home), owner=owner, algorithm="ed25519", expires="never")
        folder = trusted_folder(self.root)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{owner}.gpg").write_bytes(public)

    def _sign(self, repository, commit):
        with for_project(self.root) as signer:
            signer.sign_commit(repository._repo, commit)

    def _publish(self, name):
        """Publish, and keep all of it under a name: the next publish tidies up what it has not.

        The files are hard links. A publish writes new ones and never into those that are there.
        """
        options = Options(project=self.root, family=Family.DEBIAN, arch=ARCH)
        publish(options, Request(destination=self.published, url=f"{self.url}/{name}"))
        self._link(self.published, self.views / name)

    def _link(self, source, target):
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-al", source, target], check=True)

    def _make_disk(self, repository, base):
        work = self.folder / "making"
        work.mkdir()
        identity = derived(base)
        made = create(
            work,
            repo=repository.path,
            commit=base,
            ref=REF,
            stateroot="arkes",
            kargs=(f"root=UUID={identity.root_fs}", *KARGS),
            remote_url=f"{self.url}/base",
        )
        wish = Wish(
            release=Release(
                node="base", ref=REF, commit=base, version="1", timestamp=0, arch=ARCH.value
            ),
            root_fs=RootFs.EXT4,
            form=Form.QCOW2,
            size=7 * GIB,
            esp_size=GIB // 2,
            identity=identity,
        )
        maker = Maker(wish=wish, work=work)
        tree = Tree(root=made.root, esp=made.esp)
        maker.make(tree, maker.lay_out(tree), self.disk)
        _remove(work)

    def _overlay_digest(self):
        if not self.refresh:
            return ""
        paths = [path for path in _refreshed() if path.is_file()]
        told = "".join(f"{path}{path.read_bytes().hex()}" for path in paths)
        return hashlib.sha256(told.encode()).hexdigest()

    def _overlay(self, repository):
        """Return the checkout's own package and overlay, for a base that has older ones."""
        changes = _compiled(repository, self.built, self.folder)
        overlay = CHECKOUT / "overlay/base"
        for path in sorted(overlay.rglob("*")):
            inside = str(path.relative_to(overlay))
            inside = f"usr/{inside}" if inside.startswith("etc/") else inside
            if path.is_symlink():
                changes[inside] = trees.File(target=str(path.readlink()))
            elif path.is_file():
                mode = 0o755 if os.access(path, os.X_OK) else 0o644
                changes[inside] = trees.File(data=path.read_bytes(), mode=mode)
        changes.update(_enabled(overlay))
        return changes


def _refreshed():
    for folder in ("arkes_build", "overlay/base", "grammar"):
        yield from sorted((CHECKOUT / folder).rglob("*"))


def _compiled(repository, commit, folder):
    """Return the package with byte code of the image's own Python."""
    place = folder / "fresh"
    tree = folder / "chroot"
    tree.mkdir()
    _ostree("checkout", "-H", "--subpath=/usr", f"--repo={repository.path}", commit, tree / "usr")
    for name in ("bin", "lib", "lib64", "sbin"):
        (tree / name).symlink_to(f"usr/{name}")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "arkes_build", place / "arkes_build", ignore=ignore)
    shutil.copytree(CHECKOUT / "grammar", place / "arkes_build/grammar")
    shutil.copytree(CHECKOUT / "docs/rules", place / "arkes_build/rules")
    (tree / "fresh").mkdir()
    place.rename(tree / "fresh/lib")
    compiling = ["-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    at = "/usr/lib/arkes/arkes_build"
    subprocess.run(
        ["chroot", tree, "/usr/bin/python3", *compiling, "-s", "/fresh/lib/arkes_build", "-p", at,
         "/fresh/lib/arkes_build"], check=True,
    )  # fmt: skip
    found = {}
    old = tree / "usr/lib/arkes/arkes_build"
    for path in old.rglob("*"):
        if path.is_file():
            found[str(path.relative_to(tree))] = None
    for path in (tree / "fresh/lib").rglob("*"):
        if path.is_file():
            inside = f"usr/lib/arkes/{path.relative_to(tree / 'fresh/lib')}"
            found[inside] = trees.File(data=path.read_bytes())
    _remove(tree)
    return found


def _enabled(overlay):
    """Return the links that ``systemctl preset-all`` would make of the overlay's own units."""
    preset = (overlay / "usr/lib/systemd/system-preset/80-arkes.preset").read_text()
    words = [line.split() for line in preset.splitlines() if line.startswith("enable ")]
    found = {}
    for _, unit in words:
        path = overlay / "usr/lib/systemd/system" / unit
        if not path.is_file():
            continue
        for line in path.read_text().splitlines():
            key, _, value = line.partition("=")
            if key in ("WantedBy", "RequiredBy"):
                kind = "wants" if key == "WantedBy" else "requires"
                for target in value.split():
                    place = f"usr/etc/systemd/system/{target}.{kind}/{unit}"
                    found[place] = trees.File(target=f"/usr/lib/systemd/system/{unit}")
    return found


def _ostree(*words):
    subprocess.run(["ostree", *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def _remove(folder):
    subprocess.run(["chattr", "-R", "-f", "-i", str(folder)], check=False)
    shutil.rmtree(folder)
