"""Look at a node's commit as OSTree and a deployed system will see it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from arkes_build.core.errors import DiskFull
from arkes_build.store.deployable import HOSTNAME, HOSTS
from arkes_build.store.errors import StoreDamaged, StoreError
from arkes_build.store.model import LayerDiff, NodeMetadata, RefInfo
from arkes_build.store.repository import Repository

pytestmark = pytest.mark.engine

REF = "arkes/x86_64/base"
NAME = "usr/lib/arkes/hostname"
UNIT = "lib/systemd/system/systemd-resolved.service"
ABOUT = NodeMetadata(
    node="base",
    version="1.2",
    key="k" * 64,
    image="sha256:" + "d" * 64,
    packages=("a=1", "b=2"),
)


def run(*argv: str) -> str:
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fill(path: Path, files: dict[str, str | None]) -> Path:
    """Write files: None makes a directory, ``→x`` a link to x."""
    path.mkdir()
    path.chmod(0o755)
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            file.mkdir(exist_ok=True)
        elif text.startswith("→"):
            file.symlink_to(text[1:])
        else:
            file.write_text(text)
    return path


class Place:
    """A repository and what is committed to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.repo = path / "repo"
        self.repository = Repository.open(self.repo)
        self.count = 0

    def commit(self, files: dict[str, str | None], about: NodeMetadata = ABOUT, epoch: int = 100):
        self.count += 1
        diff = fill(self.path / f"diff{self.count}", files)
        chain = [LayerDiff(chain_id=f"{self.count:064x}", path=diff)]
        (layer,) = self.repository.commit_layers(chain)
        return self.repository.commit_node(REF, layer, about, epoch=epoch)

    def checkout(self) -> Path:
        target = self.path / f"checkout{self.count}"
        run("ostree", "checkout", f"--repo={self.repo}", "--user-mode", REF, str(target))
        return target

    def metadata(self, name: str) -> str:
        argv = ["ostree", "show", f"--repo={self.repo}", f"--print-metadata-key={name}", REF]
        return run(*argv).strip()


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def shape(root: Path) -> dict[str, str]:
    """Return path → content, link target or ``dir`` with the mode."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = f"→{path.readlink()}"
        elif path.is_dir():
            found[name] = f"dir {path.stat().st_mode & 0o7777:o}"
        else:
            found[name] = path.read_text()
    return found


EMPTY_TREE = {
    "dev": "dir 755",
    "home": "→var/home",
    "mnt": "→var/mnt",
    "opt": "→var/opt",
    "ostree": "→sysroot/ostree",
    "proc": "dir 555",
    "root": "→var/roothome",
    "run": "dir 755",
    "srv": "→var/srv",
    "sys": "dir 555",
    "sysroot": "dir 755",
    "tmp": "dir 1777",
    "usr": "dir 755",
    "usr/etc": "dir 755",
    "usr/etc/hostname": HOSTNAME.decode(),
    "usr/etc/hosts": HOSTS.decode(),
    "usr/etc/machine-id": "",
    "usr/local": "→../var/usrlocal",
    "var": "dir 755",
}


def test_an_empty_tree_becomes_deployable(place):
    made = place.commit({})
    assert shape(place.checkout()) == EMPTY_TREE
    assert made.warnings == ()


def test_what_belongs_to_the_machine_is_emptied(place):
    made = place.commit(
        {
            "dev/null": "x",
            "home": None,
            "mnt": None,
            "opt/empty/deeper": None,
            "proc/1": "x",
            "root": None,
            "run/lock/x": "x",
            "srv": None,
            "sys/x": "x",
            "tmp/x": "x",
            "usr/local/bin": None,
            "usr/local/share/man": None,
            "usr/local/man": "→share/man",
            "var/lib/dpkg/status": "x",
        }
    )
    assert shape(place.checkout()) == EMPTY_TREE
    assert made.warnings == ()


def test_a_deployable_tree_stays_as_it_is(place):
    place.commit({})
    again = place.commit(
        {name: None if text.startswith("dir") else text for name, text in EMPTY_TREE.items()}
    )
    assert shape(place.checkout()) == EMPTY_TREE
    assert again.is_unchanged
    assert again.warnings == ()


@pytest.mark.parametrize(
    ("files", "expected", "warnings"),
    [
        (
            {"etc/a": "1", "etc/b/c": "2"},
            {"usr/etc/a": "1", "usr/etc/b": "dir 755", "usr/etc/b/c": "2"},
            (),
        ),
        ({"usr/etc/a": "1"}, {"usr/etc/a": "1"}, ()),
        ({"usr/etc/a": "1", "etc": "→usr/etc"}, {"usr/etc/a": "1"}, ()),
        (
            {"etc/a": "1", "etc/b/c": "2", "usr/etc/b/d": "3", "usr/etc/e/f": "4"},
            {
                "usr/etc/a": "1",
                "usr/etc/b": "dir 755",
                "usr/etc/b/c": "2",
                "usr/etc/b/d": "3",
                "usr/etc/e": "dir 755",
                "usr/etc/e/f": "4",
            },
            (),
        ),
        (
            {"etc/a": "1", "usr/etc/a": "2", "etc/b": "1", "usr/etc/b": "1", "usr/etc/c": "3"},
            {"usr/etc/a": "1", "usr/etc/b": "1", "usr/etc/c": "3"},
            ("/usr/etc/a is left out: /etc/a differs",),
        ),
        (
            {"etc/a": "1", "usr/etc/a/b": "2"},
            {"usr/etc/a": "1"},
            ("/usr/etc/a is left out: /etc/a is a file",),
        ),
    ],
    ids=[
        "it moves",
        "only /usr/etc stays",
        "a link to /usr/etc goes",
        "both merge",
        "/etc wins over a file",
        "/etc wins over a directory",
    ],
)
def test_etc_becomes_usr_etc(place, files, expected, warnings):
    made = place.commit(files)
    assert shape(place.checkout()) == {**EMPTY_TREE, **expected}
    assert made.warnings == warnings


@pytest.mark.parametrize("name", ["home", "mnt", "opt", "root", "srv", "usr/local"])
def test_content_in_the_machines_places_stays_and_is_told(place, name):
    made = place.commit({f"{name}/some/file": "kept"})
    assert (place.checkout() / name / "some/file").read_text() == "kept"
    assert len(made.warnings) == 1
    assert made.warnings[0].startswith(f"/{name} has content (/{name}/some/file) and stays")


def test_links_that_people_made_stay(place):
    made = place.commit({"home": "→elsewhere", "usr/local": "→/opt/local"})
    expected = {**EMPTY_TREE, "home": "→elsewhere", "usr/local": "→/opt/local"}
    assert shape(place.checkout()) == expected
    assert made.warnings == ()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"etc/hosts": "", "etc/hostname": "\n"}, {}),
        ({"etc/hosts": "10.0.2.2 host.containers.internal\n"}, {}),
        ({"etc/hostname": "0123456789ab\n"}, {}),
        ({"etc/machine-id": "0" * 32}, {}),
        ({"etc/hostname": "mine\n"}, {"usr/etc/hostname": "mine\n"}),
        *(
            ({**etc, NAME: "desk\n"}, {NAME: "desk\n", "usr/etc/hostname": "desk\n"})
            for etc in ({}, {"etc/hostname": "mine\n"}, {"etc/hostname": None})
        ),
        ({"etc/hosts": "::1 mine\n"}, {"usr/etc/hosts": "::1 mine\n"}),
        ({"etc/hosts": "→hosts.mine"}, {"usr/etc/hosts": "→hosts.mine"}),
        ({"etc/resolv.conf": ""}, {}),
        ({"etc/resolv.conf": "nameserver 10.0.2.3\n"}, {}),
        ({"etc/resolv.conf": "→../run/NetworkManager/resolv.conf"},) * 2,
    ],
    ids=[
        "empty files",
        "hosts of a build",
        "hostname of a build container",
        "a machine's identity",
        "a hostname that people chose",
        "a hostname of setup_machine",
        "a hostname of setup_machine before another",
        "a hostname of setup_machine in place of a mount point",
        "hosts that people wrote",
        "hosts that are a link",
        "an empty resolv.conf goes",
        "a resolv.conf of the builder goes",
        "a resolv.conf that is a link stays",
    ],
)
def test_what_the_engine_left_in_etc_is_written_anew(place, files, expected):
    place.commit(files)
    moved = {name.replace("etc/", "usr/etc/", 1): text for name, text in expected.items()}
    expected = expected if any(name.startswith("usr/") for name in expected) else moved
    folders = {str(up): "dir 755" for name in expected for up in Path(name).parents if up.name}
    assert shape(place.checkout()) == {**EMPTY_TREE, **folders, **expected}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({f"usr/{UNIT}": "x"}, None),
        (
            {f"etc/systemd/system/sysinit.target.wants/{Path(UNIT).name}": f"→/usr/{UNIT}"},
            None,
        ),
        (
            {
                f"usr/{UNIT}": "x",
                f"etc/systemd/system/sysinit.target.wants/{Path(UNIT).name}": f"→/usr/{UNIT}",
            },
            "../run/systemd/resolve/stub-resolv.conf",
        ),
        (
            {
                f"usr/{UNIT}": "x",
                f"usr/lib/systemd/system/multi-user.target.wants/{Path(UNIT).name}": f"→../{UNIT}",
                "etc/resolv.conf": "",
            },
            "../run/systemd/resolve/stub-resolv.conf",
        ),
    ],
    ids=["there but not enabled", "enabled but not there", "enabled", "enabled by the vendor"],
)
def test_resolv_conf_is_a_link_only_where_resolved_runs(place, files, expected):
    place.commit(files)
    link = place.checkout() / "usr/etc/resolv.conf"
    assert (os.readlink(link) if link.is_symlink() else None) == expected  # noqa: PTH115 - not tidied
    assert expected or not link.exists()


def test_a_kernel_makes_a_commit_bootable(place):
    made = place.commit({"usr/lib/modules/6.1.0-9-amd64/vmlinuz": "x", "usr/lib/modules/old/y": ""})
    assert made.kernel == "6.1.0-9-amd64"
    assert place.metadata("ostree.linux") == "'6.1.0-9-amd64'"
    assert place.metadata("arkes.kernel") == "'6.1.0-9-amd64'"
    assert place.metadata("ostree.bootable") == "true"


def test_several_kernels_are_told(place):
    made = place.commit({f"usr/lib/modules/{name}/vmlinuz": "x" for name in ("6.1", "6.2")})
    assert made.warnings == ("several kernels (6.1, 6.2): OSTree boots one, keep only that",)


def test_a_commit_says_what_it_is(place):
    made = place.commit({"usr/a": "1"})
    assert {
        name: place.metadata(name)
        for name in (
            "version",
            "arkes.node",
            "arkes.key",
            "arkes.image",
            "arkes.packages",
            "ostree.ref-binding",
        )
    } == {
        "version": "'1.2'",
        "arkes.node": "'base'",
        "arkes.key": f"'{ABOUT.key}'",
        "arkes.image": f"'{ABOUT.image}'",
        "arkes.packages": "['a=1', 'b=2']",
        "ostree.ref-binding": "['arkes/x86_64/base']",
    }
    info = RefInfo(
        ref=REF,
        commit=made.checksum,
        parent=None,
        timestamp=100,
        version="1.2",
        node="base",
        key=ABOUT.key,
        kernel="",
        packages=2,
    )
    assert place.repository.refs() == (info,)
    assert "completed successfully" in run("ostree", "fsck", f"--repo={place.repo}")


def test_commits_follow_each_other_in_time_whatever_the_epoch(place):
    made = [
        place.commit({"usr/a": str(at)}, epoch=epoch) for at, epoch in enumerate((100, 50, 9999))
    ]
    assert [one.timestamp for one in made] == [100, 101, 9999]
    assert [one.parent for one in made] == [None, made[0].checksum, made[1].checksum]


def test_the_same_content_is_not_committed_again(place):
    first = place.commit({"usr/a": "1"})
    again = place.commit({"usr/a": "1", "var/cache/x": "other"}, epoch=500)
    assert again.is_unchanged
    assert (again.checksum, again.timestamp) == (first.checksum, 100)
    changed = place.commit({"usr/a": "2"})
    assert not changed.is_unchanged


def test_the_same_input_is_the_same_commit_anywhere(tmp_path):
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append(Place(tmp_path / name).commit({"usr/a": "1", "etc/b": "2"}).checksum)
    assert made[0] == made[1]


def test_packages_and_servers_are_read_from_layer_and_node(place):
    made = place.commit(
        {
            "usr/lib/sysimage/dpkg/status": "Package: a\nVersion: 1\n",
            "etc/apt/sources.list": "deb http://u:p@example.org/debian stable main\n",
        }
    )
    for commit in (f"arkes-layers/{1:064x}", REF):
        checksum = run("ostree", "rev-parse", f"--repo={place.repo}", commit).strip()
        assert place.repository.packages(checksum) == ("a=1",)
        assert place.repository.mirrors(checksum) == ("http://example.org/debian",)
        assert len(place.repository.content_checksum(checksum)) == 64
    assert made.warnings == ()


@pytest.mark.parametrize("ref", ["", "../x", "a b", "/a", "a\n"])
def test_a_ref_that_leads_elsewhere_is_refused(place, ref):
    made = place.commit({})
    with pytest.raises(StoreError, match="cannot be a ref"):
        place.repository.commit_node(ref, made, ABOUT, epoch=0)


def test_a_failure_gives_up_the_whole_transaction(place):
    before = place.commit({"usr/a": "1"})

    def fail():
        with place.repository.transaction():
            place.commit({"usr/a": "2"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [info.commit for info in place.repository.refs()] == [before.checksum]
    after = place.commit({"usr/a": "3"})
    assert after.parent == before.checksum


def test_a_missing_object_is_told_as_damage(place):
    made = place.commit({"usr/a": "1"})
    (place.repo / "objects" / made.checksum[:2] / f"{made.checksum[2:]}.commit").unlink()
    with pytest.raises(StoreDamaged, match="is damaged"):
        place.repository.content_checksum(made.checksum)
    assert place.commit({"usr/a": "2"}).parent is None


def test_reading_a_repository_that_is_not_there_creates_nothing(tmp_path):
    with pytest.raises(StoreDamaged):
        Repository.open(tmp_path / "store/repo", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path):
    """Give a file system of a few megabytes."""
    target = tmp_path / "small"
    target.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=4m,mode=755", "none", str(target))
    yield target
    run("umount", "--lazy", str(target))  # the caught error keeps the repository open


def test_a_full_disk_is_told_and_leaves_nothing_half_done(small_disk, tmp_path):
    place = Place(small_disk)
    before = place.commit({"usr/a": "1"})
    big = fill(tmp_path / "big", {"usr/b": "x"})
    with (big / "usr/big").open("wb") as stream:
        stream.write(os.urandom(6 << 20))
    with pytest.raises(DiskFull):
        place.repository.commit_layers([LayerDiff(chain_id="f" * 64, path=big)])
    assert [info.commit for info in place.repository.refs()] == [before.checksum]
    assert "completed successfully" in run("ostree", "fsck", f"--repo={place.repo}")
