"""Give a project whose releases are made without an engine, a server, and clients."""

from __future__ import annotations

import functools
import http.server
import os
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.publishing import Request, publish
from arkes_build.store.keymaking import make_key
from arkes_build.store.model import LayerDiff, NodeMetadata
from arkes_build.store.signing import for_project, trusted_folder
from arkes_build.store.store import Store

PROJECT = """\
[project]
name = "site"
version = "1"
epoch = 1735689600

[updates]
from-last = {from_last}
from-scratch = {from_scratch}

[retention."*"]
keep = {keep}
"""


def ostree(*words):
    done = subprocess.run(["ostree", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Site:
    """A project, its store and the folder that it is published to."""

    def __init__(self, folder, home):
        self.folder = folder
        self.root = folder / "project"
        self.store = self.root / ".arkes"
        self.published = folder / "published"
        self.home = home
        self._count = 0
        self.root.mkdir(parents=True)
        self.configure()

    def configure(self, *, from_last=3, from_scratch="true", keep=3):
        text = PROJECT.format(from_last=from_last, from_scratch=from_scratch, keep=keep)
        (self.root / "arkes.toml").write_text(text)

    def trust(self, owner="Site"):
        _key, public = make_key(self.home, owner=owner, algorithm="ed25519", expires="never")
        folder = trusted_folder(self.root)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{owner.lower()}.gpg").write_bytes(public)

    def release(self, node, files, *, inputs=b""):
        """Commit a node with just these files (path → bytes); return its commit."""
        self._count += 1
        diff = self.folder / f"diff-{self._count}"
        for path, data in files.items():
            file = diff / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        store = Store.open(self.store, family=Family.DEBIAN, arch=Arch.X86_64)
        version = f"1.{self._count}"
        about = NodeMetadata(node=node, version=version, key="", image="", inputs=inputs)
        with for_project(self.root) as signer, store.repository().transaction():
            chain = [LayerDiff(chain_id=f"{self._count:064x}", path=diff)]
            (layer,) = store.repository().commit_layers(chain)
            made = store.repository().commit_node(
                self.ref(node), layer, about, epoch=0, signer=signer
            )
        return made.checksum

    def ref(self, node):
        return f"site/x86_64/{node}"

    @property
    def options(self):
        return Options(project=self.root, family=Family.DEBIAN, arch=Arch.X86_64)

    def publish(self, *nodes, sink=lambda _event: None, **how):
        request = Request(destination=self.published, nodes=nodes, **how)
        return publish(self.options, request, sink)

    def command(self, *words):
        """Return the words of a process that publishes."""
        module = "import sys; from arkes_build.cli.main import main; sys.exit(main())"
        own = ("publish", str(self.published), "--project", str(self.root), "--quiet")
        return [os.sys.executable, "-c", module, *own, *map(str, words)]

    def objects(self):
        return {path for path in (self.published / "objects").glob("??/*") if path.is_file()}

    def deltas(self):
        return {path.parent.name + path.name for path in (self.published / "deltas").glob("??/*")}

    def fsck(self):
        ostree("fsck", f"--repo={self.published}")

    def rubbish(self):
        """Return what a publish should not leave in its folder for temporary files."""
        known = {"cache"}
        return sorted(
            path.name
            for path in (self.published / "tmp").iterdir()
            if path.name not in known and not path.name.endswith("-lock")
        )


class Client:
    """A machine with a repository of its own, that updates from somewhere."""

    def __init__(self, folder, url, keys=None, *, mirrors=False):
        self.repo = folder
        ostree("init", f"--repo={folder}", "--mode=bare-user")
        verify = "false" if keys is None else "true"
        where = [f"mirrorlist={url}/mirrorlist", f"--contenturl={url}"] if mirrors else [url]
        ostree(
            *("remote", "add", f"--repo={folder}", "site", *where),
            *(f"--set=gpg-verify={verify}", f"--set=gpg-verify-summary={verify}"),
            *(() if keys is None else (f"--gpg-import={keys}",)),
        )

    def pull(self, *words):
        ostree("pull", f"--repo={self.repo}", "site", *words)

    def commit(self, ref):
        return ostree("rev-parse", f"--repo={self.repo}", f"site:{ref}").strip()


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files, count the bytes of each answer."""

    def log_message(self, *_):
        pass

    def copyfile(self, source, outputfile):
        data = source.read()
        self.server.sent.append((self.path, len(data)))
        outputfile.write(data)


@contextmanager
def _serving(folder):
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.sent = []
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def serving():
    """Return what serves a folder; ``sent`` has the path and bytes of each answer."""
    return _serving


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return a project without keys, with nothing built."""
    home = tmp_path / "keys"
    monkeypatch.setenv("ARKES_KEYS", str(home))
    return Site(tmp_path / "site", home)


@pytest.fixture
def signed_site(site):
    """Return a project with a key."""
    site.trust()
    return site


@pytest.fixture
def client(tmp_path):
    """Return what makes clients."""
    made = []

    def make(url, keys=None, *, mirrors=False):
        made.append(Client(tmp_path / f"client-{len(made)}", url, keys, mirrors=mirrors))
        return made[-1]

    return make


@pytest.fixture
def root():
    """Return the repository's folder."""
    return Path(__file__).parents[3]
