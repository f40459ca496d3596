"""Lock what real pacman installed, build it again from a mirror that has moved on, and update."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.core.events import Outcome
from arkes_build.core.names import Arch, Family
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pipeline import Pipeline
from arkes_build.project.lock_text import read_lock
from arkes_build.project.lockmoves import Kind

pytestmark = pytest.mark.engine

SCRIPTS = Path(__file__).parents[3] / "overlay/rootfs/usr/lib/system"
PROJECT = """\
[project]
name = "archlock"
version = "1.0"
epoch = 1735689600

[bootstrap.arch]
tool = "files"
files = ["/usr/bin/busybox"]
"""


def run(root, what, *targets, **options):
    given = Options(project=root, family=Family.ARCH, arch=Arch.X86_64, **options)
    pipeline = Pipeline(given)
    try:
        return getattr(pipeline, what)(targets)
    finally:
        pipeline.close()


def said(report):
    return "\n".join(f"{error.brief}\n{error.details}" for error in report.errors)


@pytest.fixture(scope="module")
def made(archlike, tmp_path_factory):
    """Build and lock one package that needs another, from a repository in the tree."""
    root = tmp_path_factory.mktemp("archlock")
    signer = archlike.Signer.make(tmp_path_factory.mktemp("keys") / "k", "distribution")
    tree = root / "overlay/tree"
    archlike.machine_tree(tree)
    shutil.copytree(SCRIPTS, tree / "usr/lib/system")
    keyring = tree / "usr/share/keyrings/distribution"
    signer.export(keyring.with_suffix(".gpg"))
    keyring.with_name("distribution-trusted").write_text(f"{signer.fingerprint}:4:\n")
    # Downloads are kept on this machine: each run has versions of its own.
    serial = int(signer.fingerprint[:12], 16)
    project = SimpleNamespace(root=root, tree=tree, signer=signer, serial=serial)
    publish(archlike, project, 1)
    (root / "arkes.toml").write_text(PROJECT)
    (root / "variants").mkdir()
    (root / "variants/rootfs.Containerfile").write_text("FROM scratch\nCOPY overlay/tree/ /\n")
    (root / "variants/app.Systemfile").write_text("FROM arkes:rootfs\nPACKAGES web\n")
    report = run(root, "build", "app")
    assert not report.errors, said(report)
    run(root, "lock", "app")
    yield project
    signer.close()


def publish(archlike, project, number, text="web"):
    """Write version ``number`` of both packages and a database that lists no other."""
    version = f"{project.serial}.{number}-1"
    packages = [
        archlike.Package(name="web", version=version, depends=("kept",), files={"usr/w": text}),
        archlike.Package(name="kept", version=version, files={"usr/k": "kept"}),
    ]
    folder = project.tree / "usr/share/repositories/core"
    for old in (*folder.glob("core.*"), *folder.glob(f"*{version}*")):
        old.unlink()
    archlike.repository(folder, [(each, project.signer) for each in packages])


def app(project):
    return read_lock(project.root).target("arch", "x86_64").nodes["app"]


def test_the_lock_names_each_file_with_its_hash(made):
    version = f"{made.serial}.1-1"
    assert [(one.name, one.version, one.file) for one in app(made).packages] == [
        ("kept", version, f"core/kept-{version}-any.pkg.tar.gz"),
        ("web", version, f"core/web-{version}-any.pkg.tar.gz"),
    ]
    assert all(len(one.sha256) == 64 for one in app(made).packages)


def test_nothing_is_to_do_when_the_last_build_is_what_the_lock_says(made):
    report = run(made.root, "build", "app", locked=True)
    assert {node.outcome for node in report.nodes} == {Outcome.REUSED}


def test_a_mirror_that_moved_on_still_gives_the_locked_set(archlike, made):
    locked = (made.root / "arkes.lock").read_bytes()
    publish(archlike, made, 2)
    report = run(made.root, "build", "app", locked=True)
    assert not report.errors, said(report)
    assert {node.node: node.outcome for node in report.nodes}["app"] is Outcome.BUILT
    run(made.root, "lock", "app")
    assert (made.root / "arkes.lock").read_bytes() == locked


def test_update_shows_what_there_is_and_the_lock_then_builds_it(made):
    before = (made.root / "arkes.lock").read_bytes()
    told = run(made.root, "update", "app", dry_run=True)
    changes = {node.node: [(m.name, m.kind) for m in node.moves] for node in told.nodes}
    assert changes["app"] == [("kept", Kind.UP), ("web", Kind.UP)]
    assert (made.root / "arkes.lock").read_bytes() == before
    assert run(made.root, "update", "app").is_changed
    assert {one.version for one in app(made).packages} == {f"{made.serial}.2-1"}
    report = run(made.root, "build", "app", locked=True)
    assert not report.errors, said(report)
    assert not run(made.root, "update", "app").is_changed


def test_a_package_signed_anew_with_other_bytes_is_refused_before_it_is_unpacked(archlike, made):
    publish(archlike, made, 3)
    run(made.root, "build", "app")
    before = (made.root / "arkes.lock").read_text()
    run(made.root, "lock", "app")
    digest = next(one.sha256 for one in app(made).packages if one.name == "web")
    text = (made.root / "arkes.lock").read_text()
    (made.root / "arkes.lock").write_text(text.replace(digest, "0" * 64))
    report = run(made.root, "build", "app", locked=True)
    (error,) = report.errors
    assert error.exit_code is ExitCode.LOCKED
    assert "web" in error.brief
    (made.root / "arkes.lock").write_text(before)


def test_a_file_that_is_gone_is_named(made):
    text = (made.root / "arkes.lock").read_text()
    digest = next(one.sha256 for one in app(made).packages if one.name == "kept")
    moved = text.replace(digest, "1" * 64).replace("core/kept-", "core/lost-")
    (made.root / "arkes.lock").write_text(moved)
    (error,) = run(made.root, "build", "app", locked=True).errors
    assert error.exit_code is ExitCode.LOCKED
    assert "no mirror has kept" in error.brief
