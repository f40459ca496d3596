"""Make an archive of exactly the locked packages, and note which files a bootstrap took."""

from __future__ import annotations

import io
import tarfile
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote

from arkes_build.bootstrap.errors import BootstrapFailed
from arkes_build.bootstrap.kept import collect
from arkes_build.core import process
from arkes_build.core.digest import file_digest
from arkes_build.project.lockfile import PackageFile

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from arkes_build.bootstrap.apt_sources import Source

NOTED = "./usr/lib/sysimage/arkes/package-files"
HELPER = "/usr/lib/apt/apt-helper"
_STATUS = ("Package", "Status", "Version", "Architecture")
_WANTED = ("Package", "Version", "Architecture", "Size", "SHA256", "Filename")


def archive(
    files: Iterable[PackageFile],
    folder: Path,
    *,
    suite: str,
    sources: Iterable[Source],
    cache: Path,
    on_line: Callable[[str], None],
) -> str:
    """Fill ``folder`` with an archive of the locked files; return its ``.sources`` file.

    Nobody signed it: each file was held against its sha256 instead. Raises
    ``LockedFileDiffers`` and ``LockedFileGone``.
    """
    uris = [source.uri.rstrip("/") for source in sources]
    locked = collect(
        files,
        cache / "locked",
        kept={file: cache / kept_name(file) for file in files},
        fetch=lambda wanted: _fetch(wanted, uris, on_line),
        node="bootstrap",
    )
    folder.mkdir(mode=0o755)
    paragraphs = []
    for file, path in locked.items():
        (folder / f"{file.sha256}.deb").hardlink_to(path)
        control = process.run(["dpkg-deb", "--field", str(path)]).output
        place = f"Filename: ./{file.sha256}.deb\nSize: {file.size}\nSHA256: {file.sha256}\n"
        paragraphs.append(f"{control.rstrip()}\n{place}")
    (folder / "Packages").write_text("\n".join(paragraphs), "utf-8")
    (folder / "Release").write_text(f"Suite: {suite}\nCodename: {suite}\n", "utf-8")
    return f"Types: deb\nURIs: copy://{quote(str(folder))}\nSuites: ./\nTrusted: yes\n"


def kept_name(file: PackageFile) -> str:
    """Return what apt calls a download: an epoch's colon becomes ``%3a``."""
    return f"{file.name}_{file.version.replace(':', '%3a')}_{file.arch}.deb"


def _fetch(
    wanted: Mapping[Path, PackageFile], uris: Iterable[str], on_line: Callable[[str], None]
) -> None:
    for uri in uris:
        pairs = [
            word
            for path, file in wanted.items()
            if not path.exists()
            for word in (f"{uri}/{file.file}", str(path))
        ]
        if pairs:
            # What one server lacks the next may have: what is missing at the end is told then.
            ended = process.run(
                [HELPER, "-o", "APT::Sandbox::User=root", "download-file", *pairs], check=False
            )
            for line in ended.errors.splitlines():
                on_line(line)


def installed(told: Path, cache: Path) -> tuple[PackageFile, ...]:
    """Return the files of what is installed.

    ``told`` has dpkg's ``status`` and apt's ``lists``, ``cache`` the downloads. Raises
    ``BootstrapFailed`` when a file is not what the signed indexes say: apt compares no file
    that it had before.
    """
    status = (told / "status").read_text("utf-8", "replace")
    lists = sorted((told / "lists").glob("*_Packages"))
    wanted = {
        (fields["Package"], fields["Version"], fields["Architecture"])
        for fields in _paragraphs(status.splitlines(keepends=True), _STATUS)
        if fields["Status"].endswith(" installed")
    }
    known = {key: file for path in lists for key, file in _index(path) if key in wanted}
    found = []
    for key in sorted(wanted & known.keys()):
        file = known[key]
        path = cache / kept_name(file)
        if not path.is_file():
            continue
        if (sha256 := file_digest(path)) != file.sha256:
            why = f"{path.name} is not what the package lists say"
            raise BootstrapFailed("mmdebstrap", tail=[f"sha256 {sha256}"], brief=why)
        found.append(file)
    return tuple(found)


def _index(path: Path) -> Iterator[tuple[tuple[str, str, str], PackageFile]]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for fields in _paragraphs(lines, _WANTED):
            yield _indexed(fields)


def _paragraphs(lines: Iterable[str], wanted: Collection[str]) -> Iterator[dict[str, str]]:
    """Give the wanted fields of each paragraph that has them all (deb-control(5))."""
    fields: dict[str, str] = {}
    for line in chain(lines, ("\n",)):
        name, colon, value = line.partition(": ")
        if colon and name in wanted:
            fields[name] = value.rstrip("\n")
        elif line == "\n":
            if len(fields) == len(wanted):
                yield fields
            fields = {}


def _indexed(fields: Mapping[str, str]) -> tuple[tuple[str, str, str], PackageFile]:
    file = PackageFile(
        name=fields["Package"],
        version=fields["Version"],
        arch=fields["Architecture"],
        size=int(fields["Size"]) if fields["Size"].isdigit() else 0,
        sha256=fields["SHA256"],
        file=fields["Filename"].removeprefix("./"),
    )
    return (file.name, file.version, file.arch), file


def append(target: Path, text: str, *, epoch: int) -> None:
    """Put the list of files into the tar of a root file system, with the folders above it."""
    with tarfile.open(target, "a") as tar:
        names = set(tar.getnames())
        parts = NOTED.split("/")
        for count in range(2, len(parts)):
            folder = "/".join(parts[:count])
            if folder not in names:
                tar.addfile(_member(folder, tarfile.DIRTYPE, 0o755, epoch))
        data = text.encode()
        member = _member(NOTED, tarfile.REGTYPE, 0o644, epoch)
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))


def _member(name: str, kind: bytes, mode: int, epoch: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.mode, member.mtime = kind, mode, epoch
    return member
