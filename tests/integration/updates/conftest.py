"""Give a vendor who publishes signed releases with forecasts, and machines that follow them."""

from __future__ import annotations

import functools
import http.server
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import gi
import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.history.commits import History
from arkes_build.history.cost import Coster, weigh
from arkes_build.history.facts import TreeFacts
from arkes_build.history.forecast import text
from arkes_build.history.foreseeing import foresee
from arkes_build.history.trees import Root, Trees
from arkes_build.host import records
from arkes_build.host.machine import Host
from arkes_build.host.updates.looking import look_ahead
from arkes_build.host.updates.upgrading import Request, take
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.publishing import Request as Publication
from arkes_build.pipeline.publishing import publish
from arkes_build.store.keymaking import make_key
from arkes_build.store.model import LayerDiff, NodeMetadata
from arkes_build.store.signing import Signer, for_project, trusted_folder
from arkes_build.store.store import Store
from arkes_build.sysroot.create import create
from arkes_build.sysroot.sysroot import Sysroot

gi.require_version("OSTree", "1.0")
from gi.repository import Gio, GLib, OSTree  # noqa: E402 - the version comes first

REF = "arkes/x86_64/base"
PROJECT = """\
[project]
name = "arkes"
version = "1"
epoch = 1735689600

[updates]
from-last = 3
from-scratch = {from_scratch}

[retention."*"]
keep = 9
"""
ETC = {
    "motd": "Welcome\n",
    "ssh/sshd_config": "Port 22\n",
    "issue": "Arkes\n",
    "shadow": "root:*\n",
    "d/in": "in\n",
}


def ostree(*words):
    done = subprocess.run(["ostree", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def efi_program(text):
    """Return what passes for a kernel: the boot loader starts nothing else."""
    return b"MZ".ljust(0x3C, b"\0") + (0x40).to_bytes(4, "little") + b"PE\0\0" + text.encode()


class Vendor:
    """Whoever publishes: a store with a key, and the folder that is served."""

    def __init__(self, folder, home):
        self.root = folder / "project"
        self.published = folder / "published"
        self.home = home
        self._folder = folder
        self._count = 0
        trusted_folder(self.root).mkdir(parents=True)
        (self.root / "arkes.toml").write_text(PROJECT.format(from_scratch="true"))
        _key, public = make_key(home, owner="Vendor", algorithm="ed25519", expires="never")
        self.keyring = trusted_folder(self.root) / "vendor.gpg"
        self.keyring.write_bytes(public)
        self.store = Store.open(self.root / ".arkes", family=Family.DEBIAN, arch=Arch.X86_64)

    def release(self, etc=None, *, files=None, kernel="6.1", packages=(), tells=True, **more):
        """Commit, sign and publish a release; return its commit. ``etc`` changes ``ETC``."""
        self._count += 1
        diff = self._folder / f"diff-{self._count}"
        tree = {f"etc/{path}": data for path, data in {**ETC, **(etc or {})}.items()}
        tree |= {
            f"usr/lib/modules/{kernel}/vmlinuz": efi_program(kernel),
            f"usr/lib/modules/{kernel}/initramfs.img": f"initramfs {kernel}",
            "usr/lib/os-release": f'ID=arkes\nPRETTY_NAME="Arkes {self._count}"\n',
            **(files or {}),
        }
        for path, data in tree.items():
            if data is not None:
                file = diff / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data if isinstance(data, bytes) else data.encode())
        (diff / "etc/shadow").chmod(0o640)
        return self._commit(diff, kernel, tuple(packages), tells=tells, **more)

    def _commit(self, diff, kernel, packages, *, tells, ref=REF, from_scratch=True):
        text = PROJECT.format(from_scratch=str(from_scratch).lower())
        (self.root / "arkes.toml").write_text(text)
        about = NodeMetadata(
            node=ref.rpartition("/")[2],
            version=f"1.{self._count}",
            key="",
            image="",
            packages=packages,
        )
        repository = self.store.repository()
        foretell = functools.partial(self._forecast, kernel, packages)
        with for_project(self.root) as signer, repository.transaction():
            chain = [LayerDiff(chain_id=f"{self._count:064x}", path=diff)]
            (layer,) = repository.commit_layers(chain)
            more = {"forecast": foretell} if tells else {}
            made = repository.commit_node(ref, layer, about, epoch=0, signer=signer, **more)
        self.publish()
        return made.checksum

    def _forecast(self, kernel, packages, tree, meta, parent):
        path = self.store.repository().path
        trees, history = Trees(path, staged=True), History(path)
        made = TreeFacts(root=Root(tree, meta), packages=packages, kernel=kernel)
        before = list(history.releases(parent))[:3] if parent else []
        weight, coster = weigh(trees, made.root), Coster(trees)
        return text(foresee(trees, made, before, weight=weight, coster=coster))

    def publish(self):
        options = Options(project=self.root, family=Family.DEBIAN, arch=Arch.X86_64)
        publish(options, Publication(destination=self.published), lambda _event: None)

    def offer(self, commit):
        """Offer a release of before again, in a summary that is signed."""
        (self.published / "refs/heads" / REF).write_text(f"{commit}\n")
        self.update_summary()

    def release_other(self):
        """Release another node; return its commit."""
        return self.release({"motd": "other\n"}, ref="arkes/x86_64/other")

    def update_summary(self):
        ostree("summary", "--update", f"--repo={self.published}")
        self.sign_summary()

    def sign_anew(self, commit, owner):
        """Sign a published commit with the new key of somebody whom no machine trusts."""
        home = self._folder / "foreign"
        key, _public = make_key(home, owner=owner, algorithm="ed25519", expires="never")
        repo = OSTree.Repo.new(Gio.File.new_for_path(str(self.published)))
        repo.open(None)
        with Signer((key,), home) as signer:
            signer.sign_commit(repo, commit)

    def sign_summary(self):
        with for_project(self.root) as signer:
            blobs = signer.detached((self.published / "summary").read_bytes())
        said = GLib.Variant("a{sv}", {"ostree.gpgsigs": GLib.Variant("aay", blobs)})
        (self.published / "summary.sig").write_bytes(said.get_data_as_bytes().get_data())

    def object(self, commit, kind):
        return self.published / "objects" / commit[:2] / f"{commit[2:]}.{kind}"


class Machine:
    """A machine in a plain folder, which follows the vendor."""

    def __init__(self, folder, vendor, commit, url):
        made = create(
            folder,
            repo=vendor.store.repository().path,
            commit=commit,
            ref=REF,
            stateroot="arkes",
            kargs=("quiet",),
            remote_url=url,
        )
        self.esp = made.esp
        self.now = 1_800_000_000.0
        self.host = Host(root=made.root, clock=lambda: self.now, uid=lambda: 0)
        trusted = self.host.etc / "ostree/trusted.gpg.d"
        trusted.mkdir(parents=True)
        (trusted / "vendor.gpg").write_bytes(vendor.keyring.read_bytes())

    def host_for(self, uid):
        """Return the machine as somebody else sees it."""
        esp = self.esp
        return replace(
            self.host, uid=lambda: uid, opener=lambda host: Sysroot.open(host.root, esp=esp)
        )

    def of(self, commit):
        return next(each for each in self.sysroot.deployments() if each.checksum == commit)

    @property
    def sysroot(self):
        return Sysroot.open(self.host.root, esp=self.esp)

    @property
    def deployment(self):
        """Return what stands for the running one: the default."""
        return self.sysroot.deployments()[0]

    @property
    def etc(self):
        return self.deployment.path / "etc"

    def look(self):
        return look_ahead(self.host, self.sysroot)

    def upgrade(self, **how):
        sysroot = self.sysroot
        return take(self.host, sysroot, look_ahead(self.host, sysroot), Request(**how))

    def state(self):
        """Return what must be as before when an update is refused."""
        repo = self.host.repo
        return (
            [each.name for each in self.sysroot.deployments()],
            sorted(ostree("refs", f"--repo={repo}").split()),
            sorted(path.name for path in self.esp.rglob("*.conf")),
        )

    def everything(self):
        """Return each path of the machine with its size and time: whatever is written shows.

        Only ``tmp`` of the repository is left out: libostree makes a cache there when it opens it.
        """
        paths = (path for path in sorted(self.host.root.rglob("*")) if "tmp" not in path.parts[-3:])
        state = ((path, path.lstat()) for path in paths if path.name != "repo")
        return {path: (found.st_size, found.st_mtime_ns) for path, found in state}

    def forget_remote(self):
        """Take the remote out of the repository's configuration."""
        config = self.host.repo / "config"
        config.write_text(config.read_text().partition('[remote "arkes"]')[0])

    def partial(self):
        """Return the commits that the repository knows it has not whole."""
        return sorted(path.name for path in (self.host.repo / "state").glob("*.commitpartial"))

    def records(self):
        return [(one.action, one.result, one.after) for one in records.read(self.host)]

    def fsck(self):
        ostree("fsck", f"--repo={self.host.repo}")


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files, note the bytes of each answer."""

    def log_message(self, *_):
        pass

    def copyfile(self, source, outputfile):
        self.server.before(self.path)
        data = source.read()
        self.server.sent.append((self.path, len(data)))
        outputfile.write(data)


@contextmanager
def serving(folder):
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.sent = []
        server.before = lambda _path: None
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def vendor(tmp_path, monkeypatch):
    """Return a vendor who has released nothing."""
    home = tmp_path / "keys"
    monkeypatch.setenv("ARKES_KEYS", str(home))
    return Vendor(tmp_path / "vendor", home)


@pytest.fixture
def server(vendor):
    """Return the server of what the vendor publishes; ``sent`` has path and bytes of answers."""
    vendor.published.mkdir(exist_ok=True)
    with serving(vendor.published) as server:
        yield server


@pytest.fixture
def make_machine(tmp_path, vendor, server):
    """Return what installs a release on a new machine."""
    made = []

    def make(commit, url=server.url, folder=None):
        made.append(commit)
        place = folder or Path(tmp_path) / f"machine-{len(made)}"
        return Machine(place, vendor, commit, url)

    yield make
    # A deployment's root cannot be removed as long as it is immutable.
    subprocess.run(["chattr", "-R", "-f", "-i", str(tmp_path)], check=False, capture_output=True)
