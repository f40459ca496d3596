"""Write a file so that a reader, or a power cut, sees the old one or the new one."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from arkes_build.core.errors import DiskFull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

_PIECE = 1 << 20


def write_atomically(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write ``data`` beside ``path``, fsync it, rename it over ``path``, fsync the folder.

    Raises ``DiskFull`` when there is no room; the old file is then untouched.
    """
    with _becoming(path, mode) as writing:
        writing.write(data)


def copy_atomically(source: Path, place: Path, *, note: Callable[[bytes], object]) -> None:
    """Copy a file as ``write_atomically`` writes one, piece by piece; ``note`` hears each piece.

    Raises ``DiskFull`` when there is no room; what was at ``place`` is then untouched.
    """
    with source.open("rb") as reading, _becoming(place, 0o644) as writing:
        while piece := reading.read(_PIECE):
            note(piece)
            writing.write(piece)


def link_atomically(place: Path, target: str) -> None:
    """Make ``place`` a symbolic link to ``target``, whatever has its name, and fsync the folder."""
    _make_folder(place.parent)
    beside = place.with_name(f".{place.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    beside.replace(place)
    _sync_folder(place.parent)


def remove_durably(path: Path) -> None:
    """Remove a file, if it is there, and fsync its folder."""
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def replace_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` over a file that is there, as ``write_atomically`` does.

    The file keeps its mode and, where we may give it back, its owner; a link stays a link
    to the file that is replaced.
    """
    path = path.resolve()
    state = path.stat()
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    write_atomically(beside, data, mode=0o600)
    try:
        with suppress(PermissionError):
            os.chown(beside, state.st_uid, state.st_gid)
        beside.chmod(state.st_mode & 0o7777)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def replace_together(files: Mapping[Path, bytes]) -> None:
    """Write several files of one folder beside those they replace, then rename one after the other.

    Nothing is done between the renames, so that who reads all of them has as little time as
    can be to get some old and some new. They happen in the order given. Raises ``DiskFull``
    before the first of them.
    """
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}.new") for path in files}
    try:
        for path, data in files.items():
            write_atomically(beside[path], data)
        for path, new in beside.items():
            new.replace(path)
    except BaseException:
        for new in beside.values():
            new.unlink(missing_ok=True)
        raise
    for folder in {path.parent for path in files}:
        _sync_folder(folder)


def place_folder(folder: Path, place: Path) -> None:
    """Give a folder of files the name ``place`` on the same file system, when all is on the disk.

    What has that name goes. Raises ``DiskFull``.
    """
    with _told(place):
        for path in folder.rglob("*"):
            if not path.is_dir():
                with path.open("rb") as stream:
                    os.fsync(stream.fileno())
        for inner in (*(path for path in folder.rglob("*") if path.is_dir()), folder):
            _sync_folder(inner)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        folder.replace(place)
    _sync_folder(place.parent)
    _sync_folder(place.parent.parent)


@contextmanager
def _becoming(place: Path, mode: int) -> Iterator[BinaryIO]:
    """Give a stream beside ``place`` that takes its name when the block ended well, synced."""
    _make_folder(place.parent)
    beside = place.with_name(f".{place.name}.{os.getpid()}.new")
    try:
        with _told(place):
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
            with os.fdopen(descriptor, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
                beside.replace(place)
                _sync_name(stream.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(place.parent)


@contextmanager
def _told(place: Path) -> Iterator[None]:
    """Raise ``DiskFull`` where the system says that there is no room, or no quota."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(str(place), doing=f"writing {place.name}") from error
        raise


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it; each is on the disk before something goes into it."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_name(descriptor: int) -> None:
    """Bring a renamed file's size and place on the disk, under its new name.

    On FAT both are in the folder's entry, and Linux leaves them out of the one that a rename
    makes until the file itself is written back: seconds later, a power cut leaves it empty.
    """
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
