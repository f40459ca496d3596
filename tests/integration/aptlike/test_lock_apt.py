"""Lock what real apt installed, and build it again from archives that have moved on.

The archive is a folder that is bound into the image: what it serves changes while the tree
that the images are made of stays what it is.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.core.events import Outcome
from arkes_build.core.names import Arch, Family
from arkes_build.pipeline.locking import LockStale
from arkes_build.pipeline.lockmaking import FilesUnknown
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pipeline import Pipeline
from arkes_build.project.lock_text import read_lock

pytestmark = pytest.mark.engine

SCRIPTS = Path(__file__).parents[3] / "overlay/rootfs/usr/lib/system"
PROJECT = """\
[project]
name = "aptlike"
version = "1.0"
epoch = 1735689600

[bootstrap.debian]
tool = "files"
files = ["/usr/bin/busybox"]
"""
APP = "FROM arkes:rootfs\nRUN {mount} : {mark} && /usr/lib/system/package_layer hello\n"
TREE = "FROM scratch\nCOPY overlay/tree/ /\n"


class Project:
    """A project on a tree of this machine's apt, and the archive that it installs from."""

    def __init__(self, root, archive, package):
        self.root, self.archive, self.package = root, archive, package
        self.mark = str(root)

    def run(self, what, *targets, **options):
        given = Options(project=self.root, family=Family.DEBIAN, arch=Arch.X86_64, **options)
        pipeline = Pipeline(given)
        try:
            return getattr(pipeline, what)(targets)
        finally:
            pipeline.close()

    def build(self, *targets, **options):
        return self.run("build", *(targets or ("app",)), **options)

    def locked(self):
        """Build as another machine would: with the lock, and without anything that was built."""
        shutil.rmtree(self.root / ".arkes", ignore_errors=True)
        return self.build(locked=True)

    def publish(self, **versions):
        packages = [
            self.package(
                name=name,
                version=version,
                depends="world" if name == "hello" else "",
                # The engine keeps layers: what one test installs is not what another does.
                files={f"usr/share/{name}": f"{name} {version}\n", "usr/share/t" + name: self.mark},
            )
            for name, version in versions.items()
        ]
        self.archive.publish(*packages)

    def content(self, path):
        argv = ["ostree", f"--repo={self.root}/.arkes/repo", "cat", "aptlike/x86_64/app", path]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def has_commit(self):
        ref = self.root / ".arkes/repo/refs/heads/aptlike/x86_64/app"
        return ref.exists()


def said(report):
    return "\n".join(f"{error.brief}\n{error.details}" for error in report.errors)


@pytest.fixture(scope="module")
def tree(aptlike, tmp_path_factory):
    folder = tmp_path_factory.mktemp("aptlike")
    aptlike.machine_tree(folder / "tree")
    shutil.copytree(SCRIPTS, folder / "tree/usr/lib/system")
    archive = aptlike.Archive.make(folder / "signed/archive", folder / "keys")
    archive.export(folder / "tree/usr/share/keyrings/archive.gpg")
    yield SimpleNamespace(folder=folder, archive=archive)
    archive.close()


@pytest.fixture
def project(aptlike, tree, tmp_path):
    root = tmp_path / "project"
    (root / "variants").mkdir(parents=True)
    (root / "overlay").mkdir()
    subprocess.run(["cp", "-a", str(tree.folder / "tree"), str(root / "overlay/tree")], check=True)
    (root / "arkes.toml").write_text(PROJECT)
    served = root / "served"
    served.mkdir()
    archive = aptlike.Archive(folder=served, keys=tree.archive.keys)
    # Downloads and layers are kept from build to build on this machine, whatever a mount
    # holds; these tests want none of either.
    mount = "--mount=type=bind,source=served,target=/usr/share/archive"
    no_cache = "--mount=type=tmpfs,target=/var/cache/arkes"
    (root / "variants/rootfs.Containerfile").write_text(TREE)
    (root / "variants/app.Containerfile").write_text(
        APP.format(mount=f"{mount} {no_cache}", mark=root)
    )
    made = Project(root, archive, aptlike.Package)
    made.publish(hello="1.0", world="1.0")
    return made


@pytest.fixture
def locked(project):
    report = project.build()
    assert not report.errors, said(report)
    project.run("lock", "app")
    return project


def test_the_lock_names_each_file_with_its_hash(locked):
    node = read_lock(locked.root).target("debian", "x86_64").nodes["app"]
    assert [(one.name, one.version, one.arch, one.file) for one in node.packages] == [
        ("hello", "1.0", "all", "pool/hello_1.0_all.deb"),
        ("world", "1.0", "all", "pool/world_1.0_all.deb"),
    ]
    assert (node.on, node.asked) == ("rootfs", ("hello",))


def test_nothing_is_to_do_when_the_last_build_is_what_the_lock_says(locked):
    report = locked.build(locked=True)
    assert {node.outcome for node in report.nodes} == {Outcome.REUSED}


def test_a_newer_archive_still_gives_the_locked_set_and_the_same_content(locked):
    before = locked.content("/usr/lib/sysimage/arkes/package-files")
    locked.publish(hello="2.0", world="2.0")
    report = locked.locked()
    assert not report.errors, said(report)
    assert locked.content("/usr/share/hello") == "hello 1.0\n"
    assert locked.content("/usr/lib/sysimage/arkes/package-files") == before


def test_other_bytes_of_the_same_version_are_refused_before_they_are_unpacked(locked):
    other = locked.package(name="world", version="1.0", files={"usr/share/world": "evil\n"})
    hello = locked.package(name="hello", version="1.0", depends="world")
    locked.archive.publish(other)
    locked.publish(hello="1.0")
    locked.archive.publish(hello, other)
    shutil.rmtree(locked.root / ".arkes")
    report = locked.build(locked=True)
    (error,) = report.errors
    assert error.exit_code is ExitCode.LOCKED
    assert "is not the file of arkes.lock" in error.brief
    assert not locked.has_commit()


def test_a_file_that_no_server_has_any_more_is_named_with_the_remedy(locked):
    locked.publish(hello="2.0", world="2.0")
    (locked.root / "served/pool/world_1.0_all.deb").unlink()
    (error,) = locked.locked().errors
    assert error.exit_code is ExitCode.LOCKED
    assert error.brief == "app: no mirror has world 1.0 of arkes.lock any more"
    assert "snapshot" in error.resolution


def test_a_hash_that_was_edited_is_a_deviation(locked):
    path = locked.root / "arkes.lock"
    node = read_lock(locked.root).target("debian", "x86_64").nodes["app"]
    path.write_text(path.read_text().replace(node.packages[0].sha256, "0" * 64))
    plan = {a.node: a for a in locked.run("plan", "app", locked=True).actions}
    assert [reason.text for reason in plan["app"].reasons] == [
        "its packages are not those of arkes.lock"
    ]
    (error,) = locked.build(locked=True).errors
    assert error.exit_code is ExitCode.LOCKED
    assert "hello" in error.brief


def test_a_line_that_is_newer_than_the_lock_is_told_before_anything_is_built(locked):
    file = locked.root / "variants/app.Containerfile"
    file.write_text(file.read_text().replace("package_layer hello", "package_layer hello tree"))
    with pytest.raises(LockStale) as caught:
        locked.build(locked=True)
    assert "app asks for tree" in caught.value.brief
    assert caught.value.where.text == "tree"


def test_a_package_that_no_script_installed_is_named(locked):
    file = locked.root / "variants/app.Containerfile"
    lines = file.read_text()
    step = lines.splitlines()[1].replace(
        "/usr/lib/system/package_layer hello",
        "dpkg -i /usr/share/archive/pool/world_1.0_all.deb",
    )
    file.write_text(f"FROM arkes:rootfs\n{step}\n")
    report = locked.build()
    assert not report.errors, said(report)
    with pytest.raises(FilesUnknown) as caught:
        locked.run("lock", "app")
    assert caught.value.brief == "app: nobody noted the file of world=1.0"
