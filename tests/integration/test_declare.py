"""Declarations on a busybox tree, with the real helper scripts, podman and OSTree.

The tree has a marker of dpkg's, so that the scripts know their family; what needs a package
manager or systemd is the shipped tree's test.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from arkes_build.core.events import Outcome
from arkes_build.core.names import Arch, Family
from arkes_build.engine.errors import ImageMissing
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pipeline import Pipeline

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
TAG = "localhost/arkes:declare_test_base"

FILES = {
    "arkes.toml": '[project]\nname = "declared"\n[bootstrap.debian]\ntool = "files"\n'
    'files = ["/usr/bin/busybox"]\n',
    "variants/base.Systemfile": "FROM arkes:rootfs\n"
    "COPY scripts/ /usr/lib/system/\n"
    "RUN mkdir -p /usr/lib/sysimage/dpkg /usr/share/zoneinfo/Europe"
    " && touch /usr/lib/sysimage/dpkg/status /usr/share/zoneinfo/Europe/Berlin\n"
    "RUN echo nobody:x:65534:65534::/:/bin/sh >>/etc/passwd && echo root:x:0:0::/:/bin/sh >>"
    "/etc/passwd\n"
    "OVERLAY base\n"
    "KARGS quiet\n"
    "SYSCTL vm.swappiness=60\n"
    "USER nobody\n",
    "templates/mark.Systemfile": "ARG BASE_VARIANT_ID\nFROM arkes:${BASE_VARIANT_ID}\n"
    "SYSCTL kernel.sysrq=0\n",
    "overlay/base/etc/motd": "base\n",
    "overlay/shared/etc/motd": "shared\n",
}

MACHINE = {
    "overlay/own/etc/locale.conf": "LANG=C.UTF-8\nLC_TIME=C.UTF-8\n",
    "overlay/own/usr/lib/sysctl.d/99-own.conf": "net.ipv4.ip_forward = 1\n",
    "Systemfile": "FROM arkes:base\n"
    'SHELL ["/bin/busybox", "sh", "-e", "-c"]\n'
    "OVERLAY shared\n"
    "OVERLAY own\n"
    "SYSCTL vm.swappiness=10 net.ipv4.ip_forward=0 'kernel.core_pattern=|/bin/x %P $HOME'\n"
    "KARGS 'dyndbg=\"file drivers/usb/* +p\"' quiet\n"
    "RUN test $(id -u) = 65534\n"
    "HOSTNAME web\n"
    "TIMEZONE Europe/Berlin\n"
    "LOCALE C.UTF-8\n"
    "RUN test $(id -u) = 65534\n"
    "TEMPLATE mark\n",
}


def write(root, files):
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def run(verb, target, **options):
    pipeline = Pipeline(Options(family=Family.DEBIAN, arch=Arch.X86_64, jobs=2, **options))
    try:
        return getattr(pipeline, verb)((str(target),))
    finally:
        pipeline.close()


def ostree(repo, *words):
    argv = ["ostree", f"--repo={repo}", *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def outcomes(report):
    assert report.errors == ()
    return {node.node: node.outcome for node in report.nodes}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("declared")
    root = write(folder / "project", FILES)
    shutil.copytree(ROOT / "overlay/rootfs/usr/lib/system", root / "scripts")
    tiny = ROOT / "examples/tiny/variants/rootfs.Containerfile"
    shutil.copy(tiny, root / "variants/rootfs.Containerfile")
    machine = write(folder / "machine", MACHINE)
    report = run("build", machine / "Systemfile", project=root)
    assert outcomes(report)["machine-mark"] is Outcome.BUILT
    return root, machine


@pytest.fixture(scope="module")
def tree(built):
    """Return a function that reads a file of the commit at the end of the chain."""
    repo = built[0] / ".arkes/repo"
    return lambda path: ostree(repo, "cat", "declared/x86_64/machine-mark", path)


def test_settings_are_in_the_commit(built, tree):
    assert tree("/usr/etc/hostname") == "web\n"
    shown = ostree(built[0] / ".arkes/repo", "ls", "declared/x86_64/machine", "/usr/etc/localtime")
    assert "-> ../usr/share/zoneinfo/Europe/Berlin" in shown


def test_an_overlay_wins_over_a_setting_of_a_later_segment(tree):
    assert tree("/usr/etc/locale.conf") == "LANG=C.UTF-8\nLC_TIME=C.UTF-8\n"


def test_an_overlay_of_the_project_is_laid_for_a_machine_elsewhere(tree):
    assert tree("/usr/etc/motd") == "shared\n"


def test_kernel_parameters_of_parent_machine_and_template_meet(tree):
    lines = tree("/usr/lib/sysctl.d/90-arkes.conf").splitlines()[1:]
    assert lines == [
        "vm.swappiness = 10",
        "kernel.core_pattern = |/bin/x %P $HOME",
        "kernel.sysrq = 0",
    ]


def test_kernel_arguments_keep_their_quotes(tree):
    text = tree("/usr/lib/bootc/kargs.d/80-arkes.toml")
    assert text.splitlines()[2:-1] == ['    "quiet",', r'    "dyndbg=\"file drivers/usb/* +p\"",']


def test_a_second_run_has_nothing_to_do(built):
    root, machine = built
    report = run("build", machine / "Systemfile", project=root)
    assert set(outcomes(report).values()) == {Outcome.REUSED}


def test_a_file_of_the_projects_overlay_is_watched(built):
    root, machine = built
    motd = root / "overlay/shared/etc/motd"
    motd.write_text("changed\n")
    plan = run("plan", machine / "Systemfile", project=root)
    motd.write_text("shared\n")
    reasons = {a.node: [(r.where, r.text) for r in a.reasons] for a in plan.actions}
    assert reasons["machine"] == [("overlay/shared/etc/motd", "content changed")]


@pytest.mark.usefixtures("built")
def test_a_machine_outside_any_project_stands_on_an_image(tmp_path, monkeypatch):
    text = f"FROM arkes:{TAG.rpartition(':')[2]}\nSYSCTL kernel.sysrq=0\n"
    lonely = write(tmp_path / "lonely", {"Systemfile": text}) / "Systemfile"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImageMissing):
        run("plan", lonely)
    try:
        subprocess.run(["podman", "tag", "localhost/declared:base", TAG], check=True)
        assert outcomes(run("build", lonely)) == {"lonely": Outcome.BUILT}
        repo = tmp_path / "lonely/.arkes/repo"
        ref = "arkes/x86_64/lonely"
        assert "kernel.sysrq = 0" in ostree(repo, "cat", ref, "/usr/lib/sysctl.d/90-arkes.conf")
        assert outcomes(run("build", lonely)) == {"lonely": Outcome.REUSED}
        subprocess.run(["podman", "tag", "localhost/declared:rootfs", TAG], check=True)
        (action,) = run("plan", lonely).actions
        reasons = {reason.text.partition(":")[0] for reason in action.reasons}
        assert reasons == {"USER root removed", "USER nobody removed", "image declare_test_base"}
    finally:
        subprocess.run(["podman", "untag", TAG], check=False)
