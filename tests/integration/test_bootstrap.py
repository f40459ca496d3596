"""Make root file systems with the real tools of this machine."""

import gzip
import io
import tarfile

import pytest

from arkes_build.bootstrap import arch
from arkes_build.bootstrap.errors import BootstrapNetworkDown, BootstrapPackageUnknown
from arkes_build.bootstrap.make import make
from arkes_build.bootstrap.tool import run_tool
from arkes_build.core.digest import file_digest
from arkes_build.core.names import Arch, Family, machine_arch
from arkes_build.project.model import Bootstrap

pytestmark = pytest.mark.engine

EPOCH = 1_793_491_200


def debian(tmp_path, name, **fields):
    known = {"tool": "mmdebstrap", "suite": "bookworm", "components": ("main",)}
    return make(
        Bootstrap(**(known | fields)),
        family=Family.DEBIAN,
        arch=machine_arch(),
        work=tmp_path / name,
        cache=tmp_path / "cache",
        epoch=EPOCH,
        on_line=print,
    )


@pytest.mark.system
def test_debian_comes_out_the_same_twice_and_keeps_its_downloads(tmp_path):
    one, two = (debian(tmp_path, name, packages=("ca-certificates",)) for name in ("one", "two"))
    assert file_digest(one) == file_digest(two)
    with tarfile.open(one) as tar:
        names = set(tar.getnames())
    assert {"./usr/bin/dpkg", "./etc/apt/sources.list.d/0000arkes.sources"} <= names
    assert names.isdisjoint(
        {"./etc/resolv.conf", "./etc/hostname", "./dev/null", "./etc/apt/auth.conf.d/arkes.conf"}
    )
    cached = {path.name.partition("_")[0] for path in (tmp_path / "cache").glob("*/*.deb")}
    assert {"dpkg", "ca-certificates"} <= cached


@pytest.mark.system
def test_a_debian_package_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(BootstrapPackageUnknown) as caught:
        debian(tmp_path, "work", packages=("no-such-package-here",))
    assert caught.value.subject == "no-such-package-here"
    assert caught.value.details == "E: Unable to locate package no-such-package-here"


def test_a_mirror_that_cannot_be_reached_is_named_without_its_password(tmp_path):
    with pytest.raises(BootstrapNetworkDown) as caught:
        debian(tmp_path, "work", mirrors=("http://me:secret@127.0.0.1:9/debian",))
    assert "secret" not in caught.value.details + caught.value.brief


def put(tar, name, data, mode=0o644):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), mode
    tar.addfile(info, io.BytesIO(data))


def repository(folder, name):
    """Make a repository of one package by hand: makepkg and repo-add are not everywhere."""
    folder.mkdir(parents=True)
    package = folder / f"{name}-1-1-any.pkg.tar.gz"
    facts = f"pkgname = {name}\npkgver = 1-1\npkgdesc = test\nsize = 3\narch = any\n"
    with tarfile.open(package, "w:gz") as tar:
        put(tar, ".PKGINFO", facts.encode())
        put(tar, "usr/share/hello", b"hi\n")
    fields = {
        "FILENAME": package.name,
        "NAME": name,
        "VERSION": "1-1",
        "CSIZE": str(package.stat().st_size),
        "ISIZE": "3",
        "SHA256SUM": file_digest(package),
        "ARCH": "any",
    }
    text = "".join(f"%{field}%\n{value}\n\n" for field, value in fields.items())
    return package, text


def database(path, entries):
    with gzip.open(path, "wb") as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for name, text in entries.items():
            put(tar, f"{name}-1-1/desc", text.encode())


def test_pacstrap_fills_a_tree_that_is_packed_without_a_trace_of_the_run(tmp_path):
    _, text = repository(tmp_path / "repo/core/os/x86_64", "hello")
    database(tmp_path / "repo/core/os/x86_64/core.db", {"hello": text})
    (tmp_path / "repo/extra/os/x86_64").mkdir(parents=True)
    database(tmp_path / "repo/extra/os/x86_64/extra.db", {})
    asked = Bootstrap(
        tool="pacstrap", packages=("hello",), mirrors=(f"file://{tmp_path}/repo/$repo/os/$arch",)
    )
    servers = arch.find_servers(asked, tmp_path / "none")
    root, keys, conf = tmp_path / "root", tmp_path / "gnupg", tmp_path / "pacman.conf"
    for folder in (root, keys, tmp_path / "cache"):
        folder.mkdir()
    written = arch.pacman_conf(
        servers, arch=Arch.X86_64, cache=tmp_path / "cache", keys=keys, log=tmp_path / "log"
    )
    # Packages made here are not signed; that pacman checks signatures is its own affair.
    conf.write_text(written.replace("SigLevel = Required DatabaseOptional", "SigLevel = Never"))
    run_tool(arch.pacstrap(asked, root=root, configuration=conf), print)
    arch.tidy(root, servers=servers, epoch=EPOCH)
    target = tmp_path / "rootfs.tar"
    run_tool(arch.pack(root, target=target, epoch=EPOCH), print)
    with tarfile.open(target) as tar:
        names = set(tar.getnames())
        desc = tar.extractfile("./var/lib/pacman/local/hello-1-1/desc").read().decode()
        assert {m.mtime for m in tar if m.name == "./etc/pacman.d/mirrorlist"} == {EPOCH}
    assert "./usr/share/hello" in names
    assert f"%INSTALLDATE%\n{EPOCH}\n" in desc
    assert not [name for name in names if "sync" in name or name.startswith("./dev/")]


def test_a_pacman_package_that_does_not_exist_is_named(tmp_path):
    for name in arch.REPOSITORIES:
        folder = tmp_path / f"repo/{name}/os/x86_64"
        folder.mkdir(parents=True)
        database(folder / f"{name}.db", {})
    root, keys, conf = tmp_path / "root", tmp_path / "gnupg", tmp_path / "pacman.conf"
    for folder in (root, keys, tmp_path / "cache"):
        folder.mkdir()
    conf.write_text(
        arch.pacman_conf(
            [f"file://{tmp_path}/repo/$repo/os/$arch"],
            arch=Arch.X86_64,
            cache=tmp_path / "cache",
            keys=keys,
            log=tmp_path / "log",
        )
    )
    asked = Bootstrap(tool="pacstrap", packages=("no-such-package",))
    with pytest.raises(BootstrapPackageUnknown) as caught:
        run_tool(arch.pacstrap(asked, root=root, configuration=conf), print)
    assert caught.value.subject == "no-such-package"
