"""Fetch good objects from another repository: a folder, or one that a web server has."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.delivery.soundness.damage import Kind, Thing
from arkes_build.store.binding import binding

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 60.0
"""How long a server may be silent."""
_LARGEST = 128 << 20
"""Most bytes that libostree takes as metadata (OSTREE_MAX_METADATA_SIZE)."""


class DonorUnusable(ArkesError):
    """Report a repository that nothing can be fetched from."""

    exit_code = ExitCode.NETWORK

    def __init__(self, where: str, *, why: str) -> None:
        super().__init__(
            f"nothing can be fetched from {where}: {why}",
            resolution="name the folder or address of an OSTree repository, where `config` and "
            "`objects` are, with --from",
        )


class Donor:
    """Another repository. What it gives is held against its checksum by whoever takes it."""

    def __init__(self, where: str, work: Path) -> None:
        self.where = where
        self._is_far = urlsplit(where).scheme in {"http", "https"}
        self._place = where.rstrip("/") if self._is_far else _folder(where)
        config = self.read("config")
        if config is None:
            raise DonorUnusable(where, why="there is no repository")
        is_archive = b"mode=archive" in config
        if self._is_far and not is_archive:
            raise DonorUnusable(where, why="a server must have it in archive mode")
        self._ending = "filez" if is_archive else "file"
        self._repo = self._opened(work)

    def read(self, name: str, *, most: int = _LARGEST) -> bytes | None:
        """Return a file of the repository by its path in there; None when there is none."""
        try:
            with self._stream(name) as stream:
                data = stream.read(most + 1)
        except (OSError, ValueError, HTTPException):
            return None
        return data if len(data) <= most else None

    def metadata(self, thing: Thing) -> bytes | None:
        """Return an object that is no file, if it has one that is right.

        What is said beside a commit has no checksum: that is returned as it is.
        """
        data = self.read(_object(thing, thing.kind.value))
        if data is None or thing.kind is Kind.SIGNATURE:
            return data
        return data if hashlib.sha256(data).hexdigest() == thing.checksum else None

    def give_file(self, repo: Any, checksum: str) -> bool:
        """Write a file's object into ``repo``, its checksum verified; tell whether it has one."""
        thing = Thing(Kind.FILE, checksum)
        if self._is_far and not self._download(_object(thing, "filez")):
            return False
        modules = binding()
        kind = modules.ostree.ObjectType.FILE
        try:
            # libostree's own import would make a hard link of a file in the same form,
            # without a look at it, and one flipped bit would then damage both.
            _found, stream, size = self._repo.load_object_stream(kind, checksum, None)
            repo.write_content(checksum, stream, size, None)
        except modules.glib.Error:
            return False
        return True

    def _opened(self, work: Path) -> Any:
        """Return libostree's object of the folder, or of one that takes what is downloaded."""
        modules = binding()
        folder = work / "fetched" if self._is_far else Path(self._place)
        repo = modules.ostree.Repo.new(modules.gio.File.new_for_path(str(folder)))
        try:
            if self._is_far:
                folder.mkdir()
                repo.create(modules.ostree.RepoMode.ARCHIVE, None)
            repo.open(None)
        except modules.glib.Error as error:
            raise DonorUnusable(self.where, why=error.message) from error
        self._fetched = folder
        return repo

    def _download(self, name: str) -> bool:
        there = self._fetched / name
        there.parent.mkdir(exist_ok=True)
        try:
            with self._stream(name) as stream, there.open("wb") as file:
                shutil.copyfileobj(stream, file)
        except (OSError, ValueError, HTTPException):
            there.unlink(missing_ok=True)
            return False
        return True

    def _stream(self, name: str) -> IO[bytes]:
        if not self._is_far:
            return (Path(self._place) / name).open("rb")
        opened: IO[bytes] = urlopen(f"{self._place}/{quote(name)}", timeout=SECONDS)  # noqa: S310 - http or https, see above
        return opened


@contextmanager
def donor(where: str, beside: Path) -> Iterator[Donor]:
    """Open another repository; ``beside`` has room for what is downloaded, and loses it.

    ``where`` is a folder, ``file://``, ``http://`` or ``https://``. Raises
    ``DonorUnusable``.
    """
    with tempfile.TemporaryDirectory(prefix="arkes-fetched-", dir=beside) as work:
        yield Donor(where, Path(work))


def _folder(where: str) -> str:
    parts = urlsplit(where)
    if parts.scheme == "file":
        return parts.path
    if "://" in where:
        raise DonorUnusable(where, why=f"{parts.scheme} is not a way that is known")
    return where


def _object(thing: Thing, ending: str) -> str:
    return f"objects/{thing.checksum[:2]}/{thing.checksum[2:]}.{ending}"
