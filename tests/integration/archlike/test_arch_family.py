"""Build for the arch family with real pacman, keys and systemctl, and no mirror.

This shows that the helper scripts drive pacman rightly: transactions, signatures, keyrings
made anew in each layer, what a layer leaves behind. It shows nothing of Arch's own packages:
the tree comes from this machine, and the packages hold a few lines each.
"""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pipeline import Pipeline

pytestmark = pytest.mark.engine

SCRIPTS = Path(__file__).parents[3] / "overlay/rootfs/usr/lib/system"
PROJECT = """\
[project]
name = "archlike"
version = "1.0"
epoch = 1735689600

[bootstrap.arch]
tool = "files"
files = ["/usr/bin/busybox"]
"""
WEB = "[Service]\nExecStart=/usr/bin/true\n[Install]\nWantedBy=multi-user.target\n"
MACHINE = """\
FROM arkes:base

HOSTNAME desk
TIMEZONE Europe/Berlin
LOCALE C.UTF-8
KEYMAP de

REPOSITORY vendor --server=file:///usr/share/repositories/$repo \\
    --key={key} --keyfile=vendor.gpg
PACKAGES web vendor-tool
REMOVE old

SYSCTL vm.swappiness=10
KARGS quiet 'dyndbg="file a.c +p"'
OVERLAY own
ENABLE web.service own.timer
MASK noise.service
"""


def build(root, *targets):
    pipeline = Pipeline(Options(project=root, family=Family.ARCH, arch=Arch.X86_64))
    try:
        return pipeline.build(targets)
    finally:
        pipeline.close()


def said(report):
    return "\n".join(f"{error.brief}\n{error.details}" for error in report.errors)


@pytest.fixture(scope="module")
def signers(archlike, tmp_path_factory):
    home = tmp_path_factory.mktemp("keys")
    made = [
        archlike.Signer.make(home / name, name) for name in ("distribution", "vendor", "stranger")
    ]
    yield SimpleNamespace(distribution=made[0], vendor=made[1], stranger=made[2])
    for signer in made:
        signer.close()


def version_of(signers):
    return f"{int(signers.distribution.fingerprint[:12], 16)}-1"


@pytest.fixture(scope="module")
def project(archlike, tmp_path_factory, signers):
    root = tmp_path_factory.mktemp("archlike")
    tree = root / "overlay/tree"
    archlike.machine_tree(tree)
    shutil.copytree(SCRIPTS, tree / "usr/lib/system")
    keyring = tree / "usr/share/keyrings/distribution"
    signers.distribution.export(keyring.with_suffix(".gpg"))
    keyring.with_name("distribution-trusted").write_text(f"{signers.distribution.fingerprint}:4:\n")
    unit = "usr/lib/systemd/system"
    # Downloads are kept for the next build of this machine, where a package of the same
    # version counts as the same: each run of these tests has versions, and keys, of its own.
    version = version_of(signers)

    def package(name, **more):
        return archlike.Package(name=name, version=version, **more)

    core = [
        package("old", depends=("oldlib",), files={"usr/share/old": "old\n"}),
        package("oldlib", files={"usr/share/oldlib": "old\n"}),
        package("kept", files={"usr/share/kept": "kept\n"}),
        package(
            "web",
            depends=("kept",),
            files={f"{unit}/web.service": WEB, f"{unit}/noise.service": WEB},
        ),
    ]
    repositories = tree / "usr/share/repositories"
    archlike.repository(repositories / "core", [(each, signers.distribution) for each in core])
    archlike.repository(
        repositories / "vendor",
        [
            (
                package("vendor-tool", files={"usr/share/vendor": "hi\n"}),
                signers.vendor,
            ),
            (package("unsigned", files={"usr/share/u": "u\n"}), None),
            (package("strange", files={"usr/share/s": "s\n"}), signers.stranger),
            (package("tampered", tampered=True), signers.vendor),
        ],
    )
    (root / "arkes.toml").write_text(PROJECT)
    (root / "variants").mkdir()
    (root / "variants/rootfs.Containerfile").write_text("FROM scratch\nCOPY overlay/tree/ /\n")
    (root / "variants/base.Systemfile").write_text("FROM arkes:rootfs\nPACKAGES old\n")
    report = build(root, "base")
    assert not report.errors, said(report)
    return root


def machine(project, folder, text, signers):
    """Write a machine's Systemfile with the vendor's key beside it; return its path."""
    folder.mkdir(exist_ok=True)
    signers.vendor.export(folder / "vendor.gpg")
    own = folder / "overlay/own"
    (own / "etc").mkdir(parents=True)
    (own / "etc/vconsole.conf").write_text("KEYMAP=fr\n")
    units = own / "usr/lib/systemd/system"
    units.mkdir(parents=True)
    (units / "own.timer").write_text("[Timer]\nOnBootSec=1\n[Install]\nWantedBy=timers.target\n")
    (folder / "Systemfile").write_text(text)
    return str(folder / "Systemfile")


class Committed:
    def __init__(self, project, node):
        self.argv = ["ostree", f"--repo={project / '.arkes/repo'}"]
        self.ref = f"archlike/x86_64/{node}"

    def cat(self, path):
        argv = [*self.argv, "cat", self.ref, path]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def paths(self):
        argv = [*self.argv, "ls", "-R", self.ref]
        listed = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
        named = (line.split(maxsplit=4)[4] for line in listed.splitlines())
        return dict(name.partition(" -> ")[::2] for name in named)


@pytest.fixture(scope="module")
def desk(project, signers, tmp_path_factory):
    text = MACHINE.format(key=signers.vendor.fingerprint)
    file = machine(project, tmp_path_factory.mktemp("at") / "desk", text, signers)
    report = build(project, file)
    assert not report.errors, said(report)
    return Committed(project, "desk")


def test_settings_are_in_the_commit_and_the_overlay_wins(desk):
    assert desk.cat("/usr/etc/hostname") == "desk\n"
    assert desk.paths()["/usr/etc/localtime"] == "../usr/share/zoneinfo/Europe/Berlin"
    assert desk.cat("/usr/etc/locale.conf") == "LANG=C.UTF-8\n"
    assert desk.cat("/usr/etc/vconsole.conf") == "KEYMAP=fr\n"
    assert desk.cat("/usr/lib/sysctl.d/90-arkes.conf").endswith("\nvm.swappiness = 10\n")
    arguments = tomllib.loads(desk.cat("/usr/lib/bootc/kargs.d/80-arkes.toml"))
    assert arguments == {"kargs": ["quiet", 'dyndbg="file a.c +p"']}


def test_pacman_installed_and_removed_what_was_asked_for(desk, signers):
    paths = desk.paths()
    local = "/usr/lib/sysimage/pacman/local/"
    entries = {path.removeprefix(local) for path in paths if path.startswith(local)}
    names = {entry for entry in entries if "/" not in entry} - {"ALPM_DB_VERSION"}
    # oldlib came along with old, and went with it.
    installed = ("kept", "vendor-tool", "web")
    assert names == {f"{name}-{version_of(signers)}" for name in installed}
    assert {"/usr/share/vendor", "/usr/share/kept"} <= paths.keys()
    assert paths.keys().isdisjoint({"/usr/share/old", "/usr/share/oldlib"})


def test_units_run_as_said_and_a_preset_says_so(desk):
    paths = desk.paths()
    wants = "/usr/etc/systemd/system/multi-user.target.wants/web.service"
    # Some versions of systemctl write /lib, which is the same place.
    assert paths[wants].removeprefix("/usr") == "/lib/systemd/system/web.service"
    assert "/usr/etc/systemd/system/timers.target.wants/own.timer" in paths
    assert paths["/usr/etc/systemd/system/noise.service"] == "/dev/null"
    preset = desk.cat("/usr/lib/systemd/system-preset/50-arkes.preset").splitlines()[1:]
    assert preset == ["disable noise.service", "enable own.timer", "enable web.service"]


def test_the_repository_stands_first_and_only_its_own_key_is_kept(desk, signers):
    conf = desk.cat("/usr/etc/pacman.conf")
    assert conf.index("[vendor]") < conf.index("[core]")
    assert "[vendor]\nSigLevel = Required DatabaseOptional\nServer = file:///usr/" in conf
    paths = desk.paths()
    kept = [path for path in paths if path.startswith("/usr/lib/arkes/keys/")]
    assert kept == [f"/usr/lib/arkes/keys/{signers.vendor.fingerprint}.gpg"]


def test_a_layer_keeps_no_secret_key_and_no_database(desk):
    left = [path for path in desk.paths() if "gnupg" in path or "/sync" in path]
    assert left == []


def test_what_is_known_of_the_machine_can_be_read_without_the_repository(project, signers, desk):
    pipeline = Pipeline(Options(project=project, family=Family.ARCH, arch=Arch.X86_64))
    known = pipeline.known()[desk.ref.rpartition("/")[2]]
    assert known.units == {"web.service", "noise.service", "own.timer"}
    assert known.packages == dict.fromkeys(("kept", "vendor-tool", "web"), version_of(signers))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param("PACKAGES unsigned", "unsigned-", id="an unsigned package"),
        pytest.param("PACKAGES tampered", "PGP signature", id="a package changed afterwards"),
        # pacman 6.0.2 crashes over a key that it can't ask any server for.
        pytest.param("PACKAGES strange", "ended with exit code", id="a stranger's package"),
        pytest.param("PACKAGES nothing-like-it", "nothing-like-it", id="no such package"),
        pytest.param(
            "ENABLE wbe.service", "there is no system unit wbe.service", id="no such unit"
        ),
    ],
)
def test_what_must_not_be_ends_the_build(project, signers, tmp_path, lines, told):
    text = (
        "FROM arkes:base\n"
        "REPOSITORY vendor --server=file:///usr/share/repositories/$repo "
        f"--key={signers.vendor.fingerprint} --keyfile=vendor.gpg\n{lines}\n"
    )
    report = build(project, machine(project, tmp_path / "bad", text, signers))
    assert told in said(report)
    assert len(report.errors) == 1


def test_a_key_that_the_file_does_not_hold_ends_the_build(project, signers, tmp_path):
    text = (
        "FROM arkes:base\n"
        "REPOSITORY vendor --server=file:///usr/share/repositories/$repo "
        f"--key={signers.stranger.fingerprint} --keyfile=vendor.gpg\n"
    )
    report = build(project, machine(project, tmp_path / "odd", text, signers))
    assert f"key {signers.stranger.fingerprint}" in said(report)
