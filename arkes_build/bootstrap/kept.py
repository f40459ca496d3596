"""Bring the package files of a lock together: from the downloads kept here, else from a server."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from arkes_build.core.digest import file_digest
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from arkes_build.project.lockfile import PackageFile


class LockedFileDiffers(ArkesError):
    """Report that a server has other bytes under the name of a locked file."""

    exit_code = ExitCode.LOCKED

    def __init__(self, node: str, file: PackageFile, *, found: str) -> None:
        super().__init__(
            f"{node}: {file.name} {file.version} is not the file of arkes.lock",
            details=f"locked sha256:{file.sha256}\n found sha256:{found}\nfile {file.file}",
            resolution="a package that changes without a new version is an accident or an attack: "
            "ask who runs the mirror; another mirror may have the locked file. "
            "`arkes-build update` takes what there is now",
        )


class LockedFileGone(ArkesError):
    """Report that no server has a locked file any more."""

    exit_code = ExitCode.LOCKED

    def __init__(self, node: str, files: Iterable[tuple[str, str, str]]) -> None:
        gone = tuple(files)
        name, version, _ = gone[0]
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        super().__init__(
            f"{node}: no mirror has {name} {version} of arkes.lock any more{more}",
            details="\n".join(f"{name} {version}: {file}" for name, version, file in gone),
            resolution="use a mirror that keeps old files (a snapshot archive: `snapshot` and "
            "`mirrors` in arkes.toml) or a machine whose download cache has them, or move the "
            "lock forward with `arkes-build update`",
        )


def collect(
    files: Iterable[PackageFile],
    target: Path,
    *,
    kept: Mapping[PackageFile, Path],
    fetch: Callable[[Mapping[Path, PackageFile]], None],
    node: str,
) -> dict[PackageFile, Path]:
    """Return a path under ``target`` for each file, named by its sha256, all compared.

    ``kept`` says where an earlier download may be. Raises ``LockedFileDiffers`` and
    ``LockedFileGone``.
    """
    target.mkdir(parents=True, exist_ok=True)
    places = {file: target / file.sha256 for file in sorted(files) if not file.is_built}
    missing: dict[PackageFile, Path] = {}
    for file, place in places.items():
        if _has(place, file):
            continue
        place.unlink(missing_ok=True)
        old = kept.get(file)
        if old is not None and _has(old, file):
            _copy(old, place)
        else:
            missing[file] = place
    wanted = {place.with_suffix(".new"): file for file, place in missing.items()}
    if wanted:
        fetch(wanted)
        _take(wanted, node)
    return places


def _take(wanted: Mapping[Path, PackageFile], node: str) -> None:
    gone = [(f.name, f.version, f.file) for path, f in wanted.items() if not path.exists()]
    for path, file in wanted.items():
        if path.exists() and (found := file_digest(path)) != file.sha256:
            path.unlink()
            raise LockedFileDiffers(node, file, found=found)
    if gone:
        raise LockedFileGone(node, gone)
    for path in wanted:
        if path.is_symlink():
            # apt makes a link of a file on this machine.
            _copy(path.resolve(), path.with_suffix(""))
            path.unlink()
        else:
            path.replace(path.with_suffix(""))


def _has(path: Path, file: PackageFile) -> bool:
    return path.is_file() and file_digest(path) == file.sha256


def _copy(source: Path, target: Path) -> None:
    beside = target.with_suffix(f".{os.getpid()}")
    shutil.copyfile(source, beside)
    beside.replace(target)
