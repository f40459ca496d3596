"""Make a repository of exactly the locked packages, and note which files a bootstrap took."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from arkes_build.bootstrap.errors import BootstrapFailed
from arkes_build.bootstrap.kept import collect
from arkes_build.core import process
from arkes_build.core.digest import file_digest
from arkes_build.project.lockfile import PackageFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from arkes_build.core.names import Arch

NOTED = "usr/lib/sysimage/arkes/package-files"
REPOSITORY = "arkes-locked"
_FIELDS = {
    "pkgname": "NAME",
    "pkgver": "VERSION",
    "pkgbase": "BASE",
    "pkgdesc": "DESC",
    "arch": "ARCH",
    "size": "ISIZE",
    "license": "LICENSE",
    "depend": "DEPENDS",
    "group": "GROUPS",
    "optdepend": "OPTDEPENDS",
    "conflict": "CONFLICTS",
    "provides": "PROVIDES",
    "replaces": "REPLACES",
}
"""A line of .PKGINFO → a field of the database (alpm-db-desc(5), PKGINFO(5))."""


def repository(
    files: Iterable[PackageFile],
    folder: Path,
    *,
    servers: Iterable[str],
    arch: Arch,
    cache: Path,
    on_line: Callable[[str], None],
) -> str:
    """Fill ``folder`` with a repository of the locked files; return its part of pacman.conf.

    Nobody signed it: each file was held against its sha256 instead. Raises
    ``LockedFileDiffers`` and ``LockedFileGone``.
    """
    bases = [server.replace("$arch", arch.value) for server in servers]
    locked = collect(
        files,
        cache / "locked",
        kept={file: cache / _basename(file) for file in files},
        fetch=lambda wanted: _fetch(wanted, bases, on_line),
        node="bootstrap",
    )
    folder.mkdir()
    with tarfile.open(folder / f"{REPOSITORY}.db", "w:gz", format=tarfile.GNU_FORMAT) as tar:
        for file, path in locked.items():
            (folder / _basename(file)).hardlink_to(path)
            data = _description(file, path).encode("utf-8", "surrogateescape")
            member = tarfile.TarInfo(f"{file.name}-{file.version}/desc")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return f"\n[{REPOSITORY}]\nSigLevel = Never\nServer = file://{folder}\n"


def _basename(file: PackageFile) -> str:
    return file.file.rpartition("/")[2]


def _fetch(
    wanted: Mapping[Path, PackageFile], servers: Iterable[str], on_line: Callable[[str], None]
) -> None:
    for server in servers:
        for path, file in wanted.items():
            if path.exists():
                continue
            name, _, base = file.file.partition("/")
            url = f"{server.replace('$repo', name)}/{base}"
            quiet = ("--fail", "--silent", "--show-error", "--location", "--retry", "3")
            ended = process.run(["curl", *quiet, "--output", str(path), "--", url], check=False)
            if ended.code:
                path.unlink(missing_ok=True)
                on_line(ended.errors.strip())


def _description(file: PackageFile, path: Path) -> str:
    told: dict[str, list[str]] = {
        "FILENAME": [_basename(file)],
        "CSIZE": [str(file.size)],
        "SHA256SUM": [file.sha256],
    }
    for line in process.run(["bsdtar", "-xOqf", str(path), ".PKGINFO"]).output.splitlines():
        name, equals, value = line.partition(" = ")
        if equals and name in _FIELDS:
            told.setdefault(_FIELDS[name], []).append(value)
    return "".join(f"%{name}%\n" + "\n".join(values) + "\n\n" for name, values in told.items())


def installed(root: Path, cache: Path, repositories: Iterable[str]) -> tuple[PackageFile, ...]:
    """Return the files of all that is installed below ``root``, as the databases name them.

    Raises ``BootstrapFailed`` when a file is not what its database says: pacman leaves that
    alone when the signature is good.
    """
    local = root / "var/lib/pacman/local"
    wanted = {tuple(_split(entry.name)) for entry in local.iterdir() if entry.is_dir()}
    found: dict[tuple[str, ...], PackageFile] = {}
    for name in repositories:
        database = root / f"var/lib/pacman/sync/{name}.db"
        if not database.is_file():
            continue
        for file in _database(database, name):
            key = (file.name, file.version)
            path = cache / _basename(file)
            if key in wanted and key not in found and path.is_file():
                found[key] = _compared(file, path)
    return tuple(sorted(found.values()))


def _compared(file: PackageFile, path: Path) -> PackageFile:
    sha256 = file_digest(path)
    if file.sha256 and file.sha256 != sha256:
        why = f"{path.name} is not what the database says"
        raise BootstrapFailed("pacstrap", tail=[f"sha256 {sha256}"], brief=why)
    return PackageFile(
        name=file.name,
        version=file.version,
        arch=file.arch,
        size=path.stat().st_size,
        sha256=sha256,
        file=file.file,
    )


def _split(entry: str) -> tuple[str, str]:
    name, version, release = entry.rsplit("-", 2)
    return name, f"{version}-{release}"


def _database(path: Path, repository: str) -> Iterator[PackageFile]:
    text = process.run(["bsdtar", "-xOf", str(path), "*/desc"]).output
    for entry in text.split("%FILENAME%\n")[1:]:
        fields = {"FILENAME": entry.partition("\n")[0]}
        for part in entry.split("\n\n"):
            name, _, value = part.strip("\n").partition("\n")
            fields.setdefault(name.strip("%"), value.partition("\n")[0])
        yield PackageFile(
            name=fields.get("NAME", ""),
            version=fields.get("VERSION", ""),
            arch=fields.get("ARCH", ""),
            sha256=fields.get("SHA256SUM", ""),
            file=f"{repository}/{fields['FILENAME']}",
        )
