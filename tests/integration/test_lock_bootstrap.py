"""Let real pacstrap take exactly the locked files, from a repository made of them."""

import gzip
import io
import tarfile

import pytest

from arkes_build.bootstrap import arch, arch_locked
from arkes_build.bootstrap.kept import LockedFileDiffers, LockedFileGone
from arkes_build.bootstrap.tool import run_tool
from arkes_build.core.digest import file_digest
from arkes_build.core.names import Arch
from arkes_build.project.lockfile import PackageFile
from arkes_build.project.model import Bootstrap

pytestmark = pytest.mark.engine


def package(folder, name, version, text="hi\n"):
    """Write a package by hand, and return what a lock says of it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-any.pkg.tar.gz"
    facts = f"pkgname = {name}\npkgver = {version}\npkgdesc = test\nsize = 3\narch = any\n"
    with gzip.GzipFile(path, "wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as t:
        for member, data in ((".PKGINFO", facts), ("usr/share/hello", text)):
            info = tarfile.TarInfo(member)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data.encode()))
    return PackageFile(
        name=name,
        version=version,
        arch="any",
        size=path.stat().st_size,
        sha256=file_digest(path),
        file=f"core/{path.name}",
    )


def repository(tmp_path, files):
    return arch_locked.repository(
        files,
        tmp_path / "locked",
        servers=[f"file://{tmp_path}/mirror/$repo/os/$arch"],
        arch=Arch.X86_64,
        cache=tmp_path / "cache",
        on_line=print,
    )


def test_pacstrap_takes_the_locked_version_whatever_the_mirror_lists(tmp_path):
    served = tmp_path / "mirror/core/os/x86_64"
    locked = package(served, "hello", "1-1")
    package(served, "hello", "2-1", "newer\n")
    part = repository(tmp_path, [locked])
    root, keys, conf = tmp_path / "root", tmp_path / "gnupg", tmp_path / "pacman.conf"
    for folder in (root, keys):
        folder.mkdir()
    text = arch.pacman_conf(
        [], arch=Arch.X86_64, cache=tmp_path / "cache", keys=keys, log=tmp_path / "log"
    )
    conf.write_text(text.partition("\n[core]")[0] + part)
    asked = Bootstrap(tool="pacstrap", packages=("hello",))
    run_tool(arch.pacstrap(asked, root=root, configuration=conf), print)
    assert (root / "usr/share/hello").read_text() == "hi\n"


def test_other_bytes_under_the_same_name_are_refused(tmp_path):
    served = tmp_path / "mirror/core/os/x86_64"
    locked = package(served, "hello", "1-1")
    package(served, "hello", "1-1", "evil\n")
    with pytest.raises(LockedFileDiffers):
        repository(tmp_path, [locked])


def test_a_file_that_the_mirror_lost_is_named(tmp_path):
    locked = package(tmp_path / "elsewhere", "hello", "1-1")
    (tmp_path / "mirror/core/os/x86_64").mkdir(parents=True)
    with pytest.raises(LockedFileGone, match="no mirror has hello 1-1"):
        repository(tmp_path, [locked])
