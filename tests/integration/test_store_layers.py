"""Compare what is committed from overlay diffs with a plain commit of the mounted image."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from arkes_build.store.errors import LayerNeedsTree, LayerUnreadable
from arkes_build.store.model import LayerDiff, NodeMetadata
from arkes_build.store.repository import Repository

pytestmark = pytest.mark.engine

CONTAINERFILE = r"""
FROM scratch
LABEL arkes.test=store
COPY --chown=0:0 rootfs/ /
ENV PATH=/bin
RUN set -e; mkdir -p -m 0750 /usr/share/one/two /empty/deeper /was_dir/inside /opaque/old && \
    echo one > /usr/share/one/file && echo deep > /usr/share/one/two/deep && \
    echo s > /usr/bin/suid && chmod 4755 /usr/bin/suid && \
    echo g > /usr/bin/sgid && chmod 2711 /usr/bin/sgid && \
    echo own > /usr/owned && chown 12:34 /usr/owned && chown 7:8 /usr/share/one && \
    echo same > /usr/hard1 && ln /usr/hard1 /usr/hard2 && ln /usr/hard1 /usr/hard3 && \
    ln -s hard1 /usr/link && ln -s nowhere /usr/dangling && \
    echo f > /was_file && ln -s /usr /was_link && echo x > /was_dir/inside/x && \
    echo gone > /usr/gone && echo o > /opaque/old/o && mkdir -m 1777 /sticky && \
    echo unicode > "/usr/Főtanúsítvány 日本.pem"
COPY marked/ /usr/marked/
RUN rm /usr/gone && rm -r /opaque && mkdir -m 0711 /opaque && echo new > /opaque/new && \
    rm -r /was_dir && echo now a file > /was_dir && \
    rm /was_file && mkdir /was_file && echo now a directory > /was_file/f && \
    rm /was_link && mkdir /was_link && \
    echo broken > /usr/hard2 && \
    chmod 0700 /usr/share/one/two && chown 99:99 /sticky
RUN rm /was_dir && ln -s usr /was_dir && rm -r /was_file && ln -s /was_dir /was_file && \
    rm -r /empty && rm "/usr/Főtanúsítvány 日本.pem" && mkfifo /usr/pipe
RUN rm /usr/pipe && rm -r /usr/share/one && mkdir -p /usr/share/one/two && \
    echo again > /usr/share/one/two/again
"""


def run(*argv: str) -> str:
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    context = tmp_path_factory.mktemp("context")
    root = context / "rootfs"
    (root / "bin").mkdir(parents=True)
    (root / "usr/bin").mkdir(parents=True)
    root.chmod(0o555)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    for name in ("sh", "mkdir", "ln", "rm", "chmod", "chown", "mknod", "mkfifo"):
        (root / "bin" / name).symlink_to("busybox")
    marked = context / "marked"
    marked.mkdir()
    (marked / "capable").write_text("capable")
    run("setcap", "cap_net_raw+ep", str(marked / "capable"))
    (marked / "attributed").write_text("attributed")
    os.setxattr(marked / "attributed", "user.arkes", b"\x00value")
    (context / "Containerfile").write_text(CONTAINERFILE)
    name = f"localhost/store-test:{uuid.uuid4().hex}"
    # podman 5 would raise the limits, which not every machine allows
    limits = ("--ulimit=nofile=1024:4096", "--ulimit=nproc=4096:8192")
    run("podman", "build", "--isolation=chroot", *limits, "--no-cache", "-t", name, str(context))
    yield name
    run("podman", "rmi", "-f", name)
    run("podman", "image", "prune", "-f", "--filter", "label=arkes.test=store")


def diffs(image: str) -> list[LayerDiff]:
    (found,) = json.loads(run("podman", "image", "inspect", image))
    data = found["GraphDriver"]["Data"]
    lower = data.get("LowerDir", "").split(":") if data.get("LowerDir") else []
    paths = [*reversed(lower), data["UpperDir"]]
    chain, made = "", []
    for path, diff_id in zip(paths, found["RootFS"]["Layers"], strict=True):
        text = f"{chain} {diff_id}".encode()
        chain = f"sha256:{hashlib.sha256(text).hexdigest()}" if chain else diff_id
        made.append(LayerDiff(chain_id=chain, path=Path(path)))
    return made


def plain_commit(tmp_path: Path, tree: Path) -> str:
    repo = f"--repo={tmp_path / 'plain'}"
    run("ostree", "init", repo, "--mode=bare")
    return run("ostree", repo, "commit", "--orphan", "--fsync=false", f"--tree=dir={tree}").strip()


def listing(repo: Path, commit: str) -> list[str]:
    return run("ostree", f"--repo={repo}", "ls", "-RCX", commit).splitlines()


@contextmanager
def mounted_image(image: str):
    tree = run("podman", "image", "mount", image).strip()
    try:
        yield Path(tree)
    finally:
        run("podman", "image", "umount", image)


def test_an_image_commits_to_the_very_tree_that_a_mount_shows(image, tmp_path):
    with mounted_image(image) as tree:
        plain = plain_commit(tmp_path, tree)
        # The image must hold what this test is about.
        assert os.getxattr(tree / "usr/marked/attributed", "user.arkes") == b"\x00value"
        assert os.listxattr(tree / "usr/marked/capable") == ["security.capability"]
    repository = Repository.open(tmp_path / "repo")
    layers = repository.commit_layers(diffs(image))
    assert listing(tmp_path / "repo", layers[-1].commit) == listing(tmp_path / "plain", plain)
    assert layers[-1].content == Repository.open(tmp_path / "plain").content_checksum(plain)


def test_a_chain_that_is_there_is_not_written_again(image, tmp_path):
    repository = Repository.open(tmp_path / "repo")
    chain = diffs(image)
    first = repository.commit_layers(chain[:3])
    rest = repository.commit_layers(chain)
    again = repository.commit_layers(chain)
    assert [layer.is_new for layer in first] == [True] * 3
    assert [layer.is_new for layer in rest] == [False] * 3 + [True] * (len(chain) - 3)
    assert [layer.is_new for layer in again] == [False] * len(chain)
    assert [layer.commit for layer in again] == [layer.commit for layer in rest]


def test_a_pipe_that_a_step_makes_is_left_out_with_a_note(image, tmp_path):
    notes = []
    Repository.open(tmp_path / "repo").commit_layers(diffs(image), note=notes.append)
    assert notes == ["/usr/pipe: a named pipe is left out, OSTree cannot hold it"]


def digits(number: int) -> str:
    return f"{number:064x}"


def folder(path: Path, files: dict[str, str]) -> Path:
    path.mkdir()
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def names(repo: Path, commit: str) -> list[str]:
    return run("ostree", f"--repo={repo}", "ls", "-R", "--nul-filenames-only", commit).split("\0")[
        1:-1
    ]


def committed(tmp_path: Path, *layers: Path) -> list[str]:
    repository = Repository.open(tmp_path / "repo")
    chain = [LayerDiff(chain_id=digits(at), path=path) for at, path in enumerate(layers)]
    return names(tmp_path / "repo", repository.commit_layers(chain)[-1].commit)


def test_device_nodes_are_left_out_and_still_hide_what_was_there(tmp_path):
    lower = folder(tmp_path / "lower", {"a/b": "", "c": "", "d": "", "e": ""})
    upper = folder(tmp_path / "upper", {})
    os.mknod(upper / "a", 0o020000, os.makedev(1, 3))
    os.mknod(upper / "c", 0o060000, os.makedev(7, 0))
    os.mknod(upper / "d", 0o140000)
    repository = Repository.open(tmp_path / "repo")
    notes = []
    chain = [LayerDiff(chain_id=digits(at), path=path) for at, path in enumerate((lower, upper))]
    layers = repository.commit_layers(chain, note=notes.append)
    assert names(tmp_path / "repo", layers[-1].commit) == ["/e"]
    assert notes == [
        "/a: a character device is left out, OSTree cannot hold it",
        "/c: a block device is left out, OSTree cannot hold it",
        "/d: a socket is left out, OSTree cannot hold it",
    ]


def test_whiteouts_by_name_are_understood(tmp_path):
    lower = folder(tmp_path / "lower", {"a/kept": "", "a/gone": "", "b/old": "", "c": ""})
    upper = folder(
        tmp_path / "upper",
        {"a/.wh.gone": "", "b/.wh..wh..opq": "", "b/new": "", ".wh.c": "", ".wh..wh.plnk": ""},
    )
    assert committed(tmp_path, lower, upper) == ["/a", "/a/kept", "/b", "/b/new"]


@pytest.mark.parametrize("marker", ["user.overlay.opaque", "user.fuseoverlayfs.opaque"])
def test_opaque_directories_of_rootless_storage_are_understood(tmp_path, marker):
    lower = folder(tmp_path / "lower", {"b/old": ""})
    upper = folder(tmp_path / "upper", {"b/new": ""})
    os.setxattr(upper / "b", marker, b"y")
    os.setxattr(upper / "b/new", "user.overlay.origin", b"\x00\xfb")
    repo = tmp_path / "repo"
    assert committed(tmp_path, lower, upper) == ["/b", "/b/new"]
    listed = listing(repo, f"arkes-layers/{digits(1)}")
    assert [line for line in listed if "overlay" in line] == []


def test_whiteouts_by_xattr_are_understood(tmp_path):
    lower = folder(tmp_path / "lower", {"a/kept": "", "a/gone": ""})
    upper = folder(tmp_path / "upper", {"a/gone": ""})
    os.setxattr(upper / "a", "trusted.overlay.opaque", b"x")
    os.setxattr(upper / "a/gone", "trusted.overlay.whiteout", b"y")
    assert committed(tmp_path, lower, upper) == ["/a", "/a/kept"]


@pytest.mark.parametrize("mark", ["trusted.overlay.redirect", "trusted.overlay.metacopy"])
def test_a_layer_that_refers_to_others_is_refused_with_what_to_turn_off(tmp_path, mark):
    lower = folder(tmp_path / "lower", {"old/file": "x"})
    upper = folder(tmp_path / "upper", {"new/more": "y"})
    os.setxattr(upper / "new", mark, b"old")
    chain = [LayerDiff(chain_id=digits(at), path=path) for at, path in enumerate((lower, upper))]
    repository = Repository.open(tmp_path / "repo")
    with pytest.raises(LayerNeedsTree, match="cannot be committed from its folder") as caught:
        repository.commit_layers(chain)
    assert caught.value.brief.endswith(f": {mark} on {upper}/new")
    assert "redirect_dir=off,metacopy=off" in caught.value.resolution
    assert repository.commit_layers(chain[:1])[0].is_new


def test_a_layer_without_a_folder_is_refused(tmp_path):
    with pytest.raises(LayerNeedsTree, match="the storage keeps no folder for it"):
        Repository.open(tmp_path / "repo").commit_layers([LayerDiff(chain_id="a" * 64, path=None)])


def test_a_name_that_is_not_utf8_is_refused_by_its_name(tmp_path):
    lower = folder(tmp_path / "lower", {"usr/share/ok": ""})
    (Path(os.fsdecode(bytes(lower) + b"/usr/share/b\xe9"))).write_text("")
    with pytest.raises(LayerUnreadable) as caught:
        committed(tmp_path, lower)
    assert caught.value.brief.endswith(
        r"/usr/share/b\xe9': its name or target is not UTF-8, which OSTree cannot hold"
    )


def test_a_long_file_is_written_piece_by_piece(tmp_path):
    lower = folder(tmp_path / "lower", {"dir/x": ""})
    upper = folder(tmp_path / "upper", {})
    (upper / "dir").mkdir()
    with (upper / "dir/long").open("wb") as stream:
        stream.write(os.urandom(9 << 20))
    committed(tmp_path, lower, upper)
    assert "completed successfully" in run("ostree", "fsck", f"--repo={tmp_path / 'repo'}")


def test_a_very_deep_tree_is_committed(tmp_path):
    lower = tmp_path / "lower"
    path = str(lower)
    for _ in range(1200):
        os.mkdir(path)  # noqa: PTH102 - pathlib is slow at this depth
        path += "/d"
    try:
        assert len(committed(tmp_path, lower)) == 1199
    finally:
        run("rm", "-r", str(lower))  # pytest's own cleaning up is recursive


def test_the_same_content_under_another_chain_is_the_same_commit(tmp_path):
    repository = Repository.open(tmp_path / "repo")
    made = [
        repository.commit_layers(
            [LayerDiff(chain_id=digits(at), path=folder(tmp_path / name, {"usr/a": "1"}))]
        )[0]
        for at, name in enumerate(("one", "two"))
    ]
    assert made[0].commit == made[1].commit


def test_threads_may_commit_at_once(tmp_path):
    repository = Repository.open(tmp_path / "repo")
    base = LayerDiff(chain_id="b" * 64, path=folder(tmp_path / "base", {"usr/base": ""}))

    def commit(at: int) -> str:
        path = folder(tmp_path / f"diff{at}", {f"usr/{at}/{name}": f"{at}" for name in "abc"})
        top = repository.commit_layers([base, LayerDiff(chain_id=digits(at), path=path)])[-1]
        about = NodeMetadata(node=f"n{at}", version="1", key="", image="")
        repository.packages(top.commit)
        return repository.commit_node(f"test/x86_64/n{at}", top, about, epoch=1).checksum

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(commit, range(24)))
    found = {info.ref: info.commit for info in repository.refs()}
    assert found == {f"test/x86_64/n{at}": checksum for at, checksum in enumerate(made)}
    assert "completed successfully" in run("ostree", "fsck", f"--repo={tmp_path / 'repo'}")
