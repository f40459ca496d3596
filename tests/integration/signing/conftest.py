"""Give real keys, a signed repository with two releases, and a server for it."""

import functools
import http.server
import shutil
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import gi
import pytest

from arkes_build.store.keymaking import make_key
from arkes_build.store.signing import Signer

gi.require_version("OSTree", "1.0")
from gi.repository import Gio, GLib, OSTree  # noqa: E402 - the version comes first

REF = "tiny/x86_64/base"
OTHER = "tiny/x86_64/other"


def ostree(*words):
    done = subprocess.run(["ostree", *map(str, words)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Keys:
    """Two keys: ``ours`` is trusted by ``keyring``, ``foreign`` is somebody else's."""

    def __init__(self, folder):
        self.home = folder / "keys"
        make = functools.partial(make_key, self.home, algorithm="ed25519", expires="never")
        self.ours, public = make(owner="Ours")
        self.foreign, other = make(owner="Foreign")
        self.keyring = folder / "ours.gpg"
        self.keyring.write_bytes(public)
        self.other = folder / "foreign.gpg"
        self.other.write_bytes(other)

    def sign_commits(self, path, key=None, *, refs=None):
        repo = opened(path)
        with Signer((key or self.ours,), self.home) as signer:
            for name, commit in repo.list_refs(None, None)[1].items():
                following = commit if refs is None or name in refs else None
                while following:
                    signer.sign_commit(repo, following)
                    following = OSTree.commit_get_parent(repo.load_commit(following)[1])

    def sign_commit(self, path, commit, key):
        with Signer((key,), self.home) as signer:
            signer.sign_commit(opened(path), commit)

    def sign_summary(self, path, key=None):
        with Signer((key or self.ours,), self.home) as signer:
            blobs = signer.detached((path / "summary").read_bytes())
        said = GLib.Variant("a{sv}", {"ostree.gpgsigs": GLib.Variant("aay", blobs)})
        (path / "summary.sig").write_bytes(said.get_data_as_bytes().get_data())


def opened(path):
    repo = OSTree.Repo.new(Gio.File.new_for_path(str(path)))
    repo.open(None)
    return repo


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("signing"))


@pytest.fixture(scope="session")
def unsigned(tmp_path_factory):
    """Return an archive with two releases of REF and one of OTHER, and a summary."""
    folder = tmp_path_factory.mktemp("unsigned")
    tree, path = folder / "tree", folder / "repo"
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "usr/etc").mkdir()
    (tree / "usr/bin/tool").write_bytes(bytes(range(256)) * 200)
    (tree / "usr/bin/link").symlink_to("tool")
    ostree("init", f"--repo={path}", "--mode=archive")
    for number, ref in ((1, REF), (2, REF), (3, OTHER)):
        (tree / "usr/etc/motd").write_text(f"release {number}\n")
        ostree(
            "commit",
            f"--repo={path}",
            f"--branch={ref}",
            f"--bind-ref={ref}",
            f"--tree=dir={tree}",
            f"--timestamp=2025-01-0{number} 00:00:00 +0000",
            f"--add-metadata-string=version=1.{number}",
        )
    ostree("summary", f"--repo={path}", "--update")
    return path


@pytest.fixture(scope="session")
def _signed(tmp_path_factory, unsigned, keys):
    path = tmp_path_factory.mktemp("signed") / "repo"
    shutil.copytree(unsigned, path, symlinks=True)
    keys.sign_commits(path)
    keys.sign_summary(path)
    return path


@pytest.fixture
def published(tmp_path, _signed):
    """Return a copy of the archive, all of it signed by our key."""
    return Path(shutil.copytree(_signed, tmp_path / "published", symlinks=True))


@pytest.fixture
def store(tmp_path):
    """Return an empty repository of mode bare."""
    path = tmp_path / "store" / "repo"
    path.mkdir(parents=True)
    ostree("init", f"--repo={path}", "--mode=bare")
    return path


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def _serving(folder):
    """Serve a folder on this machine for as long as the block runs; gives the address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def serving():
    """Return what serves a folder."""
    return _serving


@pytest.fixture(params=["http", "file", "path"])
def address(request, published):
    """Return how the published repository is named: in each of the three ways."""
    if request.param == "http":
        with _serving(published) as url:
            yield url
    else:
        yield published.as_uri() if request.param == "file" else str(published)
