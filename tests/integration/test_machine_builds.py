"""A machine builds its own Systemfile on a release in its repository: real podman, real OSTree."""

import json
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.errors import ExitCode
from arkes_build.core.names import Arch, Family
from arkes_build.engine.errors import BuildStepFailed
from arkes_build.host import building, records
from arkes_build.host.machine import Host
from arkes_build.pipeline.local import BaseDiffers
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pipeline import Pipeline
from arkes_build.sysroot.create import create
from arkes_build.sysroot.model import Origin
from arkes_build.sysroot.sysroot import Sysroot

pytestmark = pytest.mark.engine

TINY = Path(__file__).parents[2] / "examples" / "tiny"
TMPFILES = "d /var/lib/demo 0750 root root -\nL /var/spool/demo - - - - ../lib/demo\n"
KERNEL = b"MZ".ljust(0x3C, b"\0") + (0x40).to_bytes(4, "little") + b"PE\0\0"
"""What passes for a kernel: the boot loader starts nothing but EFI programs."""
SYSTEMFILE = """\
FROM arkes:base
COPY files/greeting /usr/share/greeting
OVERLAY mine
RUN cp /usr/share/greeting /etc/motd && rm /etc/old && test -d /var/lib/demo \\
    && test -d /var/spool/demo && touch /var/lib/demo/state && ln -s busybox /usr/bin/demo
"""


def ostree(repository, *words):
    argv = ["ostree", f"--repo={repository}", *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def release(project, version):
    """Build the project's base as a release of this version; return its commit."""
    config = project / "arkes.toml"
    text = config.read_text().replace('version = "1.0"', f'version = "{version}"')
    config.write_text(text)
    options = Options(project=project, family=Family.DEBIAN, arch=Arch.X86_64)
    pipeline = Pipeline(options)
    try:
        report = pipeline.build(("base",))
    finally:
        pipeline.close()
    assert report.errors == ()
    return {node.node: node.commit for node in report.nodes}["base"]


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("release") / "tiny"
    shutil.copytree(TINY, root, symlinks=True, ignore=shutil.ignore_patterns(".arkes"))
    base = root / "overlay/base"
    (base / "usr/lib/tmpfiles.d").mkdir(parents=True)
    (base / "usr/lib/tmpfiles.d/demo.conf").write_text(TMPFILES)
    (base / "etc/old").write_text("from the release\n")
    (base / "usr/lib/modules/6.1").mkdir(parents=True)
    (base / "usr/lib/modules/6.1/vmlinuz").write_bytes(KERNEL)
    (base / "usr/lib/modules/6.1/initramfs.img").write_text("initramfs\n")
    first = release(root, "1.0")
    (base / "etc/new").write_text("of the second release\n")
    return SimpleNamespace(root=root, first=first, second=release(root, "1.1"))


@pytest.fixture
def machine(tmp_path, project):
    host = Host(root=tmp_path / "machine")
    host.repo.mkdir(parents=True)
    ostree(host.repo, "init", "--mode=bare")
    ostree(host.repo, "pull-local", str(project.root / ".arkes/repo"), project.first)
    ostree(host.repo, "pull-local", str(project.root / ".arkes/repo"), project.second)
    (host.root / "ostree/deploy/arkes/var").mkdir(parents=True)
    (host.root / "var").symlink_to("ostree/deploy/arkes/var")
    folder = host.systemfile.parent
    (folder / "files").mkdir(parents=True)
    (folder / "files/greeting").write_text("good morning\n")
    (folder / "overlay/mine/etc").mkdir(parents=True)
    (folder / "overlay/mine/etc/mine").write_text("mine\n")
    host.systemfile.write_text(SYSTEMFILE)
    return host


def refs(host):
    return set(ostree(host.repo, "refs").split())


def test_a_release_of_the_machine_s_own_is_the_base_and_the_change(machine, project):
    built = building.build_machine(machine, project.first)
    assert built.is_new
    assert (built.ref, built.version) == ("local/x86_64/system", "1.0+local.1")
    assert sorted(ostree(machine.repo, "diff", project.first, built.commit).splitlines()) == [
        "A    /usr/bin/demo",
        "A    /usr/etc/mine",
        "A    /usr/etc/motd",
        "A    /usr/share/greeting",
        "D    /usr/etc/old",
        "M    /usr/lib/os-release",
    ]
    assert ostree(machine.repo, "cat", built.commit, "/usr/etc/motd") == "good morning\n"
    assert ostree(machine.repo, "ls", built.commit, "/var").count("\n") == 1
    ostree(machine.repo, "fsck", "--quiet")


def test_it_says_what_it_stands_on(machine, project):
    built = building.build_machine(machine, project.first)

    def said(name):
        return ostree(machine.repo, "show", f"--print-metadata-key={name}", built.ref).strip()

    assert said("arkes.base") == f"'{project.first}'"
    assert said("arkes.base-version") == "'1.0'"
    assert said("version") == "'1.0+local.1'"
    assert said("ostree.ref-binding") == "['local/x86_64/system']"
    release = ostree(machine.repo, "cat", built.commit, "/usr/lib/os-release")
    assert "NAME=Tiny\n" in release
    assert 'VERSION="1.0"' in release


def test_no_file_of_the_release_is_copied(machine, project):
    building.build_machine(machine, project.first)
    (tree,) = machine.repo.parent.glob("arkes-build/bases/*/shelf/overlay/*/diff/usr/bin/busybox")
    assert tree.stat().st_nlink > 1


def test_a_second_time_nothing_is_built(machine, project):
    first = building.build_machine(machine, project.first)
    before = refs(machine)
    second = building.build_machine(machine, project.first, start=_nobody)
    assert not second.is_new
    assert (second.commit, second.version) == (first.commit, first.version)
    assert refs(machine) == before
    assert building.plan_machine(machine, project.first)[0].type.value == "reuse"


def _nobody(storage):
    raise AssertionError("the engine is not wanted")


def test_a_change_is_the_next_release_and_a_new_base_begins_anew(machine, project):
    first = building.build_machine(machine, project.first)
    (machine.systemfile.parent / "files/greeting").write_text("good evening\n")
    (reason,) = building.plan_machine(machine, project.first)[0].reasons
    assert (reason.text, reason.where) == ("content changed", "files/greeting")
    second = building.build_machine(machine, project.first)
    third = building.build_machine(machine, project.second)
    assert [one.version for one in (first, second, third)] == [
        "1.0+local.1",
        "1.0+local.2",
        "1.1+local.1",
    ]
    assert ostree(machine.repo, "cat", third.commit, "/usr/etc/new") == "of the second release\n"
    assert ostree(machine.repo, "rev-parse", f"{third.commit}^").strip() == second.commit
    assert [path.name for path in machine.repo.parent.glob("arkes-build/bases/*")] == [
        project.second[:16]
    ]


def test_the_image_of_the_build_before_goes_and_common_steps_stay(machine, project):
    building.build_machine(machine, project.first)
    before = images(machine)
    machine.systemfile.write_text(f"{SYSTEMFILE}RUN echo more >/etc/more\n")
    building.build_machine(machine, project.first)
    after = images(machine)
    assert len(after - before) == len(before - after) + 1, "one step more"
    shared = before & after
    assert shared


def images(host):
    (path,) = host.repo.parent.glob("arkes-build/bases/*/storage/overlay-images/images.json")
    return {image["id"] for image in json.loads(path.read_text())}


def test_only_the_layers_of_the_newest_build_stay(machine, project):
    building.build_machine(machine, project.first)
    building.build_machine(machine, project.second)
    first = {name for name in refs(machine) if name.startswith("arkes-layers/")}
    for kept in ("bases", "store"):
        shutil.rmtree(machine.repo.parent / "arkes-build" / kept)
    again = building.build_machine(machine, project.second)
    assert not again.is_new
    assert {name for name in refs(machine) if name.startswith("arkes-layers/")} == first


def test_a_step_that_fails_leaves_the_machine_as_it_was(machine, project):
    built = building.build_machine(machine, project.first)
    before = refs(machine), ostree(machine.repo, "rev-parse", built.ref)
    machine.systemfile.write_text(f"{SYSTEMFILE}RUN echo no such thing >&2; exit 7\n")
    with pytest.raises(BuildStepFailed) as caught:
        building.build_machine(machine, project.first)
    error = caught.value
    assert error.exit_code is ExitCode.BUILD_STEP
    assert error.where is not None
    assert (error.where.source.name, error.where.line) == (str(machine.systemfile), 6)
    assert "no such thing" in error.details
    assert (refs(machine), ostree(machine.repo, "rev-parse", built.ref)) == before
    last = records.read(machine)[-1]
    assert (last.action, last.result) == ("build", "build-step")
    machine.systemfile.write_text(SYSTEMFILE)
    assert building.build_machine(machine, project.first, start=_nobody).commit == built.commit


WRONG = {
    "an unknown instruction": ("FROM arkes:base\nRUNN x\n", SourceError, None),
    "another base": ("FROM arkes:desktop\nRUN true\n", BaseDiffers, "arkes:desktop"),
    "no base at all": ("FROM scratch\nCOPY files /\n", BaseDiffers, "something else"),
    "a file that is not there": ("FROM arkes:base\nCOPY none /\n", SourceError, None),
    "a template, of which there are none": (
        "FROM arkes:base\nTEMPLATE slim\n",
        SourceError,
        None,
    ),
}


@pytest.mark.parametrize(("text", "kind", "named"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_systemfile_is_told_before_anything_is_made(machine, project, text, kind, named):
    machine.systemfile.write_text(text)
    with pytest.raises(kind) as caught:
        building.build_machine(machine, project.first, start=_nobody)
    assert caught.value.exit_code is ExitCode.SOURCE
    assert named is None or named in caught.value.brief
    assert not (machine.repo.parent / "arkes-build").exists()
    assert refs(machine) == set()


def test_a_release_that_lacks_an_object_is_told_and_no_ref_moves(machine, project):
    motd = ostree(machine.repo, "ls", "-C", project.first, "/usr/etc/old").split()[4]
    (machine.repo / "objects" / motd[:2] / f"{motd[2:]}.file").unlink()
    with pytest.raises(Exception, match="ostree") as caught:
        building.build_machine(machine, project.first)
    assert caught.value.exit_code is ExitCode.BOOTSTRAP
    assert refs(machine) == set()


@pytest.fixture
def deployed(tmp_path, project):
    """The same machine as a sysroot with a deployment of the release, in plain folders."""
    made = create(
        tmp_path,
        repo=project.root / ".arkes/repo",
        commit=project.first,
        ref="tiny/x86_64/base",
        stateroot="arkes",
        kargs=(),
        remote_url=None,
    )
    host = Host(
        root=made.root, uid=lambda: 0, opener=lambda host: Sysroot.open(host.root, esp=made.esp)
    )
    host.systemfile.parent.mkdir(parents=True)
    host.systemfile.write_text("FROM arkes:base\nRUN echo mine >/etc/mine && rm /etc/old\n")
    return host


def test_what_was_built_can_be_deployed_and_the_next_build_stands_on_the_same(deployed, project):
    assert building.base_of(deployed) == project.first
    built = building.build_machine(deployed, building.base_of(deployed))
    sysroot = deployed.sysroot()
    origin = Origin(refspec=built.ref, base="arkes:tiny/x86_64/base")
    with sysroot.changing():
        made = sysroot.deploy(built.commit, origin=origin, stateroot="arkes")
    assert (made.checksum, made.version) == (built.commit, "1.0+local.1")
    assert (made.path / "etc/mine").read_text() == "mine\n"
    assert not (made.path / "etc/old").exists()
    assert (made.path / "usr/bin/busybox").samefile(_object(deployed, made, "/usr/bin/busybox"))
    assert building.base_of(deployed) == project.first
    again = building.build_machine(deployed, building.base_of(deployed), start=_nobody)
    assert again.commit == built.commit


def _object(host, deployment, path):
    listed = ostree(host.repo, "ls", "-C", deployment.checksum, path).split()
    return host.repo / "objects" / listed[4][:2] / f"{listed[4][2:]}.file"
